package ledgertest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/purposebound/purposebound/basis"
)

func unknownPerson(t *trial) {
	s := t.state(anna, noon(20), time.Time{})
	t.that(s.DataSubject == anna, "the state names another person")
	t.that(s.Version == 0 && len(s.Consents)+len(s.Objections)+len(s.Relations) == 0, "the state is not empty")
	t.that(s.Covers(noon(20)) && !s.KnownAt.IsZero(), "the state does not say for when it is")
	t.that(len(t.history(anna)) == 0, "there is a history")
}

func everyKind(t *trial) {
	want := everything()
	t.record(want...)
	got := append(t.history(anna), t.history(basis.ControllerWide)...)
	if !t.that(len(got) == len(want), "%d of %d events came back", len(got), len(want)) {
		return
	}
	for i, w := range want {
		g := got[i]
		t.that(g.ID == w.ID && g.DataSubject == w.DataSubject, "%s: another id or data subject", w.Body.Kind())
		t.that(g.ValidAt.Equal(w.ValidAt), "%s: valid at %v, not %v", w.Body.Kind(), g.ValidAt, w.ValidAt)
		t.that(reflect.DeepEqual(g.Body, w.Body), "%s: another content", w.Body.Kind())
		t.that(!g.RecordedAt.IsZero(), "%s: no recorded time", w.Body.Kind())
	}
	all := t.state(basis.ControllerWide, noon(20), time.Time{})
	t.that(len(all.Assessments) == 1 && len(all.Agreements) == 0, "what concerns the controller is not folded")
}

func recordedOrder(t *trial) {
	t.record(event(anna, "first", called()))
	for i, now := range []time.Time{noon(20), noon(19), noon(19), noon(21).Add(999 * time.Nanosecond), noon(2), noon(21)} {
		t.clock.set(now)
		t.record(event(anna, id("a", i), called()), event(anna, id("b", i), called()))
	}
	events := t.history(anna)
	t.that(len(events) == 13, "%d of 13 events", len(events))
	var last time.Time
	for _, e := range events {
		t.that(e.RecordedAt.After(last), "recorded at %v after %v", e.RecordedAt, last)
		t.that(e.RecordedAt.Nanosecond()%1000 == 0, "finer than a microsecond")
		t.that(e.ValidAt.Equal(e.RecordedAt), "without a valid time an event is valid when recorded")
		last = e.RecordedAt
	}
	t.that(!last.Before(noon(21)), "the latest is recorded at %v", last)
}

func idempotent(t *trial) {
	a, b := valid(event(anna, "a", consent("service")), noon(5)), event(anna, "b", called())
	t.record(a, b)
	before := t.history(anna)
	t.clock.set(noon(25))
	t.record(a)
	t.record(b, b)
	t.record(before...)
	t.record(event(anna, "c", called()), a)
	after := t.history(anna)
	if t.that(len(after) == len(before)+1, "%d events, not %d", len(after), len(before)+1) {
		t.that(reflect.DeepEqual(before, after[:len(before)]), "what was recorded first has changed")
	}
}

func conflict(t *trial) {
	t.record(valid(event(anna, "a", consent("service")), noon(5)))
	for what, e := range map[string]basis.Event{
		"another content":     valid(event(anna, "a", consent("newsletter")), noon(5)),
		"another kind":        valid(event(anna, "a", withdrawal("service")), noon(5)),
		"another valid time":  valid(event(anna, "a", consent("service")), noon(6)),
		"no valid time":       event(anna, "a", consent("service")),
		"another data person": valid(event(bert, "a", consent("service")), noon(5)),
	} {
		err := t.store.Record(t.ctx, event(anna, "new "+what, called()), e)
		t.that(errors.Is(err, basis.ErrConflict), "%s under the same id: %v", what, err)
	}
	err := t.store.Record(t.ctx, event(anna, "twice", called()), event(anna, "twice", consent("service")))
	t.that(errors.Is(err, basis.ErrConflict), "one id twice in a batch: %v", err)
	t.that(len(t.history(anna)) == 1 && len(t.history(bert)) == 0, "a refused batch left something behind")
}

func wholeBatch(t *trial) {
	before := t.state(anna, noon(22), time.Time{}).Version
	err := t.store.Record(t.ctx, event(anna, "a", consent("service")), event(bert, "b", called()), event(anna, "c", withdrawal("vanished")))
	t.that(errors.Is(err, basis.ErrEvent), "the last event must be refused: %v", err)
	t.that(len(t.history(anna)) == 0 && len(t.history(bert)) == 0, "a part of the batch is in the history")
	after := t.state(anna, noon(22), time.Time{})
	t.that(after.Version == before && len(after.Consents) == 0, "a part of the batch is in the state")
	t.record(event(anna, "a", called()))
	t.record()
	t.that(len(t.history(anna)) == 1, "an id from the refused batch is taken")
}

// refusals is a sample; the rest is basis.Vocabulary.Admit's own.
func refusals(t *trial) {
	t.record(event(anna, "marketing", basis.ObjectionRaised{Ground: basis.Marketing}), event(anna, "restricted", basis.RestrictionImposed{Reason: "unlawful"}))
	for what, e := range map[string]basis.Event{
		"no data subject":               event("", "", called()),
		"no body":                       event(anna, "", nil),
		"unknown scope":                 event(anna, "", consent("vanished")),
		"unknown event":                 event(anna, "", basis.Occurred{Event: "vanished"}),
		"unknown purpose":               event(anna, "", basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"vanished"}}),
		"unknown category":              event(anna, "", basis.RestrictionImposed{Reason: "unlawful", Categories: []string{"vanished"}}),
		"broken reference":              event(anna, "", basis.HoldReleased{Hold: "vanished"}),
		"reference to another kind":     event(anna, "", basis.HoldReleased{Hold: "restricted"}),
		"reference to another person's": event(bert, "", basis.RestrictionLifted{Restriction: "restricted", InformedAt: noon(1)}),
		"refused marketing objection":   event(anna, "", basis.ObjectionRefused{Objection: "marketing", Reference: "case"}),
		"lifted without telling":        event(anna, "", basis.RestrictionLifted{Restriction: "restricted"}),
		"consent of the controller":     event(basis.ControllerWide, "", consent("service")),
		"recorded time of its own":      {DataSubject: anna, RecordedAt: noon(1), Body: called()},
	} {
		err := t.store.Record(t.ctx, e)
		t.that(errors.Is(err, basis.ErrEvent), "%s: %v", what, err)
	}
	t.that(len(t.history(anna)) == 2 && len(t.history(bert)) == 0, "a refused event was recorded")
	t.record(event(anna, "batch hold", basis.HoldPlaced{Reason: "claim"}), event(anna, "", basis.HoldReleased{Hold: "batch hold"}))
}

func future(t *trial) {
	err := t.store.Record(t.ctx, valid(event(anna, "", consent("service")), noon(20).Add(time.Millisecond)))
	t.that(errors.Is(err, basis.ErrFuture), "an event that is valid later than now: %v", err)
	t.record(valid(event(anna, "", consent("service")), noon(20)))
	_, err = t.store.StateAt(t.ctx, anna, noon(20), noon(21))
	t.that(errors.Is(err, basis.ErrKnownLater), "knowledge of the future: %v", err)
	_, err = t.store.StateAt(t.ctx, anna, time.Time{}, time.Time{})
	t.that(err != nil, "a state for no time")
	s := t.state(anna, noon(40), time.Time{})
	t.that(s.Consent("service").Status == basis.Standing, "what will be valid cannot be asked")
}

func noPersonalValue(t *trial) {
	t.record(event(anna, "a", consent("service")))
	cancelled, cancel := context.WithCancel(t.ctx)
	cancel()
	_, stateErr := t.store.StateAt(cancelled, anna, noon(20), time.Time{})
	_, laterErr := t.store.StateAt(t.ctx, anna, noon(20), noon(99))
	for what, err := range map[string]error{
		"conflict":       t.store.Record(t.ctx, event(anna, "a", called())),
		"unknown scope":  t.store.Record(t.ctx, event(anna, "", consent(anna))),
		"unknown event":  t.store.Record(t.ctx, event(anna, "", basis.Occurred{Event: anna})),
		"bad reference":  t.store.Record(t.ctx, event(anna, "", basis.HoldReleased{Hold: anna})),
		"future":         t.store.Record(t.ctx, valid(event(anna, "", called()), noon(50))),
		"bad text":       t.store.Record(t.ctx, event(anna+"\x00", "", called())),
		"other bad text": t.store.Record(t.ctx, event(anna, "", basis.HoldPlaced{Reason: anna + "\xff"})),
		"cancelled":      t.store.Record(cancelled, event(anna, "", called())),
		"no state":       stateErr,
		"known later":    laterErr,
	} {
		if t.that(err != nil, "%s: no error", what) {
			t.that(!strings.Contains(err.Error(), "5550100"), "%s: the error names the person", what)
		}
	}
}

func ownCopy(t *trial) {
	purposes := []string{"marketing.mail"}
	batch := []basis.Event{event(anna, "a", basis.ObjectionRaised{Ground: basis.Marketing, Purposes: purposes})}
	t.record(batch...)
	purposes[0], batch[0].DataSubject = "service", bert
	for _, e := range t.history(anna) {
		t.that(reflect.DeepEqual(e.Body, basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"marketing.mail"}}), "the history follows the caller's list")
	}
	s := t.state(anna, noon(20), time.Time{})
	t.that(len(s.Objections) == 1 && s.Objections[0].Purposes[0] == "marketing.mail", "the state follows the caller's list")
}

func cancelled(t *trial) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	err := t.store.Record(ctx, event(anna, "a", called()))
	t.that(err != nil, "recorded though cancelled")
	_, err = t.store.StateAt(ctx, anna, noon(20), time.Time{})
	t.that(errors.Is(err, basis.ErrUnavailable), "a state though cancelled: %v", err)
	failed := false
	for _, err := range t.store.Events(ctx, anna) {
		failed = err != nil
	}
	t.that(failed, "a history though cancelled")
	t.that(len(t.history(anna)) == 0, "a cancelled call left something behind")
}
