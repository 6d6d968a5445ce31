package basis

import (
	"cmp"
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

	// Events that others may answer or end, and the ids that those name.
	objections, restrictions, exceptions, holds, agreements []*Event
	refused, upheld, lifted, released, ended                []string
}

// fold uses the first known events.
func (t *Timeline) fold(at time.Time, known int) *State {
	f := &folding{vocab: t.vocab, at: at, lives: lives{t: t, events: make([]*eventFold, len(t.keys.list))}, s: &State{
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
		if n := t.notes[i]; n.key > 0 {
			f.lives.occurred(e, n)
		} else {
			f.apply(e)
		}
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
		f.objections = append(f.objections, e)
	case ObjectionRefused:
		f.refused = append(f.refused, b.Objection)
	case ObjectionUpheld:
		f.upheld = append(f.upheld, b.Objection)
	case RestrictionImposed:
		f.restrictions = append(f.restrictions, e)
	case RestrictionLifted:
		// GDPR Art. 18(3): the person is told before.
		if !b.InformedAt.IsZero() && !b.InformedAt.After(e.ValidAt) {
			f.lifted = append(f.lifted, b.Restriction)
		}
	case RestrictionExcepted:
		if f.open(b.Until) && b.Exception.Valid() && len(b.Purposes) > 0 {
			f.exceptions = append(f.exceptions, e)
		}
	case IncidentOpened:
		// GDPR Art. 6(1)(d) serves an emergency: without an end it never began.
		if !b.Until.IsZero() && b.Until.Sub(e.ValidAt) <= incidentLimit && f.open(b.Until) {
			s.Incidents = append(s.Incidents, Incident{Reference: b.Reference, Purposes: b.Purposes, Event: e.ID})
		}
	case HoldPlaced:
		f.holds = append(f.holds, e)
	case HoldReleased:
		f.released = append(f.released, b.Hold)
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
			f.agreements = append(f.agreements, e)
		}
	case AgreementEnded:
		f.ended = append(f.ended, b.Agreement)
	}
}

// finish keeps what has not ended and puts every list in order. Lists that were filled in valid order
// only need their ties sorted.
func (f *folding) finish() {
	s := f.s
	refused, upheld := set(f.refused), set(f.upheld)
	for _, e := range f.objections {
		b := e.Body.(ObjectionRaised)
		// GDPR Art. 21(1) knows overriding grounds, Art. 21(3) does not.
		if b.Ground != OwnSituation || !refused[e.ID] || upheld[e.ID] {
			s.Objections = append(s.Objections, Objection{Ground: b.Ground, Purposes: b.Purposes, Since: e.ValidAt, Event: e.ID})
		}
	}
	f.finishRestrictions()
	released := set(f.released)
	for _, e := range f.holds {
		if !released[e.ID] {
			s.Holds = append(s.Holds, Hold{Categories: e.Body.(HoldPlaced).Categories, Since: e.ValidAt, Event: e.ID})
		}
	}
	ended := set(f.ended)
	for _, e := range f.agreements {
		if b := e.Body.(AgreementSigned); !ended[e.ID] {
			s.Agreements = append(s.Agreements, Agreement{Recipient: b.Recipient, Purposes: b.Purposes,
				Categories: b.Categories, Actions: b.Actions, Countries: b.Countries, Event: e.ID})
		}
	}
	for scope, c := range f.consents {
		s.Consents = append(s.Consents, c.state(f, scope))
	}
	for _, j := range f.judgements {
		s.Judgements = append(s.Judgements, j)
	}
	f.lives.finish(s)

	slices.SortFunc(s.Objections, func(a, b Objection) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Restrictions, func(a, b Restriction) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Holds, func(a, b Hold) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Attestations, func(a, b Attestation) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Consents, func(a, b ConsentState) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
	slices.SortFunc(s.Judgements, func(a, b Judgement) int { return byTime(a.Since, b.Since, a.Event, b.Event) })
}

// finishRestrictions files the open exceptions under the restrictions that stand.
func (f *folding) finishRestrictions() {
	lifted := set(f.lifted)
	position := make(map[string]int)
	for _, e := range f.restrictions {
		if b := e.Body.(RestrictionImposed); !lifted[e.ID] {
			position[e.ID] = len(f.s.Restrictions)
			f.s.Restrictions = append(f.s.Restrictions, Restriction{Categories: b.Categories, Reason: b.Reason, Since: e.ValidAt, Event: e.ID})
		}
	}
	for _, e := range f.exceptions {
		b := e.Body.(RestrictionExcepted)
		if i, ok := position[b.Restriction]; ok {
			r := &f.s.Restrictions[i]
			r.Exceptions = append(r.Exceptions, RestrictionException{b.Exception, b.Purposes, e.ID})
		}
	}
}

func set(ids []string) map[string]bool {
	m := make(map[string]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

func byTime(a, b time.Time, aID, bID string) int {
	if c := a.Compare(b); c != 0 {
		return c
	}
	return cmp.Compare(aID, bID)
}

func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	(*m)[k] = v
}
