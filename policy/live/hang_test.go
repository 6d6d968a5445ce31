package live_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/live"
)

// What hangs is left behind at the time-out; the clock of these tests is not the wall's.

func TestAHangingUpdateLeavesTheOldPolicyInForce(t *testing.T) {
	for name, hang := range map[string]func(w *world, until chan struct{}) live.Reason{
		"source": func(w *world, until chan struct{}) live.Reason {
			w.shelf.become(func(context.Context) (live.Snapshot, error) { <-until; return live.Snapshot{}, nil })
			return live.ReasonTimeout
		},
		"loader": func(w *world, until chan struct{}) live.Reason {
			w.put(2, permits("second"))
			w.load = func(files fs.FS) (policy.Decider, error) { <-until; return w.cel(files) }
			return live.ReasonTimeout
		},
		"self-test": func(w *world, until chan struct{}) live.Reason {
			w.put(2, permits("second"))
			*w.testing() = func(context.Context, fs.FS, policy.Decider) error { <-until; return nil }
			return live.ReasonTimeout
		},
		"self-test that heeds its context": func(w *world, until chan struct{}) live.Reason {
			w.put(2, permits("second"))
			*w.testing() = func(ctx context.Context, _ fs.FS, _ policy.Decider) error { <-ctx.Done(); return ctx.Err() }
			return live.ReasonTimeout
		},
		"trail": func(w *world, until chan struct{}) live.Reason {
			w.put(2, permits("second"))
			w.hung = until
			return live.ReasonTrail
		},
		"revision store": func(w *world, until chan struct{}) live.Reason {
			w.put(2, permits("second"))
			w.store.hang = until
			return live.ReasonStore
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, live.WithTimeout(10*time.Second))
				p := w.openHanging()
				before := p.Digest()
				until := make(chan struct{})
				reason := hang(w, until)
				loads := w.loads.Load()
				for range 5 {
					start := time.Now()
					require.Equal(t, reason, reasonOf(t, p.Trigger(ctx)))
					require.LessOrEqual(t, time.Since(start), 25*time.Second)
					v, err := p.Decide(ctx, w.input())
					require.NoError(t, err)
					require.Equal(t, before, v.Digest)
				}
				if name == "source" || name == "loader" || name == "self-test" {
					require.LessOrEqual(t, w.loads.Load()-loads, int64(1), "what hangs is not begun again")
				}
				require.Equal(t, before, p.Digest())
				require.Equal(t, reason, p.Health().Reason)
				require.Equal(t, 5, p.Health().Failures)

				close(until) // what was late is dropped
				synctest.Wait()
				require.Equal(t, before, p.Digest())
				w.load, *w.testing(), w.hung = nil, nil, nil
				w.store.free()
				w.put(3, permits("third"))
				require.NoError(t, p.Trigger(ctx), "the control: it recovers")
				require.NotEqual(t, before, p.Digest())
				if reason != live.ReasonTrail { // that one could not be recorded
					require.Contains(t, w.changes(), "failed "+string(reason))
				}
			})
		})
	}
}

func TestFewStepsHangAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.open()
		until := make(chan struct{})
		w.load = func(files fs.FS) (policy.Decider, error) { <-until; return w.cel(files) }
		var reasons []live.Reason
		for i := range 8 {
			w.put(2+i, permits("second"))
			reasons = append(reasons, reasonOf(t, p.Trigger(ctx)))
		}
		require.Equal(t, live.ReasonTimeout, reasons[0])
		require.Equal(t, live.ReasonBusy, reasons[7])
		require.LessOrEqual(t, w.loads.Load(), int64(1+4))
		require.Equal(t, live.ReasonBusy, p.Health().Reason, "also where there is no room left to record it")
		close(until)
		synctest.Wait()
		require.NoError(t, p.Trigger(ctx))
	})
}

// testing is the self-test that the world runs, where it was opened with openHanging.
func (w *world) testing() *live.SelfTest {
	if w.test == nil {
		w.test = new(live.SelfTest)
	}
	return w.test
}

func (w *world) openHanging() *live.Policy {
	w.t.Helper()
	w.store = &store{}
	w.options = append(w.options, live.WithRevisionStore(w.store), live.WithSelfTest(func(ctx context.Context, files fs.FS, d policy.Decider) error {
		if f := *w.testing(); f != nil {
			return f(ctx, files, d)
		}
		return nil
	}))
	p, err := live.Open(ctx, "need-to-know", w.shelf, w.loader, hangingTrail{w}, w.options...)
	require.NoError(w.t, err)
	return p
}

// hangingTrail waits while the world says so, whatever its context says.
type hangingTrail struct{ w *world }

func (h hangingTrail) Append(ctx context.Context, events []audit.Event) error {
	if c := h.w.hung; c != nil {
		<-c
		return errors.New("late")
	}
	return h.w.trail.Append(ctx, events)
}

func (h hangingTrail) Head(ctx context.Context) (audit.Head, error) { return h.w.trail.Head(ctx) }
func (h hangingTrail) Close() error                                 { return h.w.trail.Close() }

// store keeps a mark in memory.
type store struct {
	mark      live.Mark
	saves     int
	hang      chan struct{}
	loads     error
	saveFails error
}

func (s *store) free() { s.hang = nil }

func (s *store) Load(context.Context) (live.Mark, error) {
	if s.hang != nil {
		<-s.hang
	}
	return s.mark, s.loads
}

func (s *store) Save(_ context.Context, m live.Mark) error {
	s.saves++
	if s.saveFails == nil {
		s.mark = m
	}
	return s.saveFails
}
