package retentionsql

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPackedNumbersAreUnpacked(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 7))
	most := 0
	for range 2_000 {
		var list []choice
		var want []int
		for range 1 + g.IntN(40) {
			c := choice{of: make([]node, g.IntN(12))}
			list, want = append(list, c), append(want, g.IntN(len(c.of)+1))
		}
		columns, got, next := packed(list), make([]int, len(list)), 0
		for _, places := range columns {
			value, unit := 0, 1 // as the database adds them up
			for _, place := range places {
				require.Equal(t, next, place)
				next++
				value += want[place] * unit
				unit *= len(list[place].of) + 1
			}
			require.LessOrEqual(t, unit, math.MaxInt32)
			unpack(got, list, places, uint(value))
		}
		require.Equal(t, want, got)
		most = max(most, len(columns))
	}
	require.Greater(t, most, 2, "the control: some lists need several columns")
}
