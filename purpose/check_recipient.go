package purpose

import (
	"maps"
	"slices"

	"github.com/purposebound/purposebound/basis"
)

// eeaOnly are the members of the EEA that are not in the EU.
var eeaOnly = []string{"IS", "LI", "NO"}

// euMembers since 2020-02-01.
var euMembers = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
	"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}

// Contains reports whether a country, as ISO 3166 alpha-2, belongs to the area.
func (a Area) Contains(country string) bool {
	return slices.Contains(euMembers, country) || a == EEA && slices.Contains(eeaOnly, country)
}

func (c *compiler) recipients() {
	r := c.r
	for i, m := range r.spec.Transfers.Mechanisms {
		if m == 0 {
			c.problem("value.invalid", at("transfers", "mechanisms", i), "a mechanism is one of %q", mechanismNames[1:])
		}
	}
	for i := range r.spec.Transfers.Adequacy {
		c.adequacy(at("transfers", "adequacy", i), &r.spec.Transfers.Adequacy[i])
	}
	r.agreementSpans = make([]span, len(r.spec.Recipients))
	r.safeguardSpans = make([][]span, len(r.spec.Recipients))
	for i := range r.spec.Recipients {
		c.recipient(at("recipients", i), i, &r.spec.Recipients[i])
	}
}

func (c *compiler) recipient(p string, i int, x *Recipient) {
	r := c.r
	c.conditions(at(p, "conditions"), x.Conditions)
	c.assumed(p, x.Key, x.Assumed, x.Note)
	switch {
	case x.Kind == 0:
		c.problem("value.invalid", at(p, "kind"), "a recipient is one of %q", kindNames[1:])
	case x.Kind == Processor && x.Agreement == nil:
		c.problem("recipient.agreement", p, "a processor needs an agreement with instructions (GDPR Art. 28(3))")
	case x.Kind == JointController && x.Agreement == nil:
		c.problem("recipient.agreement", p, "joint controllers need an arrangement (GDPR Art. 26)")
	case x.Kind != Processor && x.Kind != JointController && x.Agreement != nil:
		c.problem("role.contradiction", at(p, "agreement"), "a %s acts on no instruction of the controller", x.Kind)
	}
	if a := x.Agreement; a != nil {
		p := at(p, "agreement")
		if a.Reference == "" {
			c.problem("recipient.agreement", at(p, "reference"), "an agreement needs a reference")
		}
		if a.From == "" {
			c.problem("date.missing", at(p, "from"), "an agreement needs the day from which it is in force")
		}
		r.agreementSpans[i] = c.span(p, a.From, a.Through)
		c.nodes("purposes", r.purposes, at(p, "purposes"), a.Purposes)
		c.nodes("categories", r.categories, at(p, "categories"), a.Categories)
	}
	if len(x.Countries) == 0 {
		c.problem("list.empty", at(p, "countries"), "a recipient is in at least one country")
	}
	r.safeguardSpans[i] = make([]span, len(x.Safeguards))
	for j := range x.Safeguards {
		c.safeguard(at(p, "safeguards", j), &x.Safeguards[j])
		r.safeguardSpans[i][j] = c.span(at(p, "safeguards", j), x.Safeguards[j].From, x.Safeguards[j].Through)
	}
	for j, country := range x.Countries {
		c.country(at(p, "countries", j), country)
		c.thirdCountry(at(p, "countries", j), x, country)
	}
}

func (c *compiler) safeguard(p string, g *Safeguard) {
	t := &c.r.spec.Transfers
	if g.Mechanism == 0 {
		c.problem("value.invalid", at(p, "mechanism"), "a mechanism is one of %q", mechanismNames[1:])
	} else if !slices.Contains(t.Mechanisms, g.Mechanism) {
		c.problem("transfer.mechanism", at(p, "mechanism"), "the register's transfers do not allow %s", g.Mechanism)
	}
	if g.Reference == "" {
		c.problem("transfer.reference", at(p, "reference"), "a safeguard needs a reference: the decision, the signed clauses")
	}
	switch {
	case g.Mechanism == Derogation:
		c.claim(at(p, "claim"), &g.Claim, &Activity{Capacities: slices.Collect(maps.Keys(c.r.capacities))}, c.r.purposes.all, 1)
		if k := &g.Claim; k.Basis == basis.Consent && !k.Explicit || k.Basis == basis.LegitimateInterests {
			c.problem("transfer.derogation", at(p, "claim"), "%s is no derogation of GDPR Art. 49(1)", k.Basis)
		}
	case g.Claim.Basis != 0:
		c.problem("transfer.derogation", at(p, "claim"), "only a derogation rests on a claim")
	}
	if len(g.Countries) == 0 {
		c.problem("list.empty", at(p, "countries"), "a safeguard names the countries it covers")
	}
	for j, k := range g.Countries {
		c.country(at(p, "countries", j), k)
	}
}

// adequacy checks a decision of the Commission (GDPR Art. 45).
func (c *compiler) adequacy(p string, d *AdequacyDecision) {
	r := c.r
	c.country(at(p, "country"), d.Country)
	if !slices.Contains(r.spec.Transfers.Mechanisms, Adequacy) {
		c.problem("transfer.mechanism", p, "the register's transfers do not allow %s", Adequacy)
	}
	if d.Reference == "" {
		c.problem("transfer.reference", at(p, "reference"), "an adequacy decision is cited")
	}
	if d.From == "" {
		c.problem("date.missing", at(p, "from"), "an adequacy decision needs the day from which it is in force")
	}
	for i, k := range d.Only {
		if k == 0 {
			c.problem("value.invalid", at(p, "only", i), "a recipient is one of %q", kindNames[1:])
		}
	}
	c.refs("recipients", r.recipients, at(p, "recipients"), d.Recipients)
	r.adequacySpans = append(r.adequacySpans, c.span(p, d.From, d.Through))
}

// covers reports whether a decision is about a country and recipient.
func (d *AdequacyDecision) covers(country string, x *Recipient) bool {
	return d.Country == country && (len(d.Only) == 0 || slices.Contains(d.Only, x.Kind)) &&
		(len(d.Recipients) == 0 || slices.Contains(d.Recipients, x.Key))
}

// thirdCountry demands a safeguard for every country outside the area (GDPR Art. 44).
func (c *compiler) thirdCountry(p string, x *Recipient, country string) {
	t := &c.r.spec.Transfers
	if t.Area.Contains(country) {
		return
	}
	if len(t.Only) > 0 && !slices.Contains(t.Only, x.Kind) {
		c.problem("transfer.kind", p, "the register lets no %s outside the area receive data", x.Kind)
	}
	if !slices.ContainsFunc(x.Safeguards, func(g Safeguard) bool { return slices.Contains(g.Countries, country) }) &&
		!slices.ContainsFunc(t.Adequacy, func(d AdequacyDecision) bool { return d.covers(country, x) }) {
		c.problem("transfer.safeguard", p, "%q is outside the area and no safeguard covers it (GDPR Art. 44)", clip(country))
	}
}
