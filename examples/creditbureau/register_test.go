package main

import (
	"errors"
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
)

func register(t *testing.T) *purpose.Register {
	t.Helper()
	r, err := registerfile.Load(files, "register.yaml")
	require.NoError(t, err)
	return r
}

func keys[T any](list []T, key func(*T) string) (out []string) {
	for i := range list {
		out = append(out, key(&list[i]))
	}
	return out
}

func TestRegisterDeclaresWhatTheNoticeSays(t *testing.T) {
	spec := register(t).Spec()
	assert.ElementsMatch(t, []string{
		"fo.p01_credit_risk_support", "fo.p02_overcredit_prevention", "fo.p03_claims_administration", "fo.p04_collectability_tracing",
		"fo.p05_future_credit_reports", "fo.p06_fraud_crime_prevention", "fo.p07_credit_employment_terms", "fo.p08_risk_models",
		"fo.p09_customer_segmentation", "fo.p10_claim_purchase", "fo.p11_portfolio_valuation", "fo.p12_contact_data_verification",
		"fo.p13_legal_compliance", "fo.p14_group_sharing", "fo.p15_partner_sharing", "fo.cookie_functional",
	}, keys(spec.Purposes, func(p *purpose.Purpose) string { return p.Key }))
	leaves := keys(spec.Categories, func(c *purpose.Category) string { return c.Key[strings.LastIndexByte(c.Key, '.')+1:] })
	assert.Subset(t, leaves, []string{"name", "date_of_birth", "address", "city", "email", "phone", "bank_account", "contract_data", "current_payment_data",
		"historical_payment_data", "problem_debt", "recoverability", "payment_risk", "overcredit_indicator", "score", "historical_check", "insolvency_notice",
		"cookie_usage_data", "religion", "race", "political_view", "health_data", "sexual_life", "trade_union", "criminal_data", "ban_related_conduct"})
	assert.Subset(t, keys(spec.Sources, func(s *purpose.Source) string { return s.Key }), []string{"src.kvk", "src.kadaster", "src.bag", "src.court",
		"src.staatscourant", "src.collection_agency", "src.information_bureau"})
	assert.Subset(t, keys(spec.Recipients, func(r *purpose.Recipient) string { return r.Key }), []string{"processor", "vesting_finance_group",
		"vesting_finance_incasso", "information_bureau", "payment_service_provider", "collection_agency", "bailiff", "client_organisation", "affiliate_in_eea",
		"affiliate_outside_eea", "other_organisation_outside_eea", "public_authority", "employer"})
	assert.ElementsMatch(t, []string{"checked_person", "consumer_debtor", "sought_person", "job_candidate", "client_contact", "employee", "website_visitor",
		"newsletter_subscriber"}, keys(spec.Capacities, func(c *purpose.Capacity) string { return c.Key }))

	clause := regexp.MustCompile(`^(FO-([1-9]|1[0-5])(\.([1-9]|1[0-5]|x))?|GDPR-2[12]|Wbp-40)$`)
	for _, list := range [][]string{
		keys(spec.Activities, func(a *purpose.Activity) string { return a.Clause }), keys(spec.Recipients, func(r *purpose.Recipient) string { return r.Clause }),
		keys(spec.Purposes, func(p *purpose.Purpose) string { return p.Clause }), keys(spec.Facts, func(f *purpose.Fact) string { return f.Clause }),
		keys(spec.Sources, func(s *purpose.Source) string { return s.Clause }), keys(spec.Rights, func(r *purpose.Right) string { return r.Clause }),
		keys(spec.Datasets, func(d *purpose.Dataset) string { return d.Clause }), keys(spec.Measures, func(m *purpose.Measure) string { return m.Clause }),
	} {
		for _, c := range list {
			assert.Regexp(t, clause, c)
		}
	}
}

// Every capacity and every purpose can be reached: an event gives the one, an activity serves the other, but for the
// two that are disclosures, by which recipients are let in.
func TestNothingInTheRegisterIsOutOfReach(t *testing.T) {
	spec := register(t).Spec()
	for _, c := range spec.Capacities {
		assert.True(t, slices.ContainsFunc(spec.Events, func(e purpose.Event) bool { return slices.Contains(e.Gives, c.Key) }), c.Key)
	}
	for _, p := range spec.Purposes {
		reached := slices.ContainsFunc(spec.Activities, func(a purpose.Activity) bool {
			return slices.Contains(a.Purposes, p.Key) ||
				p.Disclosure && slices.ContainsFunc(a.Recipients, func(g purpose.Grant) bool { return g.Via == p.Key })
		})
		assert.True(t, reached, p.Key)
	}
}

// Past checks serve the purposes of FO-6 and no other; private sources those that FO-5.2 names.
func TestNarrowListsAreNarrow(t *testing.T) {
	spec := register(t).Spec()
	var past, private []string
	for _, a := range spec.Activities {
		if slices.Contains(a.Categories, "check") {
			past = append(past, a.Purposes...)
		}
		if slices.Contains(a.Sources, "src.information_bureau") {
			private = append(private, a.Purposes...)
		}
	}
	assert.ElementsMatch(t, []string{check, overlend, claims, "fo.p04_collectability_tracing", "fo.p06_fraud_crime_prevention", "fo.p13_legal_compliance"}, past)
	assert.ElementsMatch(t, []string{check, overlend, "fo.p09_customer_segmentation", contact}, private)
}

// The only advice is what was assumed, with the reading that was chosen, facts that policies alone ask for, and the
// categories that exist to be refused.
func TestWhatIsAssumedNamesItsReading(t *testing.T) {
	reading := regexp.MustCompile(`AMB-\d{2}`)
	assumed := 0
	for _, a := range register(t).Advice() {
		switch {
		case a.Code == "assumed":
			assumed++
			assert.Regexp(t, reading, a.Message)
		case a.Code == "unused" && (strings.HasPrefix(a.Path, "facts") || strings.Contains(a.Message, `"special.`) || strings.Contains(a.Message, `"offence.`)):
		default:
			t.Errorf("unexpected advice: %s", a)
		}
	}
	assert.Greater(t, assumed, 40)
}

func TestEachVersionOfTheNoticeHasItsTime(t *testing.T) {
	r := register(t)
	for at, want := range map[string]string{"2014-07-14T23:59:59": "", "2014-07-15T00:00:00": "1", "2017-09-13T23:59:59": "1", "2017-09-14T00:00:00": "2",
		"2018-05-24T23:59:59": "2", "2018-05-25T00:00:00": "3", "2030-01-01T00:00:00": "3"} {
		when, err := time.ParseInLocation("2006-01-02T15:04:05", at, r.Zone())
		require.NoError(t, err)
		_, version, ok := r.NoticeAt(when)
		assert.Equal(t, want, version, at)
		assert.Equal(t, want != "", ok, at)
	}
}

// What must not be loaded is not: each change of the register is refused for the reason given.
func TestARegisterThatContradictsTheNoticeDoesNotLoad(t *testing.T) {
	activity := func(s *purpose.Spec, key string) *purpose.Activity {
		i := slices.IndexFunc(s.Activities, func(a purpose.Activity) bool { return a.Key == key })
		require.GreaterOrEqual(t, i, 0, key)
		return &s.Activities[i]
	}
	for name, x := range map[string]struct {
		change func(*purpose.Spec)
		code   string
	}{
		"the Wbp goes on for ever":  {func(s *purpose.Spec) { s.Notices[1].Through = ""; s.Notices = s.Notices[:2] }, "notice.regime"},
		"no entry at the authority": {func(s *purpose.Spec) { activity(s, "support-credit-decision").Registration = "" }, "activity.registration"},
		"no legal basis":            {func(s *purpose.Spec) { activity(s, "build-models").Claims = nil }, "activity.claims"},
		"no retention":              {func(s *purpose.Spec) { activity(s, "keep-for-future-reports").Retention = nil }, "activity.retention"},
		"sharing as an aim":         {func(s *purpose.Spec) { activity(s, "buy-claims").Purposes = []string{inGroup} }, "purpose.disclosure"},
		"health data": {func(s *purpose.Spec) {
			a := activity(s, "fight-fraud")
			a.Categories = append(a.Categories, "special.health_data")
		}, "overlay.missing"},
		"a cookie policy nowhere":   {func(s *purpose.Spec) { s.Notices[1].Annexes[0].Reference = "[link]" }, "annex.reference"},
		"a client without a word":   {func(s *purpose.Spec) { s.Datasets[3].Purposes = nil }, "role.contradiction"},
		"a country without clauses": {func(s *purpose.Spec) { s.Recipients[1].Countries = []string{"US"} }, "transfer.safeguard"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := register(t).Spec()
			x.change(&spec)
			_, err := purpose.Compile(spec)
			var problems purpose.Problems
			require.True(t, errors.As(err, &problems), "%v", err)
			assert.True(t, problems.Has(x.code), "%v", err)
		})
	}
}

// The same version with another text takes the place of none.
func TestAVersionIsNotRewritten(t *testing.T) {
	r := register(t)
	require.NoError(t, r.Succeeds(r))
	spec := r.Spec()
	spec.Notices[1].Digest = "sha256:" + strings.Repeat("0", 64)
	other, err := purpose.Compile(spec)
	require.NoError(t, err)
	assert.ErrorContains(t, other.Succeeds(r), "published with another text")
}

// matrix says which functions need data for which purposes; nobody else does (FO-11).
var matrix = map[string][]string{
	"analyst": {"fo.p01_credit_risk_support", "fo.p02_overcredit_prevention", "fo.p03_claims_administration", "fo.p04_collectability_tracing",
		"fo.p05_future_credit_reports", "fo.p06_fraud_crime_prevention", "fo.p07_credit_employment_terms", "fo.p08_risk_models", "fo.p09_customer_segmentation",
		"fo.p10_claim_purchase", "fo.p11_portfolio_valuation", "fo.p12_contact_data_verification"},
	"compliance_officer": {"fo.p13_legal_compliance"},
	"system":             {"fo.cookie_functional", "fo.p01_credit_risk_support"},

	"advisor": nil, "credit_officer": nil, "aml_officer": nil, "bookkeeper": nil, "collections_agent": nil, "customer_service_agent": nil, "marketing_agent": nil,
	"web_analyst": nil, "dpo": nil, "security_officer": nil, "processor_operator": nil, "it_operator": nil, "data_subject": nil, "hr_agent": nil,
	"legal_counsel": nil, "auditor": nil,
}

func TestPoliciesAreTheMatrixOfFunctionsAndPurposes(t *testing.T) {
	reg := register(t)
	policies, err := fs.Sub(files, "policies")
	require.NoError(t, err)
	rules, err := celpolicy.Load(reg, "bureau", policies)
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

	lets := func(role, purposeKey, recipient string, about Origin, action purpose.Action) bool {
		//purposevet:purposes a table of roles and purposes
		req := by(role, purposeKey, about)
		req.Action, req.DataSubject, req.Recipient = action, "p", recipient
		req = with(on(req, "client.webshop"), "instructing_organisation", purpose.TextValue("employer"))
		d, err := g.DecidePlan(t.Context(), req, plan)
		require.NoError(t, err)
		for _, f := range d.Requested() {
			if !slices.ContainsFunc(d.Reasons(f), func(r policy.Reason) bool { return r.Code.Gate() == policy.GatePolicy }) {
				return true
			}
		}
		return false
	}
	own := Origin{Dataset: "databank", ObtainedFor: []string{check}}
	for role, purposes := range matrix {
		for _, p := range reg.Spec().Purposes {
			if p.Disclosure {
				continue // nobody may ask for it
			}
			assert.Equal(t, slices.Contains(purposes, p.Key), lets(role, p.Key, "", own, purpose.Read), "%s for %s", role, p.Key)
			for _, to := range reg.Spec().Recipients {
				if lets(role, p.Key, to.Key, own, purpose.Share) {
					assert.Contains(t, purposes, p.Key, "%s shares for %s with %s", role, p.Key, to.Key)
				}
			}
		}
	}
	theirs := Origin{Dataset: "client_data", Controller: "client.webshop", ObtainedFor: []string{check}}
	assert.True(t, lets("analyst", check, "", theirs, purpose.Read))
	theirs.Controller = "client.telecom"
	assert.False(t, lets("analyst", check, "", theirs, purpose.Read), "another client's data")
}
