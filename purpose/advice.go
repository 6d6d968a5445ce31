package purpose

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/retention"
)

// closed advises of categories of an activity that a lock or a prohibition keeps from its purposes.
func (c *compiler) closed(p string, purposes, categories Set) {
	for i := range c.closures {
		x := &c.closures[i]
		cat, ok := first(c.r.categories, categories, x.categories)
		if !ok {
			continue
		}
		if pu, ok := first(c.r.purposes, purposes, x.purposes); ok {
			c.advise(x.code, p, "%q keeps %q from %q", x.key, c.r.categories.Key(cat), c.r.purposes.Key(pu))
		}
	}
}

// closure keeps categories from purposes, whatever a request says.
type closure struct {
	code, key            string
	categories, purposes Set
}

// closing collects the closures of the register.
func (c *compiler) closing() {
	r := c.r
	for i := range r.spec.Locks {
		l := &r.spec.Locks[i]
		c.closures = append(c.closures, closure{"lock.closed", l.Key, r.categories.Below(l.Categories...), below(r.purposes, nil).without(r.purposes.Below(l.Purposes...))})
	}
	for i := range r.spec.Prohibited {
		b := &r.spec.Prohibited[i]
		if len(b.Actions) == 0 && len(b.Recipients) == 0 && len(b.Unless) == 0 {
			c.closures = append(c.closures, closure{"prohibition.closed", b.Key, r.categories.Below(b.Categories...), below(r.purposes, b.Purposes)})
		}
	}
}

// first is the first leaf that is in both sets.
func first(t *Tree, a, b Set) (ID, bool) {
	for id := range a.All {
		if b.Has(id) && t.Leaf(id) {
			return id, true
		}
	}
	return 0, false
}

// assumed makes every assumption carry its reason and show up in the advice.
func (c *compiler) assumed(p, key string, assumed bool, note string) {
	switch {
	case assumed && note == "":
		c.problem("assumed.note", at(p, "note"), "an assumption needs a note that says why")
	case assumed:
		c.advise("assumed", p, "%s is assumed: %s", key, note)
	}
}

// leadsTo reports whether an event brings a relation to a stage in which a claim of contract holds.
func leadsTo(e *Event, k *basis.Claim) bool {
	if k.Relation != "" && e.Relation != k.Relation {
		return false
	}
	if len(k.Stages) == 0 {
		return e.Stage >= basis.Enquiry && e.Stage <= basis.Active
	}
	return slices.Contains(k.Stages, e.Stage)
}

// never advises of capacities that no event gives: whatever is declared for them is denied.
func (c *compiler) never() {
	given := make(map[string]bool)
	for _, e := range c.r.spec.Events {
		for _, k := range e.Gives {
			given[k] = true
		}
	}
	for i, x := range c.r.spec.Capacities {
		if !given[x.Key] {
			c.advise("capacity.never", at("capacities", i), "no event gives %q: nobody ever acts in it", x.Key)
		}
	}
}

// unreferenced reports what nothing uses: often a misspelling elsewhere.
func (c *compiler) unreferenced() {
	r, s := c.r, &c.r.spec
	for i := range s.Retention {
		c.used["facts/"+s.Retention[i].Anchor.Date] = true // a day that requests state
	}
	known := c.categories // what an activity needs, and what is declared in order to be banned
	for i := range s.Prohibited {
		known = known.or(r.categories.Below(s.Prohibited[i].Categories...))
	}
	unused(c, "facts", s.Facts, func(x *Fact) string { return x.Key })
	unused(c, "capacities", s.Capacities, func(x *Capacity) string { return x.Key })
	unused(c, "retention", s.Retention, func(x *retention.Rule) string { return x.Key })
	unused(c, "recipients", s.Recipients, func(x *Recipient) string { return x.Key })
	unused(c, "scopes", s.Scopes, func(x *Scope) string { return x.Key })
	unused(c, "sources", s.Sources, func(x *Source) string { return x.Key })
	unused(c, "laws", s.Laws, func(x *Law) string { return x.Key })
	unused(c, "assessments", s.Assessments, func(x *Assessment) string { return x.Key })
	for i := range s.Purposes {
		if id, ok := r.purposes.ID(s.Purposes[i].Key); ok && r.purposes.Leaf(id) && !c.purposes.Has(id) {
			c.advise("unused", at("purposes", i), "no activity serves %q", s.Purposes[i].Key)
		}
	}
	for i := range s.Categories {
		if id, ok := r.categories.ID(s.Categories[i].Key); ok && r.categories.Leaf(id) && !known.Has(id) {
			c.advise("unused", at("categories", i), "no activity needs %q", s.Categories[i].Key)
		}
	}
}

func unused[T any](c *compiler, list string, items []T, key func(*T) string) {
	for i := range items {
		if k := key(&items[i]); !c.used[list+"/"+k] {
			c.advise("unused", at(list, i), "nothing refers to %q", k)
		}
	}
}
