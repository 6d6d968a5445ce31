package purpose

import (
	"slices"

	"github.com/purposebound/purposebound/retention"
)

// RightKind is what a data subject may ask for.
type RightKind uint8

// Rights. The zero kind is not valid.
const (
	AccessRight             RightKind = iota + 1 // GDPR Art. 15(1)
	CopyRight                                    // Art. 15(3)
	RectificationRight                           // Art. 16
	ErasureRight                                 // Art. 17
	RestrictionRight                             // Art. 18
	PortabilityRight                             // Art. 20
	ObjectionRight                               // Art. 21(1)
	MarketingObjectionRight                      // Art. 21(2)
	WithdrawalRight                              // Art. 7(3)
	ReviewRight                                  // Art. 22(3)
	ComplaintRight                               // Art. 77
)

var rightNames = []string{"", "access", "copy", "rectification", "erasure", "restriction", "portability", "objection", "marketing-objection", "withdrawal", "review", "complaint"}

func (k RightKind) String() string                { return name(rightNames, uint8(k)) }
func (k RightKind) MarshalText() ([]byte, error)  { return text(rightNames, k) }
func (k *RightKind) UnmarshalText(b []byte) error { return parse("right", rightNames, b, k) }

// Right of the data subjects as the notice words it. What the law gives needs no entry to exist; the entry adds
// the clause, the form and the deadlines.
type Right struct {
	Kind       RightKind        `json:"kind"`
	Clause     string           `json:"clause"`
	Identity   bool             `json:"identity,omitempty"`   // proof of identity is always asked for; without it only where there is doubt (Art. 12(6))
	Channels   []string         `json:"channels,omitempty"`   // forms in which it is asked for, as keys; empty: any
	States     []string         `json:"states,omitempty"`     // what the request must state, as keys: "changes", "grounds"
	Grounds    []string         `json:"grounds,omitempty"`    // on which the notice grants it beyond the law, as keys: "irrelevant"
	Within     retention.Period `json:"within,omitzero"`      // from receipt to the answer; zero: one month (Art. 12(3))
	Warn       retention.Period `json:"warn,omitzero"`        // from receipt to a warning that the time runs out
	Extension  retention.Period `json:"extension,omitzero"`   // at most, if told in time; zero: two months (Art. 12(3))
	Aim        int              `json:"aim,omitempty"`        // working days that the controller sets itself
	Conditions []Condition      `json:"conditions,omitempty"` // all must hold
	Except     []RightException `json:"except,omitempty"`
	Assumed    bool             `json:"assumed,omitempty"`
	Note       string           `json:"note,omitempty"`
}

// RightException is what a law keeps out of a right (GDPR Art. 23).
type RightException struct {
	Categories []string `json:"categories,omitempty"` // nodes
	Purposes   []string `json:"purposes,omitempty"`   // nodes: what is done for them is left out
	Recipients []string `json:"recipients,omitempty"` // what is disclosed to them is left out
	Law        string   `json:"law"`
	Silent     bool     `json:"silent,omitempty"` // the person is not told that anything is left out
	Clause     string   `json:"clause,omitempty"`
	Assumed    bool     `json:"assumed,omitempty"`
	Note       string   `json:"note,omitempty"`
}

// Measure protects the data, in general terms (Art. 30(1)(g), 32).
type Measure struct {
	Title   string `json:"title"`
	Clause  string `json:"clause"`
	Assumed bool   `json:"assumed,omitempty"`
	Note    string `json:"note,omitempty"`
}

// maxAim is the most working days that an aim may have.
const maxAim = 366

// rights checks the rights and the measures.
func (c *compiler) rights() {
	s := &c.r.spec
	for i := range s.Rights {
		x, p := &s.Rights[i], at("rights", i)
		if x.Kind == 0 {
			c.problem("value.invalid", at(p, "kind"), "a right is one of %q", rightNames[1:])
		} else if slices.ContainsFunc(s.Rights[:i], func(y Right) bool { return y.Kind == x.Kind }) {
			c.problem("key.duplicate", at(p, "kind"), "%q is worded already", x.Kind)
		}
		c.clause(p, x.Clause)
		c.each(at(p, "channels"), x.Channels, c.key)
		c.each(at(p, "states"), x.States, c.key)
		c.each(at(p, "grounds"), x.Grounds, c.key)
		if x.Aim < 0 || x.Aim > maxAim {
			c.problem("right.deadline", at(p, "aim"), "an aim is a number of working days, at most %d", maxAim)
		}
		within := x.Within
		if within.IsZero() {
			within = retention.MustPeriod("P1M")
		}
		if !x.Warn.IsZero() && x.Warn.CanExceed(within) {
			c.problem("right.deadline", at(p, "warn"), "a warning comes no later than the deadline")
		}
		c.conditions(at(p, "conditions"), x.Conditions)
		for j := range x.Except {
			e, p := &x.Except[j], at(p, "except", j)
			if len(e.Categories)+len(e.Purposes)+len(e.Recipients) == 0 {
				c.problem("list.empty", at(p, "categories"), "an exception names what it keeps back")
			}
			c.nodes("purposes", c.r.purposes, at(p, "purposes"), e.Purposes)
			c.refs("recipients", c.r.recipients, at(p, "recipients"), e.Recipients)
			c.nodes("categories", c.r.categories, at(p, "categories"), e.Categories)
			c.ref("laws", c.r.laws, at(p, "law"), e.Law)
			c.assumed(p, "the exception", e.Assumed, e.Note)
		}
		c.assumed(p, "the right", x.Assumed, x.Note)
	}
	for i := range s.Measures {
		x, p := &s.Measures[i], at("measures", i)
		if x.Title == "" {
			c.problem("title.missing", at(p, "title"), "say what protects the data")
		}
		c.clause(p, x.Clause)
		c.assumed(p, "the measure", x.Assumed, x.Note)
	}
}

// key checks the form of a key that refers to nothing.
func (c *compiler) key(path, key string) {
	if !ValidKey(key) {
		c.problem("key.syntax", path, "%q is no key", clip(key))
	}
}

// RightOf is how the notice words a right; ok is false where it says nothing.
func (r *Register) RightOf(kind RightKind) (x Right, ok bool) {
	for i := range r.spec.Rights {
		if r.spec.Rights[i].Kind == kind {
			x = r.spec.Rights[i]
			x.Channels, x.States, x.Grounds, x.Conditions, x.Except = slices.Clone(x.Channels), slices.Clone(x.States), slices.Clone(x.Grounds), slices.Clone(x.Conditions), slices.Clone(x.Except)
			return x, true
		}
	}
	return Right{}, false
}
