package sqloutbox

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/purposebound/purposebound/policy/rights/outbox"
)

const columns = "id, case_id, data_subject, kind, recipient, recipient_kind, recipient_country, categories, first_at, last_at, silent, " +
	"state, attempts, next_at, lease_at, reason, reference, decided_by, created_at, changed_at, revision"

// arguments of the columns of a new notice.
func arguments(n *outbox.Notice) ([]any, error) {
	categories := []byte("[]")
	if len(n.Categories) > 0 {
		var err error
		if categories, err = json.Marshal(n.Categories); err != nil {
			return nil, outbox.ErrNotice
		}
	}
	silent := 0
	if n.Silent {
		silent = 1
	}
	return []any{n.ID, n.Case, n.DataSubject, n.Kind.String(), n.Recipient, n.RecipientKind, n.RecipientCountry, string(categories), micro(n.First), micro(n.Last), silent,
		n.State.String(), n.Attempts, micro(n.Next), micro(n.Lease), n.Reason, n.Reference, n.By, micro(n.CreatedAt), micro(n.ChangedAt), 1}, nil
}

// scan reads notices. What the tables hold and no notice can is an error.
func scan(rows *sql.Rows, err error) (list []outbox.Notice, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			n                                          outbox.Notice
			kind, state, categories                    string
			first, last, next, lease, created, changed int64
			silent, revision                           int64
		)
		if err := rows.Scan(&n.ID, &n.Case, &n.DataSubject, &kind, &n.Recipient, &n.RecipientKind, &n.RecipientCountry, &categories, &first, &last, &silent,
			&state, &n.Attempts, &next, &lease, &n.Reason, &n.Reference, &n.By, &created, &changed, &revision); err != nil {
			return nil, err
		}
		if n.Kind.UnmarshalText([]byte(kind)) != nil || n.State.UnmarshalText([]byte(state)) != nil || json.Unmarshal([]byte(categories), &n.Categories) != nil {
			return nil, &Error{Op: "read", Code: "damaged"}
		}
		if len(n.Categories) == 0 {
			n.Categories = nil
		}
		n.First, n.Last, n.Next, n.Lease, n.CreatedAt, n.ChangedAt = instant(first), instant(last), instant(next), instant(lease), instant(created), instant(changed)
		n.Silent, n.Revision = silent == 1, uint64(revision)
		list = append(list, n)
	}
	return list, rows.Err()
}

// micro is a time in microseconds since 1970, 0 for none.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// texts reads a column.
func texts(rows *sql.Rows, err error) (list []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
