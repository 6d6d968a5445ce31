package retention_test

import (
	"time"

	"github.com/purposebound/purposebound/retention"
)

// The oracle answers the same questions by walking days one at a time and looking at clocks minute by minute. It uses
// no arithmetic of the package: days are counted, months are noticed.

// civil is a day as plain numbers.
type civil struct{ y, m, d int }

func civilOf(t time.Time, zone *time.Location) civil {
	y, m, d := t.In(zone).Date()
	return civil{y, int(m), d}
}

func (c civil) next() civil {
	lengths := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	length := lengths[c.m-1]
	if c.m == 2 && (c.y%400 == 0 || c.y%4 == 0 && c.y%100 != 0) {
		length = 29
	}
	switch {
	case c.d < length:
		return civil{c.y, c.m, c.d + 1}
	case c.m < 12:
		return civil{c.y, c.m + 1, 1}
	}
	return civil{c.y + 1, 1, 1}
}

func (c civil) before(o civil) bool {
	if c.y != o.y {
		return c.y < o.y
	}
	if c.m != o.m {
		return c.m < o.m
	}
	return c.d < o.d
}

func (c civil) date() retention.Date {
	d, err := retention.NewDate(c.y, time.Month(c.m), c.d)
	if err != nil {
		panic(err)
	}
	return d
}

func civilFrom(d retention.Date) civil { return civil{d.Year(), int(d.Month()), d.Day()} }

// length is a period as plain numbers.
type length struct{ months, days int }

// lastDay walks from the day of the event to the last day of the period.
func (l length) lastDay(from civil, periodEnd bool) civil {
	day, months := from, 0
	wasLast := from.next().m != from.m
	for l.months > 0 {
		if months == l.months && (day.d == from.d && !(periodEnd && wasLast) || day.next().m != day.m) {
			break
		}
		next := day.next()
		if next.m != day.m {
			months++
		}
		day = next
	}
	for range l.days {
		day = day.next()
	}
	return day
}

// endOf scans the clocks around a day for the last minute that still shows the day or one before it.
func endOf(day civil, zone *time.Location) time.Time {
	noon := time.Date(day.y, time.Month(day.m), day.d, 12, 0, 0, 0, time.UTC)
	const step = 10 * time.Minute
	shows := func(t time.Time) bool { return !day.before(civilOf(t, zone)) }
	last := noon.Add(-6 * time.Hour)
	for t := last; t.Before(noon.Add(30 * time.Hour)); t = t.Add(step) {
		if shows(t) {
			last = t
		}
	}
	for shows(last) {
		last = last.Add(time.Minute)
	}
	return last
}

// The facts and rules as the oracle reads them; the test translates them for the package.

type worldRule struct {
	key           string
	kind          retention.AnchorKind
	events        []string
	reopened      []string
	floor         *length
	ceiling       *length
	table         bool
	elapsed       bool
	happened      []string
	notHappened   []string
	question      string
	review        length
	transient     bool
	rule          *retention.Rule
	tableLength   *length
	given         *civil
	financialEnds []civil // ascending, the first one opens the table
}

type moment struct {
	key string
	at  time.Time
}

type reply struct {
	question string
	yes      bool
	at       time.Time
	reviewBy *civil
}

type stretch struct {
	from  time.Time
	until time.Time // zero: open
}

func (s stretch) covers(t time.Time) bool {
	return !t.Before(s.from) && (s.until.IsZero() || t.Before(s.until))
}

type world struct {
	zone         *time.Location
	moments      []moment
	replies      []reply
	holds        []stretch
	restrictions []stretch
}

func (w *world) all(keys []string, at time.Time) (list []time.Time) {
	for _, m := range w.moments {
		for _, k := range keys {
			if m.key == k && !m.at.After(at) {
				list = append(list, m.at)
			}
		}
	}
	return list
}

func earliest(list []time.Time) time.Time {
	t := list[0]
	for _, x := range list {
		if x.Before(t) {
			t = x
		}
	}
	return t
}

func newest(list []time.Time) time.Time {
	t := list[0]
	for _, x := range list {
		if x.After(t) {
			t = x
		}
	}
	return t
}

// saying is what the oracle hears from one rule.
type saying struct {
	applies              bool
	allows, forbids, ask bool
	floorRuns            bool
	floorMayCome         bool // it will, or nobody can tell
	floorEnd, ceilingEnd time.Time
	transient            bool
}

func (w *world) hear(r *worldRule, at time.Time) (s saying) {
	for _, k := range r.happened {
		if len(w.all([]string{k}, at)) == 0 {
			return s
		}
	}
	if len(w.all(r.notHappened, at)) > 0 {
		return s
	}
	s.applies = true
	if r.question != "" {
		return w.hearReply(r, at, s)
	}
	s.transient = r.transient

	// Where does the clock start?
	var instant time.Time
	var day civil
	onDay, sticky, started, known := false, false, true, true
	found := w.all(r.events, at)
	switch r.kind {
	case retention.OnGivenDate:
		onDay, known = true, r.given != nil
		if known {
			day = *r.given
		}
	case retention.OnLaterOf:
		for _, k := range r.events {
			each := w.all([]string{k}, at)
			if len(each) == 0 {
				started = false
				break
			}
			if first := earliest(each); first.After(instant) {
				instant = first
			}
		}
	default:
		if started = len(found) > 0; !started {
			break
		}
		instant = newest(found)
		switch r.kind {
		case retention.OnEvent:
			instant = earliest(found)
		case retention.OnCaseEnd:
			for _, back := range w.all(r.reopened, at) {
				if back.After(instant) {
					started = false
				}
				known = known && !back.Equal(instant)
			}
			known = known || !started
		case retention.OnFinancialYearEnd, retention.OnFinancialCalendarYearEnd, retention.OnCalendarYearEnd:
			onDay, sticky = true, true
			day = civilOf(instant, w.zone)
			if r.kind != retention.OnCalendarYearEnd {
				known = false
				for i, end := range r.financialEnds {
					if i > 0 && !end.before(day) && r.financialEnds[i-1].before(day) {
						day, known = end, true
						break
					}
				}
			}
			if r.kind != retention.OnFinancialYearEnd {
				day = civil{day.y, 12, 31}
			}
		}
	}
	if !known || !started {
		s.allows, s.ask = known, !known
		s.floorMayCome = r.floor != nil
		return s
	}

	// Where does it end?
	end := func(l length) time.Time {
		switch {
		case onDay:
			return endOf(l.lastDay(day, sticky), w.zone)
		case r.elapsed:
			return elapseNaively(instant, l.days, w.zone)
		case l == length{}:
			return instant
		}
		return endOf(l.lastDay(civilOf(instant, w.zone), false), w.zone)
	}
	if r.floor != nil {
		s.floorEnd = end(*r.floor)
		s.floorRuns = at.Before(s.floorEnd)
	}
	ceiling := r.ceiling
	if r.transient {
		ceiling = &length{}
	}
	if r.table {
		if ceiling = r.tableLength; ceiling == nil || r.elapsed && ceiling.months > 0 {
			s.ask = true
			return s
		}
	}
	if ceiling != nil {
		s.ceilingEnd = end(*ceiling)
		s.forbids = !at.Before(s.ceilingEnd)
		s.allows = !s.forbids
	} else {
		s.allows = s.floorRuns
	}
	return s
}

func (w *world) hearReply(r *worldRule, at time.Time, s saying) saying {
	var last *reply
	for i := range w.replies {
		a := &w.replies[i]
		if a.question != r.question || a.at.After(at) {
			continue
		}
		if last == nil || a.at.After(last.at) {
			last = a
		}
	}
	switch {
	case last == nil:
		s.ask = true
	case !last.yes:
		s.forbids, s.ceilingEnd = true, last.at
	default:
		due := r.review.lastDay(civilOf(last.at, w.zone), false)
		if last.reviewBy != nil && last.reviewBy.before(due) {
			due = *last.reviewBy
		}
		s.allows = at.Before(endOf(due, w.zone))
		s.ask = !s.allows
	}
	return s
}

// verdict is what the oracle answers for one purpose.
type verdict struct {
	spoke    bool // some rule applies
	status   retention.Status
	readable bool
	storable bool
	end      time.Time // first erasable; zero when none is known
}

func (w *world) decide(rules []*worldRule, at time.Time) verdict {
	var spoke, allows, forbids, ask, mayCome, transient bool
	var floorRunsTo, lastFloor, firstCeiling, passedCeiling time.Time
	for _, r := range rules {
		s := w.hear(r, at)
		if !s.applies {
			continue
		}
		spoke = true
		allows, ask = allows || s.allows, ask || s.ask
		transient, mayCome = transient || s.transient, mayCome || s.floorMayCome
		if s.forbids {
			forbids = true
			if passedCeiling.IsZero() || s.ceilingEnd.Before(passedCeiling) {
				passedCeiling = s.ceilingEnd
			}
		} else if !s.ceilingEnd.IsZero() && (firstCeiling.IsZero() || s.ceilingEnd.Before(firstCeiling)) {
			firstCeiling = s.ceilingEnd
		}
		if s.floorRuns && s.floorEnd.After(floorRunsTo) {
			floorRunsTo = s.floorEnd
		}
		if s.floorEnd.After(lastFloor) {
			lastFloor = s.floorEnd
		}
	}
	v := verdict{spoke: spoke, readable: allows && !forbids && !ask}
	v.storable = v.readable && !transient

	var hold *stretch
	for i := range w.holds {
		h := &w.holds[i]
		if !h.covers(at) {
			continue
		}
		if hold == nil || !hold.until.IsZero() && (h.until.IsZero() || h.until.After(hold.until)) {
			hold = h
		}
	}
	switch {
	case !floorRunsTo.IsZero():
		v.status, v.end = retention.MustKeep, floorRunsTo
	case forbids:
		due := passedCeiling
		if lastFloor.After(due) {
			due = lastFloor
		}
		gone, ever := w.suspended(due)
		switch stillHere := !ever || at.Before(gone); {
		case stillHere && hold != nil:
			v.status, v.end = retention.MustKeep, hold.until
		case mayCome || hold != nil:
			v.status = retention.PersonDecides
		case stillHere:
			v.status = retention.MayKeep
			if ever {
				v.end = gone
			}
		default:
			v.status, v.end = retention.MustErase, gone
		}
	case hold != nil:
		v.status, v.end = retention.MustKeep, hold.until
	case ask || !allows:
		v.status = retention.PersonDecides
	default:
		v.status = retention.MayKeep
		if !firstCeiling.IsZero() {
			if gone, ever := w.suspended(firstCeiling); ever {
				v.end = gone
			}
		}
	}
	return v
}

// suspended walks from the instant at which the data is due to go, through every stretch that was in force just before,
// to the first instant at which none is; ever is false when there is none.
func (w *world) suspended(due time.Time) (gone time.Time, ever bool) {
	spans := append(append([]stretch(nil), w.holds...), w.restrictions...)
	just := due.Add(-1) // the last moment at which a hold or restriction was still in time
	caught := false
	for _, s := range spans {
		caught = caught || s.covers(just) && s.covers(due)
	}
	if !caught {
		return due, true
	}
	for t := due; ; {
		var next time.Time
		for _, s := range spans {
			inTime := s.covers(t) && (t != due || s.covers(just))
			if !inTime {
				continue
			}
			if s.until.IsZero() {
				return time.Time{}, false
			}
			if s.until.After(next) {
				next = s.until
			}
		}
		if next.IsZero() {
			return t, true
		}
		t = next
	}
}

// combine answers for the datum: the last purpose to let go decides, of those that have a rule for it.
func combine(all []verdict) verdict {
	var speak []verdict
	for _, v := range all {
		if v.spoke {
			speak = append(speak, v)
		}
	}
	if len(speak) == 0 {
		return combineData(all)
	}
	return combineData(speak)
}

// combineData answers for what goes together: whatever is kept longest keeps the rest.
func combineData(all []verdict) (last verdict) {
	for _, status := range []retention.Status{retention.MustKeep, retention.MayKeep, retention.PersonDecides, retention.MustErase} {
		found := false
		for _, v := range all {
			switch {
			case v.status != status:
			case !found:
				last, found = v, true
			case last.end.IsZero(): // kept for good
			case v.end.IsZero() || v.end.After(last.end):
				last = v
			}
		}
		if found {
			break
		}
	}
	for _, v := range all {
		last.storable = last.storable || v.storable
	}
	last.readable = false
	return last
}
