package world

import "slices"

// Person is what is known of whom the record is about.
type Person struct {
	ID         string
	Active     bool // has a contract
	Restricted bool // processing is restricted (GDPR Art. 18)
}

// People that questions are about.
var (
	Customer   = Person{ID: "customer", Active: true}
	Restricted = Person{ID: "restricted", Active: true, Restricted: true}
	Former     = Person{ID: "former"}
	Stranger   = Person{ID: "stranger"} // of whom nothing is on record
)

// Principal is who asks.
type Principal struct {
	ID    string
	Roles []string
}

// Question asks for all fields of a record.
type Question struct {
	Name      string
	Principal Principal
	Action    string
	Purpose   string
	Record    int // index in World.Records
	Person    Person
}

// Code says why a field is denied. Of several reasons the first one counts.
type Code uint8

// Codes. The zero Code permits, so that an Answer begins as All(NoPurpose).
const (
	Permit     Code = iota
	NoPurpose       // the purpose is not in the register
	Limited         // processing is restricted
	NotCovered      // no activity of the purpose covers the category
	NoAction        // nor the action
	NoBasis         // there is no contract
	Ban             // the category is banned for these roles
	NoNeed          // no rule permits
)

var codes = [...]string{"permit", "no-purpose", "restricted", "not-covered", "no-action", "no-basis", "ban", "no-need"}

func (c Code) String() string { return codes[c] }

// CodeOf finds a code by its name; an unknown one is NoPurpose, which denies.
func CodeOf(name string) Code {
	if i := slices.Index(codes[:], name); i >= 0 {
		return Code(i)
	}
	return NoPurpose
}

// Answer has a code for each field. The zero Answer permits everything: make one with All.
type Answer [Width]Code

// All is the same code for every field.
func All(c Code) (a Answer) {
	for i := range a {
		a[i] = c
	}
	return a
}

// Permits is the set of permitted fields, bit i for field i.
func (a Answer) Permits() (mask uint32) {
	for i, c := range a {
		if c == Permit {
			mask |= 1 << i
		}
	}
	return mask
}

// Judge reads the rules as they are written.
func (w *World) Judge(q Question) (a Answer) {
	for i, category := range w.Records[q.Record].Categories {
		a[i] = w.judge(q, category)
	}
	return a
}

func (w *World) judge(q Question, category string) Code {
	if !slices.Contains(w.Purposes, q.Purpose) {
		return NoPurpose
	}
	if q.Person.Restricted {
		return Limited
	}
	covered, acts := false, false
	for _, a := range w.Activities {
		if a.Group == Group(category) && slices.Contains(a.Purposes, q.Purpose) {
			covered = true
			acts = acts || slices.Contains(a.Actions, q.Action)
		}
	}
	holds := func(roles ...string) bool {
		return slices.ContainsFunc(q.Principal.Roles, func(r string) bool { return slices.Contains(roles, r) })
	}
	switch {
	case !covered:
		return NotCovered
	case !acts:
		return NoAction
	case !q.Person.Active:
		return NoBasis
	case slices.Contains(w.Banned, category) && !holds(w.Lifting):
		return Ban
	}
	for _, n := range w.Needs {
		if n.Reaches(q.Purpose, category) && slices.Contains(n.Actions, q.Action) && holds(n.Roles...) {
			return Permit
		}
	}
	return NoNeed
}
