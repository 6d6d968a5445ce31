package sqltrail

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Filter says which events to find; what is zero does not matter, and all the rest must hold.
type Filter struct {
	DataSubjectRefs []string // any of these; a person has one alias per epoch
	PrincipalRef    string
	RecipientID     string
	DecisionID      string
	Purpose         string
	Basis           string
	Name            audit.Name
	Outcome         audit.Outcome
	From, Until     time.Time // Until is the first instant behind
}

// Find yields the events that a filter lets through, in order, up to the head at the time of the call. It looks by the
// columns beside the lines and yields what the lines say; a row whose columns are not its line's is [ErrDamaged].
// Whoever finds events about people records that with audit.TrailRead.
func (t *Trail) Find(ctx context.Context, f Filter) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		if err := t.find(ctx, f, yield); err != nil && !errors.Is(err, errStop) {
			yield(audit.Event{}, err)
		}
	}
}

func (t *Trail) find(ctx context.Context, f Filter, yield func(audit.Event, error) bool) error {
	if t.isClosing() {
		return audit.ErrClosed
	}
	head, err := t.head(ctx)
	if err != nil {
		return err
	}
	m, err := t.manifest(ctx)
	if err != nil {
		return err
	}
	where, args := f.where()
	query := "SELECT " + columns + " FROM audit_lines WHERE seq > ? AND seq <= ?" + where + " ORDER BY seq LIMIT ?"
	for after := m.Head.Seq; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		page, err := t.lines(ctx, query, append(append([]any{int64(after), int64(head.Seq)}, args...), pageSize)...)
		if err != nil {
			return err
		}
		for i := range page {
			e, err := audit.ParseLine(page[i].line)
			if err != nil || !page[i].is(&e) {
				return damaged("the columns are not those of the line")
			}
			if !yield(e, nil) {
				return errStop
			}
			after = e.Seq
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// where writes the filter as conditions.
func (f *Filter) where() (where string, args []any) {
	var b strings.Builder
	for _, c := range []struct{ column, value string }{
		{"principal_ref", f.PrincipalRef}, {"recipient_id", f.RecipientID}, {"decision_id", f.DecisionID},
		{"purpose", f.Purpose}, {"basis", f.Basis}, {"name", string(f.Name)}, {"outcome", string(f.Outcome)},
	} {
		if c.value != "" {
			b.WriteString(" AND " + c.column + " = ?")
			args = append(args, c.value)
		}
	}
	if len(f.DataSubjectRefs) > 0 {
		b.WriteString(" AND seq IN (SELECT seq FROM audit_refs WHERE ref IN (" + sqlstore.Marks(len(f.DataSubjectRefs)) + "))")
		for _, ref := range f.DataSubjectRefs {
			args = append(args, ref)
		}
	}
	if !f.From.IsZero() {
		b.WriteString(" AND time_us >= ?")
		args = append(args, f.From.UnixMicro())
	}
	if !f.Until.IsZero() {
		b.WriteString(" AND time_us < ?")
		args = append(args, f.Until.UnixMicro())
	}
	return b.String(), args
}
