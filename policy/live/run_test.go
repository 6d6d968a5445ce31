package live_test

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/live"
)

func TestRunLooksOncePerIntervalAndLoadsWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, live.WithInterval(time.Minute), live.WithClock(time.Now))
		p := w.open()
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- p.Run(running) }()

		time.Sleep(10*time.Minute + time.Second)
		looks := w.shelf.calls.Load()
		require.InDelta(t, 10, looks-1, 1)
		require.EqualValues(t, 1, w.loads.Load(), "nothing was new")
		require.Less(t, time.Since(p.Health().LastCheck), 67*time.Second)

		w.put(2, permits("second"))
		time.Sleep(67 * time.Second)
		require.EqualValues(t, 2, p.Health().Revision)
		require.EqualValues(t, 2, w.loads.Load())

		w.put(3, "rules: nonsense")
		time.Sleep(10 * time.Minute)
		require.EqualValues(t, 3, w.loads.Load(), "what does not compile is not compiled with every look")
		require.Equal(t, live.ReasonLoad, p.Health().Reason)
		require.InDelta(t, 10, p.Health().Failures, 2)
		require.Equal(t, []string{"done", "done", "failed policy.change.load"}, w.changes())
		require.Error(t, p.Trigger(ctx))
		require.EqualValues(t, 4, w.loads.Load(), "but when somebody asks for it")

		stop()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestRunTriesAgainWhatMayPass(t *testing.T) {
	w := newWorld(t)
	steps := make(chan struct{})
	w.options = append(w.options, live.WithWait(func(ctx context.Context, d time.Duration) error {
		select {
		case <-steps:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}))
	p := w.open()
	running, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { _ = p.Run(running) })
	step := func() { steps <- struct{}{}; steps <- struct{}{} } // the second is taken when the first look is over

	w.put(2, permits("second"))
	w.trail.FailNext(errors.New("disk"))
	steps <- struct{}{}
	step()
	require.EqualValues(t, 2, p.Health().Revision, "the trail is back")
	stop()
	group.Wait()
}

func TestWaitsAreSpread(t *testing.T) {
	seen := map[time.Duration]bool{}
	w := newWorld(t, live.WithInterval(time.Minute))
	n := 0
	done := errors.New("enough")
	w.options = append(w.options, live.WithWait(func(_ context.Context, d time.Duration) error {
		require.GreaterOrEqual(t, d, 54*time.Second)
		require.LessOrEqual(t, d, 66*time.Second)
		seen[d] = true
		if n++; n == 50 {
			return done
		}
		return nil
	}))
	require.ErrorIs(t, w.open().Run(ctx), done)
	require.Greater(t, len(seen), 40)
}

// Many ask at once, with and without patience: changes happen one after the other, and none is lost.
func TestTriggersTakeTurns(t *testing.T) {
	w := newWorld(t)
	inside := make(chan struct{}, 1)
	w.load = func(files fs.FS) (policy.Decider, error) {
		select {
		case inside <- struct{}{}:
		default:
			t.Error("two changes at once")
		}
		defer func() { <-inside }()
		return w.cel(files)
	}
	p := w.open()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 10 {
				short, cancel := context.WithTimeout(ctx, time.Millisecond)
				_ = p.Trigger(short)
				cancel()
				if err := p.Trigger(ctx); err != nil {
					t.Error(err)
				}
				_ = p.Health()
			}
		})
	}
	for i := range 20 {
		w.put(2+i, permits("first"))
		require.NoError(t, p.Trigger(ctx))
	}
	group.Wait()
	require.NoError(t, p.Trigger(ctx))
	require.EqualValues(t, 21, p.Health().Revision)
}
