package retention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

func TestDeadlinesOfTheNotices(t *testing.T) {
	for _, c := range []struct {
		name, received, within string
		zone                   *time.Location
		calendar               retention.Calendar
		due                    string
	}{
		{"FX-4.1.1 from 31 January", "2024-01-31", "P1M", copenhagen, retention.Denmark(), "2024-02-29"},
		{"AR-6 Christmas Day", "2024-11-25", "P1M", copenhagen, retention.Denmark(), "2024-12-27"},
		{"AR-6 extended", "2024-01-31", "P3M", copenhagen, retention.Denmark(), "2024-04-30"},
		{"FO-10.1 thirtieth day is a Sunday", "2017-12-22", "P30D", amsterdam, retention.Netherlands(), "2018-01-22"},
		{"OP-9 Midsummer Eve", "2023-05-23", "P1M", stockholm, retention.Sweden(), "2023-06-26"},
		{"OP-9 into Easter", "2024-02-29", "P1M", stockholm, retention.Sweden(), "2024-04-02"},
		{"Saturday", "2024-05-15", "P1M", copenhagen, retention.Denmark(), "2024-06-17"},
		{"a month of 28 days", "2023-01-31", "P1M", copenhagen, retention.Denmark(), "2023-02-28"},
		{"no calendar days off", "2024-04-15", "P1M", copenhagen, retention.Denmark(), "2024-05-15"},
		{"received late in the evening by UTC", "2024-04-15T22:30:00Z", "P1M", copenhagen, retention.Denmark(), "2024-05-16"},
	} {
		due, err := retention.Deadline(instant(t, c.received, c.zone), period(c.within), c.zone, c.calendar)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.due, due.String(), c.name)
	}
}

func TestWorkingDays(t *testing.T) {
	for _, c := range []struct {
		name, after string
		n           int
		calendar    retention.Calendar
		want        string
	}{
		{"FO-10.1 aim across Christmas and New Year", "2017-12-22", 5, retention.Netherlands(), "2018-01-03"},
		{"FO-10.1 plain week", "2017-10-02", 5, retention.Netherlands(), "2017-10-09"},
		{"from a Saturday", "2024-06-15", 1, retention.Denmark(), "2024-06-17"},
		{"Great Prayer Day 2023", "2023-05-04", 1, retention.Denmark(), "2023-05-08"},
		{"no longer in 2024", "2024-04-25", 1, retention.Denmark(), "2024-04-26"},
	} {
		got, err := retention.WorkingDays(date(c.after), c.n, c.calendar)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got.String(), c.name)
	}
}

func TestDeadlineRefuses(t *testing.T) {
	at := instant(t, "2024-01-31", copenhagen)
	month := period("P1M")
	for name, call := range map[string]func() (retention.Date, error){
		"no zone":        func() (retention.Date, error) { return retention.Deadline(at, month, nil, retention.Denmark()) },
		"machine's zone": func() (retention.Date, error) { return retention.Deadline(at, month, time.Local, retention.Denmark()) },
		"no period": func() (retention.Date, error) {
			return retention.Deadline(at, retention.Period{}, copenhagen, retention.Denmark())
		},
		"no receipt": func() (retention.Date, error) {
			return retention.Deadline(time.Time{}, month, copenhagen, retention.Denmark())
		},
		"no calendar": func() (retention.Date, error) { return retention.Deadline(at, month, copenhagen, nil) },
		"zero calendar": func() (retention.Date, error) {
			return retention.Deadline(at, month, copenhagen, retention.Holidays{})
		},
		"beyond the calendar": func() (retention.Date, error) {
			return retention.Deadline(at, period("P100Y"), copenhagen, retention.Denmark())
		},
		"never a working day": func() (retention.Date, error) { return retention.Deadline(at, month, copenhagen, neverWorks{}) },
		"zero working days": func() (retention.Date, error) {
			return retention.WorkingDays(date("2024-01-01"), 0, retention.Denmark())
		},
		"no day": func() (retention.Date, error) { return retention.WorkingDays(retention.Date{}, 1, retention.Denmark()) },
		"no calendar to count": func() (retention.Date, error) {
			return retention.WorkingDays(date("2024-01-01"), 1, nil)
		},
		"counting beyond the calendar": func() (retention.Date, error) {
			return retention.WorkingDays(date("2100-12-30"), 2, retention.Denmark())
		},
	} {
		due, err := call()
		require.Error(t, err, name)
		assert.True(t, due.IsZero(), name)
	}
}

type neverWorks struct{}

func (neverWorks) WorkingDay(retention.Date) (bool, error) { return false, nil }

// The days as the three states publish them.
func TestPublicHolidays(t *testing.T) {
	for _, c := range []struct {
		name     string
		calendar retention.Holidays
		year     int
		days     []string
	}{
		{"DK with Great Prayer Day", retention.Denmark(), 2023, []string{
			"01-01", "04-06", "04-07", "04-09", "04-10", "05-05", "05-18", "05-28", "05-29", "12-25", "12-26"}},
		{"DK without", retention.Denmark(), 2024, []string{
			"01-01", "03-28", "03-29", "03-31", "04-01", "05-09", "05-19", "05-20", "12-25", "12-26"}},
		{"SE with Whit Monday", retention.Sweden(), 2004, []string{
			"01-01", "01-06", "04-09", "04-11", "04-12", "05-01", "05-20", "05-30", "05-31", "06-25", "06-26", "11-06", "12-24", "12-25", "12-26", "12-31"}},
		{"SE with the National Day", retention.Sweden(), 2005, []string{
			"01-01", "01-06", "03-25", "03-27", "03-28", "05-01", "05-05", "05-15", "06-06", "06-24", "06-25", "11-05", "12-24", "12-25", "12-26", "12-31"}},
		{"SE", retention.Sweden(), 2024, []string{
			"01-01", "01-06", "03-29", "03-31", "04-01", "05-01", "05-09", "05-19", "06-06", "06-21", "06-22", "11-02", "12-24", "12-25", "12-26", "12-31"}},
		{"NL Queen's Day", retention.Netherlands(), 2013, []string{
			"01-01", "03-29", "03-31", "04-01", "04-30", "05-05", "05-09", "05-19", "05-20", "12-25", "12-26"}},
		{"NL Queen's Day on a Sunday", retention.Netherlands(), 2006, []string{
			"01-01", "04-14", "04-16", "04-17", "04-29", "05-05", "05-25", "06-04", "06-05", "12-25", "12-26"}},
		{"NL King's Day on a Sunday", retention.Netherlands(), 2014, []string{
			"01-01", "04-18", "04-20", "04-21", "04-26", "05-05", "05-29", "06-08", "06-09", "12-25", "12-26"}},
		{"NL King's Day", retention.Netherlands(), 2024, []string{
			"01-01", "03-29", "03-31", "04-01", "04-27", "05-05", "05-09", "05-19", "05-20", "12-25", "12-26"}},
	} {
		list, err := c.calendar.Of(c.year)
		require.NoError(t, err, c.name)
		var days []string
		for _, h := range list {
			assert.Equal(t, c.year, h.Date.Year())
			assert.NotEmpty(t, h.Name)
			days = append(days, h.Date.String()[5:])
		}
		assert.Equal(t, c.days, days, c.name)
	}
}

func TestHolidaysHoldFrom2000To2100(t *testing.T) {
	for _, c := range []retention.Holidays{retention.Denmark(), retention.Sweden(), retention.Netherlands()} {
		for _, year := range []int{1999, 2101, 0} {
			_, err := c.Of(year)
			require.ErrorIs(t, err, retention.ErrCalendar)
		}
		_, err := c.WorkingDay(date("1999-06-01"))
		require.ErrorIs(t, err, retention.ErrCalendar)
		for year := 2000; year <= 2100; year++ {
			list, err := c.Of(year)
			require.NoError(t, err)
			easter := easterByGauss(year)
			found := map[retention.Date]bool{}
			for _, h := range list {
				found[h.Date] = true
			}
			for _, offset := range []int{-2, 0, 1, 39, 49} {
				assert.True(t, found[easter.AddDays(offset)], "%s %d Easter%+d", c.Country(), year, offset)
			}
			working, err := c.WorkingDay(easter.AddDays(1))
			require.NoError(t, err)
			assert.False(t, working)
		}
	}
}

// easterByGauss is the rule of Gauss with its exceptions, another road than the package's.
func easterByGauss(year int) retention.Date {
	a, b, c := year%19, year%4, year%7
	k := year / 100
	p := (13 + 8*k) / 25
	q := k / 4
	m := (15 - p + k - q) % 30
	n := (4 + k - q) % 7
	d := (19*a + m) % 30
	e := (2*b + 4*c + 6*d + n) % 7
	if d == 29 && e == 6 || d == 28 && e == 6 && (11*m+11)%30 < 19 {
		e -= 7
	}
	march, err := retention.NewDate(year, time.March, 22)
	if err != nil {
		panic(err)
	}
	return march.AddDays(d + e)
}
