package policy

import (
	"context"

	"github.com/purposebound/purposebound/purpose"
)

// Decider is a policy of a security team: it says who needs to know. It narrows what the register
// allows and cannot widen it. Implementations are safe for concurrent use, see no value of any record,
// and neither keep nor change the Input. An error, a panic or a late answer permits nothing.
//
// Applications do not call Decide; the Guard does, once per decision for all fields.
type Decider interface {
	// Name identifies the policy in reasons: a register-style key.
	Name() string
	// Digest of what is in force now, "sha256:...".
	Digest() string
	Decide(ctx context.Context, in *Input) (Verdict, error)
}

// Input is what a policy may know. It is valid during the call only.
type Input struct {
	Request       *Request // At and KnownAt are resolved
	Plan          *purpose.Plan
	Purpose       purpose.ID
	Fields        purpose.FieldSet // requested
	Notice        string           // version in force
	RecipientKind purpose.RecipientKind
	Country       string   // of the recipient, resolved
	Capacities    []string // of the main data subject
	Explain       bool     // list permitting rules too
}

// Verdict is a policy's answer. The zero Verdict permits nothing.
type Verdict struct {
	Digest       string           // of the policy that answered; empty: what Decider.Digest says after the answer
	Permit, Deny purpose.FieldSet // Deny wins
	Redactions   []Redaction
	Obligations  []string
	Hits         []Hit // rules that denied or redacted; those that permitted when Input.Explain is set
}

// Redaction masks fields.
type Redaction struct {
	Fields purpose.FieldSet
	Mask   Mask
}

// Hit is a rule that matched.
type Hit struct {
	Policy string // set by the guard
	Rule   string
	Effect Effect
	Fields purpose.FieldSet
	File   string
	Line   int
}

// Effect of a rule.
type Effect uint8

// Effects. The zero Effect does nothing.
const (
	EffectPermit Effect = iota + 1
	EffectDeny
	EffectRedact
	EffectOblige
)

var effectNames = [...]string{"", "permit", "deny", "redact", "oblige"}

// String is the name of the effect.
func (e Effect) String() string {
	if int(e) < len(effectNames) {
		return effectNames[e]
	}
	return ""
}

// MarshalText writes the name.
func (e Effect) MarshalText() ([]byte, error) { return []byte(e.String()), nil }
