package parts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/examples/benchmarks/measure"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

func TestEveryPartRuns(t *testing.T) {
	rows, err := Rows(world.New(200, 10), 20)
	require.NoError(t, err)
	results, err := measure.Turns(rows, measure.Options{Passes: 2, Slice: time.Millisecond})
	require.NoError(t, err)
	require.Len(t, results, 8)
	require.Greater(t, results[Calls].Allocs, 0.0)
}

func TestALargerRegisterHoldsMore(t *testing.T) {
	held := func(fields int) int64 {
		stages, err := Loading(world.New(fields, 100), 3)
		require.NoError(t, err)
		for _, s := range stages {
			require.Positive(t, s.Took, s.Name)
		}
		return stages[2].Bytes
	}
	require.Greater(t, held(4000), 2*held(400))
}
