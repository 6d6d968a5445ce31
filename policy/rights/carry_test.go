package rights_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

func erase(categories ...string) rights.Request {
	return rights.Request{Kind: purpose.ErasureRight, Holdings: held(categories...)}
}

// What is done is what was granted, and the trail says whether it was.
func TestWhatWasGrantedIsCarriedOut(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	w.at("2024-04-15")
	var done []string
	o, err := w.desk.Carry(context.Background(), w.fill(erase("aml.record", "finance.income")), func(_ context.Context, items []rights.Item) error {
		for _, x := range items {
			done = append(done, x.Part)
		}
		assert.Len(t, w.trail.Events(), 2, "the decision is on record before anything is done")
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, rights.Partial, o.Result)
	assert.Equal(t, []string{"finance.income"}, done)
	last := w.trail.Events()[len(w.trail.Events())-1]
	assert.Equal(t, audit.Done, last.Outcome)
	assert.Equal(t, string(rights.CodeCarriedOut), last.Reason)
	assert.Equal(t, []string{"finance.income"}, last.Categories)

	for name, do := range map[string]func(context.Context, []rights.Item) error{
		"fails":  func(context.Context, []rights.Item) error { return errors.New("disk") },
		"panics": func(context.Context, []rights.Item) error { panic("canary") },
	} {
		_, err = w.desk.Carry(context.Background(), w.fill(erase("finance.income")), do)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "canary")
		last = w.trail.Events()[len(w.trail.Events())-1]
		assert.Equal(t, audit.Failed, last.Outcome, name)
		assert.Equal(t, string(rights.CodeCarryFailed), last.Reason, name)
	}
	called := func(context.Context, []rights.Item) error { t.Error("nothing was granted"); return nil }
	o, err = w.desk.Carry(context.Background(), w.fill(erase("aml.record")), called)
	require.NoError(t, err)
	assert.Equal(t, rights.Refused, o.Result)
	_, err = w.desk.Carry(context.Background(), w.fill(erase("finance.income")), nil)
	assert.ErrorIs(t, err, rights.ErrRequest)
}

// A hold that comes between the decision and the erasure stops it.
func TestAHoldThatComesInBetweenStopsTheErasure(t *testing.T) {
	w := newWorld(t)
	formerly(w)
	w.at("2024-04-15")
	trail := &between{Trail: w.trail, then: func() {
		require.NoError(t, w.ledger.Record(context.Background(), basis.Event{DataSubject: person, ValidAt: w.now, Body: basis.HoldPlaced{Reason: "claim"}}))
	}}
	desk, err := rights.NewDesk(w.register, w.ledger, trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	_, err = desk.Carry(context.Background(), w.fill(erase("finance.income")), func(context.Context, []rights.Item) error {
		t.Error("it is on hold")
		return nil
	})
	require.NoError(t, err)
	for _, e := range w.trail.Events() {
		assert.NotEqual(t, string(rights.CodeCarriedOut), e.Reason)
	}
}

type between struct {
	audit.Trail
	then func()
}

func (b *between) Append(ctx context.Context, events []audit.Event) error {
	err := b.Trail.Append(ctx, events)
	if f := b.then; f != nil {
		b.then = nil
		f()
	}
	return err
}

// The ledger forgets last: it says until when the rest must be kept, and it is what an objection to marketing outlives.
func TestForgetting(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	formerly(w)
	w.record("2023-01-01", basis.ObjectionRaised{Ground: basis.Marketing})
	w.at("2024-04-15")
	c := rights.Case{ID: decision, Kind: purpose.ErasureRight, DataSubject: person, Received: w.now}
	_, err := w.desk.Forget(ctx, c, held("aml.record"))
	assert.Equal(t, rights.CodeStillHeld, stepCode(err))
	other := c
	other.Kind = purpose.AccessRight
	_, err = w.desk.Forget(ctx, other, nil)
	assert.ErrorIs(t, err, rights.ErrRequest)
	w.record("2024-04-16", basis.HoldPlaced{Reason: "claim"})
	_, err = w.desk.Forget(ctx, c, nil)
	assert.Equal(t, rights.CodeStillHeld, stepCode(err))
	assert.Empty(t, w.trail.Events())
	w.record("2024-04-17", basis.HoldReleased{Hold: w.state().Holds[0].Event})
	w.at("2024-04-18")
	n, err := w.desk.Forget(ctx, c, nil)
	require.NoError(t, err)
	assert.Equal(t, 4, n)
	assert.Len(t, w.state().Objections, 1, "GDPR Art. 21(3)")
	assert.Empty(t, w.state().Occurrences)
	assert.Len(t, w.trail.Events(), 2)

	desk, err := rights.NewDesk(w.register, struct{ rights.Ledger }{w.ledger}, w.trail, rights.WithClock(func() time.Time { return w.now }), rights.WithPseudonyms(w.names))
	require.NoError(t, err)
	_, err = desk.Forget(ctx, c, nil)
	assert.ErrorIs(t, err, rights.ErrEffect, "a ledger that cannot forget")
}

// Data that may be another controller's is answered by nobody until somebody says whose it is.
func TestUnlabelledDataWaitsWhereOtherControllersDataIsHeld(t *testing.T) {
	w := newWorld(t)
	customer(w)
	for _, kind := range []purpose.RightKind{purpose.AccessRight, purpose.ErasureRight, purpose.PortabilityRight} {
		o := w.ask("2024-04-15", rights.Request{Kind: kind, Holdings: []rights.Holding{{Category: "gender"}}})
		assert.Equal(t, rights.Escalated, o.Result, kind)
		assert.Equal(t, rights.CodeDatasetMissing, code(o, "gender"))
	}
	w = newWorld(t, func(s *purpose.Spec) { s.Datasets = nil })
	customer(w)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.AccessRight, Holdings: []rights.Holding{{Category: "gender"}}})
	assert.Equal(t, rights.Granted, o.Result, "the control: all of it is the controller's")
}

// Nothing that a caller passes in as an id, a reference or a name comes out of a log, an error or the trail.
func TestCanariesStayInside(t *testing.T) {
	const canary = "0101701234-ada.lovelace"
	w := newWorld(t)
	req := w.fill(rights.Request{Kind: purpose.PortabilityRight, DataSubject: canary, Handler: canary, Reviewer: canary, TransferTo: canary,
		Finding:  rights.Finding{Verdict: rights.Founded, By: canary, Reference: canary},
		Holdings: []rights.Holding{{Category: "gender", Dataset: "client", Controller: "client_1", Person: canary, Reference: canary}}})
	for _, kind := range kinds {
		req.Kind = kind
		_, err := w.desk.Serve(context.Background(), req)
		if err != nil {
			assert.NotContains(t, err.Error(), canary)
		}
	}
	assert.NotEmpty(t, w.trail.Events())
	assert.NotContains(t, string(w.trail.Bytes()), "lovelace")
	assert.NotContains(t, string(w.trail.Bytes()), strings.ToUpper("lovelace"))
	req.Kind, req.Holdings[0].Field = purpose.AccessRight, canary
	before := len(w.trail.Events())
	_, err := w.desk.Serve(context.Background(), req)
	require.ErrorIs(t, err, rights.ErrRequest, "a field that is no path")
	assert.NotContains(t, err.Error(), canary)
	assert.Len(t, w.trail.Events(), before)
}
