package basis

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Fold is the state of a data subject at validAt as known at knownAt (zero: everything), from the
// person's events in any order. It depends on nothing else.
func Fold(vocab *Vocabulary, dataSubject string, events []Event, validAt, knownAt time.Time) (*State, error) {
	t, err := NewTimeline(vocab, dataSubject, events)
	if err != nil {
		return nil, err
	}
	return t.StateAt(validAt, knownAt)
}

// folding is a fold under way: events are applied in valid order, then finished into a State.
type folding struct {
	vocab *Vocabulary
	at    time.Time
	s     *State

	consents   map[string]*consentFold
	judgements map[string]Judgement
	lives      lives

	exceptions []exceptionFold
	refused    map[string]bool // objections
	upheld     map[string]bool
	lifted     map[string]bool // restrictions
	released   map[string]bool // holds
	ended      map[string]bool // agreements
}

type exceptionFold struct {
	restriction string
	RestrictionException
}

// fold uses the first known events.
func (t *Timeline) fold(at time.Time, known int) *State {
	f := &folding{vocab: t.vocab, at: at, s: &State{
		DataSubject: t.dataSubject,
		KnownAt:     time.Unix(0, 0).UTC(),
		Version:     uint64(len(t.events)),
	}}
	if known > 0 {
		f.s.KnownAt = t.events[known-1].RecordedAt
	}
	for _, i := range t.byValid {
		if int(i) >= known {
			continue
		}
		e := &t.events[i]
		f.turn(e.ValidAt)
		if e.ValidAt.After(at) {
			break
		}
		f.apply(e)
	}
	f.finish()
	return f.s
}

// turn notes an instant at which the state may change.
func (f *folding) turn(t time.Time) {
	switch {
	case t.IsZero():
	case t.After(f.at):
		if f.s.Until.IsZero() || t.Before(f.s.Until) {
			f.s.Until = t
		}
	case t.After(f.s.From):
		f.s.From = t
	}
}

// open reports whether until, exclusive and optional, lies ahead.
func (f *folding) open(until time.Time) bool {
	f.turn(until)
	return until.IsZero() || f.at.Before(until)
}

func (f *folding) apply(e *Event) {
	s := f.s
	switch b := e.Body.(type) {
	case ConsentGiven:
		f.turn(b.Until)
		c := intern(&f.consents, b.Scope)
		*c = consentFold{given: e, narrowed: c.narrowed[:0]}
	case ConsentNarrowed:
		if c := f.consents[b.Scope]; c != nil {
			c.narrowed = append(c.narrowed, b)
		}
	case ConsentWithdrawn:
		if c := intern(&f.consents, b.Scope); c.withdrawn == nil {
			c.withdrawn = e
		}
	case ObjectionRaised:
		s.Objections = append(s.Objections, Objection{Ground: b.Ground, Purposes: b.Purposes, Since: e.ValidAt, Event: e.ID})
	case ObjectionRefused:
		put(&f.refused, b.Objection, true)
	case ObjectionUpheld:
		put(&f.upheld, b.Objection, true)
	case RestrictionImposed:
		s.Restrictions = append(s.Restrictions, Restriction{Categories: b.Categories, Reason: b.Reason, Since: e.ValidAt, Event: e.ID})
	case RestrictionLifted:
		// GDPR Art. 18(3): the person is told before.
		if !b.InformedAt.IsZero() && !b.InformedAt.After(e.ValidAt) {
			put(&f.lifted, b.Restriction, true)
		}
	case RestrictionExcepted:
		if f.open(b.Until) && b.Exception.Valid() && len(b.Purposes) > 0 {
			f.exceptions = append(f.exceptions, exceptionFold{b.Restriction, RestrictionException{b.Exception, b.Purposes, e.ID}})
		}
	case Occurred:
		f.occurred(e, b)
	case IncidentOpened:
		// GDPR Art. 6(1)(d) serves an emergency: without an end it never began.
		if !b.Until.IsZero() && b.Until.Sub(e.ValidAt) <= incidentLimit && f.open(b.Until) {
			s.Incidents = append(s.Incidents, Incident{Reference: b.Reference, Purposes: b.Purposes, Event: e.ID})
		}
	case HoldPlaced:
		s.Holds = append(s.Holds, Hold{Categories: b.Categories, Since: e.ValidAt, Event: e.ID})
	case HoldReleased:
		put(&f.released, b.Hold, true)
	case NecessityJudged:
		put(&f.judgements, b.Rule, Judgement{Rule: b.Rule, Necessary: b.Necessary, Since: e.ValidAt, ReviewAt: b.ReviewAt, Event: e.ID})
	case AttestationGiven:
		s.Attestations = append(s.Attestations, Attestation{By: b.By, Categories: b.Categories, Since: e.ValidAt, Event: e.ID})
	case AssessmentFiled:
		if f.open(b.Until) {
			s.Assessments = append(s.Assessments, Assessment{Key: b.Assessment, Purposes: b.Purposes, Event: e.ID})
		}
	case AgreementSigned:
		if f.open(b.Until) {
			s.Agreements = append(s.Agreements, Agreement{Recipient: b.Recipient, Purposes: b.Purposes,
				Categories: b.Categories, Actions: b.Actions, Countries: b.Countries, Event: e.ID})
		}
	case AgreementEnded:
		put(&f.ended, b.Agreement, true)
	}
}

// finish drops what has ended and puts every list in order. Lists that were filled in valid order
// only need their ties sorted.
func (f *folding) finish() {
	s := f.s
	s.Objections = slices.DeleteFunc(s.Objections, func(o Objection) bool {
		// GDPR Art. 21(1) knows overriding grounds, Art. 21(3) does not.
		return o.Ground == OwnSituation && f.refused[o.Event] && !f.upheld[o.Event]
	})
	s.Restrictions = slices.DeleteFunc(s.Restrictions, func(r Restriction) bool { return f.lifted[r.Event] })
	s.Holds = slices.DeleteFunc(s.Holds, func(h Hold) bool { return f.released[h.Event] })
	s.Agreements = slices.DeleteFunc(s.Agreements, func(a Agreement) bool { return f.ended[a.Event] })

	slices.SortFunc(s.Objections, func(a, b Objection) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Restrictions, func(a, b Restriction) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Holds, func(a, b Hold) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Attestations, func(a, b Attestation) int { return byTime(a.Since, b.Since, a.Event, b.Event) })

	for _, scope := range slices.Sorted(maps.Keys(f.consents)) {
		s.Consents = append(s.Consents, f.consents[scope].state(f, scope))
	}
	slices.SortStableFunc(s.Consents, func(a, b ConsentState) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	for _, j := range f.judgements {
		s.Judgements = append(s.Judgements, j)
	}
	slices.SortFunc(s.Judgements, func(a, b Judgement) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	f.finishRelations()
	f.except()
}

// except files the open exceptions under their restrictions.
func (f *folding) except() {
	if len(f.exceptions) == 0 {
		return
	}
	position := make(map[string]int, len(f.s.Restrictions))
	for i := range f.s.Restrictions {
		position[f.s.Restrictions[i].Event] = i
	}
	for _, e := range f.exceptions {
		if i, ok := position[e.restriction]; ok {
			f.s.Restrictions[i].Exceptions = append(f.s.Restrictions[i].Exceptions, e.RestrictionException)
		}
	}
}

func byTime(a, b time.Time, aID, bID string) int {
	return cmp.Or(a.Compare(b), cmp.Compare(aID, bID))
}

func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	(*m)[k] = v
}
