package retention_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// Beyond the zone database's table, time.Time.ZoneBounds ends the last stretch of a leap year a day early. The oracle
// is time.Date, which does not ask it.
func TestDaysEndAtMidnightInEveryYear(t *testing.T) {
	for _, name := range []string{"Europe/Copenhagen", "Europe/Stockholm", "Europe/Amsterdam", "America/New_York", "UTC"} {
		zone, err := retention.LoadZone(name)
		require.NoError(t, err)
		early := 0
		for year := 2000; year <= 2100; year++ {
			for _, day := range []time.Time{time.Date(year, 12, 30, 0, 0, 0, 0, zone), time.Date(year, 12, 31, 0, 0, 0, 0, zone), time.Date(year, 2, 28, 0, 0, 0, 0, zone)} {
				d, err := retention.NewDate(day.Year(), day.Month(), day.Day())
				require.NoError(t, err)
				want := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone)
				require.True(t, want.Equal(d.EndIn(zone)), "%s in %s ends at %s", d, name, d.EndIn(zone))
				if _, end := day.ZoneBounds(); !end.IsZero() && end.After(day) && end.Before(want) {
					early++
				}
			}
		}
		if name == "Europe/Copenhagen" {
			require.NotZero(t, early, "the control: ZoneBounds does claim an early end")
		}
	}
}
