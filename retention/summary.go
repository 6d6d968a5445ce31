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

	use       word      // of the rule that forbids most firmly
	keep      floorWord // of the rule that keeps most firmly
	lastFloor Term      // the latest floor, over or not
	transient bool
}

// ask hears the rules of a purpose.
func (s *summary) ask(rules []*Rule) {
	s.use, s.keep, s.lastFloor, s.transient = word{cause: ground{reason: NoRule}}, floorWord{}, Term{}, false
	var o outcome
	for _, r := range rules {
		if r.evaluate(&o, s.facts, s.at); o.permit != absent {
			s.add(r, &o)
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
	cause ground
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

func (s *summary) add(r *Rule, o *outcome) {
	ceiling := o.ceiling.term(s.facts)
	s.changesAt(ceiling.FirstErasable)
	if !o.review.isZero() {
		s.changesAt(o.review.term(s.facts).FirstErasable)
	}
	s.transient = s.transient || o.transient
	if o.permit >= s.use.permit {
		use := word{permit: o.permit, ceiling: ceiling, cause: ground{r, o.reason}}
		if r != nil {
			use.then = r.Then
		}
		if use.firmer(&s.use) {
			s.use = use
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
	keep := floorWord{duty: o.duty, floor: floor, cause: ground{r, o.reason}}
	switch o.duty {
	case running:
		keep.cause.reason = FloorRunning
	case pending:
		keep.cause.reason = FloorPending
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
