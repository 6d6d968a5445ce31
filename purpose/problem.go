package purpose

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrInvalid is what every error about a register, a tag or a schema unwraps to.
var ErrInvalid = errors.New("invalid register")

// Problem is one thing wrong with a register, and where.
type Problem struct {
	Code    string // stable, "ref.unknown"
	Path    string // "activities[3].claims[0].scope"
	Message string
	File    string // empty where the register was written in Go
	Line    int    // 1-based; 0 when unknown
	Column  int
}

// String is "file:line:column: path: message (code)".
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
	}
	if p.Line > 0 {
		b.WriteString(strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + ":")
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message + " (" + p.Code + ")")
	return b.String()
}

// Problems is everything wrong with a register, in the order of the text. It is the error that
// Compile and the readers of register files return.
type Problems []Problem

// Error lists the problems, a line each.
func (ps Problems) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d problem(s)", ErrInvalid, len(ps))
	for _, p := range ps {
		b.WriteString("\n\t" + p.String())
	}
	return b.String()
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (ps Problems) Unwrap() error { return ErrInvalid }

// Has reports whether a problem with the code is among them.
func (ps Problems) Has(code string) bool {
	for i := range ps {
		if ps[i].Code == code {
			return true
		}
	}
	return false
}
