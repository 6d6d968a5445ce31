package policy

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// circumstances are what the claims about a person are tested against.
func (e *evaluation) circumstances(p *person) basis.Circumstances {
	cc := basis.Circumstances{At: e.req.At, Purpose: e.k.key, Statute: e.req.Statute, State: p.state, Records: &e.records}
	if e.req.Action == purpose.Share {
		cc.Recipient = e.req.Recipient
	}
	return cc
}

// held are the fields for which a claim holds. A consent out of which categories were taken is tested field by field.
func (e *evaluation) held(c *basis.Claim, cc *basis.Circumstances, fields purpose.FieldSet) (fs purpose.FieldSet, r basis.Result) {
	r = c.Test(cc)
	switch {
	case r.Status == basis.Holds:
		return fields, r
	case r.Code != basis.CodeConsentCategory:
		return fs, r
	}
	one := *cc
	for f := range fields.All {
		one.Category = e.t.reg.Categories().Key(e.pc.plan.Fields[f].Category)
		if c.Test(&one).Status == basis.Holds {
			fs.Add(f)
		}
	}
	return fs, r
}

// overlayGate asks for the extra ground of special, criminal, national-id and third-party data: any one is enough.
func (e *evaluation) overlayGate(a *actFields, fields purpose.FieldSet) {
	for i := range e.people {
		p := &e.people[i]
		left := fields.And(a.ground).And(e.pc.people[p.role])
		mark := len(e.findings)
		for j := range a.overlays {
			o := &a.overlays[j]
			fs := left.And(o.fields)
			if fs.Empty() || o.actions != 0 && o.actions&(1<<e.req.Action) == 0 {
				continue
			}
			met, r := e.grounded(o, p, fs)
			left = left.Without(met)
			if fs = fs.Without(met); fs.Empty() {
				continue
			}
			why := finding{code: CodeAttestationMissing, act: a.activity, fields: fs}
			if o.Ground != purpose.Attestation {
				e.rejections = append(e.rejections, rejection{a.activity, &o.Claim, r, fs})
				why.code, why.param, why.evidence = CodeOverlayFails, o.Ground, r.Evidence
			}
			e.findings = append(e.findings, why)
		}
		for j := mark; j < len(e.findings); j++ { // what another overlay grounds did not want for this one
			e.findings[j].fields = e.findings[j].fields.And(left)
		}
		for f := range left.All {
			var one purpose.FieldSet
			one.Add(f)
			e.fail(CodeOverlayMissing, a.activity, one, e.pc.plan.Fields[f].Class.String(), "")
		}
	}
}

// grounded are the fields of a person for which an overlay is met. A ground that is itself a law has to be in force.
func (e *evaluation) grounded(o *overlayFields, p *person, fields purpose.FieldSet) (purpose.FieldSet, basis.Result) {
	switch {
	case o.Ground == purpose.Attestation:
		return e.attested(p, fields), basis.Result{}
	case o.law && !e.t.reg.LawInForce(o.Ground, e.req.At):
		return purpose.FieldSet{}, basis.Result{Code: basis.CodeLawNotInForce, Evidence: o.Ground}
	}
	if o.filed {
		if _, valid := e.records.AssessmentValid(o.Claim.Assessment, e.k.key, e.req.At); !valid {
			return purpose.FieldSet{}, basis.Result{Code: basis.CodeAssessmentOutOfDate, Evidence: o.Claim.Assessment}
		}
		return fields, basis.Result{Status: basis.Holds, Evidence: o.Claim.Assessment}
	}
	cc := e.circumstances(p)
	return e.held(&o.Claim, &cc, fields)
}

// filed reports whether a ground asks for an assessment and for no basis of its own: whoever objects to legitimate
// interests does not object to it (GDPR Art. 21(1) reaches Art. 6(1)(e) and (f)).
func filed(o *purpose.Overlay, r *purpose.Register) bool {
	return len(o.Claim.All) == 0 && len(o.Claim.Capacities) == 0 && slices.ContainsFunc(basis.Conditions(o.Class.String(), r.Country()), func(x basis.Condition) bool {
		return x.ID == o.Ground && x.Needs == basis.NeedsAssessment
	})
}

// attested are the fields that somebody attested may be given about the person.
func (e *evaluation) attested(p *person, fields purpose.FieldSet) (fs purpose.FieldSet) {
	for f := range fields.All {
		key := e.t.reg.Categories().Key(e.pc.plan.Fields[f].Category)
		for i := range p.state.Attestations {
			if slices.ContainsFunc(p.state.Attestations[i].Categories, func(n string) bool { return e.t.reg.Within(key, n) }) {
				fs.Add(f)
			}
		}
	}
	return fs
}

// machine reports whether the request is a solely automated decision with significant effect. Sharing a score on which
// the recipient draws strongly is one too (CJEU C-634/21).
func (e *evaluation) machine() bool {
	decides := e.req.Action == purpose.Decide || e.req.Action == purpose.Share && e.to != nil && e.to.Decisive
	return decides && e.req.Reviewer == "" && !e.req.Minor
}

// automatedGate lets a machine decide on the grounds of GDPR Art. 22(2) only, for every person that it decides about.
func (e *evaluation) automatedGate(a *actFields, fields purpose.FieldSet) {
	if e.automated = e.machine(); !e.automated {
		return
	}
	switch a.Automated {
	case purpose.NotAutomated:
		e.fail(CodeAutomated, a.activity, fields, a.Key, "")
		return
	case purpose.ByPerson:
		e.fail(CodeAutomatedPerson, a.activity, fields, a.Key, "")
		return
	}
	for i := range e.people {
		p := &e.people[i]
		left := fields.And(e.pc.people[p.role])
		special := left.And(e.k.special)
		cc := e.circumstances(p)
		for j := range a.claims {
			if c := &a.claims[j]; automates(a.Automated, c.Claim) {
				fs, _ := e.held(c.Claim, &cc, left.And(c.fields))
				left = left.Without(fs)
			}
		}
		if !left.Empty() {
			e.fail(CodeAutomatedClaim, a.activity, left, a.Automated.String(), "")
		}
		for j := range a.overlays { // GDPR Art. 22(4)
			o := &a.overlays[j]
			if (o.Ground == "gdpr:9-2-a" || o.Ground == "gdpr:9-2-g") && (o.actions == 0 || o.actions&(1<<e.req.Action) != 0) {
				met, _ := e.grounded(o, p, special.And(o.fields))
				special = special.Without(met)
			}
		}
		if !special.Empty() {
			e.fail(CodeAutomatedSpecial, a.activity, special, "", "")
		}
	}
}

// automates reports whether a claim is of the kind that a ground of GDPR Art. 22(2) asks for.
func automates(ground purpose.Automation, c *basis.Claim) bool {
	switch ground {
	case purpose.ForContract:
		return c.Basis == basis.Contract
	case purpose.ByLaw:
		return len(c.Laws) > 0
	case purpose.ExplicitConsent:
		return c.Basis == basis.Consent && c.Explicit
	}
	return false
}

// Obligations that the law adds to a permitted automated decision (GDPR Art. 22(3)).
const (
	ObligationIntervention = "offer-human-intervention"
	ObligationContest      = "allow-contest"
)
