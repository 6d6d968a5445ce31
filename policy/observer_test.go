package policy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// watcher keeps what it is told.
type watcher struct {
	mu   sync.Mutex
	seen []policy.Observation
}

func (w *watcher) Observe(_ context.Context, o policy.Observation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, o)
}

// last is the last thing it was told, in words, and how many there were.
func (w *watcher) take(t *testing.T) (words []string) {
	t.Helper()
	for _, o := range w.seen {
		require.GreaterOrEqual(t, o.Took, time.Duration(0))
		left := "kept"
		if o.Released {
			left = "released"
		}
		words = append(words, fmt.Sprintf("%s %s %s %s %s>%s %d/%d", o.Operation, o.Outcome, o.Because, left, o.Purpose, o.Recipient, o.Permitted, o.Requested))
	}
	w.seen = nil
	return words
}

func TestAnObserverIsToldOfEveryDecisionAndRelease(t *testing.T) {
	seen := &watcher{}
	var alerts int
	w := newWorld(t, policy.WithObserver(seen), policy.WithAlert(func(policy.Alert) { alerts++ }))
	invoicing := w.request("invoicing")
	read := invoicing
	read.Action = purpose.Read
	plan, err := w.guard.Schema(purpose.Schema{Name: "doc", Fields: []purpose.SchemaField{{Name: "id", Tags: purpose.Tags{DataSubject: "id"}}, {Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}}}})
	require.NoError(t, err)
	doc := map[string]string{"id": ada, "iban": "DK1"}
	var grant *policy.Grant[debitView]
	for _, tc := range []struct {
		name string
		do   func()
		want []string
	}{
		{"Decide", func() { _, _ = policy.Decide(ctx, w.guard, read, adaRecord(), "Name") }, []string{"decide permitted  kept invoicing> 1/1"}},
		{"Decide, no field", func() { _, _ = policy.Decide(ctx, w.guard, read, adaRecord(), "Nose") }, []string{"decide denied request.field-unknown kept invoicing> 0/0"}},
		{"Explain", func() { _, _ = policy.Explain(ctx, w.guard, read, adaRecord(), "Name") }, []string{"decide permitted  kept invoicing> 1/1"}},
		{"Read", func() { _, _ = policy.Read[debitView](ctx, w.guard, invoicing, adaRecord()) }, []string{"release permitted  released invoicing> 2/2"}},
		{"Read, denied", func() { _, _ = policy.Read[debitView](ctx, w.guard, invoicing.For("newsletter"), adaRecord()) },
			[]string{"release denied purpose.category kept newsletter> 0/2"}},
		{"Read, no purpose of the register", func() { _, _ = policy.Read[debitView](ctx, w.guard, invoicing.For("Ada Lovelace"), adaRecord()) },
			[]string{"release denied request.purpose-unknown kept > 0/2"}},
		{"Share, no recipient of the register", func() { _, _ = policy.Share[debitView](ctx, w.guard, invoicing.To("Ada Lovelace"), adaRecord()) },
			[]string{"release denied recipient.unknown kept invoicing> 0/2"}},
		{"Share", func() { _, _ = policy.Share[debitView](ctx, w.guard, invoicing.To("hausbank"), adaRecord()) },
			[]string{"release permitted  released invoicing>hausbank 2/2"}},
		{"ReadMap", func() { _, _ = policy.ReadMap(ctx, w.guard, invoicing, plan, doc) }, []string{"release permitted  released invoicing> 1/1"}},
		{"ReadMap, no field", func() { _, _ = policy.ReadMap(ctx, w.guard, invoicing, plan, doc, "nose") }, []string{"release denied request.field-unknown kept invoicing> 0/0"}},
		{"ReadBatch", func() { _, _ = policy.ReadBatch[debitView](ctx, w.guard, invoicing, []*lessee{adaRecord(), nil}) },
			[]string{"release permitted  released invoicing> 2/2", "release denied request.record-nil kept invoicing> 0/2"}},
		{"BreakGlass", func() {
			_, _ = policy.BreakGlass[debitView](ctx, w.guard, invoicing, adaRecord(), policy.Emergency{Reason: "emergency.roadside", Until: w.clock.now().Add(time.Hour)})
		}, []string{"emergency permitted  released invoicing> 2/2"}},
		{"Authorise", func() { grant, _ = policy.Authorise[debitView](ctx, w.guard, invoicing, adaRecord()) }, []string{"authorise permitted  kept invoicing> 2/2"}},
		{"Open", func() { _, _ = grant.Open(ctx) }, []string{"open permitted  released invoicing> 2/2"}},
		{"Open again", func() { _, _ = grant.Open(ctx) }, []string{"release denied release.grant-spent kept invoicing> 0/2"}},
		{"Open, late", func() {
			grant, _ = policy.Authorise[debitView](ctx, w.guard, invoicing, adaRecord())
			w.clock.advance(policy.MaxGrant)
			_, _ = grant.Open(ctx)
		}, []string{"authorise permitted  kept invoicing> 2/2", "open denied release.grant-expired kept invoicing> 0/2"}},
		{"Send", func() {
			_ = policy.Send(ctx, w.guard, invoicing.To("hausbank"), adaRecord(), func(context.Context, debitView) error { return nil })
		}, []string{"authorise permitted  kept invoicing>hausbank 2/2", "open permitted  released invoicing>hausbank 2/2", "deliver permitted  released invoicing>hausbank 2/2"}},
		{"Send, failed", func() {
			_ = policy.Send(ctx, w.guard, invoicing.To("hausbank"), adaRecord(), func(context.Context, debitView) error { return errors.New("x") })
		}, []string{"authorise permitted  kept invoicing>hausbank 2/2", "open permitted  released invoicing>hausbank 2/2",
			"deliver permitted release.delivery-failed kept invoicing>hausbank 2/2"}},
		{"trail fails", func() {
			w.trail.FailNext(errors.New("full"))
			_, _ = policy.Read[debitView](ctx, w.guard, invoicing, adaRecord())
		}, []string{"release denied release.trail-unavailable kept invoicing> 0/2"}},
	} {
		tc.do()
		require.Equal(t, tc.want, seen.take(t), tc.name)
	}
	require.Equal(t, 1, alerts)
}

func TestWhatObservingLetsPassIsToldAsReleased(t *testing.T) {
	seen := &watcher{}
	w := newWorld(t, policy.WithObserver(seen), policy.Observing())
	_, err := policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
	require.NoError(t, err)
	require.True(t, seen.seen[0].Observing)
	require.Equal(t, []string{"release denied purpose.category released newsletter> 0/2"}, seen.take(t))
}

type hostileObserver struct{}

func (hostileObserver) Observe(context.Context, policy.Observation) { panic("metrics are down") }

// A guard with an observer that breaks down answers, and records, as one without.
func TestAnObserverThatPanicsChangesNothing(t *testing.T) {
	type answer struct {
		View debitView
		Err  string
	}
	run := func(options ...policy.Option) (answers []answer, recorded []string) {
		w := newWorld(t, options...)
		note := func(v debitView, err error) { answers = append(answers, answer{v, fmt.Sprint(err)}) }
		for _, p := range []string{"invoicing", "newsletter", "nonsense"} {
			note(policy.Read[debitView](ctx, w.guard, w.request(p), adaRecord()))
			note(policy.Share[debitView](ctx, w.guard, w.request(p).To("hausbank"), adaRecord()))
			note(debitView{}, policy.Send(ctx, w.guard, w.request(p).To("hausbank"), adaRecord(), func(_ context.Context, v debitView) error {
				note(v, nil)
				return nil
			}))
			results, err := policy.ReadBatch[debitView](ctx, w.guard, w.request(p), []*lessee{adaRecord(), adaRecord()})
			require.NoError(t, err)
			for _, r := range results {
				note(r.View, r.Err)
			}
			d, err := policy.Decide(ctx, w.guard, w.request(p), adaRecord())
			note(debitView{d.Outcome.String(), string(d.Because())}, err)
		}
		return answers, w.recorded()
	}
	quiet, before := run()
	for name, o := range map[string]policy.Observer{"panics": hostileObserver{}, "nil": nil, "nil pointer": (*watcher)(nil)} {
		answers, recorded := run(policy.WithObserver(o))
		require.Equal(t, quiet, answers, name)
		require.Equal(t, before, recorded, name)
	}
}

func TestAnObserverCostsNoAllocation(t *testing.T) {
	if raceEnabled {
		return // the race detector empties pools at random
	}
	n := &counter{}
	w := newWorld(t, policy.WithObserver(n))
	req := w.request("invoicing")
	req.Action = purpose.Read
	rec := adaRecord()
	_, err := policy.Decide(ctx, w.guard, req, rec, "Name", "IBAN")
	require.NoError(t, err)
	plain := newWorld(t)
	fields := []string{"Name", "IBAN"}
	without := testing.AllocsPerRun(100, func() { _, _ = policy.Decide(ctx, plain.guard, req, rec, fields...) })
	with := testing.AllocsPerRun(100, func() { _, _ = policy.Decide(ctx, w.guard, req, rec, fields...) })
	require.Equal(t, without, with)
	require.Greater(t, n.n, 100)
}

type counter struct{ n int }

func (c *counter) Observe(context.Context, policy.Observation) { c.n++ }

// fickleLedger fails on demand.
type fickleLedger struct {
	*basis.Memory
	err error
}

func (l *fickleLedger) StateAt(ctx context.Context, who string, at, known time.Time) (*basis.State, error) {
	if l.err != nil {
		return nil, l.err
	}
	return l.Memory.StateAt(ctx, who, at, known)
}

func TestAProbeFindsOutWithoutARequest(t *testing.T) {
	w := newWorld(t)
	ledger := &fickleLedger{Memory: w.ledger}
	g, err := policy.NewGuard(w.reg, ledger, w.trail, w.rules, policy.WithClock(w.clock.now))
	require.NoError(t, err)
	h := g.Probe(ctx)
	require.False(t, h.Degraded())
	require.Empty(t, w.recorded(), "a trail that is well is not written to")

	ledger.err = errors.New("gone")
	require.False(t, g.Health().Ledger.Failing, "the control: Health itself asks nobody")
	h = g.Probe(ctx)
	require.True(t, h.Ledger.Failing)
	require.False(t, h.Trail.Failing)
	ledger.err = nil
	h = g.Probe(ctx)
	require.False(t, h.Ledger.Failing)

	w.trail.FailNext(errors.New("full"))
	_, err = policy.Read[debitView](ctx, g, w.request("invoicing"), adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.True(t, g.Health().Trail.Failing)
	w.trail.FailNext(errors.New("still full"))
	require.True(t, func() bool { h := g.Probe(ctx); return h.Trail.Failing }())
	h = g.Probe(ctx)
	require.False(t, h.Trail.Failing, "a heartbeat was recorded")
	require.Equal(t, []string{string(audit.TrailHeartbeat) + "/"}, w.recorded())

	h = new(policy.Guard).Probe(ctx)
	require.True(t, h.Degraded())
}
