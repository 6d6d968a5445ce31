package policy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
)

// suppressed sums what the trail says was counted instead of recorded.
func (w *world) suppressed() (n uint64, events int) {
	for _, e := range w.trail.Events() {
		if e.Name == audit.TrailSuppressed {
			n += e.N
			events++
		}
	}
	return n, events
}

func TestAFloodOfDenialsIsCountedAndNoneIsLost(t *testing.T) {
	w := newWorld(t, policy.WithDenialBudget(10))
	for range 999 {
		_, err := policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
		require.ErrorIs(t, err, policy.ErrDenied)
	}
	var denied *policy.DeniedError
	_, err := policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
	require.ErrorAs(t, err, &denied)
	require.Empty(t, denied.Decision.ID, "what has no record of its own has no id")
	n, events := w.suppressed()
	require.Less(t, events, 12, "a flood leaves few events")
	require.EqualValues(t, 990-w.guard.Health().Suppressed, n)
	require.Greater(t, n, uint64(495), "a crash now would lose less than half of the count")
	require.NoError(t, w.guard.Flush(ctx))
	n, _ = w.suppressed()
	require.EqualValues(t, 990, n)
	require.Zero(t, w.guard.Health().Suppressed)

	_, err = policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	require.Equal(t, audit.AccessRead, w.trail.Events()[len(w.trail.Events())-1].Name, "a release is recorded by itself whatever the flood")

	before := len(w.trail.Events())
	w.clock.advance(time.Minute)
	_, err = policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.Equal(t, "access.denied/denied", w.recorded()[before], "the next minute has a budget of its own")
}

func TestSuppressedDenialsAreToldInTheNextMinute(t *testing.T) {
	w := newWorld(t, policy.WithDenialBudget(1))
	deny := func() {
		_, err := policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
		require.ErrorIs(t, err, policy.ErrDenied)
	}
	for range 4 {
		deny()
	}
	n, _ := w.suppressed()
	require.EqualValues(t, 3, n+w.guard.Health().Suppressed)
	w.clock.advance(time.Minute)
	deny()
	n, _ = w.suppressed()
	require.EqualValues(t, 3, n)
}

func TestABatchKeepsToTheDenialBudget(t *testing.T) {
	w := newWorld(t, policy.WithDenialBudget(2))
	records := make([]*lessee, 10)
	for i := range records {
		records[i] = adaRecord()
	}
	results, err := policy.ReadBatch[debitView](ctx, w.guard, w.request("newsletter"), records)
	require.NoError(t, err)
	for _, r := range results {
		require.ErrorIs(t, r.Err, policy.ErrDenied)
	}
	require.NoError(t, w.guard.Flush(ctx))
	n, _ := w.suppressed()
	require.EqualValues(t, 8, n)
}

func TestACountThatWasNotRecordedIsKept(t *testing.T) {
	w := newWorld(t, policy.WithDenialBudget(1))
	for range 2 {
		_, _ = policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
	}
	_, _ = policy.Read[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
	require.EqualValues(t, 1, w.guard.Health().Suppressed)
	full := errors.New("full")
	w.trail.FailNext(full)
	require.ErrorIs(t, w.guard.Flush(ctx), full)
	require.EqualValues(t, 1, w.guard.Health().Suppressed)
	require.NoError(t, w.guard.Flush(ctx))
	n, _ := w.suppressed()
	require.EqualValues(t, 2, n)
}

func TestAGuardRecordsAtLeastOneDenialAMinute(t *testing.T) {
	w := newWorld(t)
	_, err := policy.NewGuard(w.reg, w.ledger, w.trail, w.rules, policy.WithDenialBudget(0))
	require.Error(t, err)
}

func TestHealthSaysWhatFailsAndSinceWhen(t *testing.T) {
	w := newWorld(t)
	read := func() { _, _ = policy.Read[debitView](ctx, w.guard, w.request("invoicing"), adaRecord()) }
	read()
	h := w.guard.Health()
	require.False(t, h.Degraded())
	require.Equal(t, digestA, h.Policies[0].Digest)

	since := w.clock.now()
	w.trail.FailNext(errors.New("full"))
	read()
	w.clock.advance(time.Minute)
	w.rules.become(func(context.Context, *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{}, errors.New("broke")
	})
	h = w.guard.Health()
	require.True(t, h.Degraded())
	require.Equal(t, policy.Part{Failing: true, Since: since, Failures: 1}, h.Trail)
	require.False(t, h.Policies[0].Failing)
	read()
	h = w.guard.Health()
	require.False(t, h.Trail.Failing, "the refusal was recorded: the trail is back")
	require.EqualValues(t, 1, h.Trail.Failures)
	require.True(t, h.Policies[0].Failing)

	zero := new(policy.Guard).Health()
	require.True(t, zero.Degraded(), "a guard that was not made is not well")
	observing := newWorld(t, policy.Observing()).guard.Health()
	require.True(t, observing.Degraded(), "a guard that enforces nothing is not well")
}
