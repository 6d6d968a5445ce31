package purpose_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func TestSoundRegisterCompiles(t *testing.T) {
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	assert.Equal(t, sound(), r.Spec())
	assert.NotPanics(t, func() { purpose.MustCompile(sound()) })
	assert.Panics(t, func() { purpose.MustCompile(purpose.Spec{}) })
}

// flaw is one way to spoil the sound register, and all that must be reported then: "path code".
type flaw struct {
	name  string
	spoil func(s *purpose.Spec)
	want  []string
}

// unsound is a claim without a basis.
var unsound = basis.Claim{}

// flaws are indexed into sound: activities 0 lease, 1 identify, 2 count, 3 score, 4 mailing.
var flaws = []flaw{
	{"no controller name", func(s *purpose.Spec) { s.Controller.Name = "" }, []string{"controller.name controller.name"}},
	{"controller key", func(s *purpose.Spec) { s.Controller.Key = "A B" }, []string{"controller.key key.syntax"}},
	{"no zone", func(s *purpose.Spec) { s.Controller.Zone = "" }, []string{"controller.zone controller.zone"}},
	{"the machine's zone", func(s *purpose.Spec) { s.Controller.Zone = "Local" }, []string{"controller.zone controller.zone"}},
	{"unknown zone, and the rest is checked all the same", func(s *purpose.Spec) {
		s.Controller.Zone = "Europe/Kobenhavn"
		s.Activities[4].Clause = ""
	}, []string{"controller.zone controller.zone", "activities[4].clause clause.missing"}},
	{"country", func(s *purpose.Spec) { s.Controller.Country = "dk" }, []string{"controller.country country.syntax"}},
	{"unknown fact of the controller", func(s *purpose.Spec) { s.Controller.Conditions[0].Fact = "instruct" }, []string{"controller.conditions[0].fact ref.unknown"}},

	{"no notice", func(s *purpose.Spec) {
		s.Notices, s.Activities[0].Notices, s.Scopes[0].Purposes[0].Since = nil, nil, ""
	}, []string{"notices notice.none", "activities[2].claims[0] claim.objection"}},
	{"too many notices", func(s *purpose.Spec) {
		s.Notices = nil
		for i := range purpose.MaxNotices + 1 {
			day := time.Date(2000, 1, i+1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			s.Notices = append(s.Notices, purpose.Notice{Version: fmt.Sprint("2.", i), From: day, ObjectionClause: "7"})
		}
	}, []string{"notices list.size"}},
	{"version", func(s *purpose.Spec) { s.Notices[0].Version = "one, two"; s.Scopes[0].Purposes[0].Since = "" }, []string{"notices[0].version key.syntax"}},
	{"long version", func(s *purpose.Spec) {
		s.Notices[0].Version = strings.Repeat("1", 33)
		s.Scopes[0].Purposes[0].Since = ""
	}, []string{"notices[0].version key.syntax"}},
	{"version twice", func(s *purpose.Spec) { s.Notices[0].Version = "2.4"; s.Scopes[0].Purposes[0].Since = "" }, []string{"notices[1].version key.duplicate"}},
	{"notice without a first day", func(s *purpose.Spec) { s.Notices[1].From = "" }, []string{"notices[1].from date.missing"}},
	{"a day that no month has", func(s *purpose.Spec) { s.Notices[1].From = "2023-02-30" }, []string{"notices[1].from date.syntax"}},
	{"announced", func(s *purpose.Spec) { s.Notices[1].Announced = "01.01.2023" }, []string{"notices[1].announced date.syntax"}},
	{"order of notices", func(s *purpose.Spec) { s.Notices[1].From = "2021-12-31" }, []string{"notices[1].from notice.order", "notices[1].announced notice.announced"}},
	{"notices of one day", func(s *purpose.Spec) { s.Notices[1].From = "2022-01-01" }, []string{"notices[1].from notice.order", "notices[1].announced notice.announced"}},
	{"notices that overlap", func(s *purpose.Spec) { s.Notices[0].Through = "2023-02-01" }, []string{"notices[0].through notice.overlap"}},
	{"ends before it begins", func(s *purpose.Spec) { s.Notices[0].Through = "2021-12-31" }, []string{"notices[0].through date.order"}},

	{"key of a purpose", func(s *purpose.Spec) { s.Purposes[1].Key = "KYC" }, []string{
		"purposes[1].key key.syntax", "scopes[1].purposes[1].purpose ref.unknown", "retention[1].purposes[0] ref.unknown", "locks[0].purposes[0] ref.unknown",
		"activities[1].purposes[0] ref.unknown", "activities[1].overlays[2].claim.scope claim.scope"}},
	{"long key", func(s *purpose.Spec) {
		s.Sources = append(s.Sources, purpose.Source{Key: strings.Repeat("k", purpose.MaxKey+1)})
	}, []string{"sources[1].key key.syntax"}},
	{"key twice", func(s *purpose.Spec) { s.Categories = append(s.Categories, s.Categories[0]) }, []string{"categories[9].key key.duplicate"}},
	{"locks share a key", func(s *purpose.Spec) { s.Locks = append(s.Locks, s.Locks[0]) }, []string{"locks[1].key key.duplicate"}},
	{"prohibitions share a key", func(s *purpose.Spec) { s.Prohibited = append(s.Prohibited, s.Prohibited[0]) }, []string{"prohibited[1].key key.duplicate"}},
	{"too many entries", func(s *purpose.Spec) { s.Sources = make([]purpose.Source, purpose.MaxKeys+1) }, []string{"sources list.size", "activities[0].sources[0] ref.unknown"}},
	{"too many items", func(s *purpose.Spec) {
		for i := range purpose.MaxItems + 1 {
			s.Facts[1].Values = append(s.Facts[1].Values, strconv.Itoa(i))
		}
	}, []string{"facts[1].values list.size"}},
	{"unknown class", func(s *purpose.Spec) { s.Categories[8].Class = 99 }, []string{"categories[8].class value.invalid"}},
	{"text that is not UTF-8", func(s *purpose.Spec) { s.Controller.Contact = "K\xf8benhavn" }, []string{"controller.contact value.invalid"}},

	{"prohibition of nothing", func(s *purpose.Spec) { s.Prohibited[0].Categories = nil }, []string{"prohibited[0].categories list.empty"}},
	{"prohibition of what is unknown", func(s *purpose.Spec) {
		b := &s.Prohibited[0]
		b.Categories, b.Purposes, b.Recipients, b.Unless[0].Fact = []string{"a"}, []string{"b"}, []string{"c"}, "d"
	}, []string{"prohibited[0].categories[0] ref.unknown", "prohibited[0].purposes[0] ref.unknown", "prohibited[0].recipients[0] ref.unknown", "prohibited[0].unless[0].fact ref.unknown"}},
	{"clause that cannot go on record", func(s *purpose.Spec) { s.Prohibited[0].Clause = "Art. 6(1)(c)" }, []string{"prohibited[0].clause clause.syntax"}},
	{"prohibition without clause", func(s *purpose.Spec) { s.Prohibited[0].Clause = "" }, []string{"prohibited[0].clause clause.missing"}},
	{"no action", func(s *purpose.Spec) { s.Prohibited[0].Actions = []purpose.Action{0} }, []string{"prohibited[0].actions[0] value.invalid"}},
	{"unknown action", func(s *purpose.Spec) { s.Prohibited[0].Actions = []purpose.Action{77} }, []string{"prohibited[0].actions[0] value.invalid"}},
	{"action twice", func(s *purpose.Spec) { s.Activities[0].Actions[1] = purpose.Read }, []string{"activities[0].actions[1] list.duplicate"}},

	{"relation of an event", func(s *purpose.Spec) { s.Events[1].Relation = "Lease" }, []string{"events[1].relation key.syntax"}},
	{"event gives what is unknown", func(s *purpose.Spec) { s.Events[0].Gives = []string{"customer", "custmer"} }, []string{"events[0].gives[1] ref.unknown"}},
	{"event gives and ends", func(s *purpose.Spec) { s.Events[0].Ends = []string{"customer"} }, []string{"events[0].ends[0] event.contradiction"}},
	{"stage", func(s *purpose.Spec) { s.Events[0].Stage = 99 }, []string{"events[0].stage value.invalid"}},

	{"fact without type", func(s *purpose.Spec) { s.Facts[0].Type = 0 }, []string{"facts[0].type fact.type", "activities[0].conditions[0].is[0] fact.type"}},
	{"values of a bool", func(s *purpose.Spec) { s.Facts[0].Values = []string{"x"} }, []string{"facts[0].values fact.values"}},
	{"value of another type", func(s *purpose.Spec) { s.Activities[0].Conditions[0].Is[0] = purpose.IntValue(1) }, []string{"activities[0].conditions[0].is[0] fact.type"}},
	{"value without type", func(s *purpose.Spec) { s.Activities[0].Conditions[0].Is[0] = purpose.Value{} }, []string{
		"activities[0].conditions[0].is[0] value.invalid", "activities[0].conditions[0].is[0] fact.type"}},
	{"value outside the list", func(s *purpose.Spec) { s.Prohibited[0].Unless[0].Is[0] = purpose.TextValue("east") }, []string{"prohibited[0].unless[0].is[0] fact.values"}},
	{"one of a list outside the list", func(s *purpose.Spec) { s.Recipients[0].Conditions[0].Is[0] = purpose.TextsValue("web", "fax") }, []string{"recipients[0].conditions[0].is[0] fact.values"}},

	{"years in two forms", func(s *purpose.Spec) { s.Controller.FinancialYears.Ending = "12-31" }, []string{"controller.financial_years years.form"}},
	{"year end that is no day", func(s *purpose.Spec) { s.Controller.FinancialYears = purpose.FinancialYears{Ending: "31-12"} },
		[]string{"controller.financial_years.ending years.form"}},
	{"years with a gap", func(s *purpose.Spec) { s.Controller.FinancialYears.Table[1].Start = "2023-01-02" }, []string{"controller.financial_years years.table"}},
	{"year without an end", func(s *purpose.Spec) { s.Controller.FinancialYears.Table[1].End = "" }, []string{"controller.financial_years years.table"}},
	{"rule that counts from years that are missing", func(s *purpose.Spec) {
		s.Controller.FinancialYears = purpose.FinancialYears{}
		s.Retention[0].Anchor = retention.Anchor{Kind: retention.OnFinancialYearEnd, Events: []string{"ended"}}
	}, []string{"controller.financial_years years.missing"}},
	{"law that ends before it begins", func(s *purpose.Spec) { s.Laws[0].Through = "2017-12-31" }, []string{"laws[0].through date.order"}},
	{"assessment without date", func(s *purpose.Spec) { s.Assessments[0].From = "" }, []string{"assessments[0].from date.missing"}},
	{"assessment without reference", func(s *purpose.Spec) { s.Assessments[0].Reference = "" }, []string{"assessments[0].reference assessment.reference"}},
	{"assessment of nothing", func(s *purpose.Spec) { s.Assessments[1].Purposes = nil }, []string{"assessments[1].purposes assessment.scope"}},
	{"assumed without note", func(s *purpose.Spec) { s.Assessments[0].Note = "" }, []string{"assessments[0].note assumed.note"}},

	{"scope of nothing", func(s *purpose.Spec) { s.Scopes[0].Purposes = nil }, []string{"scopes[0].purposes list.empty", "activities[4].claims[0].scope claim.scope"}},
	{"scope of a node", func(s *purpose.Spec) {
		s.Scopes[0].Purposes = append(s.Scopes[0].Purposes, purpose.ScopedPurpose{Purpose: "service"})
	}, []string{"scopes[0].purposes[1].purpose purpose.not-leaf"}},
	{"scope of an unknown purpose", func(s *purpose.Spec) { s.Scopes[0].Purposes[0].Purpose = "newsleter" }, []string{"scopes[0].purposes[0].purpose ref.unknown", "activities[4].claims[0].scope claim.scope"}},
	{"scope with a purpose twice", func(s *purpose.Spec) { s.Scopes[1].Purposes[1].Purpose = "scoring" }, []string{"scopes[1].purposes[1].purpose list.duplicate", "activities[1].overlays[2].claim.scope claim.scope"}},
	{"scope since an unknown version", func(s *purpose.Spec) { s.Scopes[0].Purposes[0].Since = "9" }, []string{"scopes[0].purposes[0].since ref.unknown"}},
	{"scope names an unknown recipient", func(s *purpose.Spec) { s.Scopes[0].Recipients = []string{"mailr"} }, []string{"scopes[0].recipients[0] ref.unknown"}},

	{"recipient without kind", func(s *purpose.Spec) { s.Recipients[2].Kind = 0 }, []string{"recipients[2].kind value.invalid"}},
	{"processor without agreement", func(s *purpose.Spec) { s.Recipients[0].Agreement = nil }, []string{"recipients[0] recipient.agreement"}},
	{"joint controller without arrangement", func(s *purpose.Spec) { s.Recipients[1].Kind = purpose.JointController }, []string{"recipients[1] recipient.agreement"}},
	{"authority with agreement", func(s *purpose.Spec) {
		s.Recipients[2].Agreement = &purpose.Agreement{Reference: "x", From: "2022-01-01"}
	}, []string{"recipients[2].agreement role.contradiction"}},
	{"agreement without reference", func(s *purpose.Spec) { s.Recipients[0].Agreement.Reference = "" }, []string{"recipients[0].agreement.reference recipient.agreement"}},
	{"agreement without date", func(s *purpose.Spec) { s.Recipients[0].Agreement.From = "" }, []string{"recipients[0].agreement.from date.missing"}},
	{"agreement on what is unknown", func(s *purpose.Spec) {
		s.Recipients[0].Agreement.Purposes = []string{"newsletter", "x"}
		s.Recipients[0].Agreement.Categories = []string{"y"}
	}, []string{"recipients[0].agreement.purposes[1] ref.unknown", "recipients[0].agreement.categories[0] ref.unknown"}},
	{"recipient nowhere", func(s *purpose.Spec) { s.Recipients[1].Countries = nil }, []string{"recipients[1].countries list.empty"}},
	{"country of a recipient", func(s *purpose.Spec) { s.Recipients[1].Countries[0] = "Norway" }, []string{
		"recipients[1].countries[0] country.syntax", "recipients[1].countries[0] transfer.kind", "recipients[1].countries[0] transfer.safeguard"}},
	{"Norway is outside the EU", func(s *purpose.Spec) { s.Transfers.Area = purpose.EU }, []string{"recipients[1].countries[0] transfer.kind", "recipients[1].countries[0] transfer.safeguard"}},
	{"unknown area", func(s *purpose.Spec) { s.Transfers.Area = 7 }, []string{"transfers.area value.invalid", "recipients[1].countries[0] transfer.kind", "recipients[1].countries[0] transfer.safeguard"}},
	{"adequacy that the register does not allow", func(s *purpose.Spec) { s.Transfers.Mechanisms = s.Transfers.Mechanisms[:1] }, []string{"transfers.adequacy[0] transfer.mechanism"}},
	{"adequacy without reference, day and country", func(s *purpose.Spec) {
		d := &s.Transfers.Adequacy[0]
		d.Reference, d.From, d.Country, d.Only[0], d.Recipients[0] = "", "", "Japan", 0, "mialer"
	}, []string{"transfers.adequacy[0].country country.syntax", "transfers.adequacy[0].reference transfer.reference", "transfers.adequacy[0].from date.missing",
		"transfers.adequacy[0].only[0] value.invalid", "transfers.adequacy[0].recipients[0] ref.unknown"}},
	{"claim behind clauses", func(s *purpose.Spec) {
		s.Recipients[0].Safeguards[0].Claim = basis.Claim{Basis: basis.Contract}
	}, []string{"recipients[0].safeguards[0].claim transfer.derogation"}},
	{"derogation without claim", func(s *purpose.Spec) {
		s.Transfers.Mechanisms, s.Recipients[0].Safeguards[0].Mechanism = append(s.Transfers.Mechanisms, purpose.Derogation), purpose.Derogation
	}, []string{"recipients[0].safeguards[0].claim.basis claim.basis"}},
	{"derogation on consent that is not explicit", func(s *purpose.Spec) {
		s.Transfers.Mechanisms, s.Recipients[0].Safeguards[0].Mechanism = append(s.Transfers.Mechanisms, purpose.Derogation), purpose.Derogation
		s.Recipients[0].Safeguards[0].Claim = basis.Claim{Basis: basis.Consent, Scope: "mail"}
	}, []string{"recipients[0].safeguards[0].claim transfer.derogation"}},
	{"national id on a rule for disclosures", func(s *purpose.Spec) {
		s.Activities[1].Overlays[0] = purpose.Overlay{Class: purpose.NationalID, Ground: "dk.dbl.11.2.3.disclosure", Claim: basis.Claim{Basis: basis.LegitimateInterests, Interest: "identify", Assessment: "lia-1"}}
	}, []string{"activities[1].overlays[0].claim.assessment claim.assessment", "activities[1].overlays[0].actions overlay.action"}},
	{"national id on consent where a law must prescribe it", func(s *purpose.Spec) {
		s.Controller.Country = "NL"
		s.Activities[1].Overlays[0].Claim = basis.Claim{Basis: basis.Consent, Scope: "express"}
	}, []string{"activities[1].overlays[0].claim overlay.claim"}},
	{"no safeguard", func(s *purpose.Spec) { s.Recipients[0].Safeguards = nil }, []string{"recipients[0].countries[1] transfer.safeguard"}},
	{"safeguard for another country", func(s *purpose.Spec) { s.Recipients[0].Safeguards[0].Countries[0] = "IN" }, []string{"recipients[0].countries[1] transfer.safeguard"}},
	{"safeguard for no country", func(s *purpose.Spec) { s.Recipients[0].Safeguards[0].Countries = nil }, []string{"recipients[0].safeguards[0].countries list.empty", "recipients[0].countries[1] transfer.safeguard"}},
	{"safeguard without reference", func(s *purpose.Spec) { s.Recipients[0].Safeguards[0].Reference = "" }, []string{"recipients[0].safeguards[0].reference transfer.reference"}},
	{"safeguard without mechanism", func(s *purpose.Spec) { s.Recipients[0].Safeguards[0].Mechanism = 0 }, []string{"recipients[0].safeguards[0].mechanism value.invalid"}},
	{"mechanism that the register does not allow", func(s *purpose.Spec) { s.Transfers.Mechanisms = nil }, []string{"transfers.adequacy[0] transfer.mechanism", "recipients[0].safeguards[0].mechanism transfer.mechanism"}},
	{"no mechanism", func(s *purpose.Spec) { s.Transfers.Mechanisms = append(s.Transfers.Mechanisms, 0) }, []string{"transfers.mechanisms[2] value.invalid"}},

	{"dataset without role", func(s *purpose.Spec) { s.Datasets[0].Role = 0 }, []string{"datasets[0].role value.invalid"}},
	{"processor for nobody", func(s *purpose.Spec) { s.Datasets[1].OnBehalfOf = "" }, []string{"datasets[1].on_behalf_of role.contradiction"}},
	{"processor without instruction", func(s *purpose.Spec) { s.Datasets[1].Purposes = nil }, []string{"datasets[1].purposes role.contradiction"}},
	{"controller for another", func(s *purpose.Spec) { s.Datasets[0].OnBehalfOf = "x" }, []string{"datasets[0].on_behalf_of role.contradiction"}},
	{"joint controller for another", func(s *purpose.Spec) {
		s.Datasets[0].OnBehalfOf, s.Datasets[0].Role = "x", purpose.AsJointController
	}, []string{"datasets[0].on_behalf_of role.contradiction"}},
	{"dataset of an unknown purpose", func(s *purpose.Spec) { s.Datasets[0].Purposes[0] = "x" }, []string{"datasets[0].purposes[0] ref.unknown"}},

	{"rule on what is unknown", func(s *purpose.Spec) {
		s.Retention[3].Categories, s.Retention[3].Purposes, s.Retention[3].Law = []string{"x"}, []string{"y"}, "z"
	}, []string{"retention[3].categories[0] ref.unknown", "retention[3].purposes[0] ref.unknown", "retention[3].law ref.unknown",
		"activities[1].retention[1] rule.unreachable", "activities[1].retention[1] rule.unreachable", "activities[1].retention activity.retention", "activities[1].retention activity.retention"}},
	{"rule of unknown events", func(s *purpose.Spec) {
		s.Retention[0].Anchor.Events[0], s.Retention[0].Anchor.Reopened[0], s.Retention[0].When = "a", "b", retention.Condition{Happened: []string{"c"}, NotHappened: []string{"d"}}
	}, []string{"retention[0].anchor.events[0] ref.unknown", "retention[0].anchor.reopened[0] ref.unknown", "retention[0].when.happened[0] ref.unknown", "retention[0].when.not_happened[0] ref.unknown"}},
	{"floor above another rule's ceiling", func(s *purpose.Spec) {
		s.Retention = append(s.Retention, retention.Rule{Key: "short", Clause: "9", Anchor: s.Retention[1].Anchor, Ceiling: retention.MustPeriod("P4Y")})
		s.Activities[1].Retention = append(s.Activities[1].Retention, "short")
	}, []string{"retention[1].floor retention.floor-above-ceiling"}},

	{"digest of nothing", func(s *purpose.Spec) { s.Notices[1].Digest = "sha256:00" }, []string{"notices[1].digest notice.digest"}},
	{"digest in capitals", func(s *purpose.Spec) { s.Notices[1].Digest = strings.ToUpper(s.Notices[1].Digest) }, []string{"notices[1].digest notice.digest"}},
	{"annex never filled in", func(s *purpose.Spec) { s.Notices[1].Annexes[0].Reference = "[link]" }, []string{"notices[1].annexes[0].reference annex.reference"}},
	{"annex nowhere", func(s *purpose.Spec) { s.Notices[1].Annexes[0].Reference = " " }, []string{"notices[1].annexes[0].reference annex.reference"}},
	{"annex to come", func(s *purpose.Spec) { s.Notices[1].Annexes[0].Reference = "TODO: ask" }, []string{"notices[1].annexes[0].reference annex.reference"}},
	{"annexes share a key", func(s *purpose.Spec) { s.Notices[1].Annexes = append(s.Notices[1].Annexes, s.Notices[1].Annexes[0]) }, []string{"notices[1].annexes[1].key key.duplicate"}},
	{"notice under an unknown law", func(s *purpose.Spec) { s.Notices[1].Regime = "nl.wbp" }, []string{"notices[1].regime ref.unknown"}},
	{"notice outlives its law", func(s *purpose.Spec) { s.Laws[1].Through = "2030-01-01" }, []string{"notices[1].regime notice.regime"}},
	{"notice before its law", func(s *purpose.Spec) { s.Laws[1].From = "2023-02-02" }, []string{"notices[1].regime notice.regime"}},
	{"activity not registered", func(s *purpose.Spec) { s.Activities[2].Registration = "" }, []string{"activities[2].registration activity.registration"}},
	{"activity for a disclosure", func(s *purpose.Spec) { s.Activities[4].Purposes = append(s.Activities[4].Purposes, "to-partners") }, []string{"activities[4].purposes purpose.disclosure"}},
	{"grant by what is no disclosure", func(s *purpose.Spec) { s.Activities[0].Recipients[0].Via = "kyc" }, []string{"activities[0].recipients[0].via purpose.disclosure"}},
	{"grant by an unknown disclosure", func(s *purpose.Spec) { s.Activities[0].Recipients[0].Via = "to-partner" }, []string{"activities[0].recipients[0].via ref.unknown"}},
	{"obligation of a ban that is no key", func(s *purpose.Spec) { s.Prohibited[0].Obligations[0] = "Send back" }, []string{"prohibited[0].obligations[0] key.syntax"}},
	{"material change never announced", func(s *purpose.Spec) { s.Notices[1].Announced = "" }, []string{"notices[1].announced notice.announced"}},
	{"change announced too late", func(s *purpose.Spec) { s.Notices[1].Announced = "2023-02-02" }, []string{"notices[1].announced notice.announced"}},
	{"basis that the purpose closes", func(s *purpose.Spec) { s.Purposes[1].Bases = []basis.Basis{basis.Contract} }, []string{"activities[1].claims[0].basis claim.closed"}},
	{"laws to name are missing", func(s *purpose.Spec) { s.Activities[0].Claims[0].Named = true }, []string{"activities[0].claims[0].named claim.laws"}},
	{"anybody among others", func(s *purpose.Spec) {
		s.Activities[0].Capacities = append(s.Activities[0].Capacities, purpose.Anybody)
	}, []string{"activities[0].capacities[1] ref.unknown"}},
	{"exception of nothing", func(s *purpose.Spec) { s.Rights[0].Except[0] = purpose.RightException{Law: "dk.hvl"} }, []string{"rights[0].except[0].categories list.empty"}},
	{"exception of what is unknown", func(s *purpose.Spec) {
		s.Rights[0].Except[0] = purpose.RightException{Categories: []string{"convictions"}, Purposes: []string{"kyd"}, Recipients: []string{"polis"}, Law: "dk"}
	}, []string{"rights[0].except[0].purposes[0] ref.unknown", "rights[0].except[0].recipients[0] ref.unknown", "rights[0].except[0].categories[0] ref.unknown", "rights[0].except[0].law ref.unknown"}},
	{"right of no kind", func(s *purpose.Spec) { s.Rights[0].Kind = 0 }, []string{"rights[0].kind value.invalid"}},
	{"right of an unnamed kind", func(s *purpose.Spec) { s.Rights[0].Kind = 200 }, []string{"rights[0].kind value.invalid"}},
	{"right worded twice", func(s *purpose.Spec) { s.Rights[1].Kind = purpose.AccessRight }, []string{"rights[1].kind key.duplicate"}},
	{"right without a clause", func(s *purpose.Spec) { s.Rights[0].Clause = "" }, []string{"rights[0].clause clause.missing"}},
	{"right by a channel that is no key", func(s *purpose.Spec) { s.Rights[0].Channels[0] = "By post" }, []string{"rights[0].channels[0] key.syntax"}},
	{"right on a ground that is no key", func(s *purpose.Spec) { s.Rights[1].Grounds[0] = "Not relevant" }, []string{"rights[1].grounds[0] key.syntax"}},
	{"right with an aim in the past", func(s *purpose.Spec) { s.Rights[0].Aim = -1 }, []string{"rights[0].aim right.deadline"}},
	{"right with a warning too late", func(s *purpose.Spec) { s.Rights[0].Warn = retention.MustPeriod("P31D") }, []string{"rights[0].warn right.deadline"}},
	{"right on an unknown fact", func(s *purpose.Spec) { s.Rights[0].Conditions[0].Fact = "instruct" }, []string{"rights[0].conditions[0].fact ref.unknown"}},
	{"right assumed without a note", func(s *purpose.Spec) { s.Rights[0].Note = "" }, []string{"rights[0].note assumed.note"}},
	{"measure without a title", func(s *purpose.Spec) { s.Measures[0].Title = "" }, []string{"measures[0].title title.missing"}},
	{"measure without a clause", func(s *purpose.Spec) { s.Measures[0].Clause = "" }, []string{"measures[0].clause clause.missing"}},
	{"lock of nothing", func(s *purpose.Spec) { s.Locks[0].Categories = nil }, []string{"locks[0] list.empty"}},
	{"lock for nothing", func(s *purpose.Spec) { s.Locks[0].Purposes = nil }, []string{"locks[0] list.empty"}},
	{"lock by an unknown law", func(s *purpose.Spec) { s.Locks[0].Law = "dk.hvx" }, []string{"locks[0].law ref.unknown"}},

	{"compatible with what rests on consent", func(s *purpose.Spec) { s.Compatible[0].From = "newsletter" }, []string{"compatible[0].from compatible.consent"}},
	{"compatible node", func(s *purpose.Spec) { s.Compatible[0].From = "service" }, []string{"compatible[0].from purpose.not-leaf"}},
	{"compatible with what is unknown", func(s *purpose.Spec) {
		s.Compatible[0] = purpose.Compatible{From: "a", To: "b", Categories: []string{"c"}, Assessment: "d"}
	}, []string{"compatible[0].from ref.unknown", "compatible[0].to ref.unknown", "compatible[0].categories[0] ref.unknown", "compatible[0].assessment ref.unknown"}},

	{"empty activity", func(s *purpose.Spec) { s.Activities[4] = purpose.Activity{Key: "mailing"} }, []string{"activities[4].purposes activity.purposes", "activities[4].capacities activity.capacities",
		"activities[4].categories activity.categories", "activities[4].claims activity.claims", "activities[4].retention activity.retention", "activities[4].clause clause.missing", "activities[4].registration activity.registration"}},
	{"activity of what is unknown", func(s *purpose.Spec) {
		a := &s.Activities[0]
		a.Sources, a.Notices, a.Obligations, a.Conditions[0].Fact = []string{"persn"}, []string{"2.5"}, []string{"In form"}, "x"
		a.Capacities = append(a.Capacities, "custome")
	}, []string{"activities[0].capacities[1] ref.unknown", "activities[0].sources[0] ref.unknown", "activities[0].notices[0] ref.unknown", "activities[0].obligations[0] key.syntax", "activities[0].conditions[0].fact ref.unknown"}},
	{"listed twice", func(s *purpose.Spec) {
		s.Activities[0].Categories = append(s.Activities[0].Categories, "contact")
		s.Activities[0].Retention = append(s.Activities[0].Retention, "keep")
	}, []string{"activities[0].categories[2] list.duplicate", "activities[0].retention[1] list.duplicate"}},
	{"assumed activity without note", func(s *purpose.Spec) { s.Activities[0].Note = "" }, []string{"activities[0].note assumed.note"}},

	{"claim without basis", func(s *purpose.Spec) { s.Activities[0].Claims[0].Basis = 0 }, []string{"activities[0].claims[0].basis claim.basis"}},
	{"claim with an unknown basis", func(s *purpose.Spec) { s.Activities[0].Claims[0].Basis = 50 }, []string{"activities[0].claims[0].basis value.invalid", "activities[0].claims[0].basis claim.basis"}},
	{"consent without scope", func(s *purpose.Spec) { s.Activities[4].Claims[0].Scope = "" }, []string{"activities[4].claims[0].scope claim.scope"}},
	{"consent of an unknown scope", func(s *purpose.Spec) { s.Activities[4].Claims[0].Scope = "mial" }, []string{"activities[4].claims[0].scope ref.unknown"}},
	{"consent to something else", func(s *purpose.Spec) { s.Activities[4].Claims[0].Scope = "express" }, []string{"activities[4].claims[0].scope claim.scope"}},
	{"explicit claim on a scope that is not", func(s *purpose.Spec) { s.Activities[4].Claims[0].Explicit = true }, []string{"activities[4].claims[0].scope claim.scope"}},
	{"second basis beside consent", func(s *purpose.Spec) {
		s.Activities[4].Claims = append(s.Activities[4].Claims, basis.Claim{Basis: basis.VitalInterests})
	}, []string{"activities[4].claims[1].basis consent.hidden-basis"}},
	{"second basis in another activity", func(s *purpose.Spec) {
		s.Activities[3].Purposes = []string{"scoring", "newsletter"}
		s.Activities[3].Claims[0].Basis = basis.VitalInterests
	}, []string{
		"activities[3].claims[0].basis consent.hidden-basis", "activities[3].automated automated.claim"}},
	{"contract of an unknown relation", func(s *purpose.Spec) { s.Activities[0].Claims[0].Relation = "loan" }, []string{"activities[0].claims[0].relation ref.unknown"}},
	{"stage that is none", func(s *purpose.Spec) { s.Activities[0].Claims[0].Stages[0] = 0 }, []string{"activities[0].claims[0].stages[0] value.invalid"}},
	{"obligation without law", func(s *purpose.Spec) { s.Activities[1].Claims[0].Laws = nil }, []string{"activities[1].claims[0].laws claim.laws"}},
	{"public task without law", func(s *purpose.Spec) { s.Activities[1].Claims[0].All[0].Laws = nil }, []string{"activities[1].claims[0].all[0].laws claim.laws"}},
	{"unknown law", func(s *purpose.Spec) { s.Activities[1].Claims[0].Laws[0] = "dk.hvk" }, []string{"activities[1].claims[0].laws[0] ref.unknown"}},
	{"interest not stated", func(s *purpose.Spec) { s.Activities[2].Claims[0].Interest = "" }, []string{"activities[2].claims[0].interest claim.interest"}},
	{"interest without assessment", func(s *purpose.Spec) { s.Activities[2].Claims[0].Assessment = "" }, []string{"activities[2].claims[0].assessment claim.assessment"}},
	{"interest with an unknown assessment", func(s *purpose.Spec) { s.Activities[2].Claims[0].Assessment = "lia-2" }, []string{"activities[2].claims[0].assessment ref.unknown"}},
	{"assessment of another purpose", func(s *purpose.Spec) { s.Assessments[0].Purposes[0] = "service" }, []string{"activities[2].claims[0].assessment claim.assessment"}},
	{"nobody is told of the right to object", func(s *purpose.Spec) { s.Notices[1].ObjectionClause = "" }, []string{"activities[2].claims[0] claim.objection"}},
	{"claim for another capacity", func(s *purpose.Spec) { s.Activities[0].Claims[0].Capacities[0] = "subscriber" }, []string{"activities[0].claims[0].capacities[0] rule.unreachable"}},
	{"claims in claims", func(s *purpose.Spec) {
		k := &s.Activities[1].Claims[0]
		for range 4 {
			k.All = []basis.Claim{{Basis: basis.VitalInterests}}
			k = &k.All[0]
		}
	}, []string{"activities[1].claims[0].all[0].all[0].all[0].all[0].all claim.depth"}},
	{"claims without end", func(s *purpose.Spec) { s.Activities[1].Claims[0].All = endless() }, []string{
		"activities[1].claims[0].all[0].all[0].all[0].all[0].all claim.depth", "activities[1].claims[0]" + strings.Repeat(".all[0]", 6) + ".all value.depth"}},

	{"category that no rule keeps", func(s *purpose.Spec) { s.Activities[1].Retention = []string{"aml"} }, []string{"activities[1].retention activity.retention", "activities[1].retention activity.retention"}},
	{"rule for other data", func(s *purpose.Spec) { s.Retention[0].Categories = []string{"religion", "contact", "household"} }, []string{"activities[3].retention[0] rule.unreachable", "activities[3].retention activity.retention"}},
	{"rule for another purpose", func(s *purpose.Spec) { s.Retention[1].Purposes = []string{"statistics"} }, []string{"activities[1].retention[0] rule.unreachable"}},
	{"unknown rule", func(s *purpose.Spec) { s.Activities[4].Retention = []string{"keep", "kept"} }, []string{"activities[4].retention[1] ref.unknown"}},

	{"no ground for a national id", func(s *purpose.Spec) { s.Activities[1].Overlays = s.Activities[1].Overlays[1:] }, []string{"activities[1].overlays overlay.missing"}},
	{"no ground at all", func(s *purpose.Spec) { s.Activities[1].Overlays = nil }, []string{"activities[1].overlays overlay.missing", "activities[1].overlays overlay.missing", "activities[1].overlays overlay.missing"}},
	{"ground for ordinary data", func(s *purpose.Spec) { s.Activities[0].Overlays[0].Class = purpose.Ordinary }, []string{
		"activities[0].overlays[0].class overlay.class", "activities[0].overlays[0] rule.unreachable", "activities[0].overlays overlay.missing"}},
	{"unknown ground", func(s *purpose.Spec) { s.Activities[1].Overlays[2].Ground = "gdpr:9-2-x" }, []string{"activities[1].overlays[2].ground overlay.ground"}},
	{"ground of a national id that is no law", func(s *purpose.Spec) { s.Activities[1].Overlays[0].Ground = "dk.dbl.12" }, []string{"activities[1].overlays[0].ground ref.unknown"}},
	{"explicit consent that is not explicit", func(s *purpose.Spec) { s.Activities[1].Overlays[2].Claim.Explicit = false }, []string{"activities[1].overlays[2].claim overlay.claim"}},
	{"ground without law", func(s *purpose.Spec) { s.Activities[1].Overlays[1].Claim = basis.Claim{Basis: basis.VitalInterests} }, []string{"activities[1].overlays[1].claim.laws overlay.claim"}},
	{"vital interests that are not", func(s *purpose.Spec) { s.Activities[1].Overlays[2].Ground = "gdpr:9-2-c" }, []string{"activities[1].overlays[2].claim overlay.claim"}},
	{"attestation with a claim", func(s *purpose.Spec) { s.Activities[0].Overlays[0].Claim.Basis = basis.VitalInterests }, []string{"activities[0].overlays[0].claim overlay.claim"}},
	{"overlay without claim", func(s *purpose.Spec) {
		s.Activities[1].Overlays[2].Ground, s.Activities[1].Overlays[2].Claim = "gdpr:9-2-e", unsound
	}, []string{"activities[1].overlays[2].claim.basis claim.basis"}},
	{"overlay that reaches nothing", func(s *purpose.Spec) { s.Activities[1].Overlays[2].Categories[0] = "religion" }, []string{"activities[1].overlays[2] rule.unreachable", "activities[1].overlays overlay.missing"}},
	{"overlay of an unknown category", func(s *purpose.Spec) { s.Activities[1].Overlays[2].Categories = []string{"health", "x"} }, []string{"activities[1].overlays[2].categories[1] ref.unknown"}},

	{"grant to nobody known", func(s *purpose.Spec) { s.Activities[0].Recipients[1].Recipient = "polise" }, []string{"activities[0].recipients[1].recipient ref.unknown"}},
	{"grant of unknown data", func(s *purpose.Spec) { s.Activities[0].Recipients[0].Categories[0] = "contact.nam" }, []string{"activities[0].recipients[0].categories[0] ref.unknown"}},
	{"grant of data of another activity", func(s *purpose.Spec) { s.Activities[0].Recipients[0].Categories[0] = "finance" }, []string{"activities[0].recipients[0].categories[0] rule.unreachable"}},
	{"grant under an unknown fact", func(s *purpose.Spec) { s.Activities[0].Recipients[0].Conditions[0].Fact = "x" }, []string{"activities[0].recipients[0].conditions[0].fact ref.unknown"}},
	{"grant without instruction", func(s *purpose.Spec) { s.Recipients[0].Agreement.Purposes[0] = "service" }, []string{"activities[4].recipients[0].recipient role.contradiction"}},

	{"decides without the action", func(s *purpose.Spec) { s.Activities[3].Actions = nil }, []string{"activities[3].automated automated.action"}},
	{"decides for a contract that is none", func(s *purpose.Spec) { s.Activities[3].Automated = purpose.ForContract }, []string{"activities[3].automated automated.claim"}},
	{"decides by no law", func(s *purpose.Spec) { s.Activities[3].Automated = purpose.ByLaw }, []string{"activities[3].automated automated.claim"}},
	{"decides on consent that is not explicit", func(s *purpose.Spec) { s.Activities[3].Claims[0].Explicit = false }, []string{"activities[3].automated automated.claim"}},
	{"decides on an unknown ground", func(s *purpose.Spec) { s.Activities[3].Automated = 9 }, []string{"activities[3].automated value.invalid"}},

	{"too many problems", func(s *purpose.Spec) {
		for range purpose.MaxProblems + 10 {
			s.Facts = append(s.Facts, purpose.Fact{Type: purpose.Bool})
		}
	}, append(slices.Collect(func(yield func(string) bool) {
		for i := range purpose.MaxProblems {
			if !yield(fmt.Sprintf("facts[%d].key key.syntax", i+3)) {
				return
			}
		}
	}), " problems.more")},
}

// endless is a claim that contains itself.
func endless() []basis.Claim {
	k := []basis.Claim{{Basis: basis.VitalInterests}}
	k[0].All = k
	return k
}

func TestEveryFlawIsReported(t *testing.T) {
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			s := sound()
			f.spoil(&s)
			r, err := purpose.Compile(s)
			require.ErrorIs(t, err, purpose.ErrInvalid)
			assert.Nil(t, r)
			var ps purpose.Problems
			require.ErrorAs(t, err, &ps)
			var got []string
			for _, p := range ps {
				got = append(got, p.Path+" "+p.Code)
				assert.Truef(t, ps.Has(p.Code), "Has(%q)", p.Code)
				assert.LessOrEqual(t, len(p.Message), 600)
				assert.Zero(t, p.Line)
			}
			assert.ElementsMatch(t, f.want, got, "%v", err)
			assert.False(t, ps.Has("no.such-code"))
		})
	}
}

// The flaws of one retention rule are those that package retention knows.
func TestFlawsOfRetentionRules(t *testing.T) {
	event := retention.Anchor{Kind: retention.OnEvent, Events: []string{"ended"}}
	day := retention.MustPeriod("P1D")
	rules := map[retention.Code]retention.Rule{
		retention.KeyMissing:        {Clause: "1", Anchor: event, Ceiling: day},
		retention.SourceMissing:     {Anchor: event, Ceiling: day},
		retention.NoteMissing:       {Assumed: true, Anchor: event, Ceiling: day},
		retention.ListMalformed:     {Clause: "1", Categories: []string{"contact", "contact"}, Anchor: event, Ceiling: day},
		retention.FormMixed:         {Clause: "1", Anchor: event, Transient: true, Ceiling: day},
		retention.TriggerMissing:    {Clause: "1", Ceiling: day},
		retention.TriggerUnfit:      {Clause: "1", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"ended"}, Date: "x"}, Ceiling: day},
		retention.PeriodMissing:     {Clause: "1", Anchor: event},
		retention.CeilingTwice:      {Clause: "1", Anchor: event, Ceiling: day, Table: "cookies"},
		retention.FloorAboveCeiling: {Law: "dk.hvl", Anchor: event, Ceiling: day, Floor: retention.MustPeriod("P2D")},
		retention.FloorWithoutLaw:   {Clause: "1", Anchor: event, Floor: day},
		retention.FloorImmediate:    {Law: "dk.hvl", Anchor: event, Floor: retention.MustPeriod("P0D")},
		retention.ElapsedUncertain:  {Clause: "1", Anchor: event, Ceiling: retention.MustPeriod("P1M"), Unit: retention.ElapsedTime},
		retention.ReviewMissing:     {Clause: "1", Criterion: retention.Criterion{Question: "needed"}},
		retention.QuestionMissing:   {Clause: "1", Criterion: retention.Criterion{Review: day}},
		retention.NeverApplies:      {Clause: "1", Anchor: event, Ceiling: day, When: retention.Condition{Happened: []string{"ended"}, NotHappened: []string{"ended"}}},
		retention.UnknownValue:      {Clause: "1", Anchor: event, Ceiling: day, Unit: 9},
	}
	for _, code := range ruleCodes(t) {
		rule, tested := rules[retention.Code(code)]
		require.True(t, tested, "no rule has the flaw %q", code)
		if code != string(retention.KeyMissing) {
			rule.Key = "flawed"
		}
		s := sound()
		s.Retention = append(s.Retention, rule)
		_, err := purpose.Compile(s)
		var ps purpose.Problems
		require.ErrorAs(t, err, &ps)
		assert.True(t, ps.Has("retention."+code), "%s: %v", code, err)
	}
}

// ruleCodes are the codes that package retention declares for one rule.
func ruleCodes(t *testing.T) (codes []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "../retention/validate.go", nil, 0)
	require.NoError(t, err)
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		var names, values []string
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			names, values = append(names, v.Names[0].Name), append(values, text)
		}
		if slices.Contains(names, "KeyMissing") {
			codes = values
		}
	}
	require.NotEmpty(t, codes)
	return codes
}

// Every code in the source is one that a flaw or a piece of advice brings up.
func TestEveryCodeHasAFlaw(t *testing.T) {
	tested := map[string]bool{}
	for _, f := range flaws {
		for _, w := range f.want {
			_, code, _ := strings.Cut(w, " ")
			tested[code] = true
		}
	}
	for _, a := range advice {
		_, code, _ := strings.Cut(a.want, " ")
		tested[code] = true
	}
	codes := codesIn(t)
	require.Greater(t, len(codes), 50, "the scan finds the codes")
	require.Contains(t, codes, "overlay.missing")
	for code := range codes {
		assert.True(t, tested[code], "no flaw brings up %q", code)
	}
	for code := range tested {
		assert.True(t, codes[code], "the source does not know %q", code)
	}
}

// codesIn lists the string literals in the source that are the first argument of a call that reports, or the
// code of a literal.
func codesIn(t *testing.T) map[string]bool {
	codes := map[string]bool{}
	take := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			codes[text] = true
		}
	}
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if slices.Contains([]string{"problem", "advise", "report", "need"}, called(n.Fun)) {
					take(n.Args[0])
				}
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Code" {
					take(n.Value)
				}
			case *ast.CompositeLit:
				if k, ok := n.Type.(*ast.Ident); ok && k.Name == "closure" && len(n.Elts) > 0 {
					take(n.Elts[0])
				}
			}
			return true
		})
	}
	return codes
}

func called(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func TestProblemsListEverythingWithItsPlace(t *testing.T) {
	ps := purpose.Problems{
		{Code: "ref.unknown", Path: "a[1].b", Message: "no", File: "r.yaml", Line: 3, Column: 7},
		{Code: "file.empty", Message: "empty", File: "r.yaml"},
		{Code: "key.syntax", Path: "a", Message: "bad"},
	}
	assert.Equal(t, "invalid register: 3 problem(s)\n\tr.yaml:3:7: a[1].b: no (ref.unknown)\n\tr.yaml: empty (file.empty)\n\ta: bad (key.syntax)", ps.Error())
	assert.True(t, errors.Is(ps, purpose.ErrInvalid))
}

// A message names a key at most: what is long is cut.
func TestMessagesQuoteClippedKeys(t *testing.T) {
	long := strings.Repeat("æ", 5000)
	s := sound()
	s.Controller.Zone, s.Controller.Country, s.Notices[1].Regime, s.Notices[1].Digest = long, long, long, long
	s.Notices[0].Version, s.Notices[1].Version, s.Notices[1].From = long, long, long
	s.Purposes[0].Key, s.Activities[0].Purposes[0], s.Scopes[0].Purposes[0].Since = long, long, long
	s.Recipients[1].Countries[0], s.Activities[1].Overlays[0].Ground, s.Activities[0].Claims[0].Relation = long, long, long
	_, err := purpose.Compile(s)
	var ps purpose.Problems
	require.ErrorAs(t, err, &ps)
	require.GreaterOrEqual(t, len(ps), 12)
	for _, p := range ps {
		assert.NotContains(t, p.Message, strings.Repeat("æ", 21))
		assert.NotContains(t, p.Message, `\x`)
	}
}
