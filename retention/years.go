package retention

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"
)

// ErrYears is what every error about a table of financial years wraps.
var ErrYears = errors.New("retention: financial years do not follow one another")

// FinancialYear is one financial year of a controller, both days included. It may be short or long.
type FinancialYear struct {
	Start Date `yaml:"start" json:"start"`
	End   Date `yaml:"end" json:"end"`
}

// FinancialYears is a table of financial years without gaps. The zero FinancialYears is an empty table.
type FinancialYears struct {
	years []FinancialYear // ascending
}

// NewFinancialYears returns the table of the given years, in any order. A year that ends before it starts, a gap
// and an overlap are errors.
func NewFinancialYears(years ...FinancialYear) (FinancialYears, error) {
	sorted := slices.Clone(years)
	slices.SortFunc(sorted, func(a, b FinancialYear) int { return a.Start.Compare(b.Start) })
	for i, y := range sorted {
		switch {
		case y.Start.IsZero() || y.End.IsZero():
			return FinancialYears{}, fmt.Errorf("%w: a year lacks its start or end", ErrYears)
		case y.End.Before(y.Start):
			return FinancialYears{}, fmt.Errorf("%w: the year starting %v ends before it starts", ErrYears, y.Start)
		case i > 0 && y.Start != sorted[i-1].End.AddDays(1):
			return FinancialYears{}, fmt.Errorf("%w: gap or overlap between %v and %v", ErrYears, sorted[i-1].End, y.Start)
		}
	}
	return FinancialYears{sorted}, nil
}

// FinancialYearsEnding returns the table of the years that end on the same date in each calendar year from first to
// last. A day that a month lacks is its last day, so 29 February is the end of every February.
func FinancialYearsEnding(month time.Month, day, first, last int) (FinancialYears, error) {
	if month < time.January || month > time.December || day < 1 || day > 31 || first < 2 || last > 9999 || last < first {
		return FinancialYears{}, fmt.Errorf("%w: the date or the range is out of bounds", ErrYears)
	}
	end := func(year int) Date {
		return Date{int16(year), uint8(month), uint8(min(day, lastOfMonth(year, month)))}
	}
	years := make([]FinancialYear, 0, last-first+1)
	for y := first; y <= last; y++ {
		years = append(years, FinancialYear{end(y - 1).AddDays(1), end(y)})
	}
	return FinancialYears{years}, nil
}

// Of returns the financial year that the day belongs to, and false when the table does not reach it.
func (t FinancialYears) Of(d Date) (FinancialYear, bool) {
	if len(t.years) == 0 {
		return FinancialYear{}, false
	}
	if i := d.Year() - t.years[0].End.Year(); i >= 0 && i < len(t.years) { // mostly there is one for each calendar year
		for _, y := range t.years[i:min(i+2, len(t.years))] {
			if !d.Before(y.Start) && !d.After(y.End) {
				return y, true
			}
		}
	}
	i := sort.Search(len(t.years), func(i int) bool { return !t.years[i].End.Before(d) })
	if i == len(t.years) || d.Before(t.years[i].Start) {
		return FinancialYear{}, false
	}
	return t.years[i], true
}

// Len returns the number of years in the table.
func (t FinancialYears) Len() int { return len(t.years) }
