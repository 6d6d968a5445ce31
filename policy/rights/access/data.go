package access

import (
	"context"
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/ropa"
)

// data is what the desk granted, datum by datum. It returns the activities that concern the person, in the order of the register.
func (g *gathering) data(ctx context.Context, r *Report) (concerned []string, err error) {
	seen := map[string]bool{}
	for i := range g.outcome.Items {
		x := &g.outcome.Items[i]
		if x.Result != rights.Granted || x.Silent {
			continue
		}
		if x.Holding < 0 || x.Holding >= len(g.req.Holdings) {
			r.NotHeld = append(r.NotHeld, words(g.categories, x.Part))
			continue
		}
		h := g.req.Holdings[x.Holding]
		if h.Category == "" {
			return nil, fmt.Errorf("%w: holdings[%d].category: missing", ErrRequest, x.Holding)
		}
		k, err := g.desk.Evaluate(ctx, rights.Query{DataSubject: g.req.DataSubject, Holding: h, Facts: g.req.Facts})
		if err != nil {
			return nil, err
		}
		d := Datum{Category: words(g.categories, h.Category), Field: h.Field, Dataset: h.Dataset, Origin: h.Origin, Collected: h.CollectedAt,
			Kept: g.kept(&k), Uses: []Use{}}
		if id, ok := g.reg.Categories().ID(h.Category); ok {
			d.Class = g.reg.ClassOf(id)
		}
		if h.Source != "" {
			s := words(g.sources, h.Source)
			d.Source = &s
		}
		for j := range k.Uses {
			u := &k.Uses[j]
			stores := g.stores(u.Activity)
			if g.hidden.purposes[u.Purpose] || !u.Heard && (stores || !u.Current) {
				continue
			}
			seen[u.Activity] = true
			d.Uses = append(d.Uses, g.use(u, h.Category, stores))
			if a := g.activities[u.Activity]; a != nil && d.Source == nil {
				for _, s := range a.Sources {
					d.Possible = appendNew(d.Possible, words(g.sources, s.Key))
				}
			}
		}
		r.Data, g.held = append(r.Data, d), append(g.held, h)
	}
	for i := range g.spec.Activities {
		if key := g.spec.Activities[i].Key; seen[key] {
			concerned = append(concerned, key)
		}
	}
	return concerned, nil
}

// stores reports whether an activity keeps what it handles. One that does not concerns those who stand in its capacities.
func (m *Maker) stores(activity string) bool {
	i := slices.IndexFunc(m.spec.Activities, func(a purpose.Activity) bool { return a.Key == activity })
	return i >= 0 && (len(m.spec.Activities[i].Actions) == 0 || slices.Contains(m.spec.Activities[i].Actions, purpose.Store))
}

// use is a purpose with the periods of its activity for the category.
func (g *gathering) use(u *rights.Use, category string, stores bool) Use {
	x := Use{Keeps: stores, Purpose: words(g.purposes, u.Purpose), Activity: Entry{Key: u.Activity, Title: u.Activity, Clause: u.Clause}, Live: u.Live, Bases: u.Bases, Periods: []string{}}
	for _, l := range u.Laws {
		x.Laws = append(x.Laws, words(g.laws, l).Title)
	}
	a := g.activities[u.Activity]
	if a == nil {
		return x
	}
	if x.Activity.Title = a.Title; !stores {
		return x
	}
	for i := range a.Limits {
		l := &a.Limits[i]
		if l.Covers(category) && (len(l.Purposes) == 0 || slices.ContainsFunc(l.Purposes, func(n ropa.Named) bool { return n.Key == u.Purpose })) {
			x.Periods = append(x.Periods, l.Clock())
		}
	}
	return x
}

// kept is the answer of retention for all purposes.
func (g *gathering) kept(k *rights.Keeping) Kept {
	x := Kept{Status: k.Status, Reason: k.Because.Reason, Rule: k.Because.Rule, Clause: k.Because.Clause, Period: k.Period, FirstErasable: k.FirstErasable}
	if k.Because.Law != "" {
		x.Law = words(g.laws, k.Because.Law).Title
	}
	if !k.Trigger.IsZero() {
		x.Counted = k.Trigger.String()
	}
	if !k.LastDay.IsZero() {
		x.LastDay = k.LastDay.String()
	}
	return x
}

// leftOut are the parts that the person may know of and does not get.
func (g *gathering) leftOut() (list []LeftOut) {
	told := g.outcome.Told()
	for i := range told.Items {
		x := &told.Items[i]
		if x.Result == rights.Granted || len(x.Reasons) == 0 {
			continue
		}
		why := x.Reasons[0]
		l := LeftOut{Part: words(g.categories, x.Part), Code: why.Code, Why: why.String(), ReferTo: x.ReferTo}
		if why.Law != "" {
			l.Law = words(g.laws, why.Law).Title
		}
		if !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// possible is who else may receive data, by the activities that concern the person, and where that would be a transfer.
func (g *gathering) possible(r *Report, concerned []string) {
	for i := range g.spec.Recipients {
		x := &g.spec.Recipients[i]
		if g.hidden.recipients[x.Key] {
			continue
		}
		var titles []string
		for _, key := range concerned {
			a := g.activities[key]
			if a == nil {
				continue
			}
			if slices.ContainsFunc(a.Recipients, func(y ropa.Recipient) bool { return y.Key == x.Key }) {
				titles = append(titles, a.Title)
				g.transfers(r, a, x)
			}
		}
		if len(titles) == 0 || slices.ContainsFunc(r.Recipients, func(y Recipient) bool { return y.Key == x.Key }) {
			continue
		}
		r.MayReceive = append(r.MayReceive, Possible{Entry: entry(x.Key, x.Title, x.Clause), Kind: x.Kind.String(), Countries: x.Countries, Activities: titles})
	}
}

// transfers adds the countries outside the area that a recipient of an activity may be in.
func (g *gathering) transfers(r *Report, a *ropa.Activity, x *purpose.Recipient) {
	for _, t := range a.Transfers {
		if t.Recipient.Key != x.Key {
			continue
		}
		for _, country := range t.Countries {
			g.transfer(r, x.Key, country, false)
		}
	}
}

// transfer adds a recipient in a country once, with its safeguards.
func (g *gathering) transfer(r *Report, recipient, country string, happened bool) {
	i := slices.IndexFunc(r.Transfers, func(t Transfer) bool { return t.Recipient.Key == recipient && t.Country == country })
	if i >= 0 {
		r.Transfers[i].Happened = r.Transfers[i].Happened || happened
		return
	}
	t := Transfer{Recipient: g.recipient(recipient), Country: country, Happened: happened, Safeguards: []Safeguard{}}
	for _, a := range g.activities {
		for _, x := range a.Transfers {
			if x.Recipient.Key == recipient && slices.Contains(x.Countries, country) {
				t.Safeguards = appendNew(t.Safeguards, Safeguard{Mechanism: x.Mechanism, Reference: x.Reference, From: x.From, Through: x.Through})
			}
		}
	}
	slices.SortFunc(t.Safeguards, compareSafeguards)
	r.Transfers = append(r.Transfers, t)
}

func (g *gathering) recipient(key string) Entry {
	if x := g.recipients[key]; x != nil {
		return entry(x.Key, x.Title, x.Clause)
	}
	return Entry{Key: key, Title: key}
}

// automated is what machines decide in the activities that concern the person, and who draws strongly on what it receives.
func (g *gathering) automated(r *Report, concerned []string) {
	for _, key := range concerned {
		a := g.activities[key]
		if a == nil || a.Automated == purpose.NotAutomated {
			continue
		}
		e := entry(a.Key, a.Title, a.Clause)
		r.Automated = append(r.Automated, Automated{Activity: &e, Ground: a.Automated, Logic: a.Logic, Effects: a.Effects})
	}
	decisive := func(key string) {
		if x := g.recipients[key]; x != nil && x.Decisive {
			e := entry(x.Key, x.Title, x.Clause)
			if !slices.ContainsFunc(r.Automated, func(y Automated) bool { return y.Recipient != nil && *y.Recipient == e }) {
				r.Automated = append(r.Automated, Automated{Recipient: &e})
			}
		}
	}
	for i := range r.Recipients {
		decisive(r.Recipients[i].Key)
	}
	for i := range r.MayReceive {
		decisive(r.MayReceive[i].Key)
	}
}
