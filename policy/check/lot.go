package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// kind of thing that is done: what one prospect is about, countries aside.
type kind struct {
	action    purpose.Action
	leaf      purpose.ID
	recipient string
}

// lot is all that the activities allow of one kind.
type lot struct {
	kind
	countries []string // of the recipient; one empty text where nothing is shared
	covered   cats     // categories that some activity covers
	seen      cats     // those that some policy could permit
	stakes    []stake
}

// stake is what one activity allows of a lot, after what the register closes.
type stake struct {
	activity int
	grant    int // index of the grant; -1: nothing is shared
	allowed  cats
}

// cats are leaf categories in ascending order.
type cats []purpose.ID

func (c cats) has(id purpose.ID) bool {
	_, found := slices.BinarySearch(c, id)
	return found
}

func (c cats) filter(keep func(purpose.ID) bool) (kept cats) {
	for _, id := range c {
		if keep(id) {
			kept = append(kept, id)
		}
	}
	return kept
}

func (c cats) with(d cats) cats {
	all := slices.Concat(c, d)
	slices.Sort(all)
	return slices.Compact(all)
}

// leaves are the leaves below nodes; all where there is no node.
func leaves(t *purpose.Tree, nodes []string) (list []purpose.ID) {
	if len(nodes) == 0 {
		for id := range purpose.ID(t.Len()) {
			if t.Leaf(id) {
				list = append(list, id)
			}
		}
		return list
	}
	for id := range t.Below(nodes...).All {
		if t.Leaf(id) {
			list = append(list, id)
		}
	}
	return list
}

// lots enumerates what the register's activities allow, in a fixed order.
func (c *checker) lots() []lot {
	x := enumeration{checker: c, at: map[kind]int{}, recipients: map[string]*purpose.Recipient{}, closures: c.closures()}
	for i := range c.spec.Recipients {
		x.recipients[c.spec.Recipients[i].Key] = &c.spec.Recipients[i]
	}
	for i := range c.spec.Activities {
		x.activity(i)
	}
	slices.SortFunc(x.lots, func(a, b lot) int {
		return cmp.Or(cmp.Compare(a.leaf, b.leaf), cmp.Compare(a.action, b.action), strings.Compare(a.recipient, b.recipient))
	})
	return x.lots
}

type enumeration struct {
	*checker
	lots       []lot
	at         map[kind]int
	recipients map[string]*purpose.Recipient
	closures   []closure
}

func (x *enumeration) activity(i int) {
	a := &x.spec.Activities[i]
	actions := a.Actions
	if len(actions) == 0 {
		actions = []purpose.Action{purpose.Collect, purpose.Read, purpose.Use, purpose.Store, purpose.Share}
	}
	covered := cats(leaves(x.reg.Categories(), a.Categories))
	for _, leaf := range leaves(x.reg.Purposes(), a.Purposes) {
		for _, action := range actions {
			if action != purpose.Share {
				x.add(kind{action, leaf, ""}, []string{""}, covered, stake{i, -1, covered})
				continue
			}
			for j := range a.Recipients {
				x.grant(i, j, leaf, covered)
			}
		}
	}
}

// grant adds what an activity lets a recipient have, as far as the agreement instructs.
func (x *enumeration) grant(i, j int, leaf purpose.ID, covered cats) {
	g := &x.spec.Activities[i].Recipients[j]
	to := x.recipients[g.Recipient]
	if to == nil {
		return
	}
	if len(g.Categories) > 0 {
		covered = covered.filter(x.reg.Categories().Below(g.Categories...).Has)
	}
	allowed := covered
	if a := to.Agreement; a != nil {
		if len(a.Purposes) > 0 && !x.reg.Purposes().Below(a.Purposes...).Has(leaf) {
			allowed = nil
		}
		if len(a.Categories) > 0 {
			allowed = allowed.filter(x.reg.Categories().Below(a.Categories...).Has)
		}
	}
	x.add(kind{purpose.Share, leaf, g.Recipient}, to.Countries, covered, stake{i, j, allowed})
}

func (x *enumeration) add(k kind, countries []string, covered cats, s stake) {
	if len(covered) == 0 {
		return
	}
	i, ok := x.at[k]
	if !ok {
		i = len(x.lots)
		x.at[k] = i
		x.lots = append(x.lots, lot{kind: k, countries: countries})
	}
	for j := range x.closures {
		if x.closures[j].concerns(k) {
			s.allowed = s.allowed.filter(func(id purpose.ID) bool { return !x.closures[j].categories.Has(id) })
		}
	}
	x.lots[i].covered = x.lots[i].covered.with(covered)
	x.lots[i].stakes = append(x.lots[i].stakes, s)
}

// ask puts a lot before the policies.
func (c *checker) ask(l *lot) {
	for _, plan := range c.plansOf(l.covered) {
		for _, country := range l.countries {
			prospect := policy.Prospect{Action: l.action, Purpose: l.leaf, Recipient: l.recipient, Country: country, Plan: plan}
			var permit purpose.FieldSet
			for _, m := range c.panel {
				permit = permit.Or(m.foresee(c.ctx, prospect))
			}
			for i := range plan.Fields {
				if permit.Has(i) {
					l.seen = append(l.seen, plan.Fields[i].Category)
				}
			}
		}
	}
	l.seen = l.seen.with(nil)
}
