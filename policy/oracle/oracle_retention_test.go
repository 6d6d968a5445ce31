package oracle_test

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// standing is what one retention rule says to a reader.
type standing int

const (
	silent  standing = iota // the rule is for another outcome
	open                    // the purpose may read
	over                    // the purpose has ended
	unknown                 // a person decides
	spent                   // the law's time is over, and the rule says nothing about what comes after
)

// day is a date as three numbers, counted by hand.
type day struct{ y, m, d int }

func lastOf(y, m int) int {
	switch {
	case m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0):
		return 29
	case m == 2:
		return 28
	case m == 4 || m == 6 || m == 9 || m == 11:
		return 30
	}
	return 31
}

// plus counts whole months, to the same date or the month's last, and then days.
func (d day) plus(months, days int, monthEnd, overflow bool) day {
	m := d.m - 1 + months
	r := day{d.y + m/12, m%12 + 1, d.d}
	if last := lastOf(r.y, r.m); r.d > last || monthEnd && d.d == lastOf(d.y, d.m) && months > 0 {
		if overflow && r.d > last {
			r.d -= last
			r = day{r.y, r.m, last}.plus(0, r.d, false, false)
		} else {
			r.d = last
		}
	}
	for range days {
		if r.d++; r.d > lastOf(r.y, r.m) {
			if r.d, r.m = 1, r.m+1; r.m > 12 {
				r.m, r.y = 1, r.y+1
			}
		}
	}
	return r
}

func (d day) after(x day) bool {
	if d.y != x.y {
		return d.y > x.y
	}
	if d.m != x.m {
		return d.m > x.m
	}
	return d.d > x.d
}

func (o *oracle) dayOf(t time.Time) day {
	y, m, d := t.In(o.zone).Date()
	return day{y, int(m), d}
}

// length reads a period: months and days.
func length(p retention.Period) (months, days int) {
	n := 0
	for _, c := range p.String() {
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + int(c-'0')
			continue
		case c == 'Y':
			months += 12 * n
		case c == 'M':
			months += n
		case c == 'W':
			days += 7 * n
		case c == 'D':
			days += n
		}
		n = 0
	}
	return months, days
}

// passed says whether a period that counts from a day is over: its last day has gone.
func (v *view) passed(r *retention.Rule, from begin, p retention.Period) bool {
	months, days := length(p)
	if r.Unit == retention.ElapsedTime {
		return !v.at.Before(from.at.Add(time.Duration(days) * 24 * time.Hour))
	}
	yearEnd := r.Anchor.Kind == retention.OnCalendarYearEnd
	last := from.day.plus(months, days, yearEnd, v.o.bent == rawAddDate)
	if v.o.bent == eventDayCounts {
		return !last.after(v.o.dayOf(v.at))
	}
	return v.o.dayOf(v.at).after(last)
}

// datum is what the request says of the data: when it was collected, and the days that facts give.
type datum struct {
	collected time.Time
	record    string
	days      map[string]time.Time
}

// happened lists when an event happened, up to the time asked about.
func (v *view) happened(event string, x datum) (list []time.Time) {
	for _, e := range v.events {
		if b, ok := body[basis.Occurred](e); ok && b.Event == event && (x.record == "" || v.o.bent == recordIgnored || b.Reference == "" || b.Reference == x.record) {
			list = append(list, e.ValidAt)
		}
	}
	if event == purpose.EventCollected && !x.collected.IsZero() && !x.collected.After(v.at) {
		list = append(list, x.collected)
	}
	return list
}

// begin is when a rule starts to count: the instant of the event, and the day.
type begin struct {
	day
	at time.Time
}

// starts finds what a rule counts from.
func (v *view) starts(a *retention.Anchor, x datum) (b begin, ok bool) {
	if a.Kind == retention.OnGivenDate {
		given, ok := x.days[a.Date]
		return begin{day: v.o.dayOf(given)}, ok
	}
	var first, last time.Time // of any event
	var later time.Time       // the latest of the first occurrences
	all := true
	for _, k := range a.Events {
		list := v.happened(k, x)
		if len(list) == 0 {
			all = false
			continue
		}
		early, late := list[0], list[0]
		for _, t := range list {
			if t.Before(early) {
				early = t
			}
			if t.After(late) {
				late = t
			}
		}
		if first.IsZero() || early.Before(first) {
			first = early
		}
		if late.After(last) {
			last = late
		}
		if early.After(later) {
			later = early
		}
	}
	if last.IsZero() || a.Kind == retention.OnLaterOf && !all {
		return b, false
	}
	since := func(t time.Time) (begin, bool) { return begin{v.o.dayOf(t), t}, true }
	if v.o.bent == activityRestartsNot && a.Kind == retention.OnLastActivity {
		return since(first)
	}
	switch a.Kind {
	case retention.OnEvent:
		return since(first)
	case retention.OnLaterOf:
		return since(later)
	case retention.OnLastActivity:
		return since(last)
	case retention.OnCalendarYearEnd:
		return begin{day: day{v.o.dayOf(last).y, 12, 31}}, true
	}
	panic("an anchor that the oracle does not count")
}

// says is the answer of one rule.
func (v *view) says(r *retention.Rule, x datum) standing {
	for _, k := range r.When.Happened {
		if len(v.happened(k, x)) == 0 {
			return silent
		}
	}
	for _, k := range r.When.NotHappened {
		if len(v.happened(k, x)) > 0 {
			return silent
		}
	}
	if r.Criterion.Question != "" {
		return v.judged(r)
	}
	from, started := v.starts(&r.Anchor, x)
	switch {
	case r.Anchor.Kind == retention.OnGivenDate && !started:
		return unknown
	case !started:
		return open
	case r.Transient:
		return over
	case !r.Ceiling.IsZero():
		if v.passed(r, from, r.Ceiling) {
			return over
		}
		return open
	case v.passed(r, from, r.Floor):
		return spent
	}
	return open
}

// judged is the answer of a criterion: what a person said last, while it stands.
func (v *view) judged(r *retention.Rule) standing {
	answer := unknown
	for _, e := range v.events {
		b, ok := body[basis.NecessityJudged](e)
		if !ok || b.Rule != r.Key {
			continue
		}
		switch {
		case !b.Necessary:
			answer = over
		case v.passed(r, begin{day: v.o.dayOf(e.ValidAt)}, r.Criterion.Review),
			!b.ReviewAt.IsZero() && v.o.dayOf(v.at).after(v.o.dayOf(b.ReviewAt)):
			answer = unknown
		default:
			answer = open
		}
	}
	return answer
}

// readable says whether the rules let a purpose read, and whether they let it store.
func (v *view) readable(rules []*retention.Rule, x datum) (read, store bool) {
	store = true
	opened := false
	for _, r := range rules {
		asks := slices.Contains(slices.Concat(r.Anchor.Events, r.When.Happened, r.When.NotHappened), purpose.EventCollected)
		if asks && (x.collected.IsZero() || x.collected.After(v.at)) && v.o.bent != collectionUnstated {
			return false, store && !r.Transient // a clock that nobody started has not stopped either
		}
		s := v.says(r, x)
		switch s {
		case over, unknown:
			return false, false
		case open:
			opened = true
		}
		if s != silent && r.Transient && v.o.bent != transientStored {
			store = false
		}
	}
	return opened, store
}
