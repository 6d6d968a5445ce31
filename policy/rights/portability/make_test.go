package portability_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/access"
	"github.com/purposebound/purposebound/policy/rights/portability"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

const (
	person    = "customer-4711"
	guarantor = "guarantor-0815"
	canary    = "canary-987654"
)

func lender() purpose.Spec {
	contract := []basis.Claim{{Basis: basis.Contract, Relation: "loan"}}
	after := func(key string) retention.Rule {
		return retention.Rule{Key: key, Clause: "5", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P10Y")}
	}
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lender A/S", Contact: "Harbour 1", Authority: "Datatilsynet", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2018-06-01", ObjectionClause: "6.6"}},
		Purposes:   []purpose.Purpose{{Key: "loan"}, {Key: "aml"}, {Key: "news", ConsentOnly: true}, {Key: "answer"}, {Key: "stats"}},
		Categories: []purpose.Category{{Key: "contact.name", Title: "Name", Concept: "https://w3id.org/dpv/pd#Name"}, {Key: "contact.email", Title: "E-mail"}, {Key: "finance.income", Title: "Income"},
			{Key: "finance.score", Title: "Credit score"}, {Key: "aml.record", Title: "Laundering record"}, {Key: "news.topics", Title: "Topics"}, {Key: "visit.pages", Title: "Pages"},
			{Key: "guarantor.name", Title: "Guarantor"}, {Key: "paper.note", Title: "Paper notes"}, {Key: "aml.suspicion", Title: "Suspicion"}},
		Capacities:  []purpose.Capacity{{Key: "customer"}},
		Events:      []purpose.Event{{Key: "signed", Relation: "loan", Stage: basis.Active, Gives: []string{"customer"}}},
		Laws:        []purpose.Law{{Key: "hvl"}, {Key: "gdpr"}},
		Assessments: []purpose.Assessment{{Key: "lia", Reference: "file 1", Purposes: []string{"stats"}, From: "2018-06-01"}},
		Scopes:      []purpose.Scope{{Key: "news", Purposes: []purpose.ScopedPurpose{{Purpose: "news"}}}},
		Retention:   []retention.Rule{after("run"), after("news"), after("stats"), after("answer"), {Key: "aml", Law: "hvl", Clause: "5.2", Anchor: retention.After("signed"), Floor: retention.MustPeriod("P5Y"), Ceiling: retention.MustPeriod("P5Y")}},
		Activities: []purpose.Activity{
			{Key: "lend", Purposes: []string{"loan"}, Capacities: []string{"customer"}, Categories: []string{"contact", "finance", "guarantor", "paper"}, Claims: contract, Retention: []string{"run"}, Clause: "2.1"},
			{Key: "know", Purposes: []string{"aml"}, Capacities: []string{"customer"}, Categories: []string{"aml"}, Claims: []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"hvl"}}}, Retention: []string{"aml"}, Clause: "2.3"},
			{Key: "news", Purposes: []string{"news"}, Capacities: []string{"customer"}, Categories: []string{"news"}, Claims: []basis.Claim{{Basis: basis.Consent, Scope: "news"}}, Retention: []string{"news"}, Clause: "2.5"},
			{Key: "count", Purposes: []string{"stats"}, Capacities: []string{"customer"}, Categories: []string{"visit"}, Claims: []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "a better page", Assessment: "lia"}}, Retention: []string{"stats"}, Clause: "2.6"},
			{Key: "answer", Purposes: []string{"answer"}, Capacities: []string{"customer"}, Categories: []string{"contact", "finance", "guarantor", "aml", "news", "visit"}, Actions: []purpose.Action{purpose.Read},
				Claims: []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"gdpr"}}}, Retention: []string{"answer"}, Clause: "6"},
		},
		Rights: []purpose.Right{{Kind: purpose.PortabilityRight, Clause: "6.5", Identity: true,
			Except: []purpose.RightException{{Categories: []string{"aml.suspicion"}, Law: "hvl", Silent: true}}}},
	}
}

type permitAll struct{}

func (permitAll) Name() string   { return "all" }
func (permitAll) Digest() string { return "sha256:" + strings.Repeat("0", 64) }
func (permitAll) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Permit: in.Fields}, nil
}

type world struct {
	t        testing.TB
	now      time.Time
	register *purpose.Register
	ledger   *basis.Memory
	trail    *audittest.Recorder
	guard    *policy.Guard
	desk     *rights.Desk
	exporter *portability.Exporter
	plan     *purpose.Plan
	record   map[string]string
}

func newWorld(t testing.TB, edits ...func(*purpose.Spec)) *world {
	t.Helper()
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
	names, err := audit.NewKeyedHMAC([]byte(strings.Repeat("k", audit.MinKey)), "test")
	require.NoError(t, err)
	w.guard, err = policy.NewGuard(register, w.ledger, w.trail, permitAll{}, policy.WithClock(clock), policy.WithPseudonyms(names))
	require.NoError(t, err)
	w.desk, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithClock(clock), rights.WithPseudonyms(names))
	require.NoError(t, err)
	w.exporter, err = portability.New(register, w.desk, portability.WithClock(clock), portability.WithTimeout(500*time.Millisecond))
	require.NoError(t, err)
	schema := purpose.Schema{Name: "loan", Fields: []purpose.SchemaField{{Name: "id", Tags: purpose.Tags{DataSubject: "id"}}, {Name: "surety_id", Tags: purpose.Tags{DataSubject: "guarantor.id"}},
		{Name: "surety", Tags: purpose.Tags{Personal: "guarantor.name", DataSubject: "guarantor"}}}}
	w.record = map[string]string{"id": person, "surety_id": guarantor, "surety": "somebody-else"}
	for field, category := range map[string]string{"name": "contact.name", "email": "contact.email", "income": "finance.income", "score": "finance.score", "aml": "aml.record", "topics": "news.topics",
		"pages": "visit.pages", "note": "paper.note"} {
		schema.Fields = append(schema.Fields, purpose.SchemaField{Name: field, Tags: purpose.Tags{Personal: category}})
		w.record[field] = canary + "-" + field
	}
	w.plan, err = w.guard.Schema(schema)
	require.NoError(t, err)
	require.NoError(t, w.ledger.Record(context.Background(), basis.Event{DataSubject: person, Body: basis.Occurred{Event: "signed"}},
		basis.Event{DataSubject: person, Body: basis.ConsentGiven{Scope: "news", Quality: basis.GoodConsent()}}))
	return w
}

func (w *world) ask() rights.Request {
	return rights.Request{Kind: purpose.PortabilityRight, DataSubject: person, Received: w.now, Identity: rights.Proven, Holdings: []rights.Holding{
		{Category: "contact.name", Field: "name", Origin: rights.Provided, CollectedAt: time.Date(2024, 1, 9, 0, 0, 0, 0, time.UTC)},
		{Category: "news.topics", Field: "topics", Origin: rights.Observed},
		{Category: "finance.score", Field: "score", Origin: rights.Inferred},
		{Category: "finance.income", Field: "income", Origin: rights.Obtained},
		{Category: "contact.email", Field: "email"}, // nobody knows where from
		{Category: "aml.record", Field: "aml", Origin: rights.Provided},
		{Category: "visit.pages", Field: "pages", Origin: rights.Observed},
		{Category: "guarantor.name", Field: "surety", Origin: rights.Provided, Person: guarantor},
		{Category: "paper.note", Field: "note", Origin: rights.Provided, Manual: true},
		{Category: "aml.suspicion", Field: "suspicion", Origin: rights.Derived},
	}}
}

func (w *world) release() access.Release {
	return access.Guarded(w.guard, policy.Request{Principal: policy.Principal{ID: "clerk-1", Roles: []string{"clerk"}}, Purpose: "answer", DataSubject: person}, w.plan, w.record)
}

func (w *world) events(name audit.Name) (list []audit.Event) {
	for e, err := range w.trail.Read(context.Background(), 1) {
		require.NoError(w.t, err)
		if e.Name == name {
			list = append(list, e)
		}
	}
	return list
}

func text(t testing.TB, x *portability.Export) string {
	var b bytes.Buffer
	require.NoError(t, x.WriteJSON(&b))
	return b.String()
}

func TestAnExportHasWhatThePersonProvidedOnConsentOrContract(t *testing.T) {
	w := newWorld(t)
	x, o, err := w.exporter.Make(t.Context(), w.ask(), w.release())
	require.NoError(t, err)
	require.Len(t, x.Data, 2)
	assert.Equal(t, portability.Datum{Category: "contact.name", Title: "Name", Concept: "https://w3id.org/dpv/pd#Name", Field: "name", Origin: rights.Provided,
		Collected: time.Date(2024, 1, 9, 0, 0, 0, 0, time.UTC), Value: canary + "-name"}, x.Data[0])
	assert.Equal(t, "news.topics", x.Data[1].Category, "observed, on consent")
	why := map[string][]string{}
	for _, l := range x.LeftOut {
		why[l.Category] = append(why[l.Category], l.Code)
		assert.NotEmpty(t, l.Why)
	}
	assert.Equal(t, map[string][]string{
		"finance.score": {"right.not-provided"}, "finance.income": {"right.not-provided"}, "contact.email": {"right.not-provided"},
		"aml.record": {"right.basis-not-portable"}, "visit.pages": {"right.basis-not-portable"}, "guarantor.name": {"right.another-person"}, "paper.note": {"right.not-automated"},
	}, why, "each with its reason, and of the suspicion nothing")
	assert.NotContains(t, strings.ToLower(text(t, x)), "suspicion")
	assert.Equal(t, o.ID, x.ID)
	for _, field := range []string{"score", "income", "email", "aml", "pages", "note"} {
		assert.NotContains(t, text(t, x), canary+"-"+field)
	}
	assert.NotContains(t, text(t, x), "somebody-else")
}

func TestAWithdrawnConsentEndsPortability(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.ledger.Record(t.Context(), basis.Event{DataSubject: person, Body: basis.ConsentWithdrawn{Scope: "news"}}))
	x, _, err := w.exporter.Make(t.Context(), w.ask(), w.release())
	require.NoError(t, err)
	require.Len(t, x.Data, 1)
}

func TestOnlyWhatIsNeededIsReadAndAllOfItIsOnRecord(t *testing.T) {
	w := newWorld(t)
	_, o, err := w.exporter.Make(t.Context(), w.ask(), w.release())
	require.NoError(t, err)
	assert.Len(t, w.events(audit.AccessRead), 2, "the guard was asked for what is in the export and nothing else")
	events := w.events(audit.RightsPortability)
	last := events[len(events)-1]
	assert.Equal(t, audit.Done, last.Outcome)
	assert.Equal(t, o.ID, last.DecisionID)
	assert.Equal(t, []string{"contact.name", "news.topics"}, last.Categories)

	// A trail that takes all but the last event lets nothing out.
	w = newWorld(t)
	n := 0
	release := w.release()
	x, _, err := w.exporter.Make(t.Context(), w.ask(), func(ctx context.Context, h rights.Holding) (access.Value, error) {
		v, err := release(ctx, h)
		if n++; n == 2 {
			w.trail.FailNext(errors.New("full " + canary))
		}
		return v, err
	})
	assert.ErrorIs(t, err, rights.ErrRecord)
	assert.Nil(t, x)
	assert.NotContains(t, err.Error(), canary)
}

func TestWhatTheGuardWithholdsIsLeftOutWithItsReason(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) { s.Activities[4].Categories = []string{"contact", "aml"} })
	req := w.ask()
	req.Holdings[7].Person = "" // forgotten: the plan knows
	x, _, err := w.exporter.Make(t.Context(), req, w.release())
	require.NoError(t, err)
	require.Len(t, x.Data, 1)
	codes := map[string]string{}
	for _, l := range x.LeftOut {
		codes[l.Category] = l.Code
	}
	assert.Equal(t, string(policy.CodeNotCovered), codes["news.topics"])
	assert.Equal(t, string(rights.CodeAnotherPerson), codes["guarantor.name"])
	events := w.events(audit.RightsPortability)
	assert.Equal(t, []string{"contact.name"}, events[len(events)-1].Categories, "on record is what was handed over")
}

func TestARefusalMakesNoExport(t *testing.T) {
	w := newWorld(t)
	req := w.ask()
	req.Identity = rights.Unknown
	x, o, err := w.exporter.Make(t.Context(), req, w.release())
	assert.ErrorIs(t, err, portability.ErrNotGranted)
	assert.Nil(t, x)
	assert.Equal(t, []string{"identity"}, o.Missing)
	req = w.ask()
	req.Holdings = req.Holdings[2:3] // a score alone
	_, o, err = w.exporter.Make(t.Context(), req, w.release())
	assert.ErrorIs(t, err, portability.ErrNotGranted)
	assert.Equal(t, rights.CodeNothingPortable, o.Reasons[0].Code)
	assert.Empty(t, w.events(audit.AccessRead))
}

func TestADirectTransferIsGrantedWhereItIsFeasible(t *testing.T) {
	for _, feasible := range []bool{true, false} {
		w := newWorld(t)
		req := w.ask()
		req.TransferTo, req.TransferFeasible = "another lender", feasible
		x, o, err := w.exporter.Make(t.Context(), req, w.release())
		require.NoError(t, err)
		assert.Equal(t, feasible, x.Direct)
		assert.Equal(t, feasible, o.Result == rights.Granted)
		assert.Len(t, x.Data, 2)
		infeasible := false
		for _, l := range x.LeftOut {
			infeasible = infeasible || l.Code == string(rights.CodeTransferInfeasible)
		}
		assert.Equal(t, !feasible, infeasible)
	}
}

func TestAValueThatDoesNotComeMakesNoExport(t *testing.T) {
	for title, release := range map[string]access.Release{
		"fails": func(context.Context, rights.Holding) (access.Value, error) {
			return access.Value{}, errors.New("no " + canary)
		},
		"panics": func(context.Context, rights.Holding) (access.Value, error) { panic(canary) },
		"hangs": func(context.Context, rights.Holding) (access.Value, error) {
			time.Sleep(time.Minute)
			return access.Value{}, nil
		},
	} {
		w := newWorld(t)
		x, o, err := w.exporter.Make(t.Context(), w.ask(), release)
		assert.ErrorIs(t, err, portability.ErrCopy, title)
		assert.Nil(t, x)
		assert.NotEmpty(t, o.ID)
		assert.NotContains(t, err.Error(), canary)
	}
	w := newWorld(t)
	release := w.release()
	_, _, err := w.exporter.Make(t.Context(), w.ask(), func(ctx context.Context, h rights.Holding) (access.Value, error) {
		w.trail.FailNext(errors.New("full"))
		return release(ctx, h)
	})
	assert.ErrorIs(t, err, portability.ErrCopy, "a trail that fails is no refusal")
}

func TestAnExporterNeedsItsParts(t *testing.T) {
	w := newWorld(t)
	for title, f := range map[string]func() (*portability.Exporter, error){
		"register": func() (*portability.Exporter, error) { return portability.New(nil, w.desk) },
		"desk":     func() (*portability.Exporter, error) { return portability.New(w.register, nil) },
		"option":   func() (*portability.Exporter, error) { return portability.New(w.register, w.desk, nil) },
		"clock": func() (*portability.Exporter, error) {
			return portability.New(w.register, w.desk, portability.WithClock(nil))
		},
		"time": func() (*portability.Exporter, error) {
			return portability.New(w.register, w.desk, portability.WithTimeout(0))
		},
	} {
		x, err := f()
		assert.Error(t, err, title)
		assert.Nil(t, x, title)
	}
	req := w.ask()
	_, _, err := w.exporter.Make(t.Context(), req, nil)
	assert.ErrorIs(t, err, portability.ErrRequest)
	req.Kind = purpose.AccessRight
	_, _, err = w.exporter.Make(t.Context(), req, w.release())
	assert.ErrorIs(t, err, portability.ErrRequest)
	s := lender()
	s.Controller.Name = "Another A/S"
	another, err := purpose.Compile(s)
	require.NoError(t, err)
	x, err := portability.New(another, w.desk)
	require.NoError(t, err)
	_, _, err = x.Make(t.Context(), w.ask(), w.release())
	assert.ErrorIs(t, err, portability.ErrRegister)
}

// read reads the values back from CSV, as a machine does.
func read(t testing.TB, text []byte) (values []string) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Fatalf("a formula: %q", cell)
			}
		}
		v := row[7]
		if row[9] == "yes" {
			v = strings.TrimPrefix(v, "'")
		}
		values = append(values, v)
	}
	return values
}

func TestBothFormsReadBack(t *testing.T) {
	w := newWorld(t)
	w.record["name"] = "=HYPERLINK(\"x\")\n'-1, \"Ærø\""
	x, _, err := w.exporter.Make(t.Context(), w.ask(), w.release())
	require.NoError(t, err)
	var back portability.Export
	require.NoError(t, json.Unmarshal([]byte(text(t, x)), &back))
	assert.Equal(t, text(t, x), text(t, &back))
	var b bytes.Buffer
	require.NoError(t, x.WriteCSV(&b))
	assert.Equal(t, []string{w.record["name"], canary + "-topics"}, read(t, b.Bytes()))
	assert.Error(t, x.WriteCSV(full{}))
	assert.Error(t, x.WriteJSON(full{}))
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

// Whatever a value holds, it comes back from CSV, and no cell is a formula.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "=1", "'=1", "'", "''", "\t", " -1", "a,b\"c", "\n+", "\r", "a\rb", "\r\n=", "\u200b@", "\xff-", "＝1", "|x", "yes"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		x := portability.Export{Data: []portability.Datum{{Category: value, Title: value, Field: value, Value: value}, {Value: "end"}}}
		var b bytes.Buffer
		require.NoError(t, x.WriteCSV(&b))
		got := read(t, b.Bytes())
		lines := strings.NewReplacer("\r\n", "\n") // the reader of this test makes one of the other
		want := strings.ToValidUTF8(value, "\uFFFD")
		if len(got) != 2 || got[0] != lines.Replace(want) {
			t.Fatalf("%q came back as %q", want, got)
		}
	})
}
