package retention

import "time"

// verdict is what an [Answer] says of keeping the data, before it is written out.
type verdict struct {
	status  Status
	then    Then
	because ground
	ref     string // of the hold or restriction that decided
	Term
}

// ground is a [Cause] that has not been written out.
type ground struct {
	rule   *Rule
	reason Reason
}

func (g ground) cause(ref string) Cause {
	c := g.rule.because(g.reason)
	c.Ref = ref
	return c
}

// less is [Cause.less].
func (g ground) less(o ground) bool {
	if a, b := g.rule.key(), o.rule.key(); a != b {
		return a < b
	}
	return g.reason < o.reason
}

// outlasts is [Answer.outlasts].
func (v *verdict) outlasts(o *verdict) bool {
	if kv, ko := keeps[v.status&3], keeps[o.status&3]; kv != ko {
		return kv > ko
	}
	if n := compareEnds(v.FirstErasable, o.FirstErasable); n != 0 {
		return n > 0
	}
	if v.because != o.because {
		return v.because.less(o.because)
	}
	return v.ref < o.ref
}

// begin notes what the facts say to all purposes. future reports whether they hold something dated after the instant.
func (s *summary) begin(f *Facts, at time.Time) (future bool) {
	s.facts, s.at, s.hold, s.next = f, at, inForce(f.Holds, at), time.Time{}
	s.spansChange(f.Holds)
	s.spansChange(f.Restrictions)
	for i := range f.Events {
		if t := f.Events[i].At; t.After(at) {
			s.next, future = sooner(s.next, t), true
		}
	}
	for i := range f.Answers {
		if t := f.Answers[i].At; t.After(at) {
			s.next, future = sooner(s.next, t), true
		}
	}
	return future
}

func (s *summary) spansChange(list []Span) {
	for i := range list {
		s.changesAt(list[i].From)
		s.changesAt(list[i].Until)
	}
}

// nextChange returns the first instant at which anything may differ.
func (s *summary) nextChange() time.Time {
	if s.next.IsZero() {
		return time.Time{}
	}
	return s.next.In(s.facts.Zone)
}

// mute reports whether no rule applies to the purpose that was asked last.
func (s *summary) mute() bool { return s.use.permit == absent }

// verdict answers for the purpose that was asked last.
func (s *summary) verdict(v *verdict) {
	*v = verdict{}
	v.then, v.because = s.use.then, s.use.cause
	switch {
	case s.keep.duty == running:
		v.status, v.because, v.Term = MustKeep, s.keep.cause, s.keep.floor
	case s.use.permit == closed:
		s.ended(v)
	case s.hold != nil:
		s.onHold(v)
	case s.use.permit == open:
		v.status, v.Term = MayKeep, s.suspended(s.use.ceiling)
	}
}

// ended answers for a purpose whose ceiling has passed and whose floors are over: the data goes, unless a hold or a
// restriction was in force when it should have gone and has been since.
func (s *summary) ended(v *verdict) {
	end := s.use.ceiling
	if s.lastFloor.FirstErasable.After(end.FirstErasable) {
		end = s.lastFloor
	}
	end = s.suspended(end)
	suspended := end.FirstErasable.IsZero() || s.at.Before(end.FirstErasable)
	switch {
	case suspended && s.hold != nil:
		s.onHold(v)
	case s.keep.duty != noDuty:
		v.because = s.keep.cause
	case s.hold != nil:
		v.because, v.ref = ground{reason: HoldLate}, s.hold.Ref
	case suspended:
		v.status, v.Term, v.because = MayKeep, end, ground{reason: Restricted}
		if restriction := inForce(s.facts.Restrictions, s.at); restriction != nil {
			v.ref = restriction.Ref
		}
	default:
		v.status, v.Term = MustErase, end
	}
}

// suspended moves a ceiling by the holds and restrictions that are in force when it comes.
func (s *summary) suspended(end Term) Term {
	if end.FirstErasable.IsZero() || len(s.facts.Holds) == 0 && len(s.facts.Restrictions) == 0 {
		return end
	}
	moved, known := suspend(end.FirstErasable, s.facts.Holds, s.facts.Restrictions)
	switch {
	case !known:
		return Term{}
	case moved.Equal(end.FirstErasable):
		return end
	}
	return s.facts.termAt(moved)
}

func (s *summary) onHold(v *verdict) {
	v.status, v.because, v.ref, v.Term = MustKeep, ground{reason: OnHold}, s.hold.Ref, Term{}
	if !s.hold.Until.IsZero() {
		v.Term = s.facts.termAt(s.hold.Until)
	}
}
