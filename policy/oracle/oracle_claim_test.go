package oracle_test

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
)

// matter is what a claim is tested for.
type matter struct {
	leaf, category, recipient, statute string
}

// holds says whether a claim holds for a person, and on what evidence (GDPR Art. 6(1)).
func (v *view) holds(c *basis.Claim, m matter) (evidence string, ok bool) {
	if len(c.Capacities) > 0 && !v.acts(c.Capacities) && v.o.bent != capacityIgnored {
		return "", false
	}
	switch c.Basis {
	case basis.Consent:
		evidence, ok = v.consents(c, m)
	case basis.Contract:
		evidence, ok = v.contracted(c)
	case basis.LegalObligation:
		evidence, ok = v.lawful(c, m)
	case basis.VitalInterests:
		evidence, ok = v.incident(m.leaf)
	case basis.PublicTask:
		if evidence, ok = v.lawful(c, m); ok {
			ok = v.unopposed(m)
		}
	case basis.LegitimateInterests:
		evidence, ok = c.Assessment, c.Interest != "" && v.o.assessed(c.Assessment, m.leaf, v) && v.unopposed(m)
	}
	if v.o.bent == anyOf && ok {
		return evidence, true
	}
	for i := range c.All {
		_, also := v.holds(&c.All[i], m)
		if v.o.bent == anyOf {
			ok = ok || also
		} else {
			ok = ok && also
		}
	}
	return evidence, ok
}

// consents is GDPR Art. 6(1)(a): the latest answer is a yes that covers the leaf, the recipient and the category.
func (v *view) consents(claim *basis.Claim, m matter) (string, bool) {
	c := v.consent(claim.Scope)
	if c.given == nil || c.withdrawn || !v.running(c.what.Until) {
		return "", false
	}
	q := c.what.Quality
	if !(q.Affirmative && q.Specific && q.Informed && q.Free) && v.o.bent != qualityIgnored {
		return "", false
	}
	if claim.Explicit && !q.Explicit && v.o.bent != explicitIgnored {
		return "", false
	}
	if !v.shown(c, m.leaf) {
		return "", false
	}
	if m.recipient != "" && !slices.Contains(v.recipientsOf(c), m.recipient) && v.o.bent != consentForAll {
		return "", false
	}
	for _, n := range c.narrowed {
		if underAny(m.leaf, n.Purposes) || slices.Contains(n.Recipients, m.recipient) || underAny(m.category, n.Categories) {
			return "", false
		}
	}
	return c.evidence, true
}

// contracted is GDPR Art. 6(1)(b).
func (v *view) contracted(claim *basis.Claim) (string, bool) {
	stages := claim.Stages
	if len(stages) == 0 {
		stages = []basis.Stage{basis.Enquiry, basis.Applied, basis.Offered, basis.Active}
		if v.o.bent == contractOutlives {
			stages = append(stages, basis.Ended)
		}
	}
	for _, r := range v.relations() {
		if (claim.Relation == "" || claim.Relation == r.name) && slices.Contains(stages, r.stage) {
			return r.evidence, true
		}
	}
	return "", false
}

// lawful is GDPR Art. 6(1)(c): every law that the claim cites is in force.
func (v *view) lawful(c *basis.Claim, m matter) (string, bool) {
	if c.Named && v.o.bent != anyLawNamed {
		return m.statute, slices.Contains(c.Laws, m.statute) && v.o.inForce(m.statute, v)
	}
	for _, key := range c.Laws {
		if !v.o.inForce(key, v) {
			return "", false
		}
	}
	if len(c.Laws) == 0 {
		return "", false
	}
	return c.Laws[0], true
}

func (o *oracle) inForce(law string, v *view) bool {
	for _, l := range o.spec.Laws {
		if l.Key == law {
			return o.within(l.From, l.Through, v.at) || o.bent == lawAnytime
		}
	}
	return false
}

// assessed says whether an assessment on file is current and covers the purpose, in the ledger too where the register
// says so.
func (o *oracle) assessed(key, leaf string, v *view) bool {
	for _, a := range o.spec.Assessments {
		if a.Key == key {
			return o.bent == assessmentAnytime || o.within(a.From, a.Through, v.at) && underAny(leaf, a.Purposes) && (!a.Ledger || o.filed(key, leaf, v))
		}
	}
	return false
}

func (o *oracle) filed(key, leaf string, v *view) bool {
	org := o.see(basis.ControllerWide, v.at, v.known)
	return o.bent == filingIgnored || slices.ContainsFunc(org.events, func(e basis.Event) bool {
		b, ok := body[basis.AssessmentFiled](e)
		return ok && b.Assessment == key && org.running(b.Until) && underAny(leaf, b.Purposes)
	})
}

// unopposed is GDPR Art. 21(1), (4): the right to object was brought to attention, and nobody did.
func (v *view) unopposed(m matter) bool {
	n, ok := v.o.notice(v.at)
	if !ok || n.ObjectionClause == "" {
		return false
	}
	_, objected := v.objects(basis.OwnSituation, m)
	if v.o.bent == marketingAsOwn {
		_, also := v.objects(basis.Marketing, m)
		objected = objected || also
	}
	return !objected
}

// incident is GDPR Art. 6(1)(d).
func (v *view) incident(leaf string) (string, bool) {
	for _, e := range v.events {
		if b, ok := body[basis.IncidentOpened](e); ok && (v.running(b.Until) || v.o.bent == incidentForever) && v.o.covers(leaf, b.Purposes) {
			return e.ID, true
		}
	}
	return "", false
}

// attested says whether somebody attested that data of a category about this person may be given. An attestation that
// names no person is about nobody.
func (v *view) attested(category string) bool {
	for _, e := range v.events {
		if b, ok := body[basis.AttestationGiven](e); ok && underAny(category, b.Categories) {
			return true
		}
	}
	return false
}
