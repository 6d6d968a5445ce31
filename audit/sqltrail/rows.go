package sqltrail

import (
	"context"
	"math/bits"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// columns that are taken from a line, in the order of the table.
const (
	columns = "seq, line, id, time_us, name, outcome, principal_ref, recipient_id, purpose, basis, decision_id"
	width   = 11
	chunk   = 128 // rows in one statement
)

// indexed is what the columns beside the line hold.
func indexed(e *audit.Event) [width - 2]any {
	return [...]any{e.ID, e.Time.UnixMicro(), string(e.Name), said(string(e.Outcome)), said(e.PrincipalRef), said(e.RecipientID),
		said(e.Purpose), said(e.Basis), said(e.DecisionID)}
}

// said is null for what an event does not say.
func said(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// insert adds lines, and the data subjects that they name.
func (s session) insert(ctx context.Context, lines [][]byte) error {
	args := make([]any, 0, width*len(lines))
	var refs []any
	for _, line := range lines {
		e, err := audit.ParseLine(line)
		if err != nil {
			return err
		}
		args = append(args, int64(e.Seq), line)
		values := indexed(&e)
		args = append(args, values[:]...)
		for i, ref := range e.DataSubjectRefs {
			if !repeated(e.DataSubjectRefs[:i], ref) {
				refs = append(refs, ref, int64(e.Seq))
			}
		}
	}
	if err := s.many(ctx, "INSERT INTO audit_lines ("+columns+") VALUES ", args, width); err != nil {
		return err
	}
	return s.many(ctx, "INSERT INTO audit_refs (ref, seq) VALUES ", refs, 2)
}

func repeated(before []string, s string) bool {
	for _, b := range before {
		if b == s {
			return true
		}
	}
	return false
}

// many runs a statement over all rows in chunks whose sizes are powers of two, so that a driver that keeps statements
// sees few.
func (s session) many(ctx context.Context, statement string, args []any, width int) error {
	for len(args) > 0 {
		rows := min(chunk, 1<<(bits.Len(uint(len(args)/width))-1))
		if _, err := s.exec(ctx, statement+sqlstore.Tuples(rows, width), args[:rows*width]...); err != nil {
			return err
		}
		args = args[rows*width:]
	}
	return nil
}
