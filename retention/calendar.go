package retention

import (
	"errors"
	"time"
)

// ErrCalendar is the error of a calendar that does not know a year, or knows no working day for a year on end.
var ErrCalendar = errors.New("retention: the calendar does not reach the day")

// Calendar knows the working days of a country. Retention periods never ask it: they end on weekends too.
type Calendar interface {
	// WorkingDay reports whether the day is neither a Saturday, a Sunday nor a public holiday (Reg. 1182/71
	// Art. 2), and [ErrCalendar] for a day it does not know.
	WorkingDay(Date) (bool, error)
}

// Deadline returns the last day to act on what was received at an instant: the day of receipt is not counted, and an
// end on a weekend or public holiday moves to the next working day (Reg. 1182/71 Art. 3(4)). An answer to a data
// subject is due within P1M, or P3M where the extension was told within the first month (GDPR Art. 12(3)); both count
// from receipt. The deadline is over at [Date.EndIn] of the zone.
func Deadline(received time.Time, within Period, zone *time.Location, calendar Calendar) (Date, error) {
	switch {
	case zone == nil || zone == time.Local:
		return Date{}, ErrZone
	case within.IsZero():
		return Date{}, ErrPeriod
	case !validInstant(received):
		return Date{}, errInstant
	case calendar == nil:
		return Date{}, ErrCalendar
	}
	day := within.From(DateOf(received, zone))
	working, err := calendar.WorkingDay(day)
	if err == nil && !working {
		day, err = nextWorkingDay(day, calendar)
	}
	if err != nil {
		return Date{}, err
	}
	return day, nil
}

// WorkingDays returns the n-th working day after the given day, which is not counted.
func WorkingDays(after Date, n int, calendar Calendar) (Date, error) {
	if after.IsZero() || n < 1 {
		return Date{}, ErrDate
	}
	if calendar == nil {
		return Date{}, ErrCalendar
	}
	day := after
	for range n {
		next, err := nextWorkingDay(day, calendar)
		if err != nil {
			return Date{}, err
		}
		day = next
	}
	return day, nil
}

func nextWorkingDay(day Date, calendar Calendar) (Date, error) {
	for range 366 { // a calendar without working days must not hang
		day = day.AddDays(1)
		working, err := calendar.WorkingDay(day)
		if err != nil {
			return Date{}, err
		}
		if working {
			return day, nil
		}
	}
	return Date{}, ErrCalendar
}
