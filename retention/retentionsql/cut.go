package retentionsql

import (
	"math"
	"sort"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Instants are counted in microseconds of Unix, which is what both databases hold. A cut at an instant between two of them
// moves to the later: nothing stored lies between.
const (
	firstInstant  = -62_135_510_400_000_000 // 0001-01-02
	beyondInstant = 253_402_214_400_000_000 // 9999-12-31
	never         = math.MinInt64
	always        = math.MaxInt64

	secondsPerDay = 24 * 60 * 60
)

func micros(t time.Time) int64 {
	n := t.UnixMicro()
	if t.Nanosecond()%1000 != 0 {
		n++
	}
	return n
}

// cut divides the instants: those before lo are on one side, those from hi on the other. Between them, where clocks went
// back over midnight, the row is looked at in memory. Mostly both are the same.
type cut struct{ lo, hi int64 }

// span is how many days the calendar has.
const span = 3_652_059

var firstDay = retention.MustDate("0001-01-01")

func dayAt(i int) retention.Date { return firstDay.AddDays(i) }

// lastDay returns the last day for which ok holds, of days for which it holds up to some day; none if it never does.
func lastDay(from, beyond int, ok func(retention.Date) bool) (day retention.Date, found bool) {
	i := sort.Search(beyond-from, func(i int) bool { return !ok(dayAt(from + i)) })
	if i == 0 {
		return retention.Date{}, false
	}
	return dayAt(from + i - 1), true
}

// upTo divides the instants that fall on the day or an earlier one from those of later days.
func upTo(d retention.Date, zone *time.Location) cut {
	if d.IsZero() {
		return cut{never, never}
	}
	wall := time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, time.UTC).Unix()
	from, until := wall-2*secondsPerDay, wall+2*secondsPerDay
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for at := from; at < until; {
		t := time.Unix(at, 0).In(zone)
		_, offset := t.Zone()
		end := until
		if _, next := t.ZoneBounds(); !next.IsZero() {
			end = min(until, next.Unix())
		}
		midnight := wall - int64(offset)
		if at < midnight { // some of the stretch is not later
			hi = max(hi, min(end, midnight))
		}
		if midnight < end { // some is
			lo = min(lo, max(at, midnight))
		}
		at = end
	}
	return cut{lo * 1_000_000, hi * 1_000_000}
}

// leapsDays reports whether the zone ever left out or repeated most of a day, so that days do not tell instants apart.
func leapsDays(zone *time.Location) bool {
	t := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
	for range 10_000 { // far more than a zone has
		start, _ := t.ZoneBounds()
		if start.IsZero() || start.Year() < 1 {
			return false
		}
		_, after := start.Zone()
		t = start.Add(-1)
		_, before := t.Zone()
		if d := after - before; d > 12*60*60 || d < -12*60*60 {
			return true
		}
	}
	return true
}

// covered returns the first and the last day of a table of years; ok is false for an empty one.
func covered(years retention.FinancialYears, at retention.Date) (first, last int, ok bool) {
	if years.Len() == 0 {
		return 0, 0, false
	}
	has := func(i int) bool { _, ok := years.Of(dayAt(i)); return ok }
	near := sort.Search(span, func(i int) bool { return !dayAt(i).Before(at) })
	inside := -1
	for _, step := range []int{28, 1} {
		for d := 0; d < span && inside < 0; d += step {
			switch {
			case near-d >= 0 && has(near-d):
				inside = near - d
			case near+d < span && has(near+d):
				inside = near + d
			}
		}
	}
	if inside < 0 {
		return 0, 0, false
	}
	first = sort.Search(inside, has)
	last = inside + sort.Search(span-inside, func(i int) bool { return !has(inside + i) }) - 1
	return first, last, true
}
