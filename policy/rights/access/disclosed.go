package access

import (
	"cmp"
	"slices"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/purpose"
)

// disclosed is what the trail tells: who received what, and what else was done with the data.
func (g *gathering) disclosed(r *Report, told index.PersonReport) {
	r.Known = told.Known
	for i := range told.Consultations {
		c := &told.Consultations[i]
		to := ""
		if c.Recipient != nil {
			to = c.Recipient.ID
		}
		left, ok := g.hidden.seen(c.Purpose, to, c.Categories)
		if !ok {
			continue
		}
		categories := make([]Entry, len(left))
		for j, k := range left {
			categories[j] = words(g.categories, k)
		}
		if to != "" && (c.Name == audit.AccessShare || c.Name == audit.AccessBreakGlass) {
			if c.Delivery == index.NotDelivered || c.Delivery == index.Aborted {
				continue // it has not received anything
			}
			g.received(r, c, categories)
			continue
		}
		x := Consultation{Time: c.Time.In(g.reg.Zone()), What: c.Name, Basis: c.Basis, Clause: c.Clause, Categories: categories}
		if c.Purpose != "" {
			p := words(g.purposes, c.Purpose)
			x.Purpose = &p
		}
		r.Consultations = append(r.Consultations, x)
	}
}

// received adds a disclosure to its recipient.
func (g *gathering) received(r *Report, c *index.Consultation, categories []Entry) {
	i := slices.IndexFunc(r.Recipients, func(x Recipient) bool { return x.Key == c.Recipient.ID && x.Country == c.Recipient.Country })
	if i < 0 {
		i = len(r.Recipients)
		r.Recipients = append(r.Recipients, Recipient{Entry: g.recipient(c.Recipient.ID), Kind: c.Recipient.Kind, Country: c.Recipient.Country})
		if country := c.Recipient.Country; country != "" && !g.spec.Transfers.Area.Contains(country) {
			g.transfer(r, c.Recipient.ID, country, true)
		}
	}
	o := Occasion{Time: c.Time.In(g.reg.Zone()), Purpose: words(g.purposes, c.Purpose), Basis: c.Basis, Categories: categories, Delivery: c.Delivery}
	if o.Categories == nil {
		o.Categories = []Entry{}
	}
	r.Recipients[i].Occasions = append(r.Recipients[i].Occasions, o)
}

func compareSafeguards(a, b Safeguard) int {
	return cmp.Or(cmp.Compare(a.Mechanism, b.Mechanism), cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.From, b.From))
}

// told rights: all that a person has beside this one, Art. 15(1)(e) and (f), and Art. 7(3), 20, 22(3).
var articles = []struct {
	kind    purpose.RightKind
	article string
}{
	{purpose.AccessRight, "Art. 15"}, {purpose.CopyRight, "Art. 15(3)"}, {purpose.RectificationRight, "Art. 16"}, {purpose.ErasureRight, "Art. 17"},
	{purpose.RestrictionRight, "Art. 18"}, {purpose.PortabilityRight, "Art. 20"}, {purpose.ObjectionRight, "Art. 21(1)"},
	{purpose.MarketingObjectionRight, "Art. 21(2)"}, {purpose.WithdrawalRight, "Art. 7(3)"}, {purpose.ReviewRight, "Art. 22(3)"}, {purpose.ComplaintRight, "Art. 77"},
}

func (g *gathering) rights() (list []Right) {
	for _, a := range articles {
		x := Right{Kind: a.kind, Article: a.article}
		if w, ok := g.reg.RightOf(a.kind); ok {
			x.Clause, x.Identity, x.Channels, x.States = w.Clause, w.Identity, w.Channels, w.States
		}
		list = append(list, x)
	}
	return list
}
