package ropa

import (
	"errors"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// ErrIncomplete is what an [IncompleteError] unwraps to.
var ErrIncomplete = errors.New("ropa: the record is incomplete")

// Codes of problems. The list is closed.
const (
	CodeName           = "record.name"           // no name of the controller
	CodeContact        = "record.contact"        // Art. 30(1)(a), 30(2)(a)
	CodeRepresentative = "record.representative" // of a controller outside the Union, Art. 27
	CodeJoint          = "record.joint"          // Art. 26
	CodeNotice         = "record.notice"         // no notice is in force at the time
	CodeActivities     = "record.activities"     // nothing is processed then
	CodeTitle          = "record.title"          // a key says nothing to who reads the record
	CodeRecipient      = "record.recipient"      // Art. 30(1)(d): the category of a recipient
	CodeSafeguard      = "record.safeguard"      // Art. 30(1)(e), 30(2)(c)
	CodeTimeLimit      = "record.time-limit"     // Art. 30(1)(f)
	CodeMeasures       = "record.measures"       // Art. 30(1)(g), 30(2)(d)
	CodeProcessing     = "record.processing"     // Art. 30(2)(b): no activity says what is done for the other controller
	CodeReference      = "record.reference"      // a key that is in no list
	CodeConcept        = "record.concept"        // a concept is no IRI
)

// IncompleteError lists everything that the record misses, with its place in the register.
type IncompleteError struct{ Problems purpose.Problems }

// Error lists the problems, a line each.
func (e *IncompleteError) Error() string {
	var b strings.Builder
	b.WriteString(ErrIncomplete.Error())
	for _, p := range e.Problems {
		b.WriteString("\n\t" + p.String())
	}
	return b.String()
}

// Unwrap makes errors.Is(err, ErrIncomplete) true.
func (e *IncompleteError) Unwrap() error { return ErrIncomplete }
