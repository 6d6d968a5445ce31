package main

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
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

// policyOf is a policy of one module.
func policyOf(module string) fs.FS {
	return fstest.MapFS{"policy.rego": &fstest.MapFile{Data: []byte(module)}}
}

func keys(n int, key func(int) string) (list []string) {
	for i := range n {
		list = append(list, key(i))
	}
	return list
}

func TestRegisterDeclaresWhatTheNoticeSays(t *testing.T) {
	spec := register(t).Spec()
	assert.ElementsMatch(t, []string{
		"df.lease_creation", "df.student_eligibility", "df.sublet_room_registration", "df.sublet_whole_assessment", "df.sublet_whole_registration",
		"df.name_sign_update", "df.residency_control", "df.complaint_handling", "df.key_administration", "df.key_log_investigation", "df.cctv_crime_prevention",
		"df.cctv_crime_investigation", "df.parking_licence", "df.enquiry_forwarding", "df.vacancy_interest", "df.mailing_list", "df.lease_termination",
		"df.lease_cancellation", "df.task_resolution", "df.legal_assistance", "df.tenant_representation_notice", "df.police_disclosure",
		"df.municipality_residency_reply",
	}, keys(len(spec.Purposes), func(i int) string { return spec.Purposes[i].Key }))
	assert.ElementsMatch(t, []string{
		"property_administrator", "caretaker", "operations_manager", "craftsman", "lawyer", "bailiff_court", "housing_court", "legal_authority",
		"tenant_representation", "police", "municipality", "parking_company", "waitly", "cctv_partner",
	}, keys(len(spec.Recipients), func(i int) string { return spec.Recipients[i].Key }))
	assert.Subset(t, keys(len(spec.Retention), func(i int) string { return spec.Retention[i].Key }), []string{
		"df.ret.key_log", "df.ret.cctv", "df.ret.sublet_sensitive", "df.ret.cancellation_sensitive", "df.ret.interest", "df.ret.contact",
		"df.ret.mailing_list", "df.ret.contract_case", "df.ret.inert.keys", "df.ret.inert.parking", "df.ret.inert.residency", "df.ret.inert.complaints"})
	assert.Subset(t, keys(len(spec.Capacities), func(i int) string { return spec.Capacities[i].Key }), []string{
		"prospective_tenant", "tenant", "tenant_residential", "tenant_business", "former_tenant", "household_member", "subtenant", "registered_resident",
		"complainant", "complained_about_resident", "key_holder", "parking_applicant", "interest_list_member", "mailing_list_member", "supplier_contact",
		"partner_contact", "employee", "business_contact_person"})

	clause := regexp.MustCompile(`^DF-[1-8](\.[0-9]{1,2})?$`)
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
	for _, b := range spec.Prohibited {
		assert.Regexp(t, clause, b.Clause, b.Key)
	}
	for _, x := range spec.Rights {
		assert.Regexp(t, clause, x.Clause, x.Kind)
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

func TestWhatIsAssumedNamesItsReading(t *testing.T) {
	reading := regexp.MustCompile(`AMB-\d{2}`)
	assumed := 0
	for _, a := range register(t).Advice() {
		if a.Code == "assumed" {
			assumed++
			assert.Regexp(t, reading, a.Message)
		}
	}
	assert.Greater(t, assumed, 60)
}

func TestRetentionRulesAgreeWithTheLaw(t *testing.T) {
	spec := register(t).Spec()
	var rules []*retention.Rule
	for i := range spec.Retention {
		rules = append(rules, &spec.Retention[i])
	}
	assert.Empty(t, retention.Validate(rules, retention.Statutes()))
}

func TestEachVersionIsInForceFromItsDate(t *testing.T) {
	r := register(t)
	for version, from := range map[string]time.Time{
		"2.2": time.Date(2021, time.March, 13, 0, 0, 0, 0, r.Zone()),
		"2.3": time.Date(2022, time.July, 7, 0, 0, 0, 0, r.Zone()),
		"2.4": time.Date(2023, time.August, 1, 0, 0, 0, 0, r.Zone()),
	} {
		_, got, ok := r.NoticeAt(from)
		assert.True(t, ok)
		assert.Equal(t, version, got)
		_, before, _ := r.NoticeAt(from.Add(-time.Second))
		assert.NotEqual(t, version, before)
	}
	_, _, ok := r.NoticeAt(time.Date(2021, time.March, 12, 23, 59, 59, 0, r.Zone()))
	assert.False(t, ok)
}

// A register that takes back what the notice promises does not load: an unsigned camera, health data without a ground, a
// limitation period that nobody states (AMB-49, AMB-42, AMB-36).
func TestWhatMayNotBeDeclared(t *testing.T) {
	for name, spoil := range map[string]func(*purpose.Spec){
		"camera without a sign": func(s *purpose.Spec) {
			s.Assessments = slices.DeleteFunc(s.Assessments, func(a purpose.Assessment) bool { return a.Key == "cctv.signs" })
		},
		"health data without a ground": func(s *purpose.Spec) {
			for i := range s.Activities {
				s.Activities[i].Overlays = nil
			}
		},
		"limitation without a day": func(s *purpose.Spec) {
			for i := range s.Retention {
				s.Retention[i].Anchor.Date = ""
			}
		},
		"administrator without an agreement": func(s *purpose.Spec) { s.Recipients[0].Agreement = nil },
		"administrator in the USA":           func(s *purpose.Spec) { s.Recipients[0].Countries = []string{"US"} },
	} {
		t.Run(name, func(t *testing.T) {
			spec := register(t).Spec()
			_, err := purpose.Compile(spec)
			require.NoError(t, err, "the control")
			spoil(&spec)
			_, err = purpose.Compile(spec)
			assert.ErrorIs(t, err, purpose.ErrInvalid)
		})
	}
}

// matrix says which roles need data for which purposes; nobody else does.
var matrix = map[string][]string{
	"legal_counsel": {"df.key_log_investigation", "df.lease_cancellation", "df.legal_assistance"},
	"letting_agent": {"df.lease_creation", "df.mailing_list", "df.student_eligibility", "df.vacancy_interest"},
	"property_manager": {"df.complaint_handling", "df.enquiry_forwarding", "df.key_administration", "df.lease_termination", "df.legal_assistance",
		"df.municipality_residency_reply", "df.name_sign_update", "df.parking_licence", "df.residency_control", "df.sublet_room_registration",
		"df.sublet_whole_assessment", "df.sublet_whole_registration", "df.task_resolution", "df.tenant_representation_notice"},
	"security_officer": {"df.cctv_crime_investigation", "df.key_log_investigation", "df.police_disclosure"},

	"advisor": nil, "bookkeeper": nil, "dpo": nil, "marketing_agent": nil, "it_operator": nil,
}

func TestPoliciesAreTheMatrixOfRolesAndPurposes(t *testing.T) {
	reg := register(t)
	clock := func() time.Time { return minute(0) }
	g, err := policy.NewGuard(reg, basis.NewMemory(reg.Vocabulary(), basis.WithClock(clock)), audittest.NewRecorder(clock), policies(t), policy.WithClock(clock), policy.WithPolicyTimeout(time.Minute))
	require.NoError(t, err)
	schema := purpose.Schema{Name: "everything"}
	for _, c := range reg.Spec().Categories {
		if id, ok := reg.Categories().ID(c.Key); ok && reg.Categories().Leaf(id) {
			schema.Fields = append(schema.Fields, purpose.SchemaField{Name: c.Key, Tags: purpose.Tags{Personal: c.Key}})
		}
	}
	plan, err := g.Schema(schema)
	require.NoError(t, err)
	all := purpose.Facts{
		yes("actor_assigned_to_case"), text("incident.ref", "I-7"), text("incident.kind", "legal_dispute"), text("door", "cellar"), text("approved_door", "cellar"),
		text("showed_interest_in", "D-4"), text("dwelling", "D-4"), text("municipality_enquiry.tenancy", "T-9"), text("tenancy", "T-9"),
	}
	lets := func(role, purposeKey string, action purpose.Action, facts purpose.Facts) bool {
		d, err := g.DecidePlan(t.Context(), policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{role}}, Action: action,
			//purposevet:purposes a table of roles and purposes
			Purpose: purposeKey, DataSubject: "p", Facts: facts}, plan)
		require.NoError(t, err)
		return slices.ContainsFunc(d.Requested(), func(f string) bool {
			return !slices.ContainsFunc(d.Reasons(f), func(r policy.Reason) bool { return r.Code.Gate() == policy.GatePolicy })
		})
	}
	for role, purposes := range matrix {
		for _, p := range reg.Spec().Purposes {
			assert.Equal(t, slices.Contains(purposes, p.Key), lets(role, p.Key, purpose.Read, all), "%s for %s", role, p.Key)
		}
	}
	for _, p := range []string{"df.complaint_handling", "df.sublet_whole_assessment", "df.key_log_investigation", "df.municipality_residency_reply"} {
		for role := range matrix {
			assert.False(t, lets(role, p, purpose.Read, nil), "%s for %s, with nothing stated", role, p)
		}
	}
	assert.True(t, lets("system", "df.cctv_crime_prevention", purpose.Collect, nil))
	assert.False(t, lets("system", "df.cctv_crime_prevention", purpose.Read, all))
}
