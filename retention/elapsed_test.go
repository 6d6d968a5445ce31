package retention_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A maximum of 30 days for a recording is neither more than 30 times 24 hours nor more than 30 days by the clock on the wall.
var clockZones = []string{"Europe/Copenhagen", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Asia/Kolkata"}

func TestElapsedDaysEndNoLaterThanEitherCount(t *testing.T) {
	for name, c := range map[string]struct{ from, days, end string }{
		"no change of clocks":         {"2024-01-10T12:00:00+01:00", "P30D", "2024-02-09T12:00:00+01:00"},
		"clocks went forward":         {"2024-03-05T12:00:00+01:00", "P30D", "2024-04-04T12:00:00+02:00"},
		"clocks went back":            {"2024-10-05T12:00:00+02:00", "P30D", "2024-11-04T11:00:00+01:00"},
		"the hour that was left out":  {"2024-03-01T02:30:00+01:00", "P30D", "2024-03-31T03:00:00+02:00"},
		"before that hour":            {"2024-03-01T01:59:59+01:00", "P30D", "2024-03-31T01:59:59+01:00"},
		"after that hour":             {"2024-03-01T03:30:00+01:00", "P30D", "2024-03-31T03:30:00+02:00"},
		"the hour's first showing":    {"2023-10-29T02:30:00+02:00", "P184D", "2024-04-30T02:30:00+02:00"},
		"the hour's second showing":   {"2023-10-29T02:30:00+01:00", "P184D", "2024-04-30T03:00:00+02:00"},
		"the hour comes twice at end": {"2024-09-27T02:30:00+02:00", "P30D", "2024-10-27T02:30:00+02:00"},
		"72 hours":                    {"2024-06-01T08:00:00+02:00", "P3D", "2024-06-04T08:00:00+02:00"},
		"at once":                     {"2024-03-31T03:00:00+02:00", "P0D", "2024-03-31T03:00:00+02:00"},
	} {
		at, err := time.Parse(time.RFC3339, c.from)
		require.NoError(t, err)
		end := period(c.days).Elapse(at, copenhagen)
		assert.Equal(t, c.end, end.In(copenhagen).Format(time.RFC3339), name)
	}
}

// Over random starts, lengths and zones: the later start never ends earlier, and the end is that of the naive count.
func TestElapsedTimeIsMonotoneAndCountsAsTheWallClockDoes(t *testing.T) {
	g := rand.New(rand.NewPCG(7, 1))
	sooner := 0
	for range 5_000 {
		zone, err := time.LoadLocation(clockZones[g.IntN(len(clockZones))])
		require.NoError(t, err)
		days := []int{1, 2, 30, 90, 184, 365}[g.IntN(6)]
		p := period(fmt.Sprintf("P%dD", days))
		from := time.Unix(1_500_000_000+g.Int64N(10*365*24*3600), g.Int64N(1e9)).In(zone)
		if start, _ := from.ZoneBounds(); !start.IsZero() && g.IntN(2) == 0 { // near a change of clocks, or so many days before one
			from = start.Add(time.Duration(g.Int64N(int64(8*time.Hour))) - 4*time.Hour - time.Duration(g.IntN(2)*days)*24*time.Hour)
		}
		end := p.Elapse(from, zone)
		require.Equal(t, elapseNaively(from, days, zone), end.UTC(), "%s, %d days in %s", from, days, zone)
		if end.Before(from.Add(time.Duration(days) * 24 * time.Hour)) {
			sooner++
		}
		next := from.Add(time.Duration(g.Int64N(int64(3 * time.Hour))))
		require.False(t, p.Elapse(next, zone).Before(end), "%s then %s, %d days in %s", from, next, days, zone)
	}
	require.Greater(t, sooner, 100, "clocks went forward in some")
}

// elapseNaively looks minute by minute for the last instant, up to so many times 24 hours later, at which the clock on the
// wall shows no more than it had shown so many days before. It knows nothing of offsets; changes come at full minutes.
func elapseNaively(from time.Time, days int, zone *time.Location) time.Time {
	reading := func(t time.Time) time.Time {
		t = t.In(zone)
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	shown := reading(from)
	for m, n := from.Truncate(time.Minute), 0; n < 26*60; n++ {
		if r := reading(m.Add(-1)).Add(1); r.After(shown) {
			shown = r
		}
		m = m.Add(-time.Minute)
	}
	target := shown.AddDate(0, 0, days)
	exact := from.UTC().Add(time.Duration(days) * 24 * time.Hour)
	if !reading(exact).After(target) {
		return exact
	}
	m := exact.Truncate(time.Minute)
	for reading(m).After(target) {
		m = m.Add(-time.Minute)
	}
	end := m.Add(min(target.Sub(reading(m)), time.Minute))
	if end.After(exact) {
		return exact
	}
	return end
}
