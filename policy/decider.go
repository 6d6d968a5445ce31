package policy

import (
	"context"
	"time"

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

	// Lasting says that the verdict rests on nothing but the policy and, of the input, Plan, Purpose, Fields, Notice, RecipientKind,
	// Country, Capacities and Explain and, of the request, action, recipient, mechanism, statute, dataset, facts, and the
	// principal's roles, organisation and country: not on tasks, provenance, ids or names, and on the time no more than that the
	// verdict is the same before Until, where that is set. The guard then heeds it again for equal requests about the same
	// state, instead of asking, as long as Digest stays what it is.
	Lasting bool
	Until   time.Time
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

// Listed is implemented by deciders that can say which rules they hold, so that tests can tell which of them never
// decided anything.
type Listed interface {
	// Rules in the order of their ids. One id may stand in several places.
	Rules() []Rule
}

// Rule is a rule as its policy lists it.
type Rule struct {
	ID     string
	Effect Effect
	File   string // empty for a rule written in Go
	Line   int
}

// Foreseeing is implemented by deciders that can say what they could ever do, whoever asks and whatever the facts are,
// so that a check finds rules that never apply and fields that nobody can ever see.
type Foreseeing interface {
	Foresee(ctx context.Context, p Prospect) (Reach, error)
}

// Prospect is the part of a request that a register enumerates.
type Prospect struct {
	Action    purpose.Action
	Purpose   purpose.ID // a leaf
	Recipient string     // empty unless the action is share
	Country   string     // of the recipient
	Plan      *purpose.Plan
}

// Reach is what a policy could do with a prospect. It may say too much, never too little.
type Reach struct {
	Permit purpose.FieldSet // fields that some request could see
	Rules  []string         // ids of rules that some request could meet, sorted
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
