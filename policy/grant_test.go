package policy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
)

func TestAGrantIsRecordedFirstAndOpensOnce(t *testing.T) {
	w := newWorld(t)
	gr, err := policy.Authorise[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	require.Equal(t, []string{"access.read/permitted"}, w.recorded())
	require.Equal(t, policy.OutcomePermitted, gr.Decision().Outcome)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", gr, gr, gr), "Lovelace")

	var opened, refused atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v, err := gr.Open(ctx)
			if err == nil && v == (debitView{"Ada Lovelace", "DK5000400440116243"}) {
				opened.Add(1)
			} else if errors.Is(err, policy.ErrDenied) && v == (debitView{}) {
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, opened.Load())
	require.EqualValues(t, 7, refused.Load())
	require.Len(t, w.trail.Events(), 8, "each further attempt is recorded")
	_, err = gr.Open(ctx)
	require.Equal(t, []policy.Code{policy.CodeGrantSpent}, codesOf(t, err))
	require.NoError(t, gr.Cancel(ctx))
	require.Len(t, w.trail.Events(), 9, "cancelling what is spent records nothing")
}

func TestAGrantThatNoLongerHoldsDoesNotOpen(t *testing.T) {
	for name, c := range map[string]struct {
		code   policy.Code
		change func(*world, *policy.Grant[debitView])
	}{
		"restriction": {policy.CodeRecheck, func(w *world, _ *policy.Grant[debitView]) {
			w.happened(ada, basis.RestrictionImposed{Reason: "accuracy-contested"})
		}},
		"too late": {policy.CodeGrantExpired, func(w *world, _ *policy.Grant[debitView]) { w.clock.advance(policy.MaxGrant) }},
		"cancelled": {policy.CodeGrantSpent, func(w *world, gr *policy.Grant[debitView]) {
			require.NoError(w.t, gr.Cancel(ctx))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			gr, err := policy.Authorise[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
			require.NoError(t, err)
			c.change(w, gr)
			v, err := gr.Open(ctx)
			require.Zero(t, v)
			require.Equal(t, []policy.Code{c.code}, codesOf(t, err))
			require.Equal(t, "release.aborted/aborted", w.recorded()[1])
		})
	}
	w := newWorld(t)
	gr, err := policy.Authorise[debitView](ctx, w.guard, w.request("invoicing"), adaRecord())
	require.NoError(t, err)
	w.clock.advance(policy.MaxGrant - 1)
	v, err := gr.Open(ctx)
	require.NoError(t, err, "the control: nothing changed, and it is just in time")
	require.NotZero(t, v)
}

func TestWhatMayNotBeHadIsNotGranted(t *testing.T) {
	w := newWorld(t)
	gr, err := policy.Authorise[debitView](ctx, w.guard, w.request("newsletter"), adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied)
	require.Nil(t, gr)
	_, err = gr.Open(ctx)
	require.ErrorIs(t, err, policy.ErrDenied)
	_, err = new(policy.Grant[debitView]).Open(ctx)
	require.ErrorIs(t, err, policy.ErrDenied)
	_, err = policy.Authorise[debitView](ctx, new(policy.Guard), w.request("invoicing"), adaRecord())
	require.ErrorIs(t, err, policy.ErrDenied)
}

func TestTheTrailTellsWhetherAShareWasDelivered(t *testing.T) {
	w := newWorld(t)
	req := w.request("invoicing").To("hausbank")
	var got debitView
	require.NoError(t, policy.Send(ctx, w.guard, req, adaRecord(), func(_ context.Context, v debitView) error { got = v; return nil }))
	require.Equal(t, "Ada Lovelace", got.Name)

	lost := errors.New("connection lost")
	require.ErrorIs(t, policy.Send(ctx, w.guard, req, adaRecord(), func(context.Context, debitView) error { return lost }), lost)
	require.Panics(t, func() {
		_ = policy.Send(ctx, w.guard, req, adaRecord(), func(context.Context, debitView) error { panic("broke") })
	})
	require.Error(t, policy.Send(ctx, w.guard, req, adaRecord(), func(context.Context, debitView) error {
		return fmt.Errorf("no answer: %w", policy.ErrDeliveryUnknown)
	}))
	require.Equal(t, []string{"access.share/permitted", "share.delivered/done", "access.share/permitted", "share.delivered/failed",
		"access.share/permitted", "share.delivered/failed", "access.share/permitted", "share.delivered/failed"}, w.recorded())
	e := w.trail.Events()
	require.Equal(t, e[0].DecisionID, e[1].DecisionID)
	require.Equal(t, "hausbank", e[1].RecipientID)
	require.Equal(t, e[0].DataSubjectRefs, e[1].DataSubjectRefs)
	require.Equal(t, string(policy.CodeDeliveryFailed), e[3].Reason)
	require.Equal(t, string(policy.CodeDeliveryPanic), e[5].Reason)
	require.Equal(t, string(policy.CodeDeliveryUnknown), e[7].Reason)
}

func TestWhatMayNotBeSharedIsNotDelivered(t *testing.T) {
	w := newWorld(t)
	called := false
	deliver := func(context.Context, debitView) error { called = true; return nil }
	for _, recipient := range []string{"broker", "", "nobody"} {
		err := policy.Send(ctx, w.guard, w.request("invoicing").To(recipient), adaRecord(), deliver)
		require.ErrorIs(t, err, policy.ErrDenied, recipient)
	}
	require.Error(t, policy.Send[debitView](ctx, w.guard, w.request("invoicing").To("hausbank"), adaRecord(), nil))
	require.False(t, called)
	require.Equal(t, []string{"access.denied/denied", "access.denied/denied", "access.denied/denied"}, w.recorded())
}

func TestADeliveryThatCannotBeRecordedIsAnError(t *testing.T) {
	w := newWorld(t)
	full := errors.New("full")
	err := policy.Send(ctx, w.guard, w.request("invoicing").To("hausbank"), adaRecord(), func(context.Context, debitView) error {
		w.trail.FailNext(full)
		return nil
	})
	require.ErrorIs(t, err, full)
	require.NotErrorIs(t, err, policy.ErrDenied, "it has left: that it was shared is on record")
	require.Equal(t, audit.AccessShare, w.trail.Events()[0].Name)
}
