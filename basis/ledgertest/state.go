package ledgertest

import (
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/purposebound/purposebound/basis"
)

func seenAtOnce(t *trial) {
	status := func(want basis.ConsentStatus, after string) {
		got := t.state(anna, noon(22), time.Time{}).Consent("service").Status
		t.that(got == want, "after %s the consent is %v", after, got)
	}
	status(basis.NotGiven, "nothing")
	for i := range 5 {
		t.record(event(anna, "", consent("service")))
		status(basis.Standing, "the consent")
		t.record(event(anna, "", withdrawal("service")))
		status(basis.Withdrawn, "the withdrawal")
		t.that(len(t.history(anna)) == 2*i+2, "the history does not show it")
		t.clock.set(t.clock.Now().Add(time.Minute))
	}
	t.record(valid(event(anna, "", basis.ObjectionRaised{Ground: basis.Marketing}), noon(1)))
	t.that(len(t.state(anna, noon(22), time.Time{}).Objections) == 1, "an objection valid in the past is not seen")
	t.that(len(t.state(anna, noon(1), time.Time{}).Objections) == 1, "nor in the past")
}

func apart(t *trial) {
	upper := "PERSON ANNA-5550100"
	t.record(event(anna, "a", consent("service")), event(bert, "b", called()), event(anna, "A", called()), event(anna+" ", "a ", called()), event(upper, "u", called()))
	for who, n := range map[string]int{anna: 2, bert: 1, anna + " ": 1, upper: 1} {
		s := t.state(who, noon(22), time.Time{})
		t.that(s.DataSubject == who && s.Version == uint64(n), "version %d of one person, not %d", s.Version, n)
		t.that((len(s.Consents) == 1) == (who == anna), "one person's consent is another's")
		for _, e := range t.history(who) {
			t.that(e.DataSubject == who, "one person's event is in another's history")
		}
	}
}

// grow records random events, one to three at a time, while the clock moves on.
func (t *trial) grow(r *rand.Rand, prefix string, batches int) {
	for i := range batches {
		t.clock.set(t.clock.Now().Add(time.Duration(r.IntN(3)) * time.Hour))
		var batch []basis.Event
		for j := range 1 + r.IntN(3) {
			batch = append(batch, random(r, []string{anna, anna, bert}[r.IntN(3)], id(id(prefix, i)+".", j), t.clock.Now()))
		}
		t.record(batch...)
	}
}

func agrees(t *trial) {
	vocab := Vocabulary()
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 12 {
		t.grow(r, id("r", round)+"-", 5)
		for _, who := range []string{anna, bert} {
			events := t.history(who)
			for range 8 {
				at := noon(10 + r.IntN(30))
				var knownAt time.Time
				if r.IntN(2) == 0 && len(events) > 0 {
					knownAt = events[r.IntN(len(events))].RecordedAt
				}
				want, err := basis.Fold(&vocab, who, events, at, knownAt)
				t.must(err)
				if got := t.state(who, at, knownAt); !t.that(reflect.DeepEqual(want, got), "state at %v known at %v differs", at, knownAt) {
					return
				}
			}
		}
	}
}

func replay(t *trial) {
	type question struct {
		at, knownAt time.Time
		answer      basis.State
	}
	var asked []question
	ask := func(at, knownAt time.Time) {
		s := *t.state(anna, at, knownAt)
		if knownAt.IsZero() {
			knownAt = s.KnownAt
		}
		s.Version = 0 // the one thing that grows
		asked = append(asked, question{at, knownAt, s})
	}
	ask(noon(20), time.Time{}) // of nothing
	r := rand.New(rand.NewPCG(2, 2))
	for round := range 10 {
		t.grow(r, id("r", round)+"-", 4)
		ask(noon(10+r.IntN(20)), time.Time{})
		ask(noon(10+r.IntN(20)), t.clock.Now())
		t.clock.set(t.clock.Now().Add(time.Second)) // what comes is recorded after what was asked
	}
	for _, q := range asked {
		s := *t.state(anna, q.at, q.knownAt)
		s.Version = 0
		t.that(reflect.DeepEqual(q.answer, s), "the state at %v known at %v has changed", q.at, q.knownAt)
	}
	t.record(valid(event(anna, "late", basis.ObjectionRaised{Ground: basis.OwnSituation}), noon(-50)))
	for _, q := range asked {
		now := t.state(anna, q.at, time.Time{})
		t.that(len(now.Objections) > 0, "today's knowledge does not correct the past")
	}
}

func version(t *trial) {
	for n := range 6 {
		s := t.state(anna, noon(22), time.Time{})
		t.that(s.Version == uint64(n), "version %d after %d events", s.Version, n)
		past := t.state(anna, noon(-30), time.Time{})
		t.that(past.Version == uint64(n), "version %d after %d events, for a past valid time", past.Version, n)
		t.record(valid(event(anna, id("e", n), called()), noon(n)))
		t.record(event(bert, id("b", n), called()))
	}
}

func stopEarly(t *trial) {
	for i := range 30 {
		t.record(event(anna, id("e", i), called()))
	}
	for range 20 {
		n := 0
		for _, err := range t.store.Events(t.ctx, anna) {
			t.must(err)
			if n++; n == 3 {
				break
			}
		}
	}
	t.record(event(anna, "after", called()))
	t.that(len(t.history(anna)) == 31, "reading that stopped early disturbs what follows")
	n := 0
	for _, err := range t.store.Events(t.ctx, anna) {
		t.must(err)
		if n == 0 {
			t.record(event(anna, "meanwhile", called()))
			t.state(anna, noon(22), time.Time{})
		}
		n++
	}
	t.that(n >= 31, "recording while reading loses events")
}

func closed(t *trial) {
	closer, ok := t.store.(io.Closer)
	if !ok {
		return
	}
	t.record(event(anna, "a", consent("service")))
	t.state(anna, noon(20), time.Time{})
	t.must(closer.Close())
	_, err := t.store.StateAt(t.ctx, anna, noon(20), time.Time{})
	t.that(errors.Is(err, basis.ErrClosed), "a state after Close: %v", err)
	err = t.store.Record(t.ctx, event(anna, "b", called()))
	t.that(errors.Is(err, basis.ErrClosed), "recording after Close: %v", err)
	failed := false
	for _, err := range t.store.Events(t.ctx, anna) {
		failed = errors.Is(err, basis.ErrClosed)
	}
	t.that(failed, "a history after Close")
}

func erased(t *trial) {
	eraser, ok := t.store.(basis.Eraser)
	if !ok {
		return
	}
	t.record(event(anna, "a", consent("service")), event(anna, "h", basis.HoldPlaced{Reason: "claim"}),
		event(anna, "o", basis.ObjectionRaised{Ground: basis.Marketing}), event(bert, "b", consent("service")))
	t.state(anna, noon(22), time.Time{})
	_, err := eraser.Erase(t.ctx, anna)
	t.that(errors.Is(err, basis.ErrHeld), "erased while a hold stands: %v", err)
	t.that(len(t.history(anna)) == 3, "erasing was refused and yet took something")

	t.record(event(anna, "r", basis.HoldReleased{Hold: "h"}))
	n, err := eraser.Erase(t.ctx, anna)
	t.must(err)
	t.that(n == 3, "erased %d events, not 3", n)
	s := t.state(anna, noon(22), time.Time{})
	t.that(len(s.Consents) == 0 && len(t.history(anna)) == 1, "the person is not forgotten")
	t.that(len(s.Objections) == 1, "the objection to marketing is forgotten")
	t.that(len(t.history(bert)) == 1, "another person is erased")

	// As many events as before must not look like those before.
	t.record(event(anna, "a", withdrawal("service")), event(anna, "2", called()), event(anna, "3", called()))
	s = t.state(anna, noon(22), time.Time{})
	t.that(s.Version == 4 && s.Consent("service").Status == basis.Withdrawn, "what was erased is seen again")

	n, err = eraser.Erase(t.ctx, "nobody")
	t.that(n == 0 && err == nil, "erasing nobody: %d, %v", n, err)
	_, err = eraser.Erase(t.ctx, basis.ControllerWide)
	t.that(err != nil, "the controller's own events are erased")
}
