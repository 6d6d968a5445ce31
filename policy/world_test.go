package policy_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

// lessee is the record most tests read.
type lessee struct {
	ID        string               `subject:"id"`
	Name      sealed.Value[string] `personal:"contact.name"`
	Email     sealed.Value[string] `personal:"contact.email"`
	IBAN      sealed.Value[string] `personal:"finance.iban"`
	Income    int64                `personal:"finance.income"`
	Born      time.Time            `personal:"contact.born"`
	Contract  string               `personal:"-"`
	Note      string
	Guarantor *guarantor
	Household []member
}

type guarantor struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"contact.name"`
}

type member struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"contact.name"`
}

type debitView struct{ Name, IBAN string }

const (
	ada = "person-ada"
	bob = "person-bob"
)

func adaRecord() *lessee {
	return &lessee{ID: ada, Name: sealed.Of("Ada Lovelace"), Email: sealed.Of("ada@example.org"), IBAN: sealed.Of("DK5000400440116243"),
		Income: 420_000, Born: time.Date(1985, 12, 10, 0, 0, 0, 0, time.UTC), Contract: "K-17", Note: "called twice"}
}

func testSpec() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Acme Leasing", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2024-01-01", ObjectionClause: "4.6"}},
		Purposes: []purpose.Purpose{{Key: "invoicing"}, {Key: "improvement"}, {Key: "newsletter", Marketing: true, ConsentOnly: true},
			{Key: "scoring"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.email"}, {Key: "contact.born"}, {Key: "finance.iban"},
			{Key: "finance.income"}},
		Capacities: []purpose.Capacity{{Key: "customer"}, {Key: "guarantor"}},
		Events: []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}, {Key: "ended", Stage: basis.Ended},
			{Key: "vouched", Relation: "guarantee", Stage: basis.Active, Gives: []string{"guarantor"}}},
		Facts:       []purpose.Fact{{Key: "overdue", Type: purpose.Bool}},
		Assessments: []purpose.Assessment{{Key: "lia-1", Reference: "LIA/1", Purposes: []string{"improvement"}, From: "2024-01-01"}},
		Scopes:      []purpose.Scope{{Key: "newsletter", Purposes: []purpose.ScopedPurpose{{Purpose: "newsletter"}}}},
		Recipients: []purpose.Recipient{{Key: "hausbank", Kind: purpose.SeparateController, Countries: []string{"DE"}},
			{Key: "broker", Kind: purpose.SeparateController, Countries: []string{"DE"}}},
		Retention: []retention.Rule{{Key: "five-years", Clause: "5.2", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}},
			Ceiling: retention.MustPeriod("P5Y")}},
		Activities: []purpose.Activity{
			{Key: "billing", Purposes: []string{"invoicing"}, Capacities: []string{"customer", "guarantor"}, Categories: []string{"contact", "finance"},
				Claims: []basis.Claim{{Basis: basis.Contract, Stages: []basis.Stage{basis.Active, basis.Ended}}}, Retention: []string{"five-years"},
				Recipients: []purpose.Grant{{Recipient: "hausbank", Categories: []string{"contact.name", "finance.iban"}}}, Clause: "2.3"},
			{Key: "improving", Purposes: []string{"improvement"}, Capacities: []string{"customer"}, Categories: []string{"contact.name", "finance.income"},
				Claims:    []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "better service", Assessment: "lia-1"}},
				Retention: []string{"five-years"}, Conditions: []purpose.Condition{{Fact: "overdue", Is: []purpose.Value{purpose.False()}}}, Clause: "2.2"},
			{Key: "mailing", Purposes: []string{"newsletter"}, Capacities: []string{"customer"}, Categories: []string{"contact"},
				Claims: []basis.Claim{{Basis: basis.Consent, Scope: "newsletter"}}, Retention: []string{"five-years"}, Clause: "2.4"},
		},
	}
}

// fakeClock is a clock that tests move.
type fakeClock struct{ nanos atomic.Int64 }

func newClock() *fakeClock {
	c := &fakeClock{}
	c.nanos.Store(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *fakeClock) now() time.Time          { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *fakeClock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

// world is a guard with everything around it within reach.
type world struct {
	t      *testing.T
	clock  *fakeClock
	reg    *purpose.Register
	ledger *basis.Memory
	trail  *audittest.Recorder
	rules  *rules
	guard  *policy.Guard
}

func newWorld(t *testing.T, options ...policy.Option) *world {
	t.Helper()
	return newWorldOf(t, testSpec(), options...)
}

func newWorldOf(t *testing.T, spec purpose.Spec, options ...policy.Option) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(), rules: &rules{}}
	reg, err := purpose.Compile(spec)
	require.NoError(t, err)
	w.reg = reg
	w.ledger = basis.NewMemory(reg.Vocabulary(), basis.WithClock(w.clock.now))
	w.trail = audittest.NewRecorder(w.clock.now)
	w.guard, err = policy.NewGuard(reg, w.ledger, w.trail, w.rules, append([]policy.Option{policy.WithClock(w.clock.now)}, options...)...)
	require.NoError(t, err)
	w.happened(ada, basis.Occurred{Event: "signed"})
	return w
}

// happened records an event and lets a second pass.
func (w *world) happened(who string, body basis.Body) {
	w.t.Helper()
	require.NoError(w.t, w.ledger.Record(context.Background(), basis.Event{DataSubject: who, Body: body}))
	w.clock.advance(time.Second)
}

func (w *world) request(purposeKey string) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: purposeKey}
}

// names of the events in the trail.
func (w *world) recorded() (names []string) {
	for _, e := range w.trail.Events() {
		names = append(names, string(e.Name)+"/"+string(e.Outcome))
	}
	return names
}

// rules is a policy that tests change; the zero one permits everything.
type rules struct {
	digest atomic.Pointer[string]
	decide atomic.Pointer[func(context.Context, *policy.Input) (policy.Verdict, error)]
	slow   bool
}

const digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const digestB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

func (r *rules) Name() string { return "team" }
func (r *rules) Digest() string {
	if d := r.digest.Load(); d != nil {
		return *d
	}
	return digestA
}
func (r *rules) Immediate() bool { return !r.slow }

func (r *rules) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	if f := r.decide.Load(); f != nil {
		return (*f)(ctx, in)
	}
	return policy.Verdict{Digest: r.Digest(), Permit: in.Fields}, nil
}

func (r *rules) become(f func(context.Context, *policy.Input) (policy.Verdict, error)) {
	r.decide.Store(&f)
}

// codes of a refusal.
func codesOf(t *testing.T, err error) []policy.Code {
	t.Helper()
	var denied *policy.DeniedError
	require.ErrorAs(t, err, &denied)
	require.ErrorIs(t, err, policy.ErrDenied)
	var codes []policy.Code
	for _, r := range denied.Decision.AllReasons() {
		codes = append(codes, r.Code)
	}
	return codes
}

// permitAll is the policy of benchmarks.
type permitAll struct{}

func (permitAll) Name() string    { return "all" }
func (permitAll) Digest() string  { return digestA }
func (permitAll) Immediate() bool { return true }
func (p permitAll) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	return policy.Verdict{Digest: p.Digest(), Permit: in.Fields, Lasting: true}, nil
}
