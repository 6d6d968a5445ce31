package rights_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func (w *world) at(s string) { w.now = on(s) }

func stepCode(err error) rights.Code {
	var step *rights.StepError
	if errors.As(err, &step) {
		return step.Code
	}
	return ""
}

// GDPR Art. 18(3): the person is told before.
func TestLiftingARestriction(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	customer(w)
	w.at("2024-04-01")
	c := rights.Case{ID: decision, Kind: purpose.RestrictionRight, DataSubject: person, Received: w.now, Handler: "u1"}
	w.serve("2024-04-01", rights.Request{ID: decision, Kind: purpose.RestrictionRight, Ground: rights.Inaccurate})
	id := w.state().Restrictions[0].Event
	w.at("2024-04-20")
	for name, told := range map[string]time.Time{"never": {}, "tomorrow": on("2024-04-21"), "before it was imposed": on("2024-03-01")} {
		err := w.desk.Lift(ctx, c, id, told)
		assert.ErrorIs(t, err, rights.ErrStep, name)
		assert.Equal(t, rights.CodeNotInformed, stepCode(err), name)
	}
	assert.Equal(t, rights.CodeRestrictionNone, stepCode(w.desk.Lift(ctx, c, "another", on("2024-04-10"))))
	assert.Len(t, w.state().Restrictions, 1)
	before := len(w.trail.Events())
	require.NoError(t, w.desk.Lift(ctx, c, id, on("2024-04-10")))
	assert.Empty(t, w.state().Restrictions)
	events := w.trail.Events()[before:]
	require.Len(t, events, 2)
	assert.Equal(t, string(rights.CodeLifted), events[0].Reason)
	assert.Equal(t, id, events[0].BasisRef)
	assert.Equal(t, audit.Done, events[1].Outcome)
	assert.Equal(t, rights.CodeRestrictionNone, stepCode(w.desk.Lift(ctx, c, id, on("2024-04-10"))), "it is lifted")
}

// GDPR Art. 18(2).
func TestOpeningRestrictedData(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	customer(w)
	w.serve("2024-04-01", rights.Request{ID: decision, Kind: purpose.RestrictionRight, Ground: rights.Inaccurate})
	c := rights.Case{ID: decision, Kind: purpose.RestrictionRight, DataSubject: person, Received: w.now}
	id := w.state().Restrictions[0].Event
	assert.Equal(t, rights.CodeReferenceMissing, stepCode(w.desk.Except(ctx, c, id, basis.LegalClaims, []string{"claims"}, "", time.Time{})))
	assert.Equal(t, rights.CodeRestrictionNone, stepCode(w.desk.Except(ctx, c, "x", basis.LegalClaims, []string{"claims"}, "r", time.Time{})))
	assert.ErrorIs(t, w.desk.Except(ctx, c, id, 0, []string{"claims"}, "r", time.Time{}), rights.ErrEffect, "no ground of Art. 18(2)")
	require.NoError(t, w.desk.Except(ctx, c, id, basis.LegalClaims, []string{"claims"}, "case 7", time.Time{}))
	w.at("2024-04-02")
	assert.Equal(t, []string{"claims"}, w.state().Restrictions[0].Exceptions[0].Purposes)
}

// GDPR Art. 21(1): the controller demonstrates compelling grounds; Art. 21(3): not against marketing.
func TestWeighingAnObjection(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	visitor(w)
	w.serve("2024-04-01", rights.Request{ID: decision, Kind: purpose.ObjectionRight, Ground: rights.OwnSituation, Purposes: []string{"statistics"}})
	w.record("2024-04-02", basis.ObjectionRaised{Ground: basis.Marketing})
	c := rights.Case{ID: decision, Kind: purpose.ObjectionRight, DataSubject: person, Received: on("2024-04-01")}
	own, marketing := w.state().Objections[0].Event, w.state().Objections[1].Event
	against := rights.Finding{Verdict: rights.Overridden, By: "u1", Reference: "weighing 3"}
	assert.Equal(t, rights.CodeObjectionNone, stepCode(w.desk.Weigh(ctx, c, "another", against)))
	assert.Equal(t, rights.CodeReviewerMissing, stepCode(w.desk.Weigh(ctx, c, own, rights.Finding{Verdict: rights.Overridden, Reference: "w"})))
	assert.Equal(t, rights.CodeReferenceMissing, stepCode(w.desk.Weigh(ctx, c, own, rights.Finding{Verdict: rights.Overridden, By: "u1"})))
	assert.Equal(t, rights.CodeAbsolute, stepCode(w.desk.Weigh(ctx, c, marketing, against)))
	assert.Len(t, w.state().Objections, 2)
	require.NoError(t, w.desk.Weigh(ctx, c, own, against))
	w.at("2024-04-20")
	require.Len(t, w.state().Objections, 1)
	assert.Equal(t, marketing, w.state().Objections[0].Event)
	require.NoError(t, w.desk.Weigh(ctx, c, marketing, rights.Finding{Verdict: rights.Founded, By: "u1"}))
	assert.Len(t, w.state().Objections, 1)
}

// GDPR Art. 22(3): a named person looked at it again, and what came of it is on record.
func TestReviewIsOnRecord(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	c := rights.Case{ID: "01HZ0000000000000000000001", Kind: purpose.ReviewRight, DataSubject: person, Received: w.now}
	assert.Equal(t, rights.CodeReviewerMissing, stepCode(w.desk.Review(ctx, c, decision, "", true)))
	assert.Equal(t, rights.CodeDecisionMissing, stepCode(w.desk.Review(ctx, c, "", "u1", true)))
	other := c
	other.Kind = purpose.AccessRight
	assert.ErrorIs(t, w.desk.Review(ctx, other, decision, "u1", true), rights.ErrRequest)
	assert.Empty(t, w.trail.Events())
	require.NoError(t, w.desk.Review(ctx, c, decision, "u1", true))
	require.NoError(t, w.desk.Review(ctx, c, decision, "u1", false))
	events := w.trail.Events()
	assert.Equal(t, audit.RightsReview, events[0].Name)
	assert.Equal(t, string(rights.CodeChanged), events[0].Reason)
	assert.Equal(t, string(rights.CodeConfirmed), events[1].Reason)
	assert.Equal(t, decision, events[0].BasisRef)
	assert.NotEmpty(t, events[0].PrincipalRef)
}

// Where every case stands is read from the trail alone: receipt, extension, answer, what waits for a person.
func TestCasesAreReadFromTheTrail(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	formerly(w)
	open := func(received string, req rights.Request) (rights.Case, rights.Request) {
		w.at(received)
		req = w.fill(req)
		c, clock, err := w.desk.Receive(ctx, req)
		require.NoError(t, err)
		require.False(t, clock.Due.IsZero())
		req.ID = c.ID
		return c, req
	}
	late, _ := open("2024-01-02", rights.Request{Kind: purpose.AccessRight})
	extended, _ := open("2024-01-31", rights.Request{Kind: purpose.AccessRight})
	w.at("2024-02-20")
	clock, err := w.desk.Extend(ctx, extended, w.now, retention.MustPeriod("P2M"))
	require.NoError(t, err)
	assert.Equal(t, "2024-04-30", clock.Due.String())
	tooLate, _ := open("2024-02-01", rights.Request{Kind: purpose.AccessRight})
	w.at("2024-03-05")
	clock, err = w.desk.Extend(ctx, tooLate, w.now, retention.Period{})
	assert.Equal(t, rights.CodeExtensionLate, stepCode(err))
	assert.Equal(t, "2024-03-01", clock.Due.String())
	answered, req := open("2024-03-10", rights.Request{Kind: purpose.ErasureRight, Holdings: held("finance.income")})
	o := w.serve("2024-03-20", req)
	require.NoError(t, w.desk.CarriedOut(ctx, answered, o.Items))
	waiting, req := open("2024-03-15", rights.Request{Kind: purpose.ErasureRight, Holdings: held("finance.income", "orphan")})
	w.serve("2024-03-21", req)

	w.at("2024-03-25")
	list, err := w.desk.Cases(ctx, w.trail, "dpo")
	require.NoError(t, err)
	byID := map[string]rights.Status{}
	var order []string
	for _, s := range list {
		byID[s.ID] = s
		order = append(order, s.ID)
	}
	require.Len(t, list, 5)
	assert.Equal(t, []string{late.ID, tooLate.ID}, order[:2], "the overdue first")
	assert.Equal(t, rights.Overdue, byID[late.ID].Progress)
	assert.Equal(t, rights.Overdue, byID[tooLate.ID].Progress, "told too late, it has no effect")
	assert.Equal(t, rights.Open, byID[extended.ID].Progress)
	assert.True(t, byID[extended.ID].Clock.Extended)
	assert.Equal(t, "2024-04-30", byID[extended.ID].Clock.Due.String())
	s := byID[answered.ID]
	assert.Equal(t, []any{rights.Answered, true, true, false}, []any{s.Progress, s.Granted, s.CarriedOut, s.Waiting})
	s = byID[waiting.ID]
	assert.Equal(t, []any{rights.Open, true, false, true}, []any{s.Progress, s.Granted, s.CarriedOut, s.Waiting})
	assert.Equal(t, purpose.ErasureRight, s.Kind)

	last := w.trail.Events()[len(w.trail.Events())-1]
	assert.Equal(t, audit.TrailRead, last.Name, "reading is on record too")
	_, err = w.desk.Cases(ctx, w.trail, "")
	assert.ErrorIs(t, err, rights.ErrRequest)

	// Somebody found the day: the case is answered then.
	req.Facts = purpose.Facts{{Fact: "limitation_until", Value: purpose.InstantValue(on("2024-01-01"))}}
	w.serve("2024-04-02", req)
	list, err = w.desk.Cases(ctx, w.trail, "dpo")
	require.NoError(t, err)
	for _, s := range list {
		if s.ID == waiting.ID {
			assert.False(t, s.Waiting)
			assert.Equal(t, rights.Answered, s.Progress)
			assert.True(t, s.Timing.Answered.Equal(w.now))
		}
	}
}

func TestAStepOfNoCaseIsAnError(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	good := rights.Case{ID: decision, Kind: purpose.AccessRight, DataSubject: person, Received: w.now}
	require.NoError(t, w.desk.CarriedOut(ctx, good, nil), "the control")
	for name, edit := range map[string]func(*rights.Case){
		"no id":       func(c *rights.Case) { c.ID = "" },
		"no right":    func(c *rights.Case) { c.Kind = 0 },
		"nobody":      func(c *rights.Case) { c.DataSubject = "" },
		"all":         func(c *rights.Case) { c.DataSubject = "*" },
		"no receipt":  func(c *rights.Case) { c.Received = time.Time{} },
		"in a future": func(c *rights.Case) { c.Received = w.now.Add(time.Hour) },
	} {
		c := good
		edit(&c)
		before := len(w.trail.Events())
		_, err := w.desk.Extend(ctx, c, w.now, retention.Period{})
		for _, err := range []error{err, w.desk.CarriedOut(ctx, c, nil), w.desk.Lift(ctx, c, "r", w.now), w.desk.Weigh(ctx, c, "o", rights.Finding{}), w.desk.Review(ctx, c, decision, "u1", true)} {
			assert.ErrorIs(t, err, rights.ErrRequest, name)
		}
		assert.Len(t, w.trail.Events(), before, name)
	}
	_, err := w.desk.Extend(ctx, good, time.Time{}, retention.Period{})
	assert.ErrorIs(t, err, rights.ErrRequest)
}
