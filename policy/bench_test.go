package policy_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// twenty is a record with 20 tagged fields over 20 categories.
type twenty struct {
	ID  string `subject:"id"`
	F00 string `personal:"c0.f0"`
	F01 string `personal:"c0.f1"`
	F02 string `personal:"c0.f2"`
	F03 string `personal:"c0.f3"`
	F04 string `personal:"c0.f4"`
	F05 string `personal:"c0.f5"`
	F06 string `personal:"c0.f6"`
	F07 string `personal:"c0.f7"`
	F08 string `personal:"c0.f8"`
	F09 string `personal:"c0.f9"`
	F10 string `personal:"c1.f0"`
	F11 string `personal:"c1.f1"`
	F12 string `personal:"c1.f2"`
	F13 string `personal:"c1.f3"`
	F14 string `personal:"c1.f4"`
	F15 string `personal:"c1.f5"`
	F16 string `personal:"c1.f6"`
	F17 string `personal:"c1.f7"`
	F18 string `personal:"c1.f8"`
	F19 string `personal:"c1.f9"`
}

// bigSpec is a register of n tagged fields (categories) and p purposes, of which the first two
// groups are what twenty reads for purpose p0.
func bigSpec(n, p int) purpose.Spec {
	s := purpose.Spec{
		Controller: purpose.Controller{Name: "Bench", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01", ObjectionClause: "9"}},
		Capacities: []purpose.Capacity{{Key: "customer"}},
		Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}, {Key: "ended", Stage: basis.Ended}},
		Retention: []retention.Rule{{Key: "r", Clause: "5", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"ended"}},
			Ceiling: retention.MustPeriod("P5Y")}},
	}
	for i := range p {
		s.Purposes = append(s.Purposes, purpose.Purpose{Key: fmt.Sprintf("p%d", i)})
	}
	for i := range n / 10 {
		for j := range 10 {
			s.Categories = append(s.Categories, purpose.Category{Key: fmt.Sprintf("c%d.f%d", i, j)})
		}
	}
	for i := range n / 10 {
		s.Activities = append(s.Activities, purpose.Activity{Key: fmt.Sprintf("a%d", i), Purposes: []string{fmt.Sprintf("p%d", i/2%p)},
			Capacities: []string{"customer"}, Categories: []string{fmt.Sprintf("c%d", i)}, Claims: []basis.Claim{{Basis: basis.Contract}},
			Retention: []string{"r"}, Clause: "2"})
	}
	return s
}

// benchGuard is a guard whose ledger knows that these people signed.
func benchGuard(tb testing.TB, reg *purpose.Register, trail audit.Trail, rules policy.Decider, people ...string) *policy.Guard {
	ledger := basis.NewMemory(reg.Vocabulary())
	signed := time.Now().Add(-time.Hour)
	var events []basis.Event
	for _, id := range people {
		events = append(events, basis.Event{DataSubject: id, ValidAt: signed, Body: basis.Occurred{Event: "signed"}})
	}
	require.NoError(tb, ledger.Record(context.Background(), events...))
	g, err := policy.NewGuard(reg, ledger, trail, rules)
	require.NoError(tb, err)
	return g
}

func bench(tb testing.TB, n, p int) (*policy.Guard, policy.Request, *twenty) {
	reg, err := purpose.Compile(bigSpec(n, p))
	require.NoError(tb, err)
	rules, err := celpolicy.New(reg, "team", celpolicy.Rule{ID: "agents-read", Effect: policy.EffectPermit, Roles: []string{"agent"},
		Actions: []purpose.Action{purpose.Read}, Purposes: []string{"p0"}, Categories: []string{"c0", "c1"}})
	require.NoError(tb, err)
	req := policy.Request{Principal: policy.Principal{ID: "u1", Roles: []string{"agent"}}, Action: purpose.Read, Purpose: "p0"}
	return benchGuard(tb, reg, audittest.NewRecorder(time.Now), rules, "p1"), req, &twenty{ID: "p1", F00: "x"}
}

func TestDecidingTwentyFieldsAllocatesNothing(t *testing.T) {
	g, req, rec := bench(t, 2000, 100)
	ctx := context.Background()
	plan, err := g.Register().Bind(reflect.TypeFor[twenty]())
	require.NoError(t, err)
	req.DataSubject = "p1"
	for name, f := range map[string]func() (policy.Decision, error){
		"record": func() (policy.Decision, error) { return policy.Decide(ctx, g, req, rec) },
		"plan":   func() (policy.Decision, error) { return g.DecidePlan(ctx, req, plan) },
	} {
		d, err := f()
		require.NoError(t, err)
		require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
		require.Len(t, d.Permitted(), 20)
		if n := testing.AllocsPerRun(100, func() { d, _ = f() }); !raceEnabled { // the race detector empties pools at random
			require.Zero(t, n, name)
		}
	}
	// The control: an explanation does allocate, so the measure measures.
	require.NotZero(t, testing.AllocsPerRun(100, func() { _, _ = g.ExplainPlan(ctx, req, plan) }))
}

func BenchmarkDecide(b *testing.B) {
	for _, size := range []struct{ fields, purposes int }{{20, 1}, {20, 10}, {200, 10}, {2000, 100}, {20_000, 1000}} {
		b.Run(fmt.Sprintf("fields=%d/purposes=%d", size.fields, size.purposes), func(b *testing.B) {
			g, req, rec := bench(b, size.fields, size.purposes)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				d, err := policy.Decide(ctx, g, req, rec)
				if err != nil || d.Outcome != policy.OutcomePermitted {
					b.Fatal(d.Because(), err)
				}
			}
		})
	}
}

// forgets is a trail that costs nothing.
type forgets struct{}

func (forgets) Append(context.Context, []audit.Event) error { return nil }
func (forgets) Head(context.Context) (audit.Head, error)    { return audit.Head{}, nil }
func (forgets) Close() error                                { return nil }

// answers is one that waits no longer than it is told, as a trail in files.
type answers struct{ forgets }

func (answers) Prompt() bool { return true }

type twentyView struct{ F00, F05, F10, F19 string }

func benchRead(tb testing.TB, trail audit.Trail) (*policy.Guard, policy.Request, *twenty) {
	reg, err := purpose.Compile(bigSpec(2000, 100))
	require.NoError(tb, err)
	req := policy.Request{Principal: policy.Principal{ID: "u1", Roles: []string{"agent"}}, Purpose: "p0"}
	return benchGuard(tb, reg, trail, permitAll{}, "p1"), req, &twenty{ID: "p1", F00: "x"}
}

// BenchmarkRead is all that a guard does for a release, with a trail that costs nothing: decide, name and write down the
// event, look again, fill the view. Beside it, in the same run, deciding alone; and a trail that is not known to answer in
// time, which another goroutine waits for.
func BenchmarkRead(b *testing.B) {
	b.Run("decide", func(b *testing.B) {
		g, req, rec := benchRead(b, forgets{})
		req.Action = purpose.Read
		b.ReportAllocs()
		for b.Loop() {
			if d, err := policy.Decide(context.Background(), g, req, rec, "F00", "F05", "F10", "F19"); err != nil || d.Outcome != policy.OutcomePermitted {
				b.Fatal(d.Because(), err)
			}
		}
	})
	for name, trail := range map[string]audit.Trail{"prompt": answers{}, "apart": forgets{}} {
		b.Run(name, func(b *testing.B) {
			g, req, rec := benchRead(b, trail)
			b.ReportAllocs()
			for b.Loop() {
				if v, err := policy.Read[twentyView](context.Background(), g, req, rec); err != nil || v.F00 != "x" {
					b.Fatal(err)
				}
			}
		})
	}
}
