package ropa

import (
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// activity is Art. 30(1)(b) to (f) for one activity of the register.
func (b *builder) activity(i int) Activity {
	x, path := &b.spec.Activities[i], fmt.Sprintf("activities[%d]", i)
	a := Activity{
		Named:   Named{Key: x.Key, Title: x.Title, Clause: x.Clause},
		Notices: x.Notices, Purposes: b.purposeLeaves(x.Purposes), Categories: b.categoryLeaves(x.Categories),
		Actions: actions(x), Conditions: conditions(b.spec.Controller.Conditions, x.Conditions),
		Automated: x.Automated, Logic: x.Logic, Effects: x.Effects, Registration: x.Registration, Assumed: x.Assumed, Note: x.Note,
	}
	if blank(x.Title) {
		b.missing(CodeTitle, path+".title", "say in words what %q is", x.Key)
	}
	b.remark(path, x.Key, x.Assumed, x.Note)
	for _, k := range x.Capacities {
		if k == purpose.Anybody {
			a.DataSubjects = append(a.DataSubjects, Named{Key: k, Title: "Anybody, whoever it is"})
			continue
		}
		c, i := find(b, "capacities", b.spec.Capacities, b.capacities, k)
		a.DataSubjects = append(a.DataSubjects, b.named("capacities", i, c.Key, c.Title, c.Clause, ""))
	}
	for _, k := range x.Sources {
		s, i := find(b, "sources", b.spec.Sources, b.sources, k)
		a.Sources = append(a.Sources, b.named("sources", i, s.Key, s.Title, s.Clause, ""))
	}
	for j := range x.Recipients {
		to := b.recipient(&x.Recipients[j], &a)
		a.Recipients = append(a.Recipients, to)
		a.Transfers = append(a.Transfers, b.transfers(&to)...)
	}
	a.Further = b.further(&a)
	a.Limits = b.limits(path, x, &a)
	for j := range x.Claims {
		a.Bases = append(a.Bases, b.ground(fmt.Sprintf("%s.claims[%d]", path, j), x.Key, &x.Claims[j]))
	}
	for j := range x.Overlays {
		a.Extras = append(a.Extras, b.extra(fmt.Sprintf("%s.overlays[%d]", path, j), x.Key, &x.Overlays[j]))
	}
	return a
}

// find finds an entry. One that is not there, which no compiled register refers to, ends the record.
func find[T any](b *builder, list string, items []T, index map[string]int, key string) (*T, int) {
	i, ok := index[key]
	if !ok {
		b.missing(CodeReference, list, "%q is not among them", key)
		return new(T), 0
	}
	return &items[i], i
}

// named is an entry that the record shows: it needs a title.
func (b *builder) named(list string, i int, key, title, clause, concept string) Named {
	if blank(title) {
		b.missing(CodeTitle, fmt.Sprintf("%s[%d].title", list, i), "say in words what %q is", key)
	}
	if concept != "" && !isIRI(concept) {
		b.missing(CodeConcept, fmt.Sprintf("%s[%d].concept", list, i), "the concept of %q is no absolute IRI", key)
	}
	return Named{Key: key, Title: title, Clause: clause, Concept: concept}
}

func (b *builder) purposeLeaves(nodes []string) (list []Named) {
	t := b.reg.Purposes()
	for id := range t.Below(nodes...).All {
		if t.Leaf(id) {
			list = append(list, b.purpose(t.Key(id)))
		}
	}
	return list
}

func (b *builder) purpose(key string) Named {
	p, i := find(b, "purposes", b.spec.Purposes, b.purposes, key)
	return b.named("purposes", i, p.Key, p.Title, p.Clause, p.Concept)
}

func (b *builder) categoryLeaves(nodes []string) (list []Category) {
	if len(nodes) == 0 {
		return nil
	}
	t := b.reg.Categories()
	for id := range t.Below(nodes...).All {
		if t.Leaf(id) {
			list = append(list, b.category(t.Key(id)))
		}
	}
	return list
}

func (b *builder) category(key string) Category {
	c, i := find(b, "categories", b.spec.Categories, b.categories, key)
	id, _ := b.reg.Categories().ID(key)
	return Category{b.named("categories", i, c.Key, c.Title, c.Clause, c.Concept), b.reg.ClassOf(id)}
}

// actions are those that the activity lists, or those that none listed stands for.
func actions(x *purpose.Activity) []purpose.Action {
	if len(x.Actions) > 0 {
		return x.Actions
	}
	var list []purpose.Action
	if len(x.Sources) > 0 {
		list = append(list, purpose.Collect)
	}
	list = append(list, purpose.Read, purpose.Use, purpose.Store)
	if len(x.Recipients) > 0 {
		list = append(list, purpose.Share)
	}
	return list
}

func conditions(lists ...[]purpose.Condition) (words []string) {
	for _, list := range lists {
		for i := range list {
			words = append(words, list[i].String())
		}
	}
	return words
}

// recipient is Art. 30(1)(d).
func (b *builder) recipient(g *purpose.Grant, a *Activity) Recipient {
	x, i := find(b, "recipients", b.spec.Recipients, b.recipients, g.Recipient)
	if blank(x.Title) {
		b.missing(CodeRecipient, fmt.Sprintf("recipients[%d].title", i), "Art. 30(1)(d) asks for the categories of recipients: say in words who %q is", x.Key)
	}
	b.remark(fmt.Sprintf("recipients[%d]", i), x.Key, x.Assumed, x.Note)
	clause := g.Clause
	if clause == "" {
		clause = x.Clause
	}
	r := Recipient{Named: Named{Key: x.Key, Title: x.Title, Clause: clause}, Kind: x.Kind, Countries: x.Countries,
		Conditions: conditions(x.Conditions, g.Conditions), Assumed: x.Assumed, Note: x.Note}
	if mask := b.categoryLeaves(g.Categories); len(mask) < len(a.Categories) {
		r.Categories = mask
	}
	if g.Via != "" {
		r.Via = b.purpose(g.Via).Title
	}
	if x.Agreement != nil {
		r.Agreement = x.Agreement.Reference
	}
	if x.Statute {
		r.Conditions = append(r.Conditions, "a law or order that demands it is named")
	}
	return r
}

// ground is a claim with what it refers to.
func (b *builder) ground(path, activity string, k *basis.Claim) Ground {
	g := Ground{Claim: *k}
	b.remark(path, activity+", "+k.Basis.String(), k.Assumed, k.Note)
	for _, key := range k.Laws {
		g.Laws = append(g.Laws, b.law(key))
	}
	if i, ok := b.assessments[k.Assessment]; ok {
		s := &b.spec.Assessments[i]
		g.Assessment = s.Reference
		b.remark(fmt.Sprintf("assessments[%d]", i), s.Key, s.Assumed, s.Note)
	}
	for j := range k.All {
		g.And = append(g.And, b.ground(fmt.Sprintf("%s.all[%d]", path, j), activity, &k.All[j]))
	}
	g.Claim.All = nil
	return g
}

func (b *builder) law(key string) Named {
	l, i := find(b, "laws", b.spec.Laws, b.laws, key)
	return b.named("laws", i, l.Key, l.Title, "", "")
}

// extra is an overlay.
func (b *builder) extra(path, activity string, o *purpose.Overlay) Extra {
	e := Extra{Class: o.Class, Categories: b.categoryLeaves(o.Categories), ID: o.Ground, Cite: o.Ground, Clause: o.Clause}
	if o.Ground == purpose.Attestation {
		e.Cite = "attestation of who gave the data"
		return e
	}
	known := basis.Conditions(o.Class.String(), b.spec.Controller.Country)
	if i := slices.IndexFunc(known, func(c basis.Condition) bool { return c.ID == o.Ground }); i >= 0 {
		e.Cite = known[i].Cite
	} else if _, ok := b.laws[o.Ground]; ok {
		e.Cite = b.law(o.Ground).Title
	}
	e.Ground = b.ground(path+".claim", activity, &o.Claim)
	return e
}
