package steady

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Direction is what becomes of an entrypoint when a request states less.
type Direction int8

// Directions. An entrypoint with the zero Direction may read nothing that a request may leave out.
const (
	Shrinks Direction = 1  // permit
	Grows   Direction = -1 // deny, redact, obligations
)

// Kind of value that a fact has. Facts of the zero Kind are refused.
type Kind uint8

// Kinds.
const (
	Bool Kind = iota + 1
	Number
	Text
	Texts   // a list of texts
	Instant // a text "2006-01-02T15:04:05.000000000Z", stated for the years 1700 to 2200 only
)

// Spec says what the rules are held to.
type Spec struct {
	Entrypoints map[string]Direction // by path, "data.purposebound.permit"
	Facts       map[string]Kind      // declared facts by key; others are refused
	Data        ast.Object           // base documents, nil for none; they are the same for every request
}

// Codes of problems.
const (
	CodeRead     = "steady.read"     // an attribute that may be left out is asked where its absence would gain
	CodeList     = "steady.list"     // a list that may lose entries is asked otherwise than by membership
	CodeInput    = "steady.input"    // a part of the input is read as a whole, by a computed key, or does not exist
	CodeFails    = "steady.fails"    // a function could fail on its operands
	CodeConflict = "steady.conflict" // a rule could have two values at once
	CodeForm     = "steady.form"     // a form that is not understood, with among them
)

// Problem is a place where it cannot be shown that nothing left out permits.
type Problem struct {
	Code    string
	File    string
	Line    int // 1-based
	Column  int
	Message string // what is wrong and what to write instead; quotes policy text only
}

// String is "file:line:column: message (code)".
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s (%s)", p.File, p.Line, p.Column, p.Message, p.Code)
}
