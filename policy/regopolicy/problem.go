package regopolicy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// ErrInvalid is what every error about a policy unwraps to.
var ErrInvalid = errors.New("invalid policy")

// Problems is everything wrong with a policy, in the order of the text. It is the error that Load and Test return.
// At most 1,000 are listed.
type Problems []purpose.Problem

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

// add lists a problem while there is room.
func (ps *Problems) add(p purpose.Problem) {
	switch n := len(*ps); {
	case n < maxProblems-1:
		*ps = append(*ps, p)
	case n == maxProblems-1:
		*ps = append(*ps, purpose.Problem{Code: "problems.more", Message: "there are more problems than are listed"})
	}
}

// at lists a problem at a place in a file.
func (ps *Problems) at(loc *ast.Location, code, format string, args ...any) {
	p := purpose.Problem{Code: code, Message: fmt.Sprintf(format, args...)}
	if loc != nil {
		p.File, p.Line, p.Column = loc.File, loc.Row, loc.Col
	}
	ps.add(p)
}

// file lists a problem with a whole file.
func (ps *Problems) file(name, code, format string, args ...any) {
	ps.add(purpose.Problem{Code: code, Message: fmt.Sprintf(format, args...), File: name})
}

// sorted is the list in the order of the text, without repetitions.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b purpose.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(ps)
}

// clip keeps quotations in messages short.
func clip(s string) string { return clipTo(s, 60) }

func clipTo(s string, n int) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}
