package retention

import (
	"math"
	"time"
)

// zoneDays answers what a zone is asked for every row: which day an instant falls on, and when a day ends. It holds the
// days of two centuries, made once and never changed; other days are asked of the zone itself.
type zoneDays struct {
	zone   *time.Location
	first  int64 // number of days[0]
	days   []zoneDay
	months []int32 // places of their first days, and of the day beyond the last
}

type zoneDay struct {
	end    int64 // Unix seconds of the day's end in the zone
	date   Date
	offset int32 // of the zone throughout the day of UTC; irregular when it changes on it
}

const (
	irregular       = math.MinInt32
	firstTableYear  = 1950
	beyondTableYear = 2150
)

func newZoneDays(zone *time.Location) *zoneDays {
	first, beyond := Date{firstTableYear, 1, 1}.number(), Date{beyondTableYear, 1, 1}.number()
	t := &zoneDays{zone: zone, first: first, days: make([]zoneDay, beyond-first)}
	day, from, until, offset := first, int64(0), int64(math.MinInt64), 0 // the stretch of one offset around the day
	for i := range t.days {
		opens := (first + int64(i)) * secondsPerDay
		if opens >= until {
			from, until, offset = stretch(time.Unix(opens, 0).In(zone))
		}
		d := zoneDay{date: dateOfNumber(day), offset: irregular}
		if from <= opens && opens+secondsPerDay <= until {
			d.offset = int32(offset)
		}
		d.end = opens + secondsPerDay - int64(offset)
		if d.end-2*secondsPerDay < from || until < d.end+2*secondsPerDay {
			d.end = d.date.EndIn(zone).Unix()
		}
		t.days[i] = d
		if d.date.day == 1 {
			t.months = append(t.months, int32(i))
		}
		day++
	}
	t.months = append(t.months, int32(len(t.days)))
	return t
}

// stretch returns the Unix seconds between which the clocks are not changed, and the offset then.
func stretch(t time.Time) (from, until int64, offset int) {
	start, end := t.ZoneBounds()
	_, offset = t.Zone()
	from, until = math.MinInt64/2, math.MaxInt64/2
	if !start.IsZero() {
		from = start.Unix()
	}
	if !end.IsZero() {
		until = end.Unix()
	}
	return from, until, offset
}

// dateOf is [DateOf].
func (t *zoneDays) dateOf(at time.Time) Date {
	seconds := at.Unix()
	day := dayNumber(seconds)
	if i := day - t.first; i >= 0 && i < int64(len(t.days)) && t.days[i].offset != irregular {
		switch local := seconds - day*secondsPerDay + int64(t.days[i].offset); { // offsets stay below 24 hours
		case local < 0:
			i--
		case local >= secondsPerDay:
			i++
		}
		if i >= 0 && i < int64(len(t.days)) {
			return t.days[i].date
		}
	}
	return DateOf(at, t.zone)
}

// endOf is [Date.EndIn].
func (t *zoneDays) endOf(d Date) time.Time {
	if i := d.number() - t.first; i >= 0 && i < int64(len(t.days)) {
		return time.Unix(t.days[i].end, 0).In(t.zone)
	}
	return d.EndIn(t.zone)
}

// endAfter is the end of [Period.from].
func (t *zoneDays) endAfter(p Period, d Date, sticky bool) limit {
	from := (int(d.year)-firstTableYear)*12 + int(d.month) - 1
	to := from + int(p.months)
	if from >= 0 && to < len(t.months)-1 {
		day, last := int32(d.day), t.months[to+1]-t.months[to]
		if day > last || sticky && day == t.months[from+1]-t.months[from] {
			day = last
		}
		if i := int(t.months[to]) + int(day) - 1 + int(p.days); i < len(t.days) {
			return limit{t.days[i].date, time.Unix(t.days[i].end, 0).In(t.zone)}
		}
	}
	d = p.from(d, sticky)
	return limit{d, t.endOf(d)}
}

// dateOf returns the day that the instant falls on in the zone.
func (f *Facts) dateOf(at time.Time) Date {
	if f.days != nil {
		return f.days.dateOf(at)
	}
	return DateOf(at, f.Zone)
}

// endOf returns the instant at which the day is over in the zone.
func (f *Facts) endOf(d Date) time.Time {
	if f.days != nil {
		return f.days.endOf(d)
	}
	return d.EndIn(f.Zone)
}
