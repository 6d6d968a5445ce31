package celpolicy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// ErrInvalid is what every error about a policy unwraps to.
var ErrInvalid = errors.New("invalid policy")

// Problems is everything wrong with a policy, in the order of the text. It is the error that New and
// Load return. At most 1,000 are listed.
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

// clip keeps quotations in messages short.
func clip(s string) string { return clipTo(s, 60) }

func clipTo(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}
