package retention

import (
	"errors"
	"fmt"
	"strconv"
)

// Longest periods: far above any retention rule, far below any overflow.
const (
	maxMonths = 12_000  // a thousand years
	maxDays   = 366_000 // a thousand years
)

// ErrPeriod is what every error of [ParsePeriod] wraps.
var ErrPeriod = errors.New("retention: period is not an ISO 8601 duration of whole years, months, weeks and days")

// Period is a length of time as a notice or a statute states it: whole years, months, weeks and days of
// ISO 8601. It is comparable with ==, and equal lengths are equal: P12M is P1Y, P2W is P14D.
// The zero Period states nothing; P0D states "immediately".
type Period struct {
	months uint16
	days   uint32
	stated bool
}

// ParsePeriod reads P5Y, P18M, P30D, P1Y6M, P2W and the like. Fractions, signs, a time part and a length of
// zero other than P0D are errors; 72 hours of [ElapsedTime] are P3D.
func ParsePeriod(s string) (Period, error) {
	if s == "P0D" {
		return Period{stated: true}, nil
	}
	if len(s) == 0 || s[0] != 'P' {
		return Period{}, periodError(0, "must begin with P")
	}
	const units = "YMWD"
	var months, days uint64
	next := 0 // the first unit still allowed
	for i := 1; i < len(s); {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i == start {
			return Period{}, periodError(i, "needs a whole number")
		}
		if i == len(s) {
			return Period{}, periodError(i, "needs a unit")
		}
		n, err := strconv.ParseUint(s[start:i], 10, 32)
		if err != nil {
			return Period{}, periodError(start, "is too long")
		}
		unit := next
		for unit < len(units) && units[unit] != s[i] {
			unit++
		}
		if unit == len(units) {
			return Period{}, periodError(i, "needs the units Y, M, W, D, each once and in this order")
		}
		switch units[unit] {
		case 'Y':
			months += n * 12
		case 'M':
			months += n
		case 'W':
			days += n * 7
		case 'D':
			days += n
		}
		next = unit + 1
		i++
	}
	switch {
	case months > maxMonths || days > maxDays:
		return Period{}, periodError(1, "is too long")
	case months == 0 && days == 0:
		return Period{}, periodError(1, "has no length; write P0D for immediately")
	}
	return Period{months: uint16(months), days: uint32(days), stated: true}, nil
}

func periodError(offset int, why string) error {
	return fmt.Errorf("%w: offset %d %s", ErrPeriod, offset, why)
}

// IsZero reports whether p states nothing. P0D does state something.
func (p Period) IsZero() bool { return !p.stated }

// Immediate reports whether p is P0D.
func (p Period) Immediate() bool { return p.stated && p.months == 0 && p.days == 0 }

// From returns the last day of the period of an event on the given day, which is itself not counted: the day
// of the same date, or the month's last day where that date is missing (Reg. 1182/71 Art. 3(1), (2)(c)).
func (p Period) From(event Date) Date { return p.from(event, false) }

// FromPeriodEnd is [Period.From] for a day that is itself the end of a year or month: the last day of a month
// stays the last day of a month, so that the year after 28 February 2023 ends on 29 February 2024.
func (p Period) FromPeriodEnd(end Date) Date { return p.from(end, true) }

func (p Period) from(d Date, sticky bool) Date {
	if p.months != 0 {
		d = d.addMonths(int(p.months), sticky)
	}
	if p.days != 0 {
		d = d.AddDays(int(p.days))
	}
	return d
}

// CanExceed reports whether there is a day from which p ends later than q: P1M can exceed P30D, and P30D can
// exceed P1M. A period that states nothing neither exceeds nor is exceeded.
func (p Period) CanExceed(q Period) bool {
	if !p.stated || !q.stated {
		return false
	}
	if p.months <= q.months && p.days <= q.days {
		return false
	}
	const cycleDays, cycleMonths, slack = 146_097, 4_800, 8 // the calendar repeats; months differ by a few days
	mean := (int(p.months) - int(q.months)) * cycleDays / cycleMonths
	switch excess := mean + int(p.days) - int(q.days); {
	case excess > slack:
		return true
	case excess < -slack:
		return false
	}
	// The first of each month stands for its other days: where a short month cuts one period and not the other, the
	// difference is at most that between the months after.
	for n := range cycleMonths {
		if first := (Date{2000, 1, 1}).addMonths(n, false); p.From(first).After(q.From(first)) {
			return true
		}
	}
	return false
}

// String returns the canonical ISO 8601 form, and "" for a Period that states nothing.
func (p Period) String() string {
	if !p.stated {
		return ""
	}
	if p.Immediate() {
		return "P0D"
	}
	b := []byte{'P'}
	part := func(n uint64, unit byte) {
		if n != 0 {
			b = append(strconv.AppendUint(b, n, 10), unit)
		}
	}
	part(uint64(p.months/12), 'Y')
	part(uint64(p.months%12), 'M')
	part(uint64(p.days), 'D')
	return string(b)
}

// MarshalText implements [encoding.TextMarshaler].
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; empty text states nothing.
func (p *Period) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Period{}
		return nil
	}
	parsed, err := ParsePeriod(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}
