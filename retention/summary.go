package retention

import (
	"fmt"
	"time"
)

var errInstant = fmt.Errorf("%w: the instant asked about is missing", ErrFacts)

// summary collects what the rules of one purpose say.
type summary struct {
	facts *Facts
	at    time.Time

	use       word      // of the rule that forbids most firmly
	keep      floorWord // of the rule that keeps most firmly
	lastFloor Term      // the latest floor, over or not
	transient bool
	next      time.Time
}

// word is what one rule says about using the data.
type word struct {
	permit  permit
	ceiling Term
	cause   Cause
	then    Then
}

// firmer orders the rules of one purpose: the one that forbids more firmly, then sooner.
func (w *word) firmer(o *word) bool {
	if w.permit != o.permit {
		return w.permit > o.permit
	}
	if n := compareEnds(w.ceiling.FirstErasable, o.ceiling.FirstErasable); n != 0 {
		return n < 0
	}
	return w.cause.less(o.cause)
}

// floorWord is what one rule says about having to keep the data.
type floorWord struct {
	duty  duty
	floor Term
	cause Cause
}

// firmer orders floors: the one that binds more firmly, then longer.
func (w *floorWord) firmer(o *floorWord) bool {
	if w.duty != o.duty {
		return w.duty > o.duty
	}
	if n := compareEnds(w.floor.FirstErasable, o.floor.FirstErasable); n != 0 {
		return n > 0
	}
	return w.cause.less(o.cause)
}

func (s *summary) add(r *Rule, o outcome) {
	zone := s.facts.Zone
	ceiling, floor := o.ceiling.term(zone), o.floor.term(zone)
	s.changesAt(ceiling.FirstErasable)
	s.changesAt(floor.FirstErasable)
	s.changesAt(o.review.term(zone).FirstErasable)
	s.transient = s.transient || o.transient
	if floor.FirstErasable.After(s.lastFloor.FirstErasable) {
		s.lastFloor = floor
	}

	use := word{permit: o.permit, ceiling: ceiling, cause: r.because(o.reason)}
	if r != nil {
		use.then = r.Then
	}
	if use.firmer(&s.use) {
		s.use = use
	}
	keep := floorWord{duty: o.duty, floor: floor, cause: r.because(o.reason)}
	switch o.duty {
	case running:
		keep.cause.Reason = FloorRunning
	case pending:
		keep.cause.Reason = FloorPending
	}
	if keep.firmer(&s.keep) {
		s.keep = keep
	}
}

// changesAt notes an instant at which the answer may differ.
func (s *summary) changesAt(t time.Time) {
	if t.After(s.at) {
		s.next = sooner(s.next, t)
	}
}

func (s *summary) answer() Answer {
	f := s.facts
	a := Answer{Then: s.use.then, ReadBecause: s.use.cause, Because: s.use.cause}
	a.Readable = s.use.permit == open
	a.Storable = a.Readable && !s.transient

	hold := inForce(f.Holds, s.at)
	switch {
	case s.keep.duty == running:
		a.Status, a.Because, a.Term = MustKeep, s.keep.cause, s.keep.floor
	case s.use.permit == closed:
		s.ended(&a, hold)
	case hold != nil:
		a.onHold(hold, f.Zone)
	case s.use.permit == open:
		a.Status, a.Term = MayKeep, s.suspended(s.use.ceiling)
	}

	for _, list := range [2][]Span{f.Holds, f.Restrictions} {
		for _, span := range list {
			s.changesAt(span.From)
			s.changesAt(span.Until)
		}
	}
	for _, e := range f.Events {
		if e.At.After(s.at) {
			s.changesAt(e.At)
			a.IgnoredFuture = true
		}
	}
	for _, n := range f.Answers {
		if n.At.After(s.at) {
			s.changesAt(n.At)
			a.IgnoredFuture = true
		}
	}
	if a.NextChange = s.next; !s.next.IsZero() {
		a.NextChange = s.next.In(f.Zone)
	}
	return a
}

// ended answers for a purpose whose ceiling has passed and whose floors are over: the data goes, unless a hold or a
// restriction was in force when it should have gone and has been since.
func (s *summary) ended(a *Answer, hold *Span) {
	end := s.use.ceiling
	if s.lastFloor.FirstErasable.After(end.FirstErasable) {
		end = s.lastFloor
	}
	end = s.suspended(end)
	suspended := end.FirstErasable.IsZero() || s.at.Before(end.FirstErasable)
	switch {
	case suspended && hold != nil:
		a.onHold(hold, s.facts.Zone)
	case s.keep.duty != noDuty:
		a.Because = s.keep.cause
	case hold != nil:
		a.Because = Cause{Reason: HoldLate, Ref: hold.Ref}
	case suspended:
		a.Status, a.Term = MayKeep, end
		a.Because = Cause{Reason: Restricted}
		if restriction := inForce(s.facts.Restrictions, s.at); restriction != nil {
			a.Because.Ref = restriction.Ref
		}
	default:
		a.Status, a.Term = MustErase, end
	}
}

// suspended moves a ceiling by the holds and restrictions that are in force when it comes.
func (s *summary) suspended(end Term) Term {
	if end.FirstErasable.IsZero() {
		return end
	}
	moved, known := suspend(end.FirstErasable, s.facts.Holds, s.facts.Restrictions)
	switch {
	case !known:
		return Term{}
	case moved.Equal(end.FirstErasable):
		return end
	}
	return termAt(moved, s.facts.Zone)
}

func (a *Answer) onHold(hold *Span, zone *time.Location) {
	a.Status, a.Because, a.Term = MustKeep, Cause{Reason: OnHold, Ref: hold.Ref}, Term{}
	if !hold.Until.IsZero() {
		a.Term = termAt(hold.Until, zone)
	}
}

// inForce returns the span in force that lasts longest, nil when none is.
func inForce(spans []Span, at time.Time) (found *Span) {
	for i := range spans {
		s := &spans[i]
		if !s.inForce(at) {
			continue
		}
		if found == nil {
			found = s
			continue
		}
		if n := compareEnds(s.Until, found.Until); n > 0 || n == 0 && s.Ref < found.Ref {
			found = s
		}
	}
	return found
}
