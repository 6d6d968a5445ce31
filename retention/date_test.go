package retention_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

func TestParseDate(t *testing.T) {
	for _, text := range []string{"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2023-01-31"} {
		d, err := retention.ParseDate(text)
		require.NoError(t, err)
		assert.Equal(t, text, d.String())
	}
	for _, text := range []string{
		"", "2023-02-29", "1900-02-29", "2024-00-10", "2024-13-01", "2024-04-31", "2024-01-00", "0000-01-01", "2024-1-1",
		"2024-01-1x", "20240101", "2024/01/01", "2024-01-01T00:00:00Z", "-024-01-01", "+024-01-01", "2024-01- 1",
	} {
		d, err := retention.ParseDate(text)
		require.ErrorIs(t, err, retention.ErrDate, "%q", text)
		assert.True(t, d.IsZero())
	}
}

func TestDateTextRoundTrip(t *testing.T) {
	type doc struct{ A, B retention.Date }
	text, err := json.Marshal(doc{A: date("2024-02-29")})
	require.NoError(t, err)
	assert.JSONEq(t, `{"A":"2024-02-29","B":""}`, string(text))
	var back doc
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, doc{A: date("2024-02-29")}, back)
	require.ErrorIs(t, back.A.UnmarshalText([]byte("2023-02-29")), retention.ErrDate)
	assert.Equal(t, date("2024-02-29"), back.A)
}

func TestDateOrder(t *testing.T) {
	days := []retention.Date{{}, date("0001-01-01"), date("2023-12-31"), date("2024-01-01"), date("2024-01-31"), date("2024-02-01")}
	for i, a := range days {
		for j, b := range days {
			assert.Equal(t, i < j, a.Before(b))
			assert.Equal(t, i > j, a.After(b))
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			assert.Equal(t, want, a.Compare(b))
		}
	}
	assert.Equal(t, date("2024-03-01"), date("2024-02-29").AddDays(1))
	assert.Equal(t, date("2023-12-31"), date("2024-01-01").AddDays(-1))
	assert.Equal(t, time.Thursday, date("2024-02-29").Weekday())
}

// A day ends at the midnight after it, in the zone, whatever its clocks do that night.
func TestDayEndsAtLocalMidnight(t *testing.T) {
	for _, c := range []struct{ zone, day, end, why string }{
		{"Europe/Copenhagen", "2024-06-30", "2024-06-30T22:00:00Z", "summer"},
		{"Europe/Copenhagen", "2024-12-31", "2024-12-31T23:00:00Z", "winter"},
		{"Europe/Copenhagen", "2024-03-31", "2024-03-31T22:00:00Z", "day of 23 hours"},
		{"Europe/Copenhagen", "2024-10-27", "2024-10-27T23:00:00Z", "day of 25 hours"},
		{"Europe/Amsterdam", "2017-10-10", "2017-10-10T22:00:00Z", "summer"},
		{"America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z", "no midnight: 00:00 becomes 01:00"},
		{"Asia/Beirut", "2022-03-26", "2022-03-26T22:00:00Z", "no midnight"},
		{"Africa/Cairo", "2023-04-27", "2023-04-27T22:00:00Z", "no midnight"},
		{"America/Havana", "2023-03-11", "2023-03-12T05:00:00Z", "no midnight"},
		{"America/Sao_Paulo", "2019-02-16", "2019-02-17T03:00:00Z", "two midnights: the hour before it comes twice"},
		{"America/St_Johns", "2010-11-06", "2010-11-07T03:30:00Z", "00:01 becomes 23:01 of the day before"},
		{"Atlantic/Azores", "2023-10-28", "2023-10-29T00:00:00Z", "00:00 to 01:00 comes twice, after midnight"},
		{"Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z", "the day after never was"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "never was"},
		{"Pacific/Kiritimati", "2024-01-01", "2024-01-01T10:00:00Z", "fourteen hours ahead"},
		{"UTC", "2024-02-29", "2024-03-01T00:00:00Z", "UTC"},
	} {
		zone := retention.MustZone(c.zone)
		end := date(c.day).EndIn(zone)
		assert.Equal(t, c.end, end.UTC().Format(time.RFC3339), "%s %s: %s", c.zone, c.day, c.why)
		assert.Equal(t, endOf(civilFrom(date(c.day)), zone).UTC(), end.UTC(), "the oracle agrees on %s %s", c.zone, c.day)
		assert.Equal(t, end, date(c.day).AddDays(1).StartIn(zone))
	}
}

// time.Date does not do: where midnight comes twice or not at all, it names another instant.
func TestTimeDateMissesSomeMidnights(t *testing.T) {
	differs := 0
	for _, c := range []struct{ zone, day string }{
		{"America/Sao_Paulo", "2018-11-03"}, {"America/St_Johns", "2010-11-06"}, {"Pacific/Apia", "2011-12-29"}, {"Asia/Beirut", "2022-03-26"},
	} {
		zone, next := retention.MustZone(c.zone), date(c.day).AddDays(1)
		if !time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, zone).Equal(date(c.day).EndIn(zone)) {
			differs++
		}
	}
	assert.Positive(t, differs)
}

func TestDaysOfAllZonesFollowOneAnother(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(8, 8))}
	for range 3_000 {
		zone := worldZones[g.IntN(len(worldZones))]
		day := g.civil().date()
		end := day.EndIn(zone)
		require.False(t, end.Before(day.AddDays(-1).EndIn(zone)))
		require.Equal(t, endOf(civilFrom(day), zone).UTC(), end.UTC(), "%v %v", day, zone)
		require.False(t, retention.DateOf(end, zone).Before(day.AddDays(1)))
		require.False(t, retention.DateOf(end.Add(-1), zone).After(day))
	}
}

func TestLoadZone(t *testing.T) {
	zone, err := retention.LoadZone("Europe/Stockholm")
	require.NoError(t, err)
	assert.Equal(t, "Europe/Stockholm", zone.String())
	for _, name := range []string{"", "Local", "Europe/Atlantis", "../etc/passwd", "CET+1"} {
		zone, err := retention.LoadZone(name)
		require.ErrorIs(t, err, retention.ErrZone, "%q", name)
		assert.Nil(t, zone)
	}
}

func TestMustFormsPanic(t *testing.T) {
	assert.Panics(t, func() { retention.MustPeriod("5 years") })
	assert.Panics(t, func() { retention.MustDate("2023-02-29") })
	assert.Panics(t, func() { retention.MustZone("Local") })
}
