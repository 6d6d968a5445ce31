package rights_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

const person = "customer-4711"

func period(s string) retention.Period { return retention.MustPeriod(s) }

func on(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		d := retention.MustDate(s)
		return d.StartIn(retention.MustZone("Europe/Copenhagen")).Add(12 * time.Hour)
	}
	return t
}

// spec is a lender with an agreement, a money laundering act, books, statistics, marketing and a databank of its own.
func spec() purpose.Spec {
	all := []string{"prospect", "customer", "former"}
	contract := basis.Claim{Basis: basis.Contract, Relation: "loan", Clause: "2.1"}
	law := func(key string) []basis.Claim {
		return []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{key}}}
	}
	interest := func(test string) []basis.Claim {
		return []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "a better service", Assessment: test}}
	}
	consent := func(scope string) []basis.Claim { return []basis.Claim{{Basis: basis.Consent, Scope: scope}} }
	after := func(key, event, ceiling string) retention.Rule {
		return retention.Rule{Key: key, Clause: "5." + key, Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{event}, Reopened: []string{"signed"}}, Ceiling: period(ceiling)}
	}
	only := func(r retention.Rule, categories ...string) retention.Rule { r.Categories = categories; return r }
	s := purpose.Spec{
		Controller: purpose.Controller{Key: "lender", Name: "Lender A/S", Contact: "Harbour 1", Officer: "dpo@lender.example", Authority: "Datatilsynet", Country: "DK", Zone: "Europe/Copenhagen",
			FinancialYears: purpose.FinancialYears{Ending: "12-31"}},
		Notices: []purpose.Notice{{Version: "1", From: "2018-06-01", ObjectionClause: "6.6"}},
		Purposes: []purpose.Purpose{{Key: "loan.run"}, {Key: "loan.serve"}, {Key: "kyc"}, {Key: "books"}, {Key: "statistics"}, {Key: "score"}, {Key: "public"},
			{Key: "news.letter", Marketing: true, ConsentOnly: true}, {Key: "news.calls", Marketing: true}, {Key: "relations"}, {Key: "claims"}, {Key: "reports"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.email"}, {Key: "finance.income"}, {Key: "finance.score"}, {Key: "aml.record"}, {Key: "aml.suspicion"}, {Key: "books.invoice"},
			{Key: "visit.page"}, {Key: "news.signup"}, {Key: "gender"}, {Key: "partner.name"}, {Key: "health", Class: purpose.Special}, {Key: "history"}, {Key: "orphan"}, {Key: "census"}},
		Capacities: []purpose.Capacity{{Key: "prospect"}, {Key: "customer"}, {Key: "former"}, {Key: "visitor"}, {Key: "subscriber"}, {Key: "partner"}, {Key: "checked"}},
		Events: []purpose.Event{
			{Key: "applied", Relation: "loan", Stage: basis.Applied, Gives: []string{"prospect"}},
			{Key: "closed", Ends: []string{"prospect"}},
			{Key: "signed", Relation: "loan", Stage: basis.Active, Gives: []string{"customer"}, Ends: []string{"prospect", "former"}},
			{Key: "ended", Relation: "loan", Stage: basis.Ended, Gives: []string{"former"}, Ends: []string{"customer"}},
			{Key: "visited", Gives: []string{"visitor"}}, {Key: "subscribed", Gives: []string{"subscriber"}}, {Key: "partnered", Gives: []string{"partner"}}, {Key: "parted", Ends: []string{"partner"}},
			{Key: "checked", Gives: []string{"checked"}}, {Key: "booked"}, {Key: "claimed"}, {Key: "settled"},
		},
		Facts:   []purpose.Fact{{Key: "suspicion", Type: purpose.Bool}, {Key: "limitation_until", Type: purpose.Instant}, {Key: "region", Type: purpose.Text, Values: []string{"north", "south"}}},
		Sources: []purpose.Source{{Key: "person"}, {Key: "bureau"}},
		Laws:    []purpose.Law{{Key: "dk.hvl"}, {Key: "dk.bfl"}, {Key: "dk.stat"}},
		Assessments: []purpose.Assessment{{Key: "lia.statistics", Reference: "file 1", Purposes: []string{"statistics"}, From: "2018-06-01"},
			{Key: "lia.news", Reference: "file 2", Purposes: []string{"news"}, From: "2018-06-01"}, {Key: "lia.claims", Reference: "file 3", Purposes: []string{"claims", "relations"}, From: "2018-06-01"},
			{Key: "lia.reports", Reference: "file 4", Purposes: []string{"reports"}, From: "2018-06-01"}},
		Scopes: []purpose.Scope{{Key: "letter", Purposes: []purpose.ScopedPurpose{{Purpose: "news.letter"}}, Clause: "2.6"},
			{Key: "profile", Purposes: []purpose.ScopedPurpose{{Purpose: "relations"}, {Purpose: "score"}}, Clause: "2.7"},
			{Key: "late", Purposes: []purpose.ScopedPurpose{{Purpose: "score"}}, Clause: "2.16"}},
		Recipients: []purpose.Recipient{
			{Key: "waitlist", Kind: purpose.SeparateController, Countries: []string{"DK"}},
			{Key: "administrator", Kind: purpose.Processor, Countries: []string{"DK"}, Agreement: &purpose.Agreement{Reference: "dpa", From: "2018-06-01"}},
		},
		Datasets: []purpose.Dataset{{Key: "own", Role: purpose.AsController}, {Key: "databank", Role: purpose.AsController, Purposes: []string{"reports"}},
			{Key: "client", Role: purpose.AsProcessor, OnBehalfOf: "Client B.V.", Purposes: []string{"reports"}, Clause: "2.9"}},
		Retention: []retention.Rule{
			only(after("run", "ended", "P0D"), "contact", "finance", "history", "gender", "visit"), only(after("serve", "ended", "P1Y"), "contact"),
			{Key: "aml", Law: "dk.hvl", Clause: "5.aml", Categories: []string{"aml"}, Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Floor: period("P5Y"), Ceiling: period("P5Y")},
			{Key: "books", Law: "dk.bfl", Clause: "5.books", Anchor: retention.Anchor{Kind: retention.OnFinancialYearEnd, Events: []string{"booked"}}, Floor: period("P5Y"), Ceiling: period("P5Y")},
			{Key: "visit", Clause: "5.visit", Anchor: retention.Anchor{Kind: retention.OnLastActivity, Events: []string{"visited"}}, Ceiling: period("P1Y")},
			{Key: "news", Clause: "5.news", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"subscribed"}}, Ceiling: period("P50Y")},
			{Key: "partner", Clause: "5.partner", Criterion: retention.Criterion{Question: "partner", Review: period("P1Y")}},
			{Key: "prospect", Clause: "5.prospect", When: retention.Condition{Happened: []string{"closed"}}, Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"closed"}}, Ceiling: period("P12M")},
			{Key: "claim", Clause: "5.claim", When: retention.Condition{Happened: []string{"claimed"}}, Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"settled"}, Reopened: []string{"claimed"}}, Ceiling: period("P0D")},
			{Key: "limit", Clause: "5.limit", Anchor: retention.Anchor{Kind: retention.OnGivenDate, Date: "limitation_until"}, Ceiling: period("P0D")},
			{Key: "report", Clause: "5.report", Criterion: retention.Criterion{Question: "report", Review: period("P1Y")}},
			{Key: "census", Clause: "5.census", Anchor: retention.After("visited"), Ceiling: period("P9Y")},
		},
		Activities: []purpose.Activity{
			{Key: "lend", Purposes: []string{"loan.run"}, Capacities: []string{"prospect", "customer"}, Categories: []string{"contact", "finance", "history"}, Claims: []basis.Claim{contract}, Retention: []string{"run"}, Clause: "2.1"},
			{Key: "serve", Purposes: []string{"loan.serve"}, Capacities: []string{"customer"}, Categories: []string{"contact"}, Claims: []basis.Claim{contract}, Retention: []string{"serve"}, Clause: "2.2"},
			{Key: "apply", Purposes: []string{"loan.run"}, Capacities: []string{"prospect"}, Categories: []string{"history"}, Claims: []basis.Claim{contract}, Retention: []string{"prospect"}, Clause: "2.10"},
			{Key: "identify", Purposes: []string{"kyc"}, Capacities: all, Categories: []string{"aml"}, Claims: law("dk.hvl"), Retention: []string{"aml"}, Clause: "2.3"},
			{Key: "account", Purposes: []string{"books"}, Capacities: []string{"customer", "former"}, Categories: []string{"books"}, Claims: law("dk.bfl"), Retention: []string{"books"}, Clause: "2.4"},
			{Key: "count", Purposes: []string{"statistics"}, Capacities: []string{"visitor"}, Categories: []string{"visit"}, Claims: interest("lia.statistics"), Retention: []string{"visit"}, Clause: "2.5"},
			{Key: "census", Purposes: []string{"public"}, Capacities: []string{"visitor"}, Categories: []string{"census"}, Claims: []basis.Claim{{Basis: basis.PublicTask, Laws: []string{"dk.stat"}}}, Retention: []string{"census"}, Clause: "2.13"},
			{Key: "letter", Purposes: []string{"news.letter"}, Capacities: []string{"subscriber", "customer"}, Categories: []string{"contact.email", "news"}, Claims: consent("letter"), Retention: []string{"news"}, Clause: "2.6"},
			{Key: "calls", Purposes: []string{"news.calls"}, Capacities: []string{"customer"}, Categories: []string{"contact.name"}, Claims: interest("lia.news"), Retention: []string{"run"}, Clause: "2.8"},
			{Key: "relate", Purposes: []string{"relations"}, Capacities: []string{"customer"}, Categories: []string{"gender"}, Claims: consent("profile"), Retention: []string{"run"}, Clause: "2.7"},
			{Key: "partners", Purposes: []string{"relations"}, Capacities: []string{"partner"}, Categories: []string{"partner"}, Claims: []basis.Claim{{Basis: basis.Contract, Relation: "loan", Stages: []basis.Stage{basis.Active}}, {Basis: basis.LegitimateInterests, Interest: "the relation", Assessment: "lia.claims"}}, Retention: []string{"partner"}, Clause: "2.11"},
			{Key: "pursue", Purposes: []string{"claims"}, Capacities: []string{"customer", "former"}, Categories: []string{"contact", "finance"}, Claims: interest("lia.claims"), Retention: []string{"claim"}, Conditions: []purpose.Condition{{Fact: "suspicion"}}, Clause: "2.12"},
			{Key: "limits", Purposes: []string{"claims"}, Capacities: []string{"customer", "former"}, Categories: []string{"orphan"}, Claims: interest("lia.claims"), Retention: []string{"limit"}, Clause: "2.12"},
			{Key: "report", Purposes: []string{"reports"}, Capacities: []string{"checked"}, Categories: []string{"history", "contact.name"}, Claims: interest("lia.reports"), Retention: []string{"report"}, Clause: "2.9"},
			{Key: "disclose", Purposes: []string{"kyc"}, Capacities: all, Categories: []string{"contact", "visit"}, Actions: []purpose.Action{purpose.Read, purpose.Share}, Claims: law("dk.hvl"), Retention: []string{"run"}, Clause: "3.3"},
		},
		Rights: []purpose.Right{
			{Kind: purpose.AccessRight, Clause: "6.1"},
			{Kind: purpose.CopyRight, Clause: "6.1", Identity: true, Channels: []string{"written", "email"}},
			{Kind: purpose.RectificationRight, Clause: "6.2", Identity: true, States: []string{"changes"}},
			{Kind: purpose.ErasureRight, Clause: "6.3"},
			{Kind: purpose.MarketingObjectionRight, Clause: "6.6", Identity: true},
			{Kind: purpose.ReviewRight, Clause: "6.8", Conditions: []purpose.Condition{{Fact: "suspicion", Is: []purpose.Value{purpose.False()}}}},
			{Kind: purpose.PortabilityRight, Clause: "6.5", Within: period("P30D"), Warn: period("P28D"), Aim: 5},
		},
	}
	for i := range s.Activities {
		s.Activities[i].Sources = []string{"person", "bureau"}
	}
	return s
}

// world is a desk over a ledger and a trail in memory, with a clock that the test holds.
type world struct {
	t        testing.TB
	now      time.Time
	register *purpose.Register
	ledger   *basis.Memory
	trail    *audittest.Recorder
	names    audit.Pseudonymizer
	desk     *rights.Desk
	keeper   *rights.Keeper
}

func newWorld(t testing.TB, edits ...func(*purpose.Spec)) *world {
	t.Helper()
	s := spec()
	for _, edit := range edits {
		edit(&s)
	}
	register, err := purpose.Compile(s)
	require.NoError(t, err)
	w := &world{t: t, register: register, now: on("2018-06-01")}
	clock := func() time.Time { return w.now }
	w.ledger = basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))
	w.trail = audittest.NewRecorder(clock)
	w.names = names(t)
	w.desk, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithClock(clock), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	w.keeper, err = rights.NewKeeper(register, w.ledger, rights.WithClock(clock))
	require.NoError(t, err)
	return w
}

func names(t testing.TB) audit.Pseudonymizer {
	p, err := audit.NewKeyedHMAC([]byte(strings.Repeat("k", audit.MinKey)), "test")
	require.NoError(t, err)
	return p
}

// record puts something on the ledger at a time, which becomes now.
func (w *world) record(at string, bodies ...basis.Body) {
	w.t.Helper()
	w.now = on(at)
	for _, b := range bodies {
		require.NoError(w.t, w.ledger.Record(context.Background(), basis.Event{DataSubject: person, ValidAt: w.now, Body: b}))
	}
}

func (w *world) happened(at string, events ...string) {
	w.t.Helper()
	for _, e := range events {
		w.record(at, basis.Occurred{Event: e})
	}
}

func (w *world) consented(at, scope string) {
	w.record(at, basis.ConsentGiven{Scope: scope, Quality: basis.GoodConsent()})
}

// ask decides about a request at a time.
func (w *world) ask(at string, req rights.Request) rights.Outcome {
	w.t.Helper()
	w.now = on(at)
	o, err := w.desk.Decide(context.Background(), w.fill(req))
	require.NoError(w.t, err)
	return o
}

// serve answers a request at a time.
func (w *world) serve(at string, req rights.Request) rights.Outcome {
	w.t.Helper()
	w.now = on(at)
	o, err := w.desk.Serve(context.Background(), w.fill(req))
	require.NoError(w.t, err)
	return o
}

func (w *world) fill(req rights.Request) rights.Request {
	if req.DataSubject == "" {
		req.DataSubject = person
	}
	if req.Received.IsZero() {
		req.Received = w.now
	}
	return req
}

func (w *world) keep(at string, h rights.Holding, facts ...purpose.NamedValue) rights.Keeping {
	w.t.Helper()
	w.now = on(at)
	k, err := w.keeper.Evaluate(context.Background(), rights.Query{DataSubject: person, Holding: h, Facts: facts})
	require.NoError(w.t, err)
	return k
}

func (w *world) state() *basis.State {
	st, err := w.ledger.StateAt(context.Background(), person, w.now, time.Time{})
	require.NoError(w.t, err)
	return st
}

func held(categories ...string) (list []rights.Holding) {
	for _, c := range categories {
		list = append(list, rights.Holding{Category: c, Dataset: "own"})
	}
	return list
}

func code(o rights.Outcome, part string) rights.Code {
	for _, x := range o.Items {
		if x.Part == part && len(x.Reasons) > 0 {
			return x.Reasons[0].Code
		}
	}
	if part == "" && len(o.Reasons) > 0 {
		return o.Reasons[0].Code
	}
	return ""
}
