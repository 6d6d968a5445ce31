package live_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/purpose/sealed"
)

type lessee struct {
	ID   string               `subject:"id"`
	Name sealed.Value[string] `personal:"contact.name"`
	IBAN sealed.Value[string] `personal:"finance.iban"`
}

type debitView struct{ Name, IBAN string }

var (
	ada     = &lessee{ID: "ada", Name: sealed.Of("Ada"), IBAN: sealed.Of("DK50")}
	request = policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing"}
)

const denies = "rules:\n  - id: nobody\n    effect: deny\n    purposes: [invoicing]\n"

func (w *world) guard(p *live.Policy, trail audit.Trail) *policy.Guard {
	w.t.Helper()
	ledger := basis.NewMemory(w.reg.Vocabulary(), basis.WithClock(w.clock.now))
	require.NoError(w.t, ledger.Record(ctx, basis.Event{DataSubject: "ada", Body: basis.Occurred{Event: "signed"}}))
	w.clock.advance(time.Second)
	g, err := policy.NewGuard(w.reg, ledger, trail, p, policy.WithClock(w.clock.now))
	require.NoError(w.t, err)
	return g
}

func TestAGuardFollowsThePolicy(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	g := w.guard(p, w.trail)
	v, err := policy.Read[debitView](ctx, g, request, ada)
	require.NoError(t, err)
	require.Equal(t, "DK50", v.IBAN)
	first := p.Digest()

	w.put(2, denies)
	require.NoError(t, p.Trigger(ctx))
	_, err = policy.Read[debitView](ctx, g, request, ada)
	require.ErrorIs(t, err, policy.ErrDenied)

	w.put(3, "rules: nonsense")
	require.Error(t, p.Trigger(ctx))
	_, err = policy.Read[debitView](ctx, g, request, ada)
	require.ErrorIs(t, err, policy.ErrDenied, "the last good policy stays in force")

	events := w.trail.Events()
	var story []string
	for _, e := range events {
		story = append(story, string(e.Name)+" "+string(e.Outcome))
	}
	require.Equal(t, []string{"policy.changed done", "access.read permitted", "policy.changed done", "access.denied denied", "policy.changed failed", "access.denied denied"}, story)
	require.Equal(t, first, events[1].PolicyDigest)
	require.Equal(t, events[2].PolicyDigest, events[3].PolicyDigest)
	require.Equal(t, events[2].PolicyDigest, events[5].PolicyDigest)
}

// How old the policy is, and whether it is kept up to date, is among the guard's vitals.
func TestAGuardKnowsHowOldItsPolicyIs(t *testing.T) {
	w := newWorld(t)
	began := w.clock.now()
	p := w.open()
	g := w.guard(p, w.trail)
	first := g.Health().Policies[0]
	require.False(t, first.Upkeep.Failing)
	require.False(t, first.Upkeep.InForce.Before(began))
	require.Equal(t, first.Upkeep.InForce, p.Health().Since)

	w.clock.advance(time.Hour)
	w.put(2, denies)
	require.NoError(t, p.Trigger(ctx))
	second := g.Health().Policies[0]
	require.NotEqual(t, first.Digest, second.Digest)
	require.GreaterOrEqual(t, second.Upkeep.InForce.Sub(first.Upkeep.InForce), time.Hour)

	w.clock.advance(time.Hour)
	w.put(3, "rules: nonsense")
	require.Error(t, p.Trigger(ctx))
	h := g.Health()
	require.True(t, h.Policies[0].Upkeep.Failing)
	require.True(t, h.Degraded())
	require.False(t, h.Policies[0].Failing, "what is in force answers")
	require.Equal(t, second.Upkeep.InForce, h.Policies[0].Upkeep.InForce)
	require.GreaterOrEqual(t, h.Policies[0].Upkeep.Checked.Sub(second.Upkeep.Checked), time.Hour)
	require.True(t, new(live.Policy).Upkeep().Failing)
}

// swapper puts another policy in force while a release is being recorded.
type swapper struct {
	audit.Trail
	once sync.Once
	swap func()
}

func (s *swapper) Append(ctx context.Context, events []audit.Event) error {
	if err := s.Trail.Append(ctx, events); err != nil {
		return err
	}
	if events[0].Name == audit.AccessRead {
		s.once.Do(s.swap)
	}
	return nil
}

func TestASwapBetweenDecisionAndReleaseIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		rules    string
		released bool
	}{"that denies": {denies, false}, "that still permits": {permits("other"), true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.open()
			s := &swapper{Trail: w.trail, swap: func() {
				w.put(2, c.rules)
				require.NoError(t, p.Trigger(ctx))
			}}
			_, err := policy.Read[debitView](ctx, w.guard(p, s), request, ada)
			events := w.trail.Events()
			if c.released {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, policy.ErrDenied)
			require.Equal(t, audit.ReleaseAborted, events[len(events)-1].Name)
		})
	}
}

func TestATrailThatFailsClosesBoth(t *testing.T) {
	w := newWorld(t)
	p := w.open()
	g := w.guard(p, w.trail)
	before := p.Digest()
	w.put(2, permits("second"))
	require.NoError(t, w.trail.Close())
	require.Equal(t, live.ReasonTrail, reasonOf(t, p.Trigger(ctx)))
	require.Equal(t, before, p.Digest())
	_, err := policy.Read[debitView](ctx, g, request, ada)
	require.ErrorIs(t, err, policy.ErrDenied)
}
