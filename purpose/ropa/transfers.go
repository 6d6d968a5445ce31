package ropa

import (
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// transfers is Art. 30(1)(e): the countries outside the area that a recipient is in, each with the safeguards that cover it, and a
// problem for each that none covers.
func (b *builder) transfers(to *Recipient) (list []Transfer) {
	x, i := find(b, "recipients", b.spec.Recipients, b.recipients, to.Key)
	for j, country := range x.Countries {
		if b.spec.Transfers.Area.Contains(country) {
			continue
		}
		found := b.safeguards(x, country)
		if len(found) == 0 {
			b.missing(CodeSafeguard, fmt.Sprintf("recipients[%d].countries[%d]", i, j), "Art. 30(1)(e): no safeguard lets %q in %s have data", x.Key, country)
		}
		for _, t := range found {
			t.Recipient = to.Named
			if k := slices.IndexFunc(list, func(u Transfer) bool { return u.same(&t) }); k >= 0 {
				list[k].Countries = append(list[k].Countries, country)
			} else {
				t.Countries = []string{country}
				list = append(list, t)
			}
		}
	}
	return list
}

// safeguards are those that cover a recipient in a country, and are in force at the time of the record.
func (b *builder) safeguards(x *purpose.Recipient, country string) (list []Transfer) {
	add := func(m purpose.Mechanism, claim basis.Claim, reference, from, through string) {
		if b.inForce(from, through) {
			list = append(list, Transfer{Mechanism: m, Claim: claim, Reference: reference, From: from, Through: through})
		}
	}
	for i := range x.Safeguards {
		if g := &x.Safeguards[i]; slices.Contains(g.Countries, country) {
			add(g.Mechanism, g.Claim, g.Reference, g.From, g.Through)
		}
	}
	for i := range b.spec.Transfers.Adequacy {
		d := &b.spec.Transfers.Adequacy[i]
		if d.Country == country && (len(d.Only) == 0 || slices.Contains(d.Only, x.Kind)) && (len(d.Recipients) == 0 || slices.Contains(d.Recipients, x.Key)) {
			add(purpose.Adequacy, basis.Claim{}, d.Reference, d.From, d.Through)
		}
	}
	return list
}

// inForce reports whether the time of the record lies within two dates; a record of no time knows no end.
func (b *builder) inForce(from, through string) bool {
	if b.at.IsZero() {
		return true
	}
	day := retention.DateOf(b.at, b.reg.Zone())
	if from != "" {
		if d, err := retention.ParseDate(from); err != nil || day.Before(d) {
			return false
		}
	}
	if through != "" {
		if d, err := retention.ParseDate(through); err != nil || day.After(d) {
			return false
		}
	}
	return true
}
