package sqltrail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

func damaged(what string) error { return fmt.Errorf("%w: %s", ErrDamaged, what) }

// head reads the head row without waiting for writers.
func (st store) head(ctx context.Context) (head audit.Head, err error) {
	err = sqlstore.Patiently(ctx, func() error {
		head, err = scanHead(st.db.QueryRowContext(ctx, "SELECT stream, seq, hash, NULL FROM audit_head WHERE one = 1"))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = damaged("there is no head")
	}
	return head, failure(ctx, "read", err)
}

func scanHead(row *sql.Row) (head audit.Head, err error) {
	var hash []byte
	var rest sql.NullString
	if err := row.Scan(&head.Stream, &head.Seq, &hash, &rest); err != nil {
		return audit.Head{}, err
	}
	if len(hash) != len(head.Hash) {
		return audit.Head{}, damaged("the hash of the head is too short")
	}
	head.Hash = audit.Hash(hash)
	return head, nil
}

// locked reads the head row and keeps other writers from it until the transaction ends.
func (s session) locked(ctx context.Context) (audit.Head, error) {
	return scanHead(s.row(ctx, s.lock))
}

// place locks the head, and checks that it is the last line and that the stream this process knows leads there: known is
// a head that was durable. What was acknowledged is gone where a database was restored, or failed over to one that lagged.
func (s session) place(ctx context.Context, known audit.Head) (audit.Head, error) {
	head, err := s.locked(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return head, damaged("there is no head")
	case err != nil:
		return head, err
	case head.Stream != known.Stream:
		return head, damaged("the head is of another stream")
	case head.Seq < known.Seq:
		return head, damaged("the head went back")
	case head.Seq == known.Seq && head.Hash != known.Hash:
		return head, damaged("the head was replaced")
	}
	rows, err := s.query(ctx, "SELECT seq, line FROM audit_lines WHERE seq = ? OR seq = (SELECT max(seq) FROM audit_lines)", int64(known.Seq))
	if err != nil {
		return head, err
	}
	defer rows.Close()
	var last audit.Head
	remembered := known.Seq == 0
	for rows.Next() {
		var seq uint64
		var line sql.RawBytes
		if err := rows.Scan(&seq, &line); err != nil {
			return head, err
		}
		hash := hashOf(line)
		if seq == known.Seq {
			if hash != known.Hash {
				return head, damaged("a line that this process knows was replaced")
			}
			remembered = true
		}
		if seq >= last.Seq {
			last.Seq, last.Hash = seq, hash
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return head, err
	}
	if last.Seq != head.Seq || last.Hash != head.Hash {
		return head, damaged("the head is not the last line")
	}
	if !remembered {
		pruned, err := s.pruned(ctx)
		if err != nil {
			return head, err
		}
		if pruned < known.Seq {
			return head, damaged("a line that this process knows is gone")
		}
	}
	return head, nil
}

// hashOf is [audit.HashLine], also of what is too long for a line.
func hashOf(line []byte) (none audit.Hash) {
	if len(line) >= audit.MaxLine {
		return none
	}
	return audit.HashLine(line)
}

// pruned is the last seq that a manifest covers, 0 if there is none.
func (s session) pruned(ctx context.Context) (through uint64, err error) {
	err = s.row(ctx, "SELECT coalesce(max(through), 0) FROM audit_prunes").Scan(&through)
	return through, err
}
