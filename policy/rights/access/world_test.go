package access_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/access"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Values of the person, and of somebody else. They may be in a report and nowhere else; the guarantor's nowhere at all.
const (
	person    = "customer-4711"
	guarantor = "guarantor-0815"
	name      = "Canary <b>Jensen</b>"
	email     = "canary@example.dk"
	income    = "987654"
	score     = "B7-canary"
	other     = "Somebody Else-Canary"
)

// lender is a register with something for every part of a report.
func lender() purpose.Spec {
	law := func(keys ...string) []basis.Claim {
		return []basis.Claim{{Basis: basis.LegalObligation, Laws: keys, Clause: "2"}}
	}
	contract := []basis.Claim{{Basis: basis.Contract, Relation: "loan", Clause: "2.1"}}
	capacities := []string{"customer", "former"}
	s := purpose.Spec{
		Controller: purpose.Controller{Name: "Lender A/S", Contact: "Harbour 1", Officer: "dpo@lender.example", Authority: "Datatilsynet", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2018-06-01", ObjectionClause: "6.6"}},
		Purposes: []purpose.Purpose{{Key: "loan", Title: "Run the loan", Clause: "2.1"}, {Key: "aml", Title: "Fight money laundering"}, {Key: "aml2.report", Title: "Report suspicions"},
			{Key: "answer", Title: "Answer requests"}, {Key: "news", Title: "Send news", Marketing: true, ConsentOnly: true}},
		Categories: []purpose.Category{{Key: "contact.name", Title: "Name"}, {Key: "contact.email", Title: "E-mail"}, {Key: "finance.income", Title: "Income", Class: purpose.Confidential},
			{Key: "finance.score", Title: "Credit score"}, {Key: "aml.suspicion", Title: "Suspicion report"}, {Key: "guarantor.name", Title: "Name of the guarantor"}, {Key: "books", Title: "Books"}},
		Capacities: []purpose.Capacity{{Key: "customer", Title: "Customer"}, {Key: "former", Title: "Former customer"}, {Key: "subscriber", Title: "Subscriber"}},
		Events: []purpose.Event{
			{Key: "signed", Relation: "loan", Stage: basis.Active, Gives: []string{"customer"}, Ends: []string{"former"}},
			{Key: "ended", Relation: "loan", Stage: basis.Ended, Gives: []string{"former"}, Ends: []string{"customer"}},
			{Key: "subscribed", Gives: []string{"subscriber"}},
		},
		Sources:   []purpose.Source{{Key: "person", Title: "The person"}, {Key: "bureau", Title: "A credit bureau"}},
		Laws:      []purpose.Law{{Key: "gdpr", Title: "GDPR"}, {Key: "hvl", Title: "Money Laundering Act"}},
		Scopes:    []purpose.Scope{{Key: "news", Purposes: []purpose.ScopedPurpose{{Purpose: "news"}}}},
		Transfers: purpose.Transfers{Mechanisms: []purpose.Mechanism{purpose.SCC}},
		Recipients: []purpose.Recipient{
			{Key: "bank", Title: "The bank", Kind: purpose.SeparateController, Countries: []string{"DK"}, Decisive: true},
			{Key: "insurer", Title: "Insurers", Kind: purpose.SeparateController, Countries: []string{"DK"}},
			{Key: "desk", Title: "Support desk", Kind: purpose.Processor, Countries: []string{"IN"}, Agreement: &purpose.Agreement{Reference: "a1", From: "2018-06-01"},
				Safeguards: []purpose.Safeguard{{Mechanism: purpose.SCC, Countries: []string{"IN"}, Reference: "clauses 2021/914", From: "2018-06-01"}}},
			{Key: "fiu", Title: "Financial intelligence unit", Kind: purpose.Authority, Countries: []string{"DK"}},
		},
		Retention: []retention.Rule{
			{Key: "run", Clause: "5.1", Categories: []string{"contact", "finance", "guarantor"}, Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Ceiling: retention.MustPeriod("P1Y")},
			{Key: "aml", Law: "hvl", Clause: "5.2", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Floor: retention.MustPeriod("P5Y"), Ceiling: retention.MustPeriod("P5Y")},
			{Key: "books", Clause: "5.3", Categories: []string{"books"}, Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P10Y")},
			{Key: "news", Clause: "5.4", Anchor: retention.After("subscribed"), Ceiling: retention.MustPeriod("P2Y")},
			{Key: "answer", Clause: "5.5", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Ceiling: retention.MustPeriod("P3Y")},
		},
		Activities: []purpose.Activity{
			{Key: "lend", Title: "Lend", Purposes: []string{"loan"}, Capacities: capacities, Categories: []string{"contact", "finance", "guarantor"}, Sources: []string{"person", "bureau"},
				Actions: []purpose.Action{purpose.Collect, purpose.Read, purpose.Use, purpose.Store, purpose.Share, purpose.Decide}, Claims: contract, Retention: []string{"run"}, Clause: "2.1",
				Automated: purpose.ForContract, Logic: "income less costs, against a limit", Effects: "no loan",
				Recipients: []purpose.Grant{{Recipient: "bank"}, {Recipient: "insurer"}, {Recipient: "desk"}}},
			{Key: "book", Title: "Keep books", Purposes: []string{"loan"}, Capacities: capacities, Categories: []string{"books"}, Claims: contract, Retention: []string{"books"}, Clause: "2.2"},
			{Key: "know", Title: "Know the customer", Purposes: []string{"aml"}, Capacities: capacities, Categories: []string{"contact.name"}, Claims: law("hvl"), Retention: []string{"aml"}, Clause: "2.3"},
			{Key: "report", Title: "Report suspicions", Purposes: []string{"aml2.report"}, Capacities: capacities, Categories: []string{"contact.name", "aml.suspicion"}, Claims: law("hvl"), Retention: []string{"aml"},
				Recipients: []purpose.Grant{{Recipient: "fiu"}}, Clause: "2.4"},
			{Key: "answer", Title: "Answer requests", Purposes: []string{"answer"}, Capacities: capacities, Categories: []string{"contact", "finance", "guarantor", "aml", "books"}, Actions: []purpose.Action{purpose.Read},
				Claims: law("gdpr"), Retention: []string{"answer"}, Clause: "6"},
			{Key: "news", Title: "Send news", Purposes: []string{"news"}, Capacities: []string{"subscriber"}, Categories: []string{"contact.email"}, Claims: []basis.Claim{{Basis: basis.Consent, Scope: "news"}}, Retention: []string{"news"}, Clause: "2.5"},
		},
		Rights: []purpose.Right{
			{Kind: purpose.AccessRight, Clause: "6.1", Except: []purpose.RightException{{Categories: []string{"aml.suspicion"}, Purposes: []string{"aml2.report"}, Recipients: []string{"fiu"}, Law: "hvl", Silent: true, Clause: "6.1"}}},
			{Kind: purpose.CopyRight, Clause: "6.2", Identity: true, Channels: []string{"in_writing"}},
			{Kind: purpose.RectificationRight, Clause: "6.3", States: []string{"changes"}},
		},
		Measures: []purpose.Measure{{Title: "Access by role", Clause: "7"}},
	}
	return s
}

// Loan is the record of the person.
type Loan struct {
	ID        string `subject:"id"`
	Name      string `personal:"contact.name"`
	Email     string `personal:"contact.email"`
	Income    string `personal:"finance.income"`
	Suspicion string `personal:"aml.suspicion"`
}

type nameView struct{ Name string }
type incomeView struct{ Name, Income string }

type permitAll struct{}

func (permitAll) Name() string   { return "all" }
func (permitAll) Digest() string { return "sha256:" + strings.Repeat("0", 64) }
func (permitAll) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Permit: in.Fields}, nil
}

// world is a lender at work, with a clock that the test holds.
type world struct {
	t        testing.TB
	now      time.Time
	register *purpose.Register
	ledger   *basis.Memory
	trail    *audittest.Recorder
	names    *aliastable.Table
	index    *index.Index
	guard    *policy.Guard
	desk     *rights.Desk
	maker    *access.Maker
	plan     *purpose.Plan
	record   map[string]string
	mask     bool
}

func open(t testing.TB, file string) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), file))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newWorld(t testing.TB, edits ...func(*purpose.Spec)) *world {
	t.Helper()
	ctx := context.Background()
	spec := lender()
	for _, edit := range edits {
		edit(&spec)
	}
	register, err := purpose.Compile(spec)
	require.NoError(t, err)
	w := &world{t: t, register: register, now: time.Date(2024, 1, 10, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { w.now = w.now.Add(time.Second); return w.now }
	w.ledger = basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))
	w.trail = audittest.NewRecorder(clock)
	key, err := audit.NewKey("2024", []byte(strings.Repeat("k", audit.MinKey)))
	require.NoError(t, err)
	keys, err := audit.NewKeys(key)
	require.NoError(t, err)
	w.names, err = aliastable.OpenSQLite(ctx, open(t, "names.db"), keys, w.trail, aliastable.Options{})
	require.NoError(t, err)
	w.index, err = index.Open(ctx, open(t, "index.db"), w.trail, w.trail)
	require.NoError(t, err)
	w.guard, err = policy.NewGuard(register, w.ledger, w.trail, permitAll{}, policy.WithClock(clock), policy.WithPseudonyms(w.names))
	require.NoError(t, err)
	w.desk, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithClock(clock), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	w.maker, err = access.New(register, w.desk, w.index, w.names, access.WithClock(clock))
	require.NoError(t, err)
	field := func(name, category string) purpose.SchemaField {
		return purpose.SchemaField{Name: name, Tags: purpose.Tags{Personal: category}}
	}
	w.plan, err = w.guard.Schema(purpose.Schema{Name: "loan", Fields: []purpose.SchemaField{{Name: "id", Tags: purpose.Tags{DataSubject: "id"}}, field("name", "contact.name"), field("email", "contact.email"),
		field("income", "finance.income"), field("score", "finance.score"), field("suspicion", "aml.suspicion"),
		{Name: "surety_id", Tags: purpose.Tags{DataSubject: "guarantor.id"}}, {Name: "surety", Tags: purpose.Tags{Personal: "guarantor.name", DataSubject: "guarantor"}}}})
	require.NoError(t, err)
	w.record = map[string]string{"id": person, "name": name, "email": email, "income": income, "score": score, "suspicion": "canary-suspicion", "surety_id": guarantor, "surety": other}
	require.NoError(t, w.ledger.Record(ctx, basis.Event{DataSubject: person, Body: basis.Occurred{Event: "signed"}}))
	return w
}

func (w *world) request(purposeKey string) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: "clerk-1", Roles: []string{"clerk"}}, Purpose: purposeKey, DataSubject: person}
}

// work is what happened with the person's data before they asked.
func (w *world) work() {
	t, ctx := w.t, context.Background()
	loan := &Loan{ID: person, Name: name, Email: email, Income: income, Suspicion: "canary-suspicion"}
	_, err := policy.Read[nameView](ctx, w.guard, w.request("loan"), loan)
	require.NoError(t, err)
	require.NoError(t, policy.Send(ctx, w.guard, w.request("loan").To("bank"), loan, func(context.Context, incomeView) error { return nil }))
	require.Error(t, policy.Send(ctx, w.guard, w.request("loan").To("insurer"), loan, func(context.Context, nameView) error { return errors.New("refused") }))
	to := w.request("loan").To("desk")
	to.Mechanism = purpose.SCC
	_, err = policy.Share[nameView](ctx, w.guard, to, loan)
	require.NoError(t, err)
	_, err = policy.Share[nameView](ctx, w.guard, w.request("aml2.report").To("fiu"), loan)
	require.NoError(t, err)
	_, err = policy.Read[struct{ Suspicion string }](ctx, w.guard, w.request("aml2.report"), loan)
	require.NoError(t, err)
	_, err = policy.Read[nameView](ctx, w.guard, w.request("news"), loan)
	require.Error(t, err, "refused: nothing was done")
}

func (w *world) holdings() []rights.Holding {
	return []rights.Holding{
		{Category: "contact.name", Field: "name", Origin: rights.Provided, Source: "person"},
		{Category: "contact.email", Field: "email", Origin: rights.Provided, Source: "person"},
		{Category: "finance.income", Field: "income", Origin: rights.Obtained, Source: "bureau"},
		{Category: "finance.score", Field: "score", Origin: rights.Inferred},
		{Category: "aml.suspicion", Field: "suspicion"},
		{Category: "guarantor.name", Field: "surety", Person: guarantor},
	}
}

func (w *world) ask() rights.Request {
	return rights.Request{Kind: purpose.AccessRight, DataSubject: person, Received: w.now, Holdings: w.holdings()}
}

func (w *world) release() access.Release {
	return access.Guarded(w.guard, w.request("answer"), w.plan, w.record)
}

// events of a name in the trail.
func (w *world) events(name audit.Name) (list []audit.Event) {
	for e, err := range w.trail.Read(context.Background(), 1) {
		require.NoError(w.t, err)
		if e.Name == name {
			list = append(list, e)
		}
	}
	return list
}
