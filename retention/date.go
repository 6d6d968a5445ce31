package retention

import (
	"errors"
	"fmt"
	"time"
)

// ErrDate is the error of a text that is no civil date.
var ErrDate = errors.New("retention: date is not YYYY-MM-DD")

// Date is a day of the Gregorian calendar without a zone. It is comparable with ==.
// The zero Date is no day: it stands for "not known" or "no end".
type Date struct {
	year       int16
	month, day uint8
}

// NewDate returns the day, or [ErrDate] when the calendar has no such day between the years 1 and 9999.
func NewDate(year int, month time.Month, day int) (Date, error) {
	if year < 1 || year > 9999 || month < time.January || month > time.December || day < 1 || day > lastOfMonth(year, month) {
		return Date{}, ErrDate
	}
	return Date{int16(year), uint8(month), uint8(day)}, nil
}

// ParseDate reads a day written YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return Date{}, ErrDate
	}
	var n [3]int
	for i, part := range [3]string{s[:4], s[5:7], s[8:]} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return Date{}, ErrDate
			}
			n[i] = n[i]*10 + int(c-'0')
		}
	}
	return NewDate(n[0], time.Month(n[1]), n[2])
}

// DateOf returns the day that the instant falls on in the zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{int16(y), uint8(m), uint8(d)}
}

// Year returns the year, 0 for no day.
func (d Date) Year() int { return int(d.year) }

// Month returns the month, 0 for no day.
func (d Date) Month() time.Month { return time.Month(d.month) }

// Day returns the day of the month, 0 for no day.
func (d Date) Day() int { return int(d.day) }

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the day n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date {
	return dateOfNumber(d.number() + int64(n))
}

// Compare returns -1, 0 or +1 as d is before, on or after o.
func (d Date) Compare(o Date) int {
	a, b := d.ordinal(), o.ordinal()
	switch {
	case a < b:
		return -1
	case a > b:
		return +1
	}
	return 0
}

// Before reports whether d is before o.
func (d Date) Before(o Date) bool { return d.ordinal() < o.ordinal() }

// After reports whether d is after o.
func (d Date) After(o Date) bool { return d.ordinal() > o.ordinal() }

// StartIn returns the first instant of the day in the zone: the end of the day before.
func (d Date) StartIn(zone *time.Location) time.Time { return d.AddDays(-1).EndIn(zone) }

// String returns YYYY-MM-DD, and "" for no day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// MarshalText implements [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]; empty text is the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// addMonths returns the same day of the month n months later, or that month's last day when it has no such day
// (Reg. 1182/71 Art. 3(2)(c)). With sticky, the last day of a month stays the last day of a month.
func (d Date) addMonths(n int, sticky bool) Date {
	total := int(d.year)*12 + int(d.month) - 1 + n
	year, month := total/12, time.Month(total%12+1)
	last := lastOfMonth(year, month)
	day := min(int(d.day), last)
	if sticky && int(d.day) == lastOfMonth(int(d.year), time.Month(d.month)) {
		day = last
	}
	return Date{int16(year), uint8(month), uint8(day)}
}

func (d Date) ordinal() int { return int(d.year)<<9 | int(d.month)<<5 | int(d.day) }

func (d Date) utc() time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.day), 0, 0, 0, 0, time.UTC)
}

func lastOfMonth(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
