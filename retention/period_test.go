package retention_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

func TestParsePeriodIsCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"P5Y": "P5Y", "P18M": "P1Y6M", "P12M": "P1Y", "P30D": "P30D", "P1Y6M": "P1Y6M", "P2W": "P14D", "P0D": "P0D",
		"P1Y2M3W4D": "P1Y2M25D", "P6M15D": "P6M15D", "P01Y": "P1Y", "P1Y0M0D": "P1Y", "P1000Y": "P1000Y", "P366000D": "P366000D",
	} {
		p, err := retention.ParsePeriod(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, p.String())
		assert.False(t, p.IsZero())
		assert.Equal(t, text == "P0D", p.Immediate())
		again, err := retention.ParsePeriod(p.String())
		require.NoError(t, err)
		assert.True(t, p == again, "equal lengths are equal")
	}
}

func TestParsePeriodRefuses(t *testing.T) {
	for _, text := range []string{
		"", "P", "5Y", "p5y", "P5", "P5y", "PY", "P-5Y", "-P5Y", "+P5Y", "P+5Y", "P1.5Y", "P1,5Y", "PT5H", "P1DT2H", "P1YT",
		"P1M1Y", "P1D1W", "P1Y1Y", "P1H", "P5Y ", " P5Y", "P5Y\n", "P 5Y", "P٥Y", "P0Y", "P0M", "P0W", "P0Y0D", "P00D", "P1001Y",
		"P12001M", "P366001D", "P52286W", "P99999999999999999999Y", "P4294967295Y", "P4294967296D", "five years", "P5Y/P6Y",
	} {
		p, err := retention.ParsePeriod(text)
		require.ErrorIs(t, err, retention.ErrPeriod, "%q", text)
		assert.True(t, p.IsZero(), "%q", text)
	}
}

func TestPeriodErrorNamesTheOffsetAndNotTheText(t *testing.T) {
	_, err := retention.ParsePeriod("P5Yanna@example.org")
	require.ErrorIs(t, err, retention.ErrPeriod)
	assert.Contains(t, err.Error(), "offset 3")
	assert.NotContains(t, err.Error(), "anna")
}

func TestZeroPeriodStatesNothing(t *testing.T) {
	var none retention.Period
	assert.True(t, none.IsZero())
	assert.False(t, none.Immediate())
	assert.Empty(t, none.String())
	assert.NotEqual(t, none, period("P0D"))
	assert.False(t, none.CanExceed(period("P1D")))
	assert.False(t, period("P1D").CanExceed(none))
}

func TestPeriodTextRoundTrip(t *testing.T) {
	type rule struct {
		Floor   retention.Period `json:"floor,omitzero"`
		Ceiling retention.Period `json:"ceiling,omitzero"`
	}
	text, err := json.Marshal(rule{Ceiling: period("P18M")})
	require.NoError(t, err)
	assert.JSONEq(t, `{"ceiling":"P1Y6M"}`, string(text))
	var back rule
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, rule{Ceiling: period("P18M")}, back)
	require.NoError(t, json.Unmarshal([]byte(`{"floor":""}`), &back))
	assert.True(t, back.Floor.IsZero())

	kept := period("P5Y")
	require.ErrorIs(t, kept.UnmarshalText([]byte("P5")), retention.ErrPeriod)
	assert.Equal(t, period("P5Y"), kept, "an error changes nothing")
}

// Reg. 1182/71 Art. 3(1), (2)(c).
func TestPeriodFrom(t *testing.T) {
	for _, c := range []struct{ event, period, last, sticky string }{
		{"2019-06-30", "P5Y", "2024-06-30", "2024-06-30"},
		{"2020-02-29", "P5Y", "2025-02-28", "2025-02-28"},
		{"2020-02-29", "P4Y", "2024-02-29", "2024-02-29"},
		{"2023-02-28", "P1Y", "2024-02-28", "2024-02-29"}, // AMB-04
		{"2023-02-28", "P5Y", "2028-02-28", "2028-02-29"},
		{"2023-06-30", "P6M", "2023-12-30", "2023-12-31"},
		{"2023-01-31", "P1M", "2023-02-28", "2023-02-28"},
		{"2024-01-31", "P1M", "2024-02-29", "2024-02-29"},
		{"2023-12-31", "P2M", "2024-02-29", "2024-02-29"},
		{"2023-12-31", "P11M", "2024-11-30", "2024-11-30"},
		{"2023-11-30", "P3M", "2024-02-29", "2024-02-29"},
		{"2024-01-30", "P30D", "2024-02-29", "2024-02-29"},
		{"2023-01-30", "P30D", "2023-03-01", "2023-03-01"},
		{"2024-01-31", "P1M1D", "2024-03-01", "2024-03-01"},
		{"1999-12-31", "P1D", "2000-01-01", "2000-01-01"},
		{"2100-02-28", "P1Y", "2101-02-28", "2101-02-28"},
		{"2096-02-29", "P4Y", "2100-02-28", "2100-02-28"}, // 2100 is no leap year
		{"2024-04-15", "P0D", "2024-04-15", "2024-04-15"},
	} {
		assert.Equal(t, c.last, period(c.period).From(date(c.event)).String(), "%s + %s", c.event, c.period)
		assert.Equal(t, c.sticky, period(c.period).FromPeriodEnd(date(c.event)).String(), "%s as a period end + %s", c.event, c.period)
	}
}

func TestCanExceed(t *testing.T) {
	for _, c := range []struct {
		p, q string
		want bool
	}{
		{"P5Y", "P5Y", false}, {"P5Y", "P60M", false}, {"P5Y", "P4Y", true}, {"P4Y", "P5Y", false},
		{"P1M", "P30D", true}, {"P30D", "P1M", true}, {"P31D", "P1M", true}, {"P28D", "P1M", false}, {"P1M", "P31D", false},
		{"P1Y", "P365D", true}, {"P1Y", "P366D", false}, {"P365D", "P1Y", false}, {"P366D", "P1Y", true},
		{"P4Y", "P1461D", false}, {"P4Y", "P1460D", true}, {"P1461D", "P4Y", true}, {"P1459D", "P4Y", false},
		{"P400Y", "P146097D", false}, {"P146097D", "P400Y", false}, {"P146098D", "P400Y", true},
		{"P1M1D", "P1M", true}, {"P1M", "P1M1D", false}, {"P1M5D", "P2M", false}, {"P1M31D", "P2M", true},
		{"P0D", "P1D", false}, {"P1D", "P0D", true},
	} {
		assert.Equal(t, c.want, period(c.p).CanExceed(period(c.q)), "%s > %s", c.p, c.q)
	}
}

// Adding a period never moves an earlier event past a later one, and a longer period never ends sooner.
func TestPeriodsAreMonotone(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(7, 7))}
	for range 20_000 {
		l, text := g.length(false)
		p := period(text)
		day := g.civil().date()
		require.False(t, p.From(day.AddDays(1)).Before(p.From(day)), "%v %v", day, p)
		require.False(t, p.From(day).Before(day))
		require.Equal(t, l.lastDay(civilFrom(day), false).date(), p.From(day), "%v %v", day, p)
		require.Equal(t, l.lastDay(civilFrom(day), true).date(), p.FromPeriodEnd(day), "%v %v", day, p)
		_, other := g.length(false)
		if q := period(other); !p.CanExceed(q) {
			require.False(t, p.From(day).After(q.From(day)), "%v %v %v", day, p, q)
		}
	}
}

// CanExceed tries days that stand for all others; here all of them are tried.
func TestCanExceedAgreesWithEveryDay(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(9, 9))}
	both := map[bool]int{}
	for range 80 {
		months := 1 + g.IntN(60)
		p, q := period(fmt.Sprintf("P%dM%dD", months, g.IntN(3))), period(fmt.Sprintf("P%dD", months*30437/1000+g.IntN(7)-3))
		switch g.IntN(4) {
		case 0:
			p, q = q, p
		case 1:
			q = period(fmt.Sprintf("P%dM%dD", months-1+g.IntN(3), 1+g.IntN(34)))
		case 2:
			p, q = period(fmt.Sprintf("P%dM%dD", months, 25+g.IntN(9))), period(fmt.Sprintf("P%dM", months+1))
		}
		want := false
		for day, n := date("2000-01-01"), 0; n < 146_097 && !want; n++ {
			want = p.From(day).After(q.From(day))
			day = day.AddDays(1)
		}
		require.Equal(t, want, p.CanExceed(q), "%v > %v", p, q)
		both[want]++
	}
	assert.Positive(t, both[true])
	assert.Positive(t, both[false])
}

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range []string{"P5Y", "P18M", "P30D", "P1Y6M", "P2W", "P0D", "", "P", "PT1H", "P-1D", "P1M1Y", "P99999999999D", "P1Y2M3W4D"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := retention.ParsePeriod(text)
		if err != nil {
			require.ErrorIs(t, err, retention.ErrPeriod)
			require.True(t, p.IsZero())
			return
		}
		require.False(t, p.IsZero())
		again, err := retention.ParsePeriod(p.String())
		require.NoError(t, err)
		require.Equal(t, p, again)
		day := retention.MustDate("2024-02-29")
		require.False(t, p.From(day).Before(day))
		require.Equal(t, p.Immediate(), p.From(day) == day)
	})
}
