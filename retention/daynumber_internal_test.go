package retention

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDayNumbersAreThoseOfTheStandardCalendar(t *testing.T) {
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := int64(-daysTo1970); day.Year() < 10_000; n++ {
		y, m, d := day.Date()
		date := Date{int16(y), uint8(m), uint8(d)}
		if date.number() != n || dateOfNumber(n) != date {
			require.Fail(t, "disagreement", "%v has number %d, %d is %v", date, date.number(), n, dateOfNumber(n))
		}
		day = day.AddDate(0, 0, 1)
	}
}

func TestZoneDaysAnswerAsTheZoneDoes(t *testing.T) {
	for _, name := range []string{"Europe/Copenhagen", "UTC", "Pacific/Apia", "America/Havana", "Africa/Cairo", "Atlantic/Azores", "Asia/Kathmandu", "Pacific/Kwajalein"} {
		zone := MustZone(name)
		table := newZoneDays(zone)
		wrong := 0
		for n := table.first - 400; n < table.first+int64(len(table.days))+400; n++ {
			d := dateOfNumber(n)
			require.True(t, d.EndIn(zone).Equal(table.endOf(d)), "%s %v", name, d)
			for _, second := range []int64{-1, 0, 1, 3599, 3600, 43_200} {
				at := time.Unix(n*secondsPerDay+second, 999_999_999)
				if got := table.dateOf(at); got != DateOf(at, zone) {
					require.Fail(t, "disagreement", "%s: %v falls on %v, not on %v", name, at.UTC(), DateOf(at, zone), got)
				}
				if DateOf(at, zone) != DateOf(at, time.UTC) {
					wrong++
				}
			}
		}
		require.Equal(t, name == "UTC", wrong == 0, "the control: days of UTC are others")
	}
}

func TestPeriodsEndInTheTableAsWithoutIt(t *testing.T) {
	days, limits := 0, map[bool]int{}
	for _, name := range []string{"Europe/Copenhagen", "Pacific/Apia"} {
		zone := MustZone(name)
		table := newZoneDays(zone)
		for _, text := range []string{"P1D", "P30D", "P1M", "P6M", "P1M1D", "P1Y", "P5Y", "P1Y11M30D", "P100Y", "P1000Y"} {
			p, err := ParsePeriod(text)
			require.NoError(t, err)
			for n := table.first - 800; n < table.first+int64(len(table.days))+400; n++ {
				d := dateOfNumber(n)
				for _, sticky := range []bool{false, true} {
					day := p.from(d, sticky)
					if got := table.endAfter(p, d, sticky); got.day != day || got.exact != day.EndIn(zone) {
						require.Fail(t, "disagreement", "%s: %v after %v (%v) ends with %v, not %v", name, text, d, sticky, got, day)
					}
					limits[day == p.from(d, !sticky)]++
				}
				days++
			}
		}
	}
	require.Greater(t, limits[false], days/1_000, "the control: last days of months")
}
