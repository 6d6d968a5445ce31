package main

import (
	"maps"
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
	"github.com/purposebound/purposebound/policy/rights"
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

func keys[T any](list []T, key func(T) string) (out []string) {
	for _, x := range list {
		out = append(out, key(x))
	}
	return out
}

func TestRegisterDeclaresWhatTheNoticeSays(t *testing.T) {
	spec := register(t).Spec()
	assert.ElementsMatch(t, []string{
		"op.contract_performance", "op.customer_identification", "op.loan_case", "op.invoicing_payment", "op.credit_assessment", "op.register_maintenance",
		"op.fault_resolution", "op.complaint_handling", "op.rights_protection", "op.reminder", "op.debt_collection", "op.business_development",
		"op.customer_survey", "op.customer_service", "op.self_service", "op.staff_training", "op.working_methods", "op.direct_marketing",
		"op.profiled_offers", "op.aml", "op.bookkeeping", "op.regulatory", "op.customer_relations", "op.communication_documentation",
		"op.site_experience", "op.site_evaluation", "op.site_targeted_offers",
	}, keys(spec.Purposes, func(p purpose.Purpose) string { return p.Key }))
	assert.ElementsMatch(t, []string{"subprocessor", "direct_marketing_provider", "group_company", "business_partner", "debt_collection_partner",
		"credit_reporting_company", "authority"}, keys(spec.Recipients, func(r purpose.Recipient) string { return r.Key }))
	assert.Subset(t, keys(spec.Retention, func(r retention.Rule) string { return r.Key }), []string{"op.ret.customer", "op.ret.potential", "op.ret.accuracy"})
	assert.ElementsMatch(t, []string{"customer", "former_customer", "potential_customer", "company_contact_person", "website_visitor"},
		keys(spec.Capacities, func(c purpose.Capacity) string { return c.Key }))
	for _, field := range []string{"name", "date_of_birth", "personal_identity_number", "ip_address", "customer_number", "username", "other_identifier", "gender",
		"mother_tongue", "email", "phone", "address", "business_id", "contact_person_name", "contact_person_contact", "contracts_past_current",
		"relationship_info", "consented_other", "traffic_data", "payment_data", "credit_data", "case_history", "service_usage", "communication_record"} {
		found := slices.ContainsFunc(spec.Categories, func(c purpose.Category) bool { return strings.HasSuffix(c.Key, "."+field) })
		assert.True(t, found, field)
	}

	clause := regexp.MustCompile(`^OP-([1-9]|1[01])(\.[0-9])?$`)
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
	for _, r := range spec.Rights {
		assert.Regexp(t, clause, r.Clause, r.Kind)
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

// The only advice is what was assumed, with the reading that was chosen, and national rules.
func TestWhatIsAssumedNamesItsReading(t *testing.T) {
	reading := regexp.MustCompile(`AMB-\d{2}`)
	assumed := 0
	for _, a := range register(t).Advice() {
		switch a.Code {
		case "assumed":
			assumed++
			assert.Regexp(t, reading, a.Message)
		case "counsel": // the Swedish rule on identity numbers
		default:
			t.Errorf("unexpected advice: %s", a)
		}
	}
	assert.Greater(t, assumed, 30)
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
	assert.Len(t, retention.Validate(rules, retention.Statutes()), 2)
}

func TestTheNoticeIsInForceFromItsDate(t *testing.T) {
	r := register(t)
	from := time.Date(2021, time.October, 28, 0, 0, 0, 0, r.Zone())
	_, version, ok := r.NoticeAt(from)
	assert.True(t, ok)
	assert.Equal(t, "2021", version)
	_, _, ok = r.NoticeAt(from.Add(-time.Second))
	assert.False(t, ok)
}

// Nothing leaves the Union (OP-5): no recipient is outside it, and no register with one loads.
func TestNoRecipientIsOutsideTheUnion(t *testing.T) {
	for _, country := range []string{"US", "GB", "NO", "IS", "LI", "CH"} {
		spec := register(t).Spec()
		for i := range spec.Recipients {
			require.NotContains(t, spec.Recipients[i].Countries, country)
		}
		spec.Recipients[0].Countries = append(slices.Clone(spec.Recipients[0].Countries), country)
		_, err := purpose.Compile(spec)
		assert.ErrorIs(t, err, purpose.ErrInvalid, country)
	}
}

// Whoever keeps a datum of an applicant ends with the two years: an activity without that rule would keep it for ever.
func TestEveryActivityKnowsThatAnApplicantIsNoCustomer(t *testing.T) {
	for _, a := range register(t).Spec().Activities {
		if slices.Contains(a.Retention, "op.ret.customer") {
			assert.Contains(t, a.Retention, "op.ret.potential", a.Key)
			assert.Contains(t, a.Retention, "op.ret.written_off", a.Key)
			assert.Contains(t, a.Retention, "op.ret.accuracy", a.Key)
		}
	}
	s := &service{register: register(t), trail: audittest.NewRecorder(midnight), clock: midnight}
	n, err := night(t.Context(), s, t.TempDir())
	require.NoError(t, err)
	got := map[string]string{}
	for _, p := range n.Papers {
		got[p.Key] = p.Status.String() + " " + p.Rule
	}
	assert.Equal(t, map[string]string{
		"p-01": "must-erase op.ret.customer", "p-02": "must-erase op.ret.customer", "p-03": "must-keep op.ret.statutory.aml",
		"p-04": "must-erase op.ret.customer", "p-05": "must-keep op.ret.statutory", "p-06": "must-erase op.ret.potential",
		"p-07": "may-keep op.ret.potential", "p-08": "may-keep op.ret.accuracy", "p-09": "person-decides op.ret.written_off",
		"p-10": "must-erase op.ret.accuracy",
	}, got)
	assert.EqualValues(t, 5, n.Erased)
	assert.Equal(t, 5, n.Left)
}

// The desk and the night agree about a datum.
func TestTheDeskKeepsWhatTheNightKeeps(t *testing.T) {
	reg := register(t)
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(midnight))
	keeper, err := rights.NewKeeper(reg, ledger, rights.WithClock(midnight))
	require.NoError(t, err)
	status := map[string]string{}
	for _, p := range newArchive().papers {
		who := "person-of-" + p.key
		for e, day := range p.days {
			if e != "booked" && e != "data_found_wrong" {
				require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: who, ValidAt: retention.MustDate(day).StartIn(reg.Zone()), Body: basis.Occurred{Event: e}}))
			}
		}
		h := rights.Holding{Category: p.category}
		for _, e := range []string{"booked", "data_found_wrong"} {
			if day := p.days[e]; day != "" {
				h.Events = append(h.Events, retention.Event{Key: e, At: retention.MustDate(day).StartIn(reg.Zone())})
			}
		}
		k, err := keeper.Evaluate(t.Context(), rights.Query{DataSubject: who, Holding: h})
		require.NoError(t, err)
		status[p.key] = k.Status.String()
	}
	s := &service{register: reg, trail: audittest.NewRecorder(midnight), clock: midnight}
	n, err := night(t.Context(), s, t.TempDir())
	require.NoError(t, err)
	for _, p := range n.Papers {
		assert.Equal(t, p.Status.String(), status[p.Key], "%s, %s", p.Key, p.What)
	}
}

// matrix says which roles need data for which purposes; nobody else does.
var matrix = map[string][]string{
	"aml_officer":        {"op.aml"},
	"analyst":            {"op.customer_survey", "op.business_development", "op.working_methods"},
	"bookkeeper":         {"op.bookkeeping"},
	"collections_agent":  {"op.debt_collection", "op.reminder"},
	"compliance_officer": {"op.regulatory"},
	"credit_officer":     {"op.credit_assessment"},
	"customer_service_agent": {"op.communication_documentation", "op.complaint_handling", "op.contract_performance", "op.customer_identification", "op.customer_relations",
		"op.customer_service", "op.invoicing_payment", "op.self_service"},
	"hr_agent":        {"op.staff_training"},
	"it_operator":     {"op.fault_resolution"},
	"legal_counsel":   {"op.rights_protection"},
	"marketing_agent": {"op.direct_marketing", "op.profiled_offers", "op.site_targeted_offers"},
	"system":          {"op.contract_performance", "op.credit_assessment", "op.loan_case", "op.profiled_offers", "op.register_maintenance"},
	"web_analyst":     {"op.site_evaluation", "op.site_experience"},

	"advisor": nil, "auditor": nil, "dpo": nil, "processor_operator": nil, "security_officer": nil,
}

func roles() []string { return slices.Sorted(maps.Keys(matrix)) }

func TestPoliciesAreTheMatrixOfRolesAndPurposes(t *testing.T) {
	reg := register(t)
	clock := func() time.Time { return minute(0) }
	g, err := policy.NewGuard(reg, basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock)), audittest.NewRecorder(clock), load(t, policyFiles(t)), policy.WithClock(clock), policy.WithPolicyTimeout(time.Minute))
	require.NoError(t, err)
	schema := purpose.Schema{Name: "everything"}
	for _, c := range reg.Spec().Categories {
		if id, ok := reg.Categories().ID(c.Key); ok && reg.Categories().Leaf(id) {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: c.Key, Tags: purpose.Tags{Personal: c.Key}})
		}
	}
	plan, err := g.Schema(schema)
	require.NoError(t, err)
	lets := func(id, role, purposeKey string) bool {
		//purposevet:purposes a table of roles and purposes
		req := by(id, role, purposeKey)
		req.Action, req.DataSubject = purpose.Read, "p"
		d, err := g.DecidePlan(t.Context(), req, plan)
		require.NoError(t, err)
		return slices.ContainsFunc(d.Requested(), func(f string) bool {
			return !slices.ContainsFunc(d.Reasons(f), func(r policy.Reason) bool { return r.Code.Gate() == policy.GatePolicy })
		})
	}
	for role, purposes := range matrix {
		for _, p := range reg.Spec().Purposes {
			assert.Equal(t, slices.Contains(purposes, p.Key), lets("anna", role, p.Key), "%s for %s", role, p.Key)
			assert.False(t, lets("stranger", role, p.Key), "%s for %s, on no list", role, p.Key)
		}
	}
}

// What the money laundering act brings in serves the purpose of the act and no other, whoever asks.
func TestLaunderingMaterialStaysWithTheAct(t *testing.T) {
	reg := register(t)
	clock := func() time.Time { return minute(0) }
	g, err := policy.NewGuard(reg, basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock)), audittest.NewRecorder(clock), load(t, policyFiles(t)), policy.WithClock(clock), policy.WithPolicyTimeout(time.Minute))
	require.NoError(t, err)
	plan, err := g.Schema(purpose.Schema{Name: "file", Fields: []purpose.SchemaField{{Name: "KYC", Tags: purpose.Tags{Personal: "aml.kyc_record"}}}})
	require.NoError(t, err)
	for _, p := range reg.Spec().Purposes {
		//purposevet:purposes every purpose of the register
		req := by("elin", "aml_officer", p.Key)
		req.Action, req.DataSubject = purpose.Read, "p"
		d, err := g.DecidePlan(t.Context(), req, plan)
		require.NoError(t, err)
		locked := slices.ContainsFunc(d.Reasons("KYC"), func(r policy.Reason) bool { return r.Code == policy.CodeLocked })
		assert.Equal(t, p.Key != "op.aml", locked, p.Key)
	}
}
