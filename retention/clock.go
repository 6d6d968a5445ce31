package retention

import "time"

// Term is the end of a period: the last local day on which the data is kept, and the first instant after it.
type Term struct {
	LastDay       Date
	FirstErasable time.Time
}

// limit is the end of a day, or an exact instant, or the end of a day that has been turned into one already.
type limit struct {
	day   Date
	exact time.Time
}

func (l limit) isZero() bool { return l.day.IsZero() && l.exact.IsZero() }

func (l limit) passed(at time.Time, f *Facts) bool {
	if l.day.IsZero() || !l.exact.IsZero() {
		return !at.Before(l.exact)
	}
	return f.passed(l.day, at)
}

func (l limit) term(f *Facts) Term {
	switch {
	case l.isZero():
		return Term{}
	case l.day.IsZero():
		return f.termAt(l.exact)
	case !l.exact.IsZero():
		return Term{l.day, l.exact}
	}
	return Term{l.day, f.endOf(l.day)}
}

func (f *Facts) termAt(t time.Time) Term {
	return Term{f.dateOf(t.Add(-1)), t.In(f.Zone)}
}

// start is where a clock starts: the instant of an event, or the day that ends another period.
type start struct {
	instant time.Time
	day     Date
	sticky  bool // the day is defined as a period's end
}

// Started is the day from which the rule's clock runs, in the zone of the facts: the day of the event, which is itself
// not counted, or the day at the end of a year. ok is false where the clock has not started or nobody can tell.
func (r *Rule) Started(f *Facts, at time.Time) (day Date, ok bool) {
	s, reason := r.Anchor.resolve(f, at)
	switch {
	case reason != "" || f.Zone == nil:
		return Date{}, false
	case !s.day.IsZero():
		return s.day, true
	}
	return DateOf(s.instant, f.Zone), true
}

// limit returns the end of a period from the start. A period of length zero ends where it starts.
func (s start) limit(p Period, unit Unit, f *Facts) limit {
	switch {
	case !s.day.IsZero():
		return f.endAfter(p, s.day, s.sticky)
	case unit == ElapsedTime || p.Immediate():
		return limit{exact: p.Elapse(s.instant, f.Zone)}
	}
	return f.endAfter(p, f.dateOf(s.instant), false)
}

// endAfter is the end of a period from a day, as an instant at once where that is cheap.
func (f *Facts) endAfter(p Period, d Date, sticky bool) limit {
	if f.days == nil {
		return limit{day: p.from(d, sticky)}
	}
	return f.days.endAfter(p, d, sticky)
}

// resolve finds the start of the clock as known at an instant. The reason is empty when it has started, NotStarted
// when its event has not happened, and otherwise says why nobody can tell.
func (a *Anchor) resolve(f *Facts, at time.Time) (start, Reason) {
	switch a.Kind {
	case OnGivenDate:
		day, ok := f.day(a.Date)
		if !ok {
			return start{}, DateMissing
		}
		return start{day: day}, ""
	case OnLaterOf:
		return a.laterOf(f, at)
	}
	first, latest, ok := f.occurrences(a.Events, at)
	if !ok {
		return start{}, FactsInvalid
	}
	if first.IsZero() {
		return start{}, NotStarted
	}
	switch a.Kind {
	case OnEvent:
		return start{instant: first}, ""
	case OnLastActivity:
		return start{instant: latest}, ""
	case OnCaseEnd:
		if len(a.Reopened) == 0 {
			return start{instant: latest}, ""
		}
		_, reopened, ok := f.occurrences(a.Reopened, at)
		switch {
		case !ok:
			return start{}, FactsInvalid
		case reopened.After(latest):
			return start{}, NotStarted
		case reopened.Equal(latest):
			return start{}, OrderUnclear
		}
		return start{instant: latest}, ""
	}
	day := f.dateOf(latest)
	if a.Kind != OnCalendarYearEnd {
		year, ok := f.Years.Of(day)
		if !ok {
			return start{}, YearMissing
		}
		day = year.End
	}
	if a.Kind != OnFinancialYearEnd {
		day = Date{day.year, uint8(time.December), 31}
	}
	return start{day: day, sticky: true}, ""
}

func (a *Anchor) laterOf(f *Facts, at time.Time) (start, Reason) {
	var last time.Time
	for i := range a.Events {
		first, _, ok := f.occurrences(a.Events[i:i+1], at)
		if !ok {
			return start{}, FactsInvalid
		}
		if first.IsZero() {
			return start{}, NotStarted
		}
		if first.After(last) {
			last = first
		}
	}
	return start{instant: last}, ""
}

// suspend moves an end to the end of the spans that were in force when it came, and on to the end of those in
// force then. A span that begins at or after the original end came too late. ok is false when there is no end yet.
func suspend(end time.Time, lists ...[]Span) (moved time.Time, ok bool) {
	moved = end
	for again := true; again; {
		again = false
		for _, list := range lists {
			for _, s := range list {
				late := s.From.After(moved) || moved.Equal(end) && s.From.Equal(end)
				if late || !s.Until.IsZero() && !s.Until.After(moved) {
					continue
				}
				if s.Until.IsZero() {
					return time.Time{}, false
				}
				moved, again = s.Until, true
			}
		}
	}
	return moved, true
}
