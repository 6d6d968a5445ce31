package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/policy/rights/outbox"
	"github.com/purposebound/purposebound/purpose"
)

func recipients(list []outbox.Notice) (out []string) {
	for i := range list {
		out = append(out, list[i].Recipient)
	}
	return out
}

func TestNoticesGoToWhoReceivedTheDataConcerned(t *testing.T) {
	w, c, list := opened(t)
	assert.Equal(t, []string{"bank", "court", "fiu"}, recipients(list), "the insurer got other data, the workshop got nothing")
	n := list[0]
	assert.Equal(t, c.ID, n.Case)
	assert.Equal(t, purpose.RectificationRight, n.Kind)
	assert.Equal(t, []string{"contact.name"}, n.Categories)
	assert.Equal(t, "controller", n.RecipientKind)
	assert.Equal(t, "DK", n.RecipientCountry)
	assert.Equal(t, outbox.Pending, n.State)
	assert.False(t, n.Silent)
	assert.False(t, w.notice("court", list).Silent, "it received the name for the loan too")
	assert.True(t, w.notice("fiu", list).Silent)
	assert.Equal(t, []string{"bank permitted notice.pending", "fiu permitted notice.pending", "court permitted notice.pending"}, w.events())
}

func TestEachRightAndEachCategoryHasItsRecipients(t *testing.T) {
	for _, c := range []struct {
		kind       purpose.RightKind
		categories []string
		want       []string
	}{
		{purpose.RectificationRight, []string{"finance.income"}, []string{"bank", "insurer"}},
		{purpose.RestrictionRight, []string{"contact.name", "finance.income"}, []string{"bank", "court", "fiu", "insurer"}},
		{purpose.RectificationRight, []string{"contact.email"}, nil},
		{purpose.RectificationRight, []string{"contact"}, []string{"bank", "court", "fiu"}}, // a node is all below it
	} {
		w := newWorld(t)
		w.work()
		ca, o := w.grant(c.kind, c.categories...)
		list, err := w.box.Open(t.Context(), ca, o)
		require.NoError(t, err)
		assert.Equal(t, c.want, recipients(list), "%v", c.categories)
		ok, err := w.store.Opened(t.Context(), ca.ID)
		require.NoError(t, err)
		assert.True(t, ok, "also where nobody is to be told")
	}
}

func TestErasureTellsTheRecipientsToo(t *testing.T) {
	w := newWorld(t)
	w.work()
	require.NoError(t, w.ledger.Record(t.Context(), basis.Event{DataSubject: person, Body: basis.Occurred{Event: "ended"}}))
	w.clock.add(72 * time.Hour)
	req := rights.Request{Kind: purpose.ErasureRight, DataSubject: person, Received: w.clock.look(), Identity: rights.Proven, Holdings: []rights.Holding{{Category: "contact.name"}}}
	o, err := w.desk.Serve(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, rights.Granted, o.Result, "%v", o.Items)
	list, err := w.box.Open(t.Context(), rights.Case{ID: o.ID, Kind: req.Kind, DataSubject: person, Received: req.Received}, o)
	require.NoError(t, err)
	assert.Equal(t, []string{"bank", "court", "fiu"}, recipients(list))
}

func TestOpeningTwiceMakesNoSecondNotice(t *testing.T) {
	w := newWorld(t)
	w.work()
	c, o := w.grant(purpose.RectificationRight, "contact.name")
	first, err := w.box.Open(t.Context(), c, o)
	require.NoError(t, err)
	_, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	before := len(w.events())
	again, err := w.box.Open(t.Context(), c, o)
	require.NoError(t, err)
	assert.Len(t, again, len(first))
	for _, n := range again {
		assert.Equal(t, outbox.Sent, n.State, "what was sent stays sent")
	}
	assert.Len(t, w.events(), before, "nothing new is on record")
}

func TestWhatChangesNothingOpensNothing(t *testing.T) {
	w := newWorld(t)
	w.work()
	c, o := w.grant(purpose.RectificationRight, "contact.name")
	refused := o
	refused.Obligations = nil
	list, err := w.box.Open(t.Context(), c, refused)
	require.NoError(t, err)
	assert.Empty(t, list)
	none := o
	none.Items = nil
	list, err = w.box.Open(t.Context(), c, none)
	require.NoError(t, err)
	assert.Empty(t, list)
	assert.Empty(t, w.events())
	for title, edit := range map[string]func(*rights.Case, *rights.Outcome){
		"another case":     func(c *rights.Case, _ *rights.Outcome) { c.ID = "01HZZZZZZZZZZZZZZZZZZZZZZZ" },
		"another right":    func(c *rights.Case, _ *rights.Outcome) { c.Kind = purpose.ErasureRight },
		"nobody":           func(c *rights.Case, _ *rights.Outcome) { c.DataSubject = "" },
		"another register": func(_ *rights.Case, o *rights.Outcome) { o.RegisterDigest = "sha256:0" },
	} {
		c, o := c, o
		edit(&c, &o)
		_, err := w.box.Open(t.Context(), c, o)
		assert.ErrorIs(t, err, outbox.ErrRequest, title)
	}
	someone := c
	someone.DataSubject = "somebody-else"
	_, err = w.box.Open(t.Context(), someone, o)
	assert.ErrorIs(t, err, outbox.ErrTrail, "the trail has the case under another person's alias")
}

// broken is a trail that answers wrongly.
type broken struct {
	outbox.Disclosures
	update, ask, person func() error
}

func (b *broken) Update(ctx context.Context) (int, error) {
	if b.update != nil {
		return 0, b.update()
	}
	return b.Disclosures.Update(ctx)
}

func (b *broken) ByDecision(ctx context.Context, who index.Asker, id string) (index.Listing, error) {
	if b.ask != nil {
		return index.Listing{}, b.ask()
	}
	return b.Disclosures.ByDecision(ctx, who, id)
}

func (b *broken) ForPerson(ctx context.Context, who index.Asker, refs []string) (index.PersonReport, error) {
	if b.person != nil {
		return index.PersonReport{}, b.person()
	}
	return b.Disclosures.ForPerson(ctx, who, refs)
}

func TestATrailThatCannotBeReadInFullOpensNothing(t *testing.T) {
	fail := func() error { return errors.New("cannot read " + person) }
	nothing := func() error { return nil }
	for title, b := range map[string]*broken{"update fails": {update: fail}, "asking fails": {ask: fail}, "person fails": {person: fail}, "behind": {update: nothing}, "another trail": {ask: nothing},
		"forgets the person": {person: nothing}, "panics": {person: func() error { panic(person) }}, "hangs": {person: func() error { time.Sleep(time.Minute); return nil }}} {
		w := newWorld(t)
		w.work()
		c, o := w.grant(purpose.RectificationRight, "contact.name")
		b.Disclosures = w.index
		_, err := w.outbox(b).Open(t.Context(), c, o)
		require.ErrorIs(t, err, outbox.ErrTrail, title)
		assert.NotContains(t, err.Error(), "canary")
		ok, err := w.store.Opened(t.Context(), c.ID)
		require.NoError(t, err)
		assert.False(t, ok, title)
	}
}

func TestNothingIsOpenedThatIsNotOnRecord(t *testing.T) {
	w := newWorld(t)
	w.work()
	c, o := w.grant(purpose.RectificationRight, "contact.name")
	box := w.outbox(&failing{Disclosures: w.index, trail: func() { w.trail.FailNext(errors.New("full " + person)) }})
	_, err := box.Open(t.Context(), c, o)
	require.ErrorIs(t, err, outbox.ErrRecord)
	assert.NotContains(t, err.Error(), "canary")
	ok, err := w.store.Opened(t.Context(), c.ID)
	require.NoError(t, err)
	assert.False(t, ok)
}

// failing makes the trail fail after the last question.
type failing struct {
	outbox.Disclosures
	trail func()
}

func (f *failing) ForPerson(ctx context.Context, who index.Asker, refs []string) (index.PersonReport, error) {
	r, err := f.Disclosures.ForPerson(ctx, who, refs)
	f.trail()
	return r, err
}

func TestDispatchTellsEverybodyOnce(t *testing.T) {
	w, _, list := opened(t)
	var told []string
	r, err := w.box.Dispatch(t.Context(), func(_ context.Context, n outbox.Notice) error {
		assert.Equal(t, person, n.DataSubject)
		events := w.events()
		assert.Equal(t, n.Recipient+" permitted notice.attempt", events[len(events)-1], "on record before it is told")
		told = append(told, n.Recipient)
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, outbox.Report{Sent: 3}, r)
	assert.ElementsMatch(t, []string{"bank", "court", "fiu"}, told)
	for _, to := range told {
		n := w.notice(to, list)
		assert.Equal(t, outbox.Sent, n.State)
		assert.True(t, n.Next.IsZero() && n.Lease.IsZero())
		assert.Contains(t, w.events(), to+" done notice.sent")
	}
	w.clock.add(48 * time.Hour)
	r, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { t.Error("told twice"); return nil })
	require.NoError(t, err)
	assert.Zero(t, r)
}

func TestWhatFailsIsTriedAgainLaterAndLater(t *testing.T) {
	w, _, list := opened(t)
	fail := func(_ context.Context, n outbox.Notice) error {
		if n.Recipient == "bank" {
			return errors.New("no route to " + person)
		}
		return nil
	}
	var gaps []time.Duration
	for i := range 14 {
		r, err := w.box.Dispatch(t.Context(), fail)
		require.NoError(t, err, "a delivery that fails is no failure of the outbox")
		assert.Equal(t, 1, r.Failed)
		n := w.notice("bank", list)
		assert.Equal(t, outbox.Retrying, n.State)
		assert.Equal(t, i+1, n.Attempts)
		assert.Equal(t, i+1 >= 3, len(r.Stuck) == 1, "patience is three")
		gaps = append(gaps, n.Next.Sub(n.ChangedAt))
		w.clock.add(n.Next.Sub(n.ChangedAt))
	}
	assert.Equal(t, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}, gaps[:3])
	assert.Equal(t, 24*time.Hour, gaps[13])
	assert.Contains(t, w.events(), "bank failed notice.failed")
	r, err := w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, 1, r.Sent)
}

func TestADeliveryThatHangsOrPanicsFails(t *testing.T) {
	for title, deliver := range map[string]outbox.Deliver{
		"panics": func(context.Context, outbox.Notice) error { panic(person) },
		"hangs":  func(ctx context.Context, _ outbox.Notice) error { time.Sleep(time.Minute); return nil },
	} {
		w, _, list := opened(t)
		r, err := w.outbox(w.index, outbox.WithDelivery(50*time.Millisecond)).Dispatch(t.Context(), deliver)
		require.NoError(t, err, title)
		assert.Equal(t, 3, r.Failed)
		assert.Equal(t, outbox.Retrying, w.notice("bank", list).State)
	}
}

func TestNobodyIsToldWithoutARecord(t *testing.T) {
	w, _, list := opened(t)
	w.trail.FailNext(errors.New("full " + person))
	r, err := w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { t.Error("told without a record"); return nil })
	require.ErrorIs(t, err, outbox.ErrRecord)
	assert.NotContains(t, err.Error(), "canary")
	assert.Equal(t, 1, r.Failed)
	w.clock.add(time.Hour)
	r, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, 3, r.Sent, "nothing is lost")
	_ = list
}

// What was delivered and not written down is delivered again, under the same id: at least once, never lost.
func TestADeathInTheMiddleLosesNoNotice(t *testing.T) {
	w, _, _ := opened(t)
	seen := map[string]int{}
	_, err := w.box.Dispatch(t.Context(), func(_ context.Context, n outbox.Notice) error {
		seen[n.ID]++
		w.trail.FailNext(errors.New("the power is gone"))
		return nil
	})
	require.ErrorIs(t, err, outbox.ErrRecord)
	r, err := w.box.Dispatch(t.Context(), func(_ context.Context, n outbox.Notice) error { seen[n.ID]++; return nil })
	require.NoError(t, err)
	assert.Equal(t, 2, r.Sent, "the first is under its lease")
	w.clock.add(time.Hour)
	r, err = w.box.Dispatch(t.Context(), func(_ context.Context, n outbox.Notice) error { seen[n.ID]++; return nil })
	require.NoError(t, err)
	assert.Equal(t, 1, r.Sent)
	assert.Len(t, seen, 3)
	twice := 0
	for _, n := range seen {
		twice += n - 1
	}
	assert.Equal(t, 1, twice)
}

func TestManyDispatchersShareTheWork(t *testing.T) {
	w, _, _ := opened(t)
	var told atomic.Int32
	var done sync.WaitGroup
	for range 6 {
		done.Go(func() {
			_, err := w.box.Dispatch(context.Background(), func(context.Context, outbox.Notice) error { told.Add(1); return nil })
			assert.NoError(t, err)
		})
	}
	done.Wait()
	assert.EqualValues(t, 3, told.Load())
}

func TestAPersonDecidesThatARecipientCannotBeTold(t *testing.T) {
	w, _, list := opened(t)
	bank := w.notice("bank", list)
	n, err := w.box.Give(t.Context(), bank.ID, outbox.Verdict{State: outbox.Impossible, Reason: "dissolved", Reference: "file 7", By: "officer-1"})
	require.NoError(t, err)
	assert.Equal(t, outbox.Impossible, n.State)
	assert.Equal(t, "dissolved", n.Reason)
	assert.True(t, strings.HasPrefix(n.By, "pr-"), "a pseudonym")
	assert.Contains(t, w.events(), "bank denied notice.impossible.dissolved")
	_, err = w.box.Give(t.Context(), w.notice("court", list).ID, outbox.Verdict{State: outbox.Disproportionate, Reason: "cost", Reference: "file 8", By: "officer-1"})
	require.NoError(t, err)
	r, err := w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, 1, r.Sent)

	n, err = w.box.Give(t.Context(), bank.ID, outbox.Verdict{State: outbox.Pending, Reason: "successor-found", By: "officer-2"})
	require.NoError(t, err)
	assert.Equal(t, outbox.Pending, n.State)
	assert.Contains(t, w.events(), "bank permitted notice.pending.successor-found")
	r, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, 1, r.Sent)
	_, err = w.box.Give(t.Context(), bank.ID, outbox.Verdict{State: outbox.Impossible, Reason: "dissolved", Reference: "file 7", By: "officer-1"})
	assert.ErrorIs(t, err, outbox.ErrFinal)
}

func TestAVerdictNeedsAReasonAndAName(t *testing.T) {
	w, _, list := opened(t)
	id := w.notice("bank", list).ID
	good := outbox.Verdict{State: outbox.Impossible, Reason: "dissolved", Reference: "file 7", By: "officer-1"}
	for title, edit := range map[string]func(*outbox.Verdict){
		"no state": func(v *outbox.Verdict) { v.State = 0 }, "sent": func(v *outbox.Verdict) { v.State = outbox.Sent }, "retrying": func(v *outbox.Verdict) { v.State = outbox.Retrying },
		"no reason": func(v *outbox.Verdict) { v.Reason = "" }, "prose": func(v *outbox.Verdict) { v.Reason = "They are " + person }, "nobody": func(v *outbox.Verdict) { v.By = "" },
		"no reference": func(v *outbox.Verdict) { v.Reference = "" }, "a long reference": func(v *outbox.Verdict) { v.Reference = strings.Repeat("x", 600) },
	} {
		v := good
		edit(&v)
		_, err := w.box.Give(t.Context(), id, v)
		require.ErrorIs(t, err, outbox.ErrRequest, title)
		assert.NotContains(t, err.Error(), "canary")
	}
	_, err := w.box.Give(t.Context(), "nothing", good)
	assert.ErrorIs(t, err, outbox.ErrUnknown)
	w.trail.FailNext(errors.New("full"))
	_, err = w.box.Give(t.Context(), id, good)
	assert.ErrorIs(t, err, outbox.ErrRecord)
	assert.Equal(t, outbox.Pending, w.notice("bank", list).State, "no verdict without a record")
	_, err = w.box.Give(t.Context(), id, good)
	assert.NoError(t, err)
}

// A verdict that comes while the notice is being delivered: what was delivered is sent, what was not stays as decided.
func TestAVerdictDuringADelivery(t *testing.T) {
	for _, fails := range []bool{true, false} {
		w, _, list := opened(t)
		_, err := w.box.Dispatch(t.Context(), func(ctx context.Context, n outbox.Notice) error {
			if n.Recipient != "bank" {
				return nil
			}
			_, err := w.box.Give(ctx, n.ID, outbox.Verdict{State: outbox.Impossible, Reason: "dissolved", Reference: "file 7", By: "officer-1"})
			require.NoError(t, err)
			if fails {
				return errors.New("nobody there")
			}
			return nil
		})
		require.NoError(t, err)
		want := outbox.Sent
		if fails {
			want = outbox.Impossible
		}
		assert.Equal(t, want, w.notice("bank", list).State)
	}
}

func TestThePersonMayAskWhoWasTold(t *testing.T) {
	w, _, list := opened(t)
	_, err := w.box.Give(t.Context(), w.notice("court", list).ID, outbox.Verdict{State: outbox.Disproportionate, Reason: "cost", Reference: "secret file", By: "officer-1"})
	require.NoError(t, err)
	_, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	told, err := w.box.Told(t.Context(), "clerk-1", person)
	require.NoError(t, err)
	require.Len(t, told, 2, "the authority is not told of")
	assert.Equal(t, "The bank", told[0].Title)
	assert.Equal(t, outbox.Sent, told[0].State)
	assert.Equal(t, []string{"Name"}, told[0].Categories)
	assert.Equal(t, outbox.Disproportionate, told[1].State)
	assert.Equal(t, "cost", told[1].Reason)
	text, err := json.Marshal(told)
	require.NoError(t, err)
	for _, trace := range []string{"fiu", "suspect", "canary", "officer", "clerk", "pr-", "secret"} {
		assert.NotContains(t, string(text), trace)
	}
	none, err := w.box.Told(t.Context(), "clerk-1", "somebody-else")
	require.NoError(t, err)
	assert.Empty(t, none)

	// On record before it is answered.
	w.trail.FailNext(errors.New("full " + person))
	_, err = w.box.Told(t.Context(), "clerk-1", person)
	require.ErrorIs(t, err, outbox.ErrRecord)
	assert.NotContains(t, err.Error(), "canary")
	_, err = w.box.Told(t.Context(), "", person)
	assert.ErrorIs(t, err, outbox.ErrRequest)
}

func TestCasesThatACrashKeptFromBeingOpenedAreFound(t *testing.T) {
	w := newWorld(t)
	w.work()
	one, o := w.grant(purpose.RectificationRight, "contact.name")
	two, _ := w.grant(purpose.RestrictionRight, "finance.income")
	_, err := w.box.Open(t.Context(), one, o)
	require.NoError(t, err)
	owed, err := w.box.Owed(t.Context(), "system", w.trail)
	require.NoError(t, err)
	assert.Equal(t, []string{two.ID}, owed)
	reads := 0
	for e := range w.trail.Read(t.Context(), 1) {
		if e.Name == audit.TrailRead && e.Reason == "notice.told" {
			reads++
		}
	}
	assert.Equal(t, 1, reads, "who asks is on record")
	_, err = w.box.Owed(t.Context(), "", w.trail)
	assert.ErrorIs(t, err, outbox.ErrRequest)
}

func TestForgettingWaitsUntilEverybodyIsTold(t *testing.T) {
	w, c, _ := opened(t)
	_, err := w.box.Forget(t.Context(), person)
	assert.ErrorIs(t, err, outbox.ErrOpen)
	_, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	n, err := w.box.Forget(t.Context(), person)
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	list, err := w.box.Case(t.Context(), c.ID)
	require.NoError(t, err)
	assert.Empty(t, list)
	assert.True(t, slices.Contains(w.events(), "bank done notice.sent"), "the trail keeps it")
}

func TestTheIndexKnowsWhoWasTold(t *testing.T) {
	w, _, _ := opened(t)
	refs, err := w.names.Aliases(t.Context(), audit.DataSubject, person)
	require.NoError(t, err)
	who, err := w.names.Alias(t.Context(), audit.Principal, "clerk-1")
	require.NoError(t, err)
	notified := func() (list []string) {
		_, err := w.index.Update(t.Context())
		require.NoError(t, err)
		r, err := w.index.ToNotify(t.Context(), index.Asker{Principal: who}, refs)
		require.NoError(t, err)
		for _, n := range r.Notices {
			if n.Notified {
				list = append(list, n.Recipient.ID)
			}
		}
		return list
	}
	assert.Empty(t, notified(), "a notice that is to be sent is none that was")
	_, err = w.box.Dispatch(t.Context(), func(context.Context, outbox.Notice) error { return nil })
	require.NoError(t, err)
	assert.Equal(t, []string{"bank", "court", "fiu"}, notified())
}

func TestAnOutboxNeedsAllItsParts(t *testing.T) {
	w := newWorld(t)
	for title, f := range map[string]func() (*outbox.Outbox, error){
		"register": func() (*outbox.Outbox, error) { return outbox.New(nil, w.store, w.trail, w.index, w.names) },
		"store": func() (*outbox.Outbox, error) {
			return outbox.New(w.register, (*outbox.Memory)(nil), w.trail, w.index, w.names)
		},
		"trail":       func() (*outbox.Outbox, error) { return outbox.New(w.register, w.store, nil, w.index, w.names) },
		"disclosures": func() (*outbox.Outbox, error) { return outbox.New(w.register, w.store, w.trail, nil, w.names) },
		"names":       func() (*outbox.Outbox, error) { return outbox.New(w.register, w.store, w.trail, w.index, nil) },
		"option":      func() (*outbox.Outbox, error) { return outbox.New(w.register, w.store, w.trail, w.index, w.names, nil) },
		"clock": func() (*outbox.Outbox, error) {
			return outbox.New(w.register, w.store, w.trail, w.index, w.names, outbox.WithClock(nil))
		},
		"patience": func() (*outbox.Outbox, error) {
			return outbox.New(w.register, w.store, w.trail, w.index, w.names, outbox.WithPatience(0))
		},
		"system": func() (*outbox.Outbox, error) {
			return outbox.New(w.register, w.store, w.trail, w.index, w.names, outbox.WithSystem(""))
		},
		"timeout": func() (*outbox.Outbox, error) {
			return outbox.New(w.register, w.store, w.trail, w.index, w.names, outbox.WithTimeout(0))
		},
		"delivery": func() (*outbox.Outbox, error) {
			return outbox.New(w.register, w.store, w.trail, w.index, w.names, outbox.WithDelivery(0))
		},
	} {
		b, err := f()
		assert.Error(t, err, title)
		assert.Nil(t, b, title)
	}
	_, err := w.box.Dispatch(t.Context(), nil)
	assert.ErrorIs(t, err, outbox.ErrRequest)
}

func TestStatesHaveNames(t *testing.T) {
	for s := outbox.Pending; s <= outbox.Disproportionate; s++ {
		text, err := s.MarshalText()
		require.NoError(t, err)
		var back outbox.State
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, s, back)
		assert.Equal(t, s == outbox.Pending || s == outbox.Retrying, s.Open())
	}
	_, err := outbox.State(0).MarshalText()
	assert.Error(t, err)
	var s outbox.State
	assert.Error(t, s.UnmarshalText([]byte("")))
	assert.Error(t, s.UnmarshalText([]byte("gone")))
	assert.Empty(t, outbox.State(99).String())
}
