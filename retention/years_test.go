package retention_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// Every day is found in the one year that holds it, however long the years are.
func TestADayBelongsToTheYearThatHoldsIt(t *testing.T) {
	g := generatorOf(t, 41)
	for _, days := range [][]int{{365}, {365, 366}, {182}, {548, 200, 365}, {1}, {31, 900}, {2000}} {
		for range 20 {
			var years []retention.FinancialYear
			start := date("2000-01-01").AddDays(g.IntN(800))
			for range 1 + g.IntN(12) {
				end := start.AddDays(days[g.IntN(len(days))] - 1)
				years = append(years, retention.FinancialYear{Start: start, End: end})
				start = end.AddDays(1)
			}
			table, err := retention.NewFinancialYears(years...)
			require.NoError(t, err)
			found := 0
			for d := years[0].Start.AddDays(-800); d.Before(start.AddDays(800)); d = d.AddDays(1) {
				var want retention.FinancialYear
				for _, y := range years {
					if !d.Before(y.Start) && !d.After(y.End) {
						want = y
						found++
					}
				}
				got, ok := table.Of(d)
				require.Equal(t, want, got, "%v of %v", d, years)
				require.Equal(t, !want.Start.IsZero(), ok, "%v of %v", d, years)
			}
			require.Positive(t, found)
		}
	}
	_, ok := retention.FinancialYears{}.Of(date("2000-01-01"))
	require.False(t, ok)
}
