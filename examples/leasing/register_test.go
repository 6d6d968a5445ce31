package main

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
	"github.com/purposebound/purposebound/retention"
)

func register(t *testing.T) *purpose.Register {
	t.Helper()
	r, err := registerfile.Load(files, "register.yaml")
	require.NoError(t, err)
	return r
}

func TestRegisterDeclaresWhatTheNoticeSays(t *testing.T) {
	spec := register(t).Spec()
	keys := func(n int, key func(int) string) (list []string) {
		for i := range n {
			list = append(list, key(i))
		}
		return list
	}
	assert.ElementsMatch(t, []string{
		"fx.contract_service", "fx.customer_service", "fx.credit_assessment", "fx.kyc", "fx.aml", "fx.bookkeeping", "fx.internal_control",
		"fx.fraud_prevention", "fx.legal_compliance", "fx.legal_claim", "fx.partner_relation", "fx.newsletter", "fx.direct_marketing",
		"fx.site_optimisation", "fx.site_statistics", "fx.site_marketing", "fx.retargeting", "fx.ad_optimisation_offsite",
		"fx.facebook_marketing", "fx.answer_enquiries", "fx.competition_run", "fx.competition_winner_contact",
	}, keys(len(spec.Purposes), func(i int) string { return spec.Purposes[i].Key }))
	assert.Subset(t, keys(len(spec.Recipients), func(i int) string { return spec.Recipients[i].Key }), []string{
		"facebook", "google", "processor", "public_authority", "insurer", "workshop", "dealer", "car_importer", "credit_bureau", "external_partner"})
	assert.Subset(t, keys(len(spec.Retention), func(i int) string { return spec.Retention[i].Key }), []string{
		"fx.ret.own_cookies", "fx.ret.third_party_cookies", "fx.ret.customer", "fx.ret.former_customer", "fx.ret.newsletter",
		"fx.ret.facebook_profile", "fx.ret.competition", "fx.ret.partner"})
	assert.Subset(t, keys(len(spec.Capacities), func(i int) string { return spec.Capacities[i].Key }), []string{
		"website_visitor", "prospect", "customer", "former_customer", "newsletter_subscriber", "facebook_visitor", "competition_entrant",
		"competition_winner", "partner_contact"})

	clause := regexp.MustCompile(`^FX-[1-7]\.[0-9](\.[0-9])?$`)
	for _, a := range spec.Activities {
		assert.Regexp(t, clause, a.Clause, a.Key)
		for _, c := range a.Claims {
			assert.Regexp(t, clause, c.Clause, a.Key)
		}
	}
	for _, r := range spec.Recipients {
		assert.Regexp(t, clause, r.Clause, r.Key)
	}
	for _, r := range spec.Retention {
		assert.Regexp(t, clause, r.Clause, r.Key)
	}
	for _, p := range spec.Purposes {
		assert.Regexp(t, clause, p.Clause, p.Key)
	}
}

// Every capacity and every purpose can be reached: an event gives the one, an activity serves the other.
func TestNothingInTheRegisterIsOutOfReach(t *testing.T) {
	spec := register(t).Spec()
	for _, c := range spec.Capacities {
		assert.True(t, slices.ContainsFunc(spec.Events, func(e purpose.Event) bool { return slices.Contains(e.Gives, c.Key) }), c.Key)
	}
	for _, p := range spec.Purposes {
		assert.True(t, slices.ContainsFunc(spec.Activities, func(a purpose.Activity) bool { return slices.Contains(a.Purposes, p.Key) }), p.Key)
	}
}

// The only advice is what was assumed, with the reading that was chosen, national rules, and the fact that policies alone ask for.
func TestWhatIsAssumedNamesItsReading(t *testing.T) {
	reading := regexp.MustCompile(`AMB-\d{2}`)
	assumed := 0
	for _, a := range register(t).Advice() {
		switch {
		case a.Code == "assumed":
			assumed++
			assert.Regexp(t, reading, a.Message)
		case a.Code == "counsel": // the Danish rule on CPR numbers
		case a.Code == "unused" && strings.Contains(a.Message, `"actor_assigned_to_case"`):
		default:
			t.Errorf("unexpected advice: %s", a)
		}
	}
	assert.Greater(t, assumed, 20)
}

func TestRetentionRulesAgreeWithTheLaw(t *testing.T) {
	spec := register(t).Spec()
	var rules []*retention.Rule
	for i := range spec.Retention {
		rules = append(rules, &spec.Retention[i])
	}
	assert.Empty(t, retention.Validate(rules, retention.Statutes()))

	for _, r := range rules { // control: the check knows these laws
		if r.Law != "" {
			r.Floor = retention.MustPeriod("P3Y")
		}
	}
	assert.Len(t, retention.Validate(rules, retention.Statutes()), 3)
}

func TestTheNoticeIsInForceFromItsDate(t *testing.T) {
	r := register(t)
	from := time.Date(2022, time.September, 15, 0, 0, 0, 0, r.Zone())
	_, version, ok := r.NoticeAt(from)
	assert.True(t, ok)
	assert.Equal(t, "3", version)
	_, _, ok = r.NoticeAt(from.Add(-time.Second))
	assert.False(t, ok)
}

// matrix says which roles need data for which purposes; nobody else does.
var matrix = map[string][]string{
	"advisor":            {"fx.contract_service", "fx.customer_service", "fx.legal_compliance", "fx.partner_relation"},
	"aml_officer":        {"fx.aml"},
	"auditor":            {"fx.internal_control"},
	"bookkeeper":         {"fx.bookkeeping"},
	"credit_officer":     {"fx.credit_assessment", "fx.kyc"},
	"legal_counsel":      {"fx.legal_claim"},
	"marketing_agent":    {"fx.answer_enquiries", "fx.competition_run", "fx.competition_winner_contact", "fx.newsletter", "fx.retargeting"},
	"processor_operator": {"fx.contract_service"},
	"security_officer":   {"fx.fraud_prevention"},
	"system":             {"fx.ad_optimisation_offsite", "fx.contract_service"},
	"web_analyst":        {"fx.site_optimisation", "fx.site_statistics"},

	"customer_service_agent": nil, "dpo": nil, "it_operator": nil, "duty_officer": nil,
}

func TestPoliciesAreTheMatrixOfRolesAndPurposes(t *testing.T) {
	reg := register(t)
	policies, err := fs.Sub(files, "policies")
	require.NoError(t, err)
	rules, err := celpolicy.Load(reg, "leasing", policies)
	require.NoError(t, err)
	clock := func() time.Time { return minute(0) }
	g, err := policy.NewGuard(reg, basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock)), audittest.NewRecorder(clock), rules, policy.WithClock(clock), policy.WithPolicyTimeout(time.Minute))
	require.NoError(t, err)
	schema := purpose.Schema{Name: "everything"}
	for _, c := range reg.Spec().Categories {
		if id, ok := reg.Categories().ID(c.Key); ok && reg.Categories().Leaf(id) {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: c.Key, Tags: purpose.Tags{Personal: c.Key}})
		}
	}
	plan, err := g.Schema(schema)
	require.NoError(t, err)

	lets := func(role, purposeKey string, facts purpose.Facts) bool {
		d, err := g.DecidePlan(t.Context(), policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{role}}, Action: purpose.Read,
			//purposevet:purposes a table of roles and purposes
			Purpose: purposeKey, DataSubject: "p", Facts: facts}, plan)
		require.NoError(t, err)
		for _, f := range d.Requested() {
			if !slices.ContainsFunc(d.Reasons(f), func(r policy.Reason) bool { return r.Code.Gate() == policy.GatePolicy }) {
				return true
			}
		}
		return false
	}
	assigned := by("", "").Facts
	for role, purposes := range matrix {
		for _, p := range reg.Spec().Purposes {
			assert.Equal(t, slices.Contains(purposes, p.Key), lets(role, p.Key, assigned), "%s for %s", role, p.Key)
		}
	}
	for _, role := range []string{"advisor", "credit_officer"} {
		for _, p := range matrix[role] {
			assert.False(t, lets(role, p, without(by("", ""), "actor_assigned_to_case").Facts), "%s for %s, not on the case", role, p)
			assert.False(t, lets(role, p, assigned[:1]), "%s for %s, nobody says on which case", role, p)
		}
	}
}

// What the money laundering act brings in serves the purposes of the act and no other, whoever asks.
func TestLaunderingMaterialStaysWithTheAct(t *testing.T) {
	clock := func() time.Time { return minute(1) }
	trail := audittest.NewRecorder(clock)
	s, err := newService(trail, clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	open := map[string]bool{}
	for _, x := range s.guard.Register().Spec().Purposes {
		//purposevet:purposes every purpose of the register
		req := by("advisor", x.Key)
		req.Action = purpose.Read
		d, err := policy.Decide(t.Context(), s.guard, req, &p.anna, "KYCRecord")
		require.NoError(t, err)
		open[x.Key] = !slices.ContainsFunc(d.Reasons("KYCRecord"), func(r policy.Reason) bool { return r.Code == policy.CodeLocked })
	}
	var unlocked []string
	for k, v := range open {
		if v {
			unlocked = append(unlocked, k)
		}
	}
	assert.ElementsMatch(t, []string{"fx.aml", "fx.kyc", "fx.internal_control", "fx.legal_compliance"}, unlocked, fmt.Sprint(open))
}
