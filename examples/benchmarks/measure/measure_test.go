package measure

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var sink []byte

func TestTurnsCountWhatARunAllocates(t *testing.T) {
	rows := []Row{
		{Key: "none", Runner: Func(func() error { return nil })},
		{Key: "one", Runner: Func(func() error { sink = make([]byte, 1024); return nil })},
	}
	results, err := Turns(rows, Options{Passes: 3, Slice: time.Millisecond})
	require.NoError(t, err)
	require.Zero(t, results["none"].Allocs)
	require.EqualValues(t, 1, results["one"].Allocs)
	require.InDelta(t, 1024, results["one"].Bytes, 64)
	require.Positive(t, results["one"].Ns)
}

func TestScalingTellsWhoWaitsForTheOther(t *testing.T) {
	sleep := func() error { time.Sleep(time.Millisecond); return nil }
	var mu sync.Mutex
	queue := func() error { mu.Lock(); defer mu.Unlock(); return sleep() }
	o := Options{Passes: 5, Slice: 10 * time.Millisecond}
	apart, err := Scaling("apart", []Runner{Func(sleep), Func(sleep)}, o)
	require.NoError(t, err)
	require.Greater(t, apart.Of, 1.5)
	together, err := Scaling("together", []Runner{Func(queue), Func(queue)}, o)
	require.NoError(t, err)
	require.Less(t, together.Of, 1.5)
	require.LessOrEqual(t, together.Lower, together.Of)
	require.LessOrEqual(t, together.Of, together.Upper)
}

func TestScalingEndsWhenOneRunFails(t *testing.T) {
	failed := errors.New("failed")
	var n atomic.Int32
	later := Func(func() error {
		if n.Add(1) > 100 {
			return failed
		}
		time.Sleep(time.Millisecond)
		return nil
	})
	_, err := Scaling("r", []Runner{Func(func() error { time.Sleep(time.Millisecond); return nil }), later}, Options{Passes: 50, Slice: 10 * time.Millisecond})
	require.ErrorIs(t, err, failed)
	require.ErrorContains(t, err, "r")
}

func TestASlowFirstRunDoesNotShortenThePasses(t *testing.T) {
	runs := 0
	setsUp := Func(func() error {
		if runs++; runs == 1 {
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	})
	results, err := Turns([]Row{{Key: "r", Runner: setsUp}}, Options{Passes: 3, Slice: time.Millisecond})
	require.NoError(t, err)
	require.Greater(t, results["r"].Runs, 3*100)
}

func TestARunThatFailsEndsTheMeasurement(t *testing.T) {
	failed := errors.New("failed")
	n := 0
	later := Func(func() error {
		if n++; n > 100 {
			return failed
		}
		return nil
	})
	_, err := Turns([]Row{{Key: "r", Runner: later}}, Options{Passes: 2, Slice: time.Hour})
	require.ErrorIs(t, err, failed)
	require.ErrorContains(t, err, "r")
}

func TestMediansAndQuantiles(t *testing.T) {
	require.Zero(t, Median(nil))
	require.Equal(t, 2.0, Median([]float64{1, 2, 9}))
	require.Equal(t, 2.5, Median([]float64{1, 2, 3, 9}))
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for q, want := range map[float64]int{0.001: 1, 0.5: 50, 0.99: 99, 1: 100} {
		require.Equal(t, want, Quantile(hundred, q), q)
	}
	require.Equal(t, 7, Quantile([]int{7}, 0.99))
	require.Zero(t, Quantile([]int(nil), 0.5))
}

func TestHeldWeighsWhatIsKept(t *testing.T) {
	kept, _, bytes, err := Held(func() ([]byte, error) { return make([]byte, 4<<20), nil })
	require.NoError(t, err)
	require.Len(t, kept, 4<<20)
	require.InDelta(t, 4<<20, bytes, 256<<10)
	_, _, bytes, err = Held(func() (int, error) { sink = make([]byte, 4<<20); sink = nil; return 1, nil })
	require.NoError(t, err)
	require.InDelta(t, 0, bytes, 256<<10, "what is let go of is not held")
}
