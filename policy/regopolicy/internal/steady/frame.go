package steady

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// frame is where an expression stands: what its absence does to the entrypoint.
//
// With vanish 1, an expression may only lose solutions when a request states less, so it may ask for what can be
// missing. With vanish -1, as under one more not, it may only gain solutions. With 0 it may do neither.
type frame struct {
	entry     string // "permit"
	direction Direction
	vanish    int8
	why       string // of vanish 0: where it stands
	used      place  // of the rule that is read; none for an entrypoint
}

// under is the frame inside a not.
func (f frame) under() frame {
	f.vanish = -f.vanish
	return f
}

// fixed is the frame of what must not change at all.
func (f frame) fixed(format string, args ...any) frame {
	if f.vanish != 0 {
		f.vanish, f.why = 0, fmt.Sprintf(format, args...)
	}
	return f
}

// refuse says why what may be missing is not asked here, and what to write.
func (f frame) refuse(what string) string {
	switch {
	case f.vanish == 0:
		return fmt.Sprintf("%s may be left out of a request, so it is not asked %s: ask it in a body of its own, without default, else or comprehension", what, f.why)
	case f.direction == Shrinks:
		return fmt.Sprintf("%s may be left out of a request, and %s would then apply: ask it outside not, with the opposite comparison, or bind it first (x := %s; not ...)", what, f.entry, what)
	}
	return fmt.Sprintf("%s may be left out of a request, and %s would then not apply: ask under not for what lifts it (not %s == ...)", what, f.entry, what)
}

// usedAt says where the rule that is read is used.
func (f frame) usedAt() string {
	if f.used.line == 0 {
		return ""
	}
	return fmt.Sprintf("; used at %s", f.used)
}

// by is the frame of a rule that is used at a place.
func (f frame) by(p place) frame {
	f.used = p
	return f
}

// place is a position in the text.
type place struct {
	file      string
	line, col int
}

func at(locs ...*ast.Location) place {
	for _, l := range locs {
		if l != nil && l.Row > 0 {
			return place{l.File, l.Row, l.Col}
		}
	}
	return place{}
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }
