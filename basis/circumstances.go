package basis

import "slices"

// Test says whether the claim holds, and if not why: the run-time conditions of GDPR Art. 6(1). In a
// conjunction the first part that does not hold decides; if all hold, the evidence is that of the
// claim itself. It does not allocate.
func (c *Claim) Test(cc *Circumstances) Result {
	if c == nil || !c.Basis.Valid() {
		return Result{Code: CodeUndeclared}
	}
	if cc == nil || cc.State == nil || cc.Records == nil || cc.Purpose == "" || cc.At.IsZero() || !cc.State.Covers(cc.At) {
		return Result{Status: Unknown, Code: CodeStateMissing}
	}
	r := c.test(cc)
	for i := 0; i < len(c.All) && r.Status == Holds; i++ {
		if part := c.All[i].Test(cc); part.Status != Holds {
			return part
		}
	}
	return r
}

func (c *Claim) test(cc *Circumstances) Result {
	if len(c.Capacities) > 0 && !slices.ContainsFunc(c.Capacities, cc.State.HasCapacity) {
		return Result{Code: CodeCapacity}
	}
	switch c.Basis {
	case Consent:
		return c.testConsent(cc)
	case Contract:
		return c.testContract(cc)
	case LegalObligation:
		return c.testLaws(cc)
	case VitalInterests:
		return c.testIncident(cc)
	case PublicTask:
		if r := c.testLaws(cc); r.Status != Holds {
			return r
		}
		return testObjection(cc, c.Laws[0])
	case LegitimateInterests:
		return c.testInterest(cc)
	}
	return Result{Code: CodeUndeclared}
}

var statusCodes = [...]Code{
	NotGiven: CodeConsentMissing, Withdrawn: CodeConsentWithdrawn, Expired: CodeConsentExpired, Invalid: CodeConsentInvalid,
}

// GDPR Art. 6(1)(a), 7.
func (c *Claim) testConsent(cc *Circumstances) Result {
	s := cc.State.consent(c.Scope)
	if s == nil || c.Scope == "" {
		return Result{Code: CodeConsentMissing}
	}
	r := Result{Evidence: s.Event}
	switch {
	case s.Status != Standing:
		r.Code = CodeConsentInvalid
		if int(s.Status) < len(statusCodes) {
			r.Code = statusCodes[s.Status]
		}
	case !slices.Contains(s.Purposes, cc.Purpose):
		r.Code = CodeConsentPurpose
	case cc.Recipient != "" && !slices.Contains(s.Recipients, cc.Recipient):
		r.Code = CodeConsentRecipient
	case len(s.Without) > 0 && (cc.Category == "" || slices.Contains(s.Without, cc.Category)):
		r.Code = CodeConsentCategory
	case c.Explicit && !s.Explicit:
		r.Code = CodeConsentNotExplicit
	default:
		r.Status = Holds
	}
	return r
}

// GDPR Art. 6(1)(b). After the end only a claim that names the stage holds.
func (c *Claim) testContract(cc *Circumstances) Result {
	r := Result{Code: CodeContractNone}
	for i := range cc.State.Relations {
		rel := &cc.State.Relations[i]
		if c.Relation != "" && rel.Name != c.Relation {
			continue
		}
		if c.inStage(rel.Stage) {
			return Result{Status: Holds, Evidence: rel.Event}
		}
		r = Result{Code: CodeContractStage, Evidence: rel.Event}
	}
	return r
}

func (c *Claim) inStage(s Stage) bool {
	if len(c.Stages) == 0 {
		return s >= Enquiry && s <= Active
	}
	return s.Valid() && slices.Contains(c.Stages, s)
}

// GDPR Art. 6(1)(c), (e), 6(3).
func (c *Claim) testLaws(cc *Circumstances) Result {
	if len(c.Laws) == 0 {
		return Result{Code: CodeLawUnstated}
	}
	if c.Named {
		switch i := slices.Index(c.Laws, cc.Statute); {
		case i < 0 || cc.Statute == "":
			return Result{Code: CodeLawUnnamed}
		case !cc.Records.LawInForce(cc.Statute, cc.At):
			return Result{Code: CodeLawNotInForce, Evidence: c.Laws[i]}
		default:
			return Result{Status: Holds, Evidence: c.Laws[i]}
		}
	}
	for _, law := range c.Laws {
		if law == "" {
			return Result{Code: CodeLawUnstated}
		}
		if !cc.Records.LawInForce(law, cc.At) {
			return Result{Code: CodeLawNotInForce, Evidence: law}
		}
	}
	return Result{Status: Holds, Evidence: c.Laws[0]}
}

// GDPR Art. 6(1)(d).
func (c *Claim) testIncident(cc *Circumstances) Result {
	for i := range cc.State.Incidents {
		incident := &cc.State.Incidents[i]
		for _, node := range incident.Purposes {
			if cc.Records.Within(cc.Purpose, node) {
				return Result{Status: Holds, Evidence: incident.Event}
			}
		}
	}
	return Result{Code: CodeIncidentMissing}
}

// GDPR Art. 6(1)(f).
func (c *Claim) testInterest(cc *Circumstances) Result {
	if c.Interest == "" {
		return Result{Code: CodeUndeclared}
	}
	if c.Assessment == "" {
		return Result{Code: CodeAssessmentMissing}
	}
	switch known, valid := cc.Records.AssessmentValid(c.Assessment, cc.Purpose, cc.At); {
	case !known:
		return Result{Code: CodeAssessmentMissing, Evidence: c.Assessment}
	case !valid:
		return Result{Code: CodeAssessmentOutOfDate, Evidence: c.Assessment}
	}
	return testObjection(cc, c.Assessment)
}

// testObjection is the condition that points (e) and (f) share: GDPR Art. 21(1), (4).
func testObjection(cc *Circumstances, evidence string) Result {
	if !cc.Records.ObjectionNotified(cc.At) {
		return Result{Code: CodeObjectionNotNotified}
	}
	if o, stands := cc.State.Objection(OwnSituation, cc.Purpose, cc.Records); stands {
		return Result{Code: CodeObjectionStanding, Evidence: o.Event}
	}
	return Result{Status: Holds, Evidence: evidence}
}
