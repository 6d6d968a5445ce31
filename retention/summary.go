package retention

import (
	"fmt"
	"time"
)

var errInstant = fmt.Errorf("%w: the instant asked about is missing", ErrFacts)

// summary collects what the rules of one purpose say, and of one purpose after the other when the next change.
type summary struct {
	facts *Facts
	at    time.Time
	hold  *Span // in force
	next  time.Time

	said      outcome   // of the rule that was asked last
	use       word      // of the rule that forbids most firmly
	keep      floorWord // of the rule that keeps most firmly
	lastFloor Term      // the latest floor, over or not
	transient bool
}

// ask hears the rules of a purpose.
func (s *summary) ask(rules []*Rule) {
	s.use = word{}
	s.keep = floorWord{}
	s.use.cause.reason, s.lastFloor, s.transient = NoRule, Term{}, false
	o := &s.said
	for _, r := range rules {
		if r.evaluate(o, s.facts, s.at); o.permit != absent {
			s.add(r, o)
		}
	}
}

// word is what one rule says about using the data.
type word struct {
	permit  permit
	ceiling Term
	cause   ground
	then    Then
}

// yields orders the rules of one purpose: to the one that forbids more firmly, then sooner.
func (w *word) yields(to permit, ceiling Term, cause ground) bool {
	if w.permit != to {
		return w.permit < to
	}
	if n := compareEnds(ceiling.FirstErasable, w.ceiling.FirstErasable); n != 0 {
		return n < 0
	}
	return cause.less(w.cause)
}

// floorWord is what one rule says about having to keep the data.
type floorWord struct {
	duty  duty
	floor Term
	cause ground
}

// yields orders floors: to the one that binds more firmly, then longer.
func (w *floorWord) yields(to duty, floor Term, cause ground) bool {
	if w.duty != to {
		return w.duty < to
	}
	if n := compareEnds(floor.FirstErasable, w.floor.FirstErasable); n != 0 {
		return n > 0
	}
	return cause.less(w.cause)
}

func (s *summary) add(r *Rule, o *outcome) {
	ceiling := o.ceiling.term(s.facts)
	s.changesAt(ceiling.FirstErasable)
	if !o.review.isZero() {
		s.changesAt(o.review.term(s.facts).FirstErasable)
	}
	s.transient = s.transient || o.transient
	if o.permit >= s.use.permit {
		cause := ground{r, o.reason}
		if s.use.yields(o.permit, ceiling, cause) {
			s.use.permit, s.use.ceiling, s.use.cause, s.use.then = o.permit, ceiling, cause, Erase
			if r != nil {
				s.use.then = r.Then
			}
		}
	}
	var floor Term
	if !o.floor.isZero() {
		floor = o.floor.term(s.facts)
		s.changesAt(floor.FirstErasable)
		if floor.FirstErasable.After(s.lastFloor.FirstErasable) {
			s.lastFloor = floor
		}
	}
	if o.duty == noDuty {
		return
	}
	cause := ground{r, o.reason}
	switch o.duty {
	case running:
		cause.reason = FloorRunning
	case pending:
		cause.reason = FloorPending
	}
	if s.keep.yields(o.duty, floor, cause) {
		s.keep.duty, s.keep.floor, s.keep.cause = o.duty, floor, cause
	}
}

// changesAt notes an instant at which the answer may differ.
func (s *summary) changesAt(t time.Time) {
	if t.After(s.at) {
		s.next = sooner(s.next, t)
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
