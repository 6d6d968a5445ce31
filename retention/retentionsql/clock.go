package retentionsql

import (
	"sort"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// events are the columns of some events.
type events struct {
	k    *compiler
	cols []*column
}

func (e events) occurred() node { return e.firstBefore(always) }

// firstBefore holds when the first occurrence known at the instant is before x.
func (e events) firstBefore(x int64) node {
	var list []node
	for _, c := range e.cols {
		list = append(list, c.before(min(x, e.k.known)))
	}
	return or(list...)
}

// latestBefore holds when the latest occurrence known at the instant is before x.
func (e events) latestBefore(x int64) node {
	if x >= e.k.known {
		return e.occurred()
	}
	list := []node{e.occurred()}
	for _, c := range e.cols {
		list = append(list, not(and(c.from(x), c.before(e.k.known))))
	}
	if len(e.cols) == 1 {
		return e.cols[0].before(x)
	}
	return and(list...)
}

// clock finds out when a rule's clock started.
type clock struct {
	k       *compiler
	anchor  retention.Anchor
	unit    retention.Unit
	events  events
	each    []events // of OnLaterOf
	given   *column
	first   int // the days that the table of years covers
	last    int
	unknown []state // why nobody can tell, and when
	pending node    // not started
	started node
}

func (k *compiler) clock(r *retention.Rule) *clock {
	c := &clock{k: k, anchor: r.Anchor, unit: r.Unit, events: k.events(r.Anchor.Events), pending: constant(false)}
	switch r.Anchor.Kind {
	case retention.OnGivenDate:
		c.given = k.days[r.Anchor.Date]
		c.started = c.given.there()
		c.unknown = []state{{permit: unknown, reason: retention.DateMissing, when: c.given.null()}}
		return c
	case retention.OnLaterOf:
		var all []node
		for _, e := range r.Anchor.Events {
			c.each = append(c.each, k.events([]string{e}))
			all = append(all, c.each[len(c.each)-1].occurred())
		}
		c.started = and(all...)
	case retention.OnCaseEnd:
		c.caseEnd(k.events(r.Anchor.Reopened))
		return c
	case retention.OnFinancialYearEnd, retention.OnFinancialCalendarYearEnd:
		c.years()
		return c
	default:
		c.started = c.events.occurred()
	}
	c.pending = not(c.started)
	return c
}

func (c *clock) caseEnd(reopened events) {
	occurred := c.events.occurred()
	var later, equal []node
	for _, r := range reopened.cols {
		known := r.before(c.k.known)
		beyond, reached, touches := []node{known}, []node{known}, []node{}
		for _, e := range c.events.cols {
			ends := e.before(c.k.known)
			if r.typ != e.typ || r.typ == dayType && c.k.leaps {
				c.k.memory = append(c.k.memory, and(known, ends))
			}
			beyond = append(beyond, or(not(ends), r.beside(">", e)))
			reached = append(reached, or(not(ends), r.beside(">=", e)))
			touches = append(touches, and(ends, r.beside("=", e)))
		}
		later = append(later, and(beyond...))
		equal = append(equal, and(append(reached, or(touches...))...))
	}
	reopens, same := or(later...), or(equal...)
	c.pending = or(not(occurred), and(occurred, reopens))
	c.started = and(occurred, not(reopens), not(same))
	c.unknown = []state{{permit: unknown, reason: retention.OrderUnclear, when: and(occurred, not(reopens), same)}}
}

func (c *clock) years() {
	occurred := c.events.occurred()
	c.pending = not(occurred)
	first, last, ok := covered(c.k.years, retention.DateOf(c.k.at, c.k.zone))
	if !ok {
		c.started = constant(false)
		c.unknown = []state{{permit: unknown, reason: retention.YearMissing, when: occurred}}
		c.last = -1
		return
	}
	c.first, c.last = first, last
	var before cut
	if first == 0 {
		before = cut{never, never}
	} else {
		before = upTo(dayAt(first-1), c.k.zone)
	}
	after := upTo(dayAt(last), c.k.zone)
	c.ambiguous(before)
	c.ambiguous(after)
	inside := and(not(c.events.latestBefore(before.lo)), c.events.latestBefore(after.lo))
	c.started = and(occurred, inside)
	c.unknown = []state{{permit: unknown, reason: retention.YearMissing, when: and(occurred, not(inside))}}
}

// ambiguous leaves to memory what lies between the sides of a cut.
func (c *clock) ambiguous(x cut) {
	if x.lo >= x.hi {
		return
	}
	lists := append([]events{c.events}, c.each...)
	for _, e := range lists {
		for _, col := range e.cols {
			c.k.memory = append(c.k.memory, and(col.from(x.lo), col.before(x.hi)))
		}
	}
}

// startedBefore holds for clocks that started before x.
func (c *clock) startedBefore(x int64) node {
	switch c.anchor.Kind {
	case retention.OnEvent:
		return c.events.firstBefore(x)
	case retention.OnLaterOf:
		var all []node
		for _, e := range c.each {
			all = append(all, e.firstBefore(x))
		}
		return and(all...)
	}
	return c.events.latestBefore(x)
}

// passed holds for started clocks whose period is over at the instant.
func (c *clock) passed(p retention.Period) node {
	over := func(end func(retention.Date) retention.Date) func(retention.Date) bool {
		return func(d retention.Date) bool { return ended(end(d), c.k.zone, c.k.at) }
	}
	from, beyond, end := 0, span, p.From
	switch c.anchor.Kind {
	case retention.OnGivenDate:
		d, ok := lastDay(0, span, over(p.From))
		if !ok {
			return constant(false)
		}
		return c.given.compare("<=", arg{kind: dayArg, text: d.String()})
	case retention.OnCalendarYearEnd:
		end = func(d retention.Date) retention.Date { return p.FromPeriodEnd(yearEnd(d)) }
	case retention.OnFinancialYearEnd, retention.OnFinancialCalendarYearEnd:
		from, beyond = c.first, c.last+1
		end = func(d retention.Date) retention.Date {
			y, _ := c.k.years.Of(d)
			if c.anchor.Kind == retention.OnFinancialCalendarYearEnd {
				return p.FromPeriodEnd(yearEnd(y.End))
			}
			return p.FromPeriodEnd(y.End)
		}
	default:
		if c.unit == retention.ElapsedTime || p.Immediate() {
			return c.startedBefore(micros(c.elapsing(p)))
		}
	}
	d, ok := lastDay(from, beyond, over(end))
	if !ok {
		return constant(false)
	}
	x := upTo(d, c.k.zone)
	c.ambiguous(x)
	return c.startedBefore(x.lo)
}

// elapsing returns the first start whose elapsed time is not over at the instant.
func (c *clock) elapsing(p retention.Period) time.Time {
	at := c.k.at
	start := time.Unix(at.Unix()-daysOf(p)*secondsPerDay, int64(at.Nanosecond()))
	const most = 2 * secondsPerDay * time.Second // no two clocks differ by more
	return start.Add(time.Duration(sort.Search(int(most), func(i int) bool {
		return p.Elapse(start.Add(time.Duration(i)), c.k.zone).After(at)
	})))
}

func yearEnd(d retention.Date) retention.Date {
	end, err := retention.NewDate(d.Year(), time.December, 31)
	if err != nil {
		return d
	}
	return end
}

// daysOf is the length of a period without months.
func daysOf(p retention.Period) int64 {
	start := retention.MustDate("2001-01-01")
	end := p.From(start)
	day := func(d retention.Date) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC) }
	return (day(end).Unix() - day(start).Unix()) / secondsPerDay
}
