package basis_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/basis"
)

// records is a register whose answers are set one by one.
type records struct {
	laws                        map[string]bool
	known, valid, told, within  bool
	assessedPurpose, assessment *string
}

func (r records) LawInForce(law string, _ time.Time) bool { return r.laws[law] }
func (r records) AssessmentValid(assessment, purpose string, _ time.Time) (bool, bool) {
	if r.assessment != nil {
		*r.assessment, *r.assessedPurpose = assessment, purpose
	}
	return r.known, r.valid
}
func (r records) ObjectionNotified(time.Time) bool { return r.told }
func (r records) Within(_, _ string) bool          { return r.within }

// tree answers Within as the vocabulary's purposes lie.
type tree struct{ records }

func (tree) Within(purpose, node string) bool {
	for ; purpose != ""; purpose = vocabulary().Purposes[purpose] {
		if purpose == node {
			return true
		}
	}
	return false
}

func consentState(change func(*basis.ConsentState)) *basis.State {
	c := basis.ConsentState{Scope: "ads", Status: basis.Standing, Purposes: []string{"marketing.mail"}, Recipients: []string{"adnet"}, Event: "c1"}
	change(&c)
	return &basis.State{Consents: []basis.ConsentState{{Scope: "other", Status: basis.Standing}, c}}
}

func TestEveryBasisHoldsOnItsConditionAlone(t *testing.T) {
	fails := func(code basis.Code, evidence string) basis.Result {
		return basis.Result{Code: code, Evidence: evidence}
	}
	holds := func(evidence string) basis.Result { return basis.Result{Status: basis.Holds, Evidence: evidence} }
	consent := basis.Claim{Basis: basis.Consent, Scope: "ads"}
	contract := basis.Claim{Basis: basis.Contract, Relation: "lease"}
	law := basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.aml", "dk.books"}}
	vital := basis.Claim{Basis: basis.VitalInterests}
	task := basis.Claim{Basis: basis.PublicTask, Laws: []string{"dk.aml"}}
	interest := basis.Claim{Basis: basis.LegitimateInterests, Interest: "fraud prevention", Assessment: "lia-1"}
	relation := func(stage basis.Stage) *basis.State {
		return &basis.State{Relations: []basis.Relation{{Name: "club", Stage: basis.Active, Event: "e1"}, {Name: "lease", Stage: stage, Event: "e2"}}}
	}
	inForce := records{laws: map[string]bool{"dk.aml": true, "dk.books": true}, known: true, valid: true, told: true, within: true}
	with := func(change func(*records)) records { r := inForce; change(&r); return r }
	objection := func(g basis.Ground) *basis.State {
		return &basis.State{Objections: []basis.Objection{{Ground: g, Purposes: []string{"marketing"}, Event: "o1"}}}
	}
	empty := &basis.State{}
	claim := func(c basis.Claim, change func(*basis.Claim)) basis.Claim { change(&c); return c }

	for name, c := range map[string]struct {
		claim     basis.Claim
		state     *basis.State
		records   basis.Records
		recipient string
		category  string
		want      basis.Result
	}{
		"no basis":                  {basis.Claim{}, empty, inForce, "", "", fails(basis.CodeUndeclared, "")},
		"a basis that is none":      {basis.Claim{Basis: 99}, empty, inForce, "", "", fails(basis.CodeUndeclared, "")},
		"no state":                  {law, nil, inForce, "", "", basis.Result{Status: basis.Unknown, Code: basis.CodeStateMissing}},
		"no records":                {law, empty, nil, "", "", basis.Result{Status: basis.Unknown, Code: basis.CodeStateMissing}},
		"state of another time":     {law, &basis.State{From: day(30)}, inForce, "", "", basis.Result{Status: basis.Unknown, Code: basis.CodeStateMissing}},
		"state of an earlier time":  {law, &basis.State{Until: day(5)}, inForce, "", "", basis.Result{Status: basis.Unknown, Code: basis.CodeStateMissing}},
		"capacity lacking":          {claim(law, func(c *basis.Claim) { c.Capacities = []string{"lessee"} }), empty, inForce, "", "", fails(basis.CodeCapacity, "")},
		"one capacity of two":       {claim(law, func(c *basis.Claim) { c.Capacities = []string{"owner", "lessee"} }), &basis.State{Capacities: []basis.Capacity{{Key: "lessee"}}}, inForce, "", "", holds("dk.aml")},
		"(a) never given":           {consent, empty, inForce, "", "", fails(basis.CodeConsentMissing, "")},
		"(a) no scope":              {claim(consent, func(c *basis.Claim) { c.Scope = "" }), &basis.State{Consents: []basis.ConsentState{{Status: basis.Standing, Purposes: []string{"marketing.mail"}}}}, inForce, "", "", fails(basis.CodeConsentMissing, "")},
		"(a) standing":              {consent, consentState(func(*basis.ConsentState) {}), inForce, "", "", holds("c1")},
		"(a) withdrawn":             {consent, consentState(func(c *basis.ConsentState) { c.Status = basis.Withdrawn }), inForce, "", "", fails(basis.CodeConsentWithdrawn, "c1")},
		"(a) expired":               {consent, consentState(func(c *basis.ConsentState) { c.Status = basis.Expired }), inForce, "", "", fails(basis.CodeConsentExpired, "c1")},
		"(a) invalid":               {consent, consentState(func(c *basis.ConsentState) { c.Status = basis.Invalid }), inForce, "", "", fails(basis.CodeConsentInvalid, "c1")},
		"(a) not given":             {consent, consentState(func(c *basis.ConsentState) { c.Status = basis.NotGiven }), inForce, "", "", fails(basis.CodeConsentMissing, "c1")},
		"(a) status unheard of":     {consent, consentState(func(c *basis.ConsentState) { c.Status = 77 }), inForce, "", "", fails(basis.CodeConsentInvalid, "c1")},
		"(a) other purpose":         {consent, consentState(func(c *basis.ConsentState) { c.Purposes = []string{"marketing", "marketing.ads"} }), inForce, "", "", fails(basis.CodeConsentPurpose, "c1")},
		"(a) named recipient":       {consent, consentState(func(*basis.ConsentState) {}), inForce, "adnet", "", holds("c1")},
		"(a) unnamed recipient":     {consent, consentState(func(*basis.ConsentState) {}), inForce, "hausbank", "", fails(basis.CodeConsentRecipient, "c1")},
		"(a) no recipient named":    {consent, consentState(func(c *basis.ConsentState) { c.Recipients = nil }), inForce, "adnet", "", fails(basis.CodeConsentRecipient, "c1")},
		"(a) category taken out":    {consent, consentState(func(c *basis.ConsentState) { c.Without = []string{"contact.name"} }), inForce, "", "contact.name", fails(basis.CodeConsentCategory, "c1")},
		"(a) another taken out":     {consent, consentState(func(c *basis.ConsentState) { c.Without = []string{"contact.name"} }), inForce, "", "contact.mail", holds("c1")},
		"(a) some taken out":        {consent, consentState(func(c *basis.ConsentState) { c.Without = []string{"contact.name"} }), inForce, "", "", fails(basis.CodeConsentCategory, "c1")},
		"(a) not explicit":          {claim(consent, func(c *basis.Claim) { c.Explicit = true }), consentState(func(*basis.ConsentState) {}), inForce, "", "", fails(basis.CodeConsentNotExplicit, "c1")},
		"(a) explicit":              {claim(consent, func(c *basis.Claim) { c.Explicit = true }), consentState(func(c *basis.ConsentState) { c.Explicit = true }), inForce, "", "", holds("c1")},
		"(b) no relation":           {contract, empty, inForce, "", "", fails(basis.CodeContractNone, "")},
		"(b) other relation":        {contract, &basis.State{Relations: []basis.Relation{{Name: "club", Stage: basis.Active}}}, inForce, "", "", fails(basis.CodeContractNone, "")},
		"(b) enquiry":               {contract, relation(basis.Enquiry), inForce, "", "", holds("e2")},
		"(b) active":                {contract, relation(basis.Active), inForce, "", "", holds("e2")},
		"(b) ended":                 {contract, relation(basis.Ended), inForce, "", "", fails(basis.CodeContractStage, "e2")},
		"(b) settled":               {contract, relation(basis.Settled), inForce, "", "", fails(basis.CodeContractStage, "e2")},
		"(b) no stage":              {contract, relation(0), inForce, "", "", fails(basis.CodeContractStage, "e2")},
		"(b) no stage is wanted":    {claim(contract, func(c *basis.Claim) { c.Stages = []basis.Stage{0} }), relation(0), inForce, "", "", fails(basis.CodeContractStage, "e2")},
		"(b) settlement":            {claim(contract, func(c *basis.Claim) { c.Stages = []basis.Stage{basis.Ended} }), relation(basis.Ended), inForce, "", "", holds("e2")},
		"(b) settlement too early":  {claim(contract, func(c *basis.Claim) { c.Stages = []basis.Stage{basis.Ended} }), relation(basis.Active), inForce, "", "", fails(basis.CodeContractStage, "e2")},
		"(b) any relation":          {claim(contract, func(c *basis.Claim) { c.Relation = "" }), relation(basis.Ended), inForce, "", "", holds("e1")},
		"(c) all laws in force":     {law, empty, inForce, "", "", holds("dk.aml")},
		"(c) one law not in force":  {law, empty, with(func(r *records) { r.laws = map[string]bool{"dk.aml": true} }), "", "", fails(basis.CodeLawNotInForce, "dk.books")},
		"(c) no law":                {basis.Claim{Basis: basis.LegalObligation}, empty, inForce, "", "", fails(basis.CodeLawUnstated, "")},
		"(c) empty law":             {basis.Claim{Basis: basis.LegalObligation, Laws: []string{""}}, empty, with(func(r *records) { r.laws = map[string]bool{"": true} }), "", "", fails(basis.CodeLawUnstated, "")},
		"(c) objection is moot":     {law, objection(basis.OwnSituation), inForce, "", "", holds("dk.aml")},
		"(d) no incident":           {vital, empty, inForce, "", "", fails(basis.CodeIncidentMissing, "")},
		"(d) open incident":         {vital, &basis.State{Incidents: []basis.Incident{{Purposes: []string{"marketing"}, Event: "i1"}}}, inForce, "", "", holds("i1")},
		"(d) for other purposes":    {vital, &basis.State{Incidents: []basis.Incident{{Purposes: []string{"rescue"}, Event: "i1"}}}, tree{inForce}, "", "", fails(basis.CodeIncidentMissing, "")},
		"(d) for no purpose":        {vital, &basis.State{Incidents: []basis.Incident{{Event: "i1"}}}, inForce, "", "", fails(basis.CodeIncidentMissing, "")},
		"(e) holds":                 {task, empty, inForce, "", "", holds("dk.aml")},
		"(e) no law":                {basis.Claim{Basis: basis.PublicTask}, empty, inForce, "", "", fails(basis.CodeLawUnstated, "")},
		"(e) objection":             {task, objection(basis.OwnSituation), inForce, "", "", fails(basis.CodeObjectionStanding, "o1")},
		"(e) right not notified":    {task, empty, with(func(r *records) { r.told = false }), "", "", fails(basis.CodeObjectionNotNotified, "")},
		"(f) holds":                 {interest, empty, inForce, "", "", holds("lia-1")},
		"(f) no interest":           {claim(interest, func(c *basis.Claim) { c.Interest = "" }), empty, inForce, "", "", fails(basis.CodeUndeclared, "")},
		"(f) no assessment":         {claim(interest, func(c *basis.Claim) { c.Assessment = "" }), empty, inForce, "", "", fails(basis.CodeAssessmentMissing, "")},
		"(f) assessment unknown":    {interest, empty, with(func(r *records) { r.known, r.valid = false, true }), "", "", fails(basis.CodeAssessmentMissing, "lia-1")},
		"(f) assessment lapsed":     {interest, empty, with(func(r *records) { r.valid = false }), "", "", fails(basis.CodeAssessmentOutOfDate, "lia-1")},
		"(f) right not notified":    {interest, empty, with(func(r *records) { r.told = false }), "", "", fails(basis.CodeObjectionNotNotified, "")},
		"(f) objection":             {interest, objection(basis.OwnSituation), inForce, "", "", fails(basis.CodeObjectionStanding, "o1")},
		"(f) objection to all":      {interest, &basis.State{Objections: []basis.Objection{{Ground: basis.OwnSituation, Event: "o2"}}}, tree{inForce}, "", "", fails(basis.CodeObjectionStanding, "o2")},
		"(f) objection elsewhere":   {interest, &basis.State{Objections: []basis.Objection{{Ground: basis.OwnSituation, Purposes: []string{"service"}}}}, tree{inForce}, "", "", holds("lia-1")},
		"(f) marketing: a gate":     {interest, objection(basis.Marketing), inForce, "", "", holds("lia-1")},
		"all of: second fails":      {claim(law, func(c *basis.Claim) { c.All = []basis.Claim{consent} }), empty, inForce, "", "", fails(basis.CodeConsentMissing, "")},
		"all of: first decides":     {claim(consent, func(c *basis.Claim) { c.All = []basis.Claim{contract} }), empty, inForce, "", "", fails(basis.CodeConsentMissing, "")},
		"all of: evidence of first": {claim(law, func(c *basis.Claim) { c.All = []basis.Claim{consent} }), consentState(func(*basis.ConsentState) {}), inForce, "", "", holds("dk.aml")},
		"all of: nested": {claim(law, func(c *basis.Claim) {
			c.All = []basis.Claim{claim(task, func(c *basis.Claim) { c.All = []basis.Claim{contract} })}
		}), empty, inForce, "", "", fails(basis.CodeContractNone, "")},
		"all of nothing declared": {basis.Claim{All: []basis.Claim{law}}, empty, inForce, "", "", fails(basis.CodeUndeclared, "")},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.claim.Test(&basis.Circumstances{At: day(10), Purpose: "marketing.mail", Recipient: c.recipient, Category: c.category, State: c.state, Records: c.records})
			assert.Equal(t, c.want, got)
			assert.Equal(t, got.Status == basis.Holds, got.Code == basis.CodeNone, "a code iff it does not hold")
		})
	}
}

func TestClaimWithoutCircumstancesIsUnknown(t *testing.T) {
	law := basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.aml"}}
	r := records{laws: map[string]bool{"dk.aml": true}}
	unknown := basis.Result{Status: basis.Unknown, Code: basis.CodeStateMissing}
	assert.Equal(t, unknown, law.Test(nil))
	assert.Equal(t, unknown, law.Test(&basis.Circumstances{}))
	assert.Equal(t, unknown, law.Test(&basis.Circumstances{At: day(1), State: &basis.State{}, Records: r}), "no purpose")
	assert.Equal(t, unknown, law.Test(&basis.Circumstances{Purpose: "service", State: &basis.State{}, Records: r}), "no time")
	assert.Equal(t, basis.Holds, law.Test(&basis.Circumstances{At: day(1), Purpose: "service", State: &basis.State{}, Records: r}).Status)
	assert.Equal(t, basis.CodeUndeclared, (*basis.Claim)(nil).Test(nil).Code)
}

func TestAssessmentIsAskedForThePurposeRequested(t *testing.T) {
	var assessment, purpose string
	r := records{known: true, valid: true, told: true, assessment: &assessment, assessedPurpose: &purpose}
	c := basis.Claim{Basis: basis.LegitimateInterests, Interest: "x", Assessment: "lia-9"}
	c.Test(&basis.Circumstances{At: day(1), Purpose: "service.billing", State: &basis.State{}, Records: r})
	assert.Equal(t, "lia-9", assessment)
	assert.Equal(t, "service.billing", purpose)
}

func sixClaims() (basis.Claim, *basis.Circumstances) {
	c := basis.Claim{Basis: basis.LegitimateInterests, Interest: "x", Assessment: "lia-1", Capacities: []string{"lessee"}, All: []basis.Claim{
		{Basis: basis.Consent, Scope: "ads"},
		{Basis: basis.Contract, Relation: "lease"},
		{Basis: basis.LegalObligation, Laws: []string{"dk.aml"}},
		{Basis: basis.VitalInterests},
		{Basis: basis.PublicTask, Laws: []string{"dk.aml"}},
	}}
	s := consentState(func(*basis.ConsentState) {})
	s.Capacities = []basis.Capacity{{Key: "lessee"}}
	s.Relations = []basis.Relation{{Name: "lease", Stage: basis.Active}}
	s.Incidents = []basis.Incident{{Purposes: []string{"marketing"}}}
	return c, &basis.Circumstances{At: day(1), Purpose: "marketing.mail", Recipient: "adnet", State: s,
		Records: &records{laws: map[string]bool{"dk.aml": true}, known: true, valid: true, told: true, within: true}}
}

func TestClaimTestDoesNotAllocate(t *testing.T) {
	c, cc := sixClaims()
	assert.Equal(t, basis.Holds, c.Test(cc).Status)
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.Test(cc) }))
}

func BenchmarkClaimTestAllSixBases(b *testing.B) {
	c, cc := sixClaims()
	b.ReportAllocs()
	for b.Loop() {
		if c.Test(cc).Status != basis.Holds {
			b.Fatal("does not hold")
		}
	}
}

// A claim may want the law named that a request rests on: CPR numbers are read for one statute, not for the group of them.
func TestANamedLawIsTheOneThatCounts(t *testing.T) {
	r := records{laws: map[string]bool{"dk.aml": true}, within: true}
	c := basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.aml", "dk.books"}, Named: true}
	for statute, want := range map[string]basis.Result{
		"dk.aml":   {Status: basis.Holds, Evidence: "dk.aml"},
		"dk.books": {Code: basis.CodeLawNotInForce, Evidence: "dk.books"},
		"dk.tax":   {Code: basis.CodeLawUnnamed},
		"":         {Code: basis.CodeLawUnnamed},
	} {
		assert.Equal(t, want, c.Test(&basis.Circumstances{At: day(1), Purpose: "service", Statute: statute, State: &basis.State{}, Records: r}), statute)
	}
	c.Named = false
	assert.Equal(t, basis.CodeLawNotInForce, c.Test(&basis.Circumstances{At: day(1), Purpose: "service", Statute: "dk.aml", State: &basis.State{}, Records: r}).Code, "all of them")
}
