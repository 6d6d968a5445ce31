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
	"github.com/purposebound/purposebound/examples/lending/notice"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func register(t *testing.T) *purpose.Register {
	t.Helper()
	r, err := notice.Register()
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
		"ar.handle_enquiry", "ar.handle_application", "ar.conclude_agreement", "ar.credit_assessment", "ar.unique_identification", "ar.payment_collection",
		"ar.identify_on_contact", "ar.contact_data_upkeep", "ar.aml_compliance", "ar.risk_management", "ar.fraud_prevention", "ar.direct_debit_enrolment",
		"ar.customer_request", "ar.payout", "ar.data_cleansing", "ar.compliance_testing", "ar.bookkeeping", "ar.digital_service_admin",
		"ar.digital_service_improvement", "ar.statistics", "ar.market_research", "ar.internal_studies", "ar.customer_service",
		"ar.legal_claim", "ar.default_reporting", "ar.documentation", "ar.ext_consent_activity",
	}, keys(spec.Purposes, func(p purpose.Purpose) string { return p.Key }))
	assert.Subset(t, keys(spec.Recipients, func(r purpose.Recipient) string { return r.Key }), []string{"supplier_or_dealer", "public_authority", "group_company",
		"andel_energi", "credit_bureau", "warning_register", "debt_collector", "payout_payee"})
	assert.Subset(t, keys(spec.Retention, func(r retention.Rule) string { return r.Key }), []string{"ar.ret.customer", "ar.ret.prospect", "ar.ret.bookkeeping",
		"ar.ret.digital", "ar.ret.cookie"})
	assert.Subset(t, keys(spec.Capacities, func(c purpose.Capacity) string { return c.Key }), []string{"private_prospect", "private_customer", "business_prospect",
		"business_customer", "authorised_signatory", "beneficial_owner", "board_member", "director", "connected_third_party", "household_member", "digital_user",
		"former_customer"})
	assert.Subset(t, keys(spec.Sources, func(s purpose.Source) string { return s.Key }), []string{"src.skat", "src.tingbog", "src.credit_bureau",
		"src.warning_register", "src.debitor_registret", "src.cpr_register", "src.monthio", "src.pensionsinfo"})
	for _, field := range []string{"name", "address", "email", "phone", "cvr_number", "company_name", "credit_information", "credit_assessment_result", "cpr_number",
		"id_document", "income", "fixed_expenses", "wealth", "debt", "annual_tax_statement", "tax_information", "bank_payment_info", "family_household_info",
		"occupation", "date_of_birth", "customer_number", "power_of_attorney", "cpr_register_status", "complaint_case", "insolvency_collection_info",
		"products_services", "browser", "operating_system", "content_viewed"} {
		of := 0
		for _, c := range spec.Categories {
			if strings.HasSuffix(c.Key, "."+field) {
				of++
			}
		}
		assert.Equal(t, 1, of, field)
	}
	for _, k := range []purpose.RightKind{purpose.AccessRight, purpose.RectificationRight, purpose.ErasureRight, purpose.RestrictionRight, purpose.WithdrawalRight,
		purpose.PortabilityRight, purpose.ComplaintRight, purpose.ObjectionRight, purpose.MarketingObjectionRight} {
		right, ok := register(t).RightOf(k)
		assert.True(t, ok, k)
		assert.Equal(t, "AR-6", right.Clause, k)
	}

	clause := regexp.MustCompile(`^AR-(0|[1-7]|2\.[1-4]-[PCSBRT])$`)
	for _, a := range spec.Activities {
		assert.Regexp(t, clause, a.Clause, a.Key)
		for _, c := range a.Claims {
			assert.Regexp(t, clause, c.Clause, a.Key)
		}
		for _, g := range a.Recipients {
			assert.Regexp(t, clause, g.Clause, a.Key)
		}
	}
	for _, r := range spec.Recipients {
		assert.Regexp(t, clause, r.Clause, r.Key)
	}
	for _, r := range spec.Retention {
		assert.Regexp(t, clause, r.Clause, r.Key)
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

// The only advice is what was assumed, with the reading that was chosen, the Danish rule on CPR numbers, and facts that
// policies alone ask for.
func TestWhatIsAssumedNamesItsReading(t *testing.T) {
	reading := regexp.MustCompile(`AMB-\d{2}|No reading covers it`)
	assumed := 0
	for _, a := range register(t).Advice() {
		switch {
		case a.Code == "assumed":
			assumed++
			assert.Regexp(t, reading, a.Message)
		case a.Code == "counsel":
		case a.Code == "unused" && regexp.MustCompile(`"(actor_assigned_to_case|missing|cpr_relevant)"`).MatchString(a.Message):
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
	assert.Len(t, retention.Validate(rules, retention.Statutes()), 3)
}

func TestEachVersionIsInForceInItsTime(t *testing.T) {
	r := register(t)
	second := time.Date(2024, time.March, 26, 0, 0, 0, 0, r.Zone())
	for at, want := range map[time.Time]string{second: "2024", second.Add(-time.Second): "2023"} {
		_, version, ok := r.NoticeAt(at)
		assert.True(t, ok)
		assert.Equal(t, want, version)
	}
	_, _, ok := r.NoticeAt(time.Date(2022, time.December, 31, 23, 0, 0, 0, r.Zone()))
	assert.False(t, ok)
}

// AR-7 promises that material changes are announced: a register that replaces the notice without does not load.
func TestAMaterialChangeIsAnnounced(t *testing.T) {
	next := func(announced string) error {
		spec := register(t).Spec()
		spec.Notices = append(slices.Clone(spec.Notices), purpose.Notice{Version: "2027", From: "2027-01-01", ObjectionClause: "AR-6", Material: true, Announced: announced})
		_, err := purpose.Compile(spec)
		return err
	}
	assert.ErrorIs(t, next(""), purpose.ErrInvalid)
	assert.NoError(t, next("2026-12-01"))
}

// AR-5: outside the EEA processors alone, on Art. 46 alone.
func TestNoControllerIsOutsideTheEEA(t *testing.T) {
	with := func(edit func(*purpose.Recipient)) error {
		spec := register(t).Spec()
		for i := range spec.Recipients {
			if spec.Recipients[i].Key == "credit_bureau" || spec.Recipients[i].Key == "in_support_provider" {
				edit(&spec.Recipients[i])
			}
		}
		_, err := purpose.Compile(spec)
		return err
	}
	assert.NoError(t, with(func(*purpose.Recipient) {}))
	abroad := with(func(r *purpose.Recipient) {
		if r.Key == "credit_bureau" {
			r.Countries = []string{"US"}
			r.Safeguards = []purpose.Safeguard{{Mechanism: purpose.SCC, Countries: []string{"US"}, Reference: "clauses"}}
		}
	})
	assert.ErrorContains(t, abroad, "transfer.kind")
	derogation := with(func(r *purpose.Recipient) {
		if r.Key == "in_support_provider" {
			r.Safeguards = []purpose.Safeguard{{Mechanism: purpose.Adequacy, Countries: []string{"IN"}, Reference: "none"}}
		}
	})
	assert.ErrorContains(t, derogation, "transfer.mechanism")
}

// An activity that forgot that a person may have only asked, or never became a customer, would keep the data for ever.
func TestEveryActivityEndsForThoseWhoAreNoCustomers(t *testing.T) {
	for _, a := range register(t).Spec().Activities {
		if slices.Contains(a.Retention, "ar.ret.customer") {
			assert.Contains(t, a.Retention, "ar.ret.prospect", a.Key)
			assert.Contains(t, a.Retention, "ar.ret.connected", a.Key)
			if slices.ContainsFunc(a.Categories, func(c string) bool { return regexp.MustCompile(`^(contact|company|case)`).MatchString(c) }) {
				assert.Contains(t, a.Retention, "ar.ret.enquiry", a.Key)
			}
		}
	}
	s := &service{register: register(t), trail: audittest.NewRecorder(midnight), clock: midnight}
	n, err := night(t.Context(), s, t.TempDir())
	require.NoError(t, err)
	got := map[string]string{}
	for _, f := range n.Files {
		got[f.Key] = f.Status.String() + " " + f.Rule
	}
	assert.Equal(t, map[string]string{
		"f-01": "must-erase ar.ret.customer", "f-02": "may-keep ar.ret.customer", "f-03": "must-keep ar.ret.aml", "f-04": "must-erase ar.ret.customer",
		"f-05": "must-keep ar.ret.bookkeeping", "f-06": "must-erase ar.ret.prospect", "f-07": "may-keep ar.ret.prospect", "f-08": "person-decides ar.ret.enquiry",
		"f-09": "may-keep ar.ret.connected", "f-10": "must-erase ar.ret.digital", "f-11": "may-keep ar.ret.digital",
	}, got)
	assert.EqualValues(t, 4, n.Erased)
	assert.Equal(t, 7, n.Left)
}

// The desk and the night agree about a datum.
func TestTheDeskKeepsWhatTheNightKeeps(t *testing.T) {
	reg := register(t)
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(midnight))
	keeper, err := rights.NewKeeper(reg, ledger, rights.WithClock(midnight))
	require.NoError(t, err)
	status := map[string]string{}
	for _, f := range newArchive().files {
		who := "person-of-" + f.key
		h := rights.Holding{Category: f.category}
		for _, e := range slices.Sorted(maps.Keys(f.days)) {
			at := retention.MustDate(f.days[e]).StartIn(reg.Zone())
			if e == "booked" || e == "record_registered" {
				h.Events = append(h.Events, retention.Event{Key: e, At: at})
				continue
			}
			require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: who, ValidAt: at, Body: basis.Occurred{Event: e}}))
		}
		switch { // the capacities that the days alone do not give
		case f.days["business_relation_ended"] != "":
			require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: who, ValidAt: minute(0).AddDate(-9, 0, 0), Body: basis.Occurred{Event: "director_named"}}))
		case strings.HasPrefix(f.category, "digital"):
			require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: who, ValidAt: minute(0).AddDate(-1, 0, 0), Body: basis.Occurred{Event: "digital_service_used"}}))
		case f.days["offer_declined"] != "":
			require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: who, ValidAt: minute(0).AddDate(-2, 0, 0), Body: basis.Occurred{Event: "enquiry"}}))
		}
		k, err := keeper.Evaluate(t.Context(), rights.Query{DataSubject: who, Holding: h})
		require.NoError(t, err)
		status[f.key] = k.Status.String()
	}
	s := &service{register: reg, trail: audittest.NewRecorder(midnight), clock: midnight}
	n, err := night(t.Context(), s, t.TempDir())
	require.NoError(t, err)
	for _, f := range n.Files {
		assert.Equal(t, f.Status.String(), status[f.Key], "%s, %s", f.Key, f.What)
	}
}

// matrix says which roles need data for which purposes; nobody else does.
var matrix = map[string][]string{
	"advisor": {"ar.handle_enquiry", "ar.handle_application", "ar.conclude_agreement", "ar.credit_assessment", "ar.direct_debit_enrolment",
		"ar.payment_collection", "ar.payout"},
	"aml_officer":        {"ar.aml_compliance", "ar.fraud_prevention", "ar.unique_identification"},
	"analyst":            {"ar.risk_management", "ar.digital_service_improvement", "ar.statistics", "ar.market_research", "ar.internal_studies"},
	"auditor":            {"ar.compliance_testing"},
	"bookkeeper":         {"ar.bookkeeping"},
	"collections_agent":  {"ar.payment_collection", "ar.default_reporting"},
	"compliance_officer": {"ar.documentation"},
	"credit_officer":     {"ar.credit_assessment"},
	"customer_service_agent": {"ar.customer_service", "ar.customer_request", "ar.identify_on_contact", "ar.contact_data_upkeep", "ar.data_cleansing",
		"ar.default_reporting"},
	"it_operator":     {"ar.contact_data_upkeep", "ar.digital_service_admin", "ar.payment_collection"},
	"legal_counsel":   {"ar.legal_claim"},
	"marketing_agent": {"ar.ext_consent_activity"},
	"system":          {"ar.credit_assessment"},

	"processor_operator": nil, "dpo": nil, "security_officer": nil, "web_analyst": nil, "hr_agent": nil,
}

func roles() []string { return slices.Sorted(maps.Keys(matrix)) }

// everything is a plan with all categories of the register.
func everything(t *testing.T) (*policy.Guard, *purpose.Plan) {
	t.Helper()
	reg := register(t)
	clock := func() time.Time { return minute(0) }
	g, err := policy.NewGuard(reg, basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock)), audittest.NewRecorder(clock), policies(t), policy.WithClock(clock), policy.WithPolicyTimeout(time.Minute))
	require.NoError(t, err)
	schema := purpose.Schema{Name: "everything"}
	for _, c := range reg.Spec().Categories {
		if id, ok := reg.Categories().ID(c.Key); ok && reg.Categories().Leaf(id) {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: strings.ReplaceAll(c.Key, "-", "_"), Tags: purpose.Tags{Personal: c.Key}})
		}
	}
	plan, err := g.Schema(schema)
	require.NoError(t, err)
	return g, plan
}

func TestPoliciesAreTheMatrixOfRolesAndPurposes(t *testing.T) {
	g, plan := everything(t)
	lets := func(role, purposeKey string, facts purpose.Facts) bool {
		d, err := g.DecidePlan(t.Context(), policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{role}}, Action: purpose.Read,
			//purposevet:purposes a table of roles and purposes
			Purpose: purposeKey, DataSubject: "p", Facts: facts}, plan)
		require.NoError(t, err)
		return slices.ContainsFunc(d.Requested(), func(f string) bool {
			return !slices.ContainsFunc(d.Reasons(f), func(r policy.Reason) bool { return r.Code.Gate() == policy.GatePolicy })
		})
	}
	assigned := purpose.Facts{is("actor_assigned_to_case")}
	for role, purposes := range matrix {
		for _, p := range register(t).Spec().Purposes {
			assert.Equal(t, slices.Contains(purposes, p.Key), lets(role, p.Key, assigned), "%s for %s", role, p.Key)
		}
	}
	for _, role := range []string{"advisor", "credit_officer", "customer_service_agent"} {
		for _, p := range matrix[role] {
			assert.False(t, lets(role, p, purpose.Facts{isNot("actor_assigned_to_case")}), "%s for %s, not on the case", role, p)
			assert.False(t, lets(role, p, nil), "%s for %s, nobody says on which case", role, p)
		}
	}
}

// AMB-52: the CPR number is out of reach for every purpose where the request names no law, and for some whatever it names.
func TestTheNumberNeedsALaw(t *testing.T) {
	clock := func() time.Time { return minute(1) }
	s, err := newService(audittest.NewRecorder(clock), clock)
	require.NoError(t, err)
	p := newPeople()
	require.NoError(t, s.ledger.Record(t.Context(), p.past()...))
	opens := func(law string) (open []string) {
		for _, x := range s.register.Spec().Purposes {
			//purposevet:purposes every purpose of the register
			req := under(acting(by("aml_officer", x.Key), purpose.Read), law)
			d, err := policy.Decide(t.Context(), s.guard, req, &p.maja, "CPR")
			require.NoError(t, err)
			if !slices.ContainsFunc(d.Reasons("CPR"), func(r policy.Reason) bool { return r.Code.Gate() != policy.GatePolicy }) {
				open = append(open, x.Key)
			}
		}
		return open
	}
	assert.Empty(t, opens(""))
	assert.Empty(t, opens("dk.dbl.11.2.1"), "it supplements a law and is none")
	assert.ElementsMatch(t, []string{"ar.handle_application", "ar.conclude_agreement", "ar.credit_assessment"}, opens("dk.kal"))
	assert.ElementsMatch(t, []string{"ar.handle_application", "ar.conclude_agreement", "ar.unique_identification", "ar.aml_compliance", "ar.fraud_prevention",
		"ar.compliance_testing"}, opens("dk.hvl"))
	assert.ElementsMatch(t, []string{"ar.bookkeeping"}, opens("dk.bfl"))
}

// What the money laundering act brings in serves the purposes of the act, whoever asks.
func TestLaunderingMaterialStaysWithTheAct(t *testing.T) {
	g, plan := everything(t)
	unlocked := map[string][]string{}
	for _, p := range register(t).Spec().Purposes {
		//purposevet:purposes every purpose of the register
		d, err := g.DecidePlan(t.Context(), policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"aml_officer"}}, Action: purpose.Read, Purpose: p.Key, DataSubject: "p"}, plan)
		require.NoError(t, err)
		for _, f := range []string{"aml.kyc_record", "aml.suspicion_report"} {
			if !slices.ContainsFunc(d.Reasons(f), func(r policy.Reason) bool { return r.Code == policy.CodeLocked }) {
				unlocked[f] = append(unlocked[f], p.Key)
			}
		}
	}
	assert.ElementsMatch(t, []string{"ar.aml_compliance", "ar.unique_identification", "ar.fraud_prevention", "ar.compliance_testing"}, unlocked["aml.kyc_record"])
	assert.ElementsMatch(t, []string{"ar.aml_compliance", "ar.fraud_prevention"}, unlocked["aml.suspicion_report"])
}
