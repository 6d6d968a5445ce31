package table

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// ErrInvalid is what every error about a table unwraps to.
var ErrInvalid = errors.New("invalid table")

// Problems is everything wrong with tables, in the order of the text. It is the error of Read, Parse, Check and Run. At
// most 1,000 are listed.
type Problems []purpose.Problem

const maxProblems = 1_000

// Error lists the problems, a line each.
func (ps Problems) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d problem(s)", ErrInvalid, len(ps))
	for i := range ps {
		b.WriteString("\n\t" + ps[i].String())
	}
	return b.String()
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (ps Problems) Unwrap() error { return ErrInvalid }

// Has reports whether a problem with the code is among them.
func (ps Problems) Has(code string) bool { return purpose.Problems(ps).Has(code) }

// add lists a problem while there is room, once.
func (ps *Problems) add(p purpose.Problem) {
	switch n := len(*ps); {
	case slices.Contains(*ps, p):
	case n < maxProblems-1:
		*ps = append(*ps, p)
	case n == maxProblems-1:
		*ps = append(*ps, purpose.Problem{Code: "problems.more", Message: "there are more problems than are listed"})
	}
}

// err is nil when there is no problem, else all of them in order.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b purpose.Problem) int {
		if more := a.Code == "problems.more"; more || b.Code == "problems.more" {
			if more {
				return 1
			}
			return -1
		}
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return ps
}

// clip keeps quotations in messages short.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}
