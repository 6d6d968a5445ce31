package agreement_test

import (
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// rule is one abstract rule. A nil selector selects all.
type rule struct {
	id                        string
	effect                    policy.Effect
	actions                   []purpose.Action
	roles, tasks, exceptRoles []string
	purposes, categories      []string // nodes
	recipients                []string
	when                      *cond // nil: always
	mask                      policy.Mask
	obligations               []string
	byField, byLibrary        bool // how the Rego text is put, which must not matter
}

func (r *rule) narrows() bool { return r.effect != policy.EffectPermit }

// cond is a condition: an atom, or '!', '&' or '|' over others.
type cond struct {
	op   byte // 'a' for an atom
	atom *atom
	l, r *cond
}

// atoms of a condition, each once.
func (c *cond) atoms() (list []*atom) {
	if c == nil {
		return nil
	}
	if c.op == 'a' {
		return []*atom{c.atom}
	}
	for _, a := range append(c.l.atoms(), c.r.atoms()...) {
		if !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

func (c *cond) perField() bool {
	return slices.ContainsFunc(c.atoms(), func(a *atom) bool { return a.perField })
}

// String is for people.
func (c *cond) String() string {
	switch {
	case c == nil:
		return "always"
	case c.op == 'a':
		return c.atom.cel
	case c.op == '!':
		return "!(" + c.l.String() + ")"
	}
	return "(" + c.l.String() + " " + string(c.op) + " " + c.r.String() + ")"
}

func (r *rule) String() string {
	return fmt.Sprintf("%s %s actions=%v roles=%v tasks=%v except=%v purposes=%v categories=%v recipients=%v mask=%s obligations=%v when %s",
		r.id, r.effect, r.actions, r.roles, r.tasks, r.exceptRoles, r.purposes, r.categories, r.recipients, r.mask, r.obligations, r.when)
}

// atom is a statement with its meaning, and what engines call it.
type atom struct {
	cel      string
	yes, no  []string // Rego bodies, one of which is true when the statement is, and when its opposite is
	stated   []string // Rego bodies, one of which is true when all that it speaks of is stated; nil: it always is
	oneWay   bool     // one entry less in a list never makes it true
	perField bool
	mean     func(in *policy.Input, field int) (yes, stated bool)
}
