package acceptance

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// happenings records the events.
func (w *World) happenings() {
	for _, e := range w.Case.Given.Events {
		at, ok := instant(e["at"], w.Zone)
		if !ok {
			w.Unmapped("events.%s.at", e.Text("type"))
			continue
		}
		if slices.Contains(w.Notice.Vocabulary.Collected, e.Text("type")) {
			for f := range w.Data {
				if !w.Data[f].Has("collected_at") {
					w.Data[f]["collected_at"] = e["at"]
				}
			}
			continue
		}
		for _, key := range e.Keys() {
			if !slices.Contains([]string{"type", "at", "id", "application"}, key) {
				w.Unmapped("events.%s", key)
			}
		}
		keys, known := w.Notice.Vocabulary.Events[e.Text("type")]
		if !known {
			keys = []string{e.Text("type")}
		}
		for _, key := range keys {
			if !w.hasEvent(key) {
				w.Unmapped("events.%s", key)
				continue
			}
			w.Happened(at, basis.Occurred{Event: key, Reference: or(e.Text("id"), e.Text("application"))})
		}
	}
}

// judged answers the criterion rules that the vocabulary takes for answered, before all that the case dates. What a case
// says itself comes later.
func (w *World) judged() {
	for _, rule := range keysOf(w.Notice.Vocabulary.Judged) {
		if slices.ContainsFunc(w.Spec.Retention, func(r retention.Rule) bool { return r.Key == rule }) {
			body := basis.NecessityJudged{Rule: rule, Necessary: w.Notice.Vocabulary.Judged[rule], ReviewAt: w.At.AddDate(1, 0, 0)}
			w.Happened(w.Before(), body)
		}
	}
}

// arrive brings the person into the capacities that nothing else explains.
func (w *World) arrive() {
	at := w.Before()
	for _, role := range w.Case.Given.Subject {
		if w.given(role) {
			continue
		}
		events, known := w.Notice.Vocabulary.Arrives[role]
		if !known {
			i := slices.IndexFunc(w.Spec.Events, func(e purpose.Event) bool { return slices.Contains(e.Gives, role) })
			if i < 0 {
				w.Unmapped("subject.%s", role)
				continue
			}
			events = []string{w.Spec.Events[i].Key}
		}
		for _, e := range events {
			at = at.Add(time.Minute)
			w.Happened(at, basis.Occurred{Event: e})
			if w.recurs(e) {
				w.Happened(w.Just(), basis.Occurred{Event: e})
				if then, ok := instant(w.Case.Request.Object("about")["at"], w.Zone); ok && then.Before(w.At) {
					w.Happened(then.Add(-time.Second), basis.Occurred{Event: e})
				}
			}
		}
	}
}

// given reports whether an event brings the person into a capacity.
func (w *World) given(capacity string) bool {
	return slices.ContainsFunc(w.events, func(g given) bool {
		o, ok := g.Body.(basis.Occurred)
		return ok && slices.ContainsFunc(w.Spec.Events, func(e purpose.Event) bool { return e.Key == o.Event && slices.Contains(e.Gives, capacity) })
	})
}

// recurs reports whether a retention rule counts from the latest of these events: whoever still is what they make him
// has done it again.
func (w *World) recurs(event string) bool {
	for i := range w.Spec.Retention {
		if a := &w.Spec.Retention[i].Anchor; a.Kind.String() == "last-activity" && slices.Contains(a.Events, event) {
			return true
		}
	}
	return false
}
