package oracle_test

import (
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// oracle answers questions by reading the register and the events line by line.
type oracle struct {
	spec   *purpose.Spec
	zone   *time.Location
	events []basis.Event
	bent   bend // a rule that is wrong on purpose; none outside the tests of the comparison itself
}

func newOracle(spec *purpose.Spec, events []basis.Event) *oracle {
	zone, err := time.LoadLocation(spec.Controller.Zone)
	if err != nil {
		panic(err)
	}
	return &oracle{spec: spec, zone: zone, events: events}
}

// isNode says whether a purpose is declared, or something below it.
func (o *oracle) isNode(key string) bool {
	return key != "" && slices.ContainsFunc(o.spec.Purposes, func(p purpose.Purpose) bool { return under(p.Key, key) })
}

func (o *oracle) isLeaf(key string) bool {
	return o.isNode(key) && !slices.ContainsFunc(o.spec.Purposes, func(p purpose.Purpose) bool { return strings.HasPrefix(p.Key, key+".") })
}

// covers says whether a node gives a permission for a key: the key itself or what is below the node.
func (o *oracle) covers(key string, nodes []string) bool {
	if o.bent == permitSiblings {
		return slices.ContainsFunc(nodes, func(n string) bool { return under(key, purpose.Parent(n)) || under(key, n) })
	}
	return underAny(key, nodes)
}

// refuses says whether a refusal at some nodes reaches a key; no nodes reach everything.
func (o *oracle) refuses(key string, nodes []string) bool {
	if o.bent == refuseExact {
		return len(nodes) == 0 || slices.Contains(nodes, key)
	}
	return len(nodes) == 0 || underAny(key, nodes)
}

// within says whether an instant lies in a span of days of the controller's zone.
func (o *oracle) within(from, through string, at time.Time) bool {
	day := at.In(o.zone).Format(time.DateOnly)
	if o.bent == throughExcluded && through != "" {
		return (from == "" || day >= from) && day < through
	}
	return (from == "" || day >= from) && (through == "" || day <= through)
}

// notice is the version in force.
func (o *oracle) notice(at time.Time) (purpose.Notice, bool) {
	for i := len(o.spec.Notices) - 1; i >= 0; i-- {
		n := o.spec.Notices[i]
		if !o.within(n.From, "", at) {
			continue
		}
		if o.within("", n.Through, at) {
			return n, true
		}
		break
	}
	return purpose.Notice{}, false
}

// view is what was true of somebody at a time, as known at another.
type view struct {
	o      *oracle
	at     time.Time
	known  time.Time
	events []basis.Event // of the person, valid and known, in valid order
}

// see collects the events of a person. A zero known means everything recorded.
func (o *oracle) see(who string, at, known time.Time) *view {
	v := &view{o: o, at: at, known: known}
	for _, e := range o.events {
		if e.DataSubject != who {
			continue
		}
		valid := !e.ValidAt.After(at)
		if o.bent == recordedForValid {
			valid = !e.RecordedAt.After(at)
		}
		if valid && (known.IsZero() || !e.RecordedAt.After(known) || o.bent == knowledgeIgnored) {
			v.events = append(v.events, e)
		}
	}
	slices.SortStableFunc(v.events, func(a, b basis.Event) int {
		if c := a.ValidAt.Compare(b.ValidAt); c != 0 {
			return c
		}
		return a.RecordedAt.Compare(b.RecordedAt)
	})
	return v
}

// running says whether something with an end, which is not part of it, still runs.
func (v *view) running(until time.Time) bool {
	if v.o.bent == untilIncluded {
		return until.IsZero() || !v.at.After(until)
	}
	return until.IsZero() || v.at.Before(until)
}

// body is the content of an event where it is of type B.
func body[B basis.Body](e basis.Event) (B, bool) {
	b, ok := e.Body.(B)
	return b, ok
}

// consent is the latest answer of a person to a scope. Given is nil where there is none.
type consent struct {
	given     *basis.Event
	what      basis.ConsentGiven
	withdrawn bool
	narrowed  []basis.ConsentNarrowed
	evidence  string
}

func (v *view) consent(scope string) (c consent) {
	for i := range v.events {
		if b, ok := body[basis.ConsentGiven](v.events[i]); ok && b.Scope == scope {
			c = consent{given: &v.events[i], what: b, evidence: v.events[i].ID}
		}
	}
	if c.given == nil {
		return c
	}
	for _, e := range v.events {
		if e.ValidAt.Before(c.given.ValidAt) {
			continue
		}
		if b, ok := body[basis.ConsentWithdrawn](e); ok && b.Scope == scope && v.o.bent != withdrawalIgnored {
			c.withdrawn = true
		}
		if b, ok := body[basis.ConsentNarrowed](e); ok && b.Scope == scope && v.o.bent != narrowingIgnored {
			c.narrowed = append(c.narrowed, b)
		}
	}
	return c
}

// shown says whether a consent was given in sight of a leaf: listed by the scope, since a version not later than
// the one that the person saw.
func (v *view) shown(c consent, leaf string) bool {
	seen := -1
	for i, n := range v.o.spec.Notices {
		if c.what.Notice == n.Version {
			seen = i
		}
	}
	if c.what.Notice == "" {
		if n, ok := v.o.notice(c.given.ValidAt); ok {
			seen = slices.IndexFunc(v.o.spec.Notices, func(x purpose.Notice) bool { return x.Version == n.Version })
		}
	}
	if seen < 0 {
		return false
	}
	for _, s := range v.o.spec.Scopes {
		if s.Key != c.what.Scope {
			continue
		}
		for _, p := range s.Purposes {
			since := slices.IndexFunc(v.o.spec.Notices, func(x purpose.Notice) bool { return x.Version == p.Since })
			if v.o.bent == scopeGrows {
				since = 0
			}
			if (p.Purpose == leaf || v.o.bent == scopeAsTree && under(leaf, purpose.Parent(p.Purpose))) && since <= seen {
				return true
			}
		}
	}
	return false
}

// recipientsOf are those that a consent names, or its scope where it names none.
func (v *view) recipientsOf(c consent) []string {
	if len(c.what.Recipients) > 0 {
		return c.what.Recipients
	}
	for _, s := range v.o.spec.Scopes {
		if s.Key == c.what.Scope {
			return s.Recipients
		}
	}
	return nil
}

// objects finds an objection on a ground that stands against a purpose.
func (v *view) objects(ground basis.Ground, m matter) (string, bool) {
	leaf := m.leaf
	for _, e := range v.events {
		b, ok := body[basis.ObjectionRaised](e)
		if !ok || b.Ground != ground || !v.o.refuses(leaf, b.Purposes) || ground == basis.Marketing && v.lifted(e, m) {
			continue
		}
		refused, upheld := false, false
		for _, x := range v.events {
			if r, ok := body[basis.ObjectionRefused](x); ok && r.Objection == e.ID {
				refused = v.o.bent != refusalIgnored
			}
			if u, ok := body[basis.ObjectionUpheld](x); ok && u.Objection == e.ID {
				upheld = v.o.bent != upheldIgnored
			}
		}
		if !refused || upheld {
			return e.ID, true
		}
	}
	return "", false
}

// objectsByName finds an objection on the person's own situation that names the marketing purpose: stating a ground makes
// it no weaker than one that states none.
func (v *view) objectsByName(m matter) (string, bool) {
	named := *v
	named.events = nil
	for _, e := range v.events {
		if b, ok := body[basis.ObjectionRaised](e); ok && b.Ground == basis.OwnSituation && (len(b.Purposes) == 0 || v.lifted(e, m)) {
			continue
		}
		named.events = append(named.events, e)
	}
	return named.objects(basis.OwnSituation, m)
}

// lifted says whether the person later consented to the very thing that an objection to marketing is about: it is
// their later will, as far as it goes and as long as it stands.
func (v *view) lifted(objection basis.Event, m matter) bool {
	return slices.ContainsFunc(v.o.spec.Scopes, func(s purpose.Scope) bool {
		c := v.consent(s.Key)
		_, ok := v.consents(&basis.Claim{Scope: s.Key}, m)
		return ok && c.given.ValidAt.After(objection.ValidAt)
	})
}

// restricted finds a restriction of a category without an exception for the purpose.
func (v *view) restricted(category, leaf string) bool {
	for _, e := range v.events {
		b, ok := body[basis.RestrictionImposed](e)
		if !ok || !v.o.refuses(category, b.Categories) {
			continue
		}
		open := false
		for _, x := range v.events {
			if l, ok := body[basis.RestrictionLifted](x); ok && l.Restriction == e.ID {
				open = true
			}
			if y, ok := body[basis.RestrictionExcepted](x); ok && y.Restriction == e.ID && v.running(y.Until) && v.o.covers(leaf, y.Purposes) {
				open = v.o.bent != exceptionIgnored || open
			}
		}
		if !open {
			return true
		}
	}
	return false
}

// acts says whether the person acts in one of the capacities. Each contract or case gives and ends its own; an end
// without a reference ends them all, and an end with one also ends what began without.
func (v *view) acts(capacities []string) bool {
	for _, k := range capacities {
		var held []string // contracts or cases that give it
		for _, e := range v.events {
			b, ok := body[basis.Occurred](e)
			if !ok {
				continue
			}
			m := v.o.meaning(b.Event)
			if slices.Contains(m.Gives, k) {
				held = append(held, b.Reference)
			}
			if slices.Contains(m.Ends, k) {
				held = slices.DeleteFunc(held, func(ref string) bool { return b.Reference == "" || ref == "" || ref == b.Reference })
			}
		}
		if len(held) > 0 {
			return true
		}
	}
	return false
}

func (o *oracle) meaning(event string) purpose.Event {
	for _, e := range o.spec.Events {
		if e.Key == event {
			return e
		}
	}
	return purpose.Event{}
}

// relation is a contract or case and the stage it is in.
type relation struct {
	name, reference string
	stage           basis.Stage
	evidence        string
	since           time.Time
}

// relations follows every contract through its stages. An end without a reference ends them all; an end with one
// also ends what began without.
func (v *view) relations() []relation {
	var list []relation
	for _, e := range v.events {
		b, ok := body[basis.Occurred](e)
		m := v.o.meaning(b.Event)
		if !ok || m.Stage == 0 {
			continue
		}
		end := m.Stage == basis.Ended || m.Stage == basis.Settled
		found := false
		for i := range list {
			r := &list[i]
			if r.name != m.Relation {
				continue
			}
			if r.reference == b.Reference {
				found = true
			} else if !end || b.Reference != "" && r.reference != "" || r.stage > m.Stage {
				continue // of another contract, or further on already
			}
			if r.stage != m.Stage {
				r.stage, r.evidence, r.since = m.Stage, e.ID, e.ValidAt
			}
		}
		if !found {
			list = append(list, relation{m.Relation, b.Reference, m.Stage, e.ID, e.ValidAt})
		}
	}
	slices.SortStableFunc(list, func(a, b relation) int {
		if c := a.since.Compare(b.since); c != 0 {
			return c
		}
		return strings.Compare(a.evidence, b.evidence)
	})
	return list
}
