package checkpoint_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/checkpoint"
)

func TestAnAnchorThatFailsIsSeenAndStopsNothing(t *testing.T) {
	broken := errors.New("broken")
	w := newWorld(t)
	stranger, _ := keys(t, origin)
	foreign, err := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: 9999}}.Sign(stranger)
	require.NoError(t, err)
	bad := newShelf()
	w.opts.Anchors["bad"] = bad
	w.opts.AnchorTimeout = 20 * time.Millisecond
	k := w.keeper()
	fill(t, w.trail, 1)
	w.tick(k)
	require.True(t, k.Health().OK())

	release := make(chan struct{})
	for name, behave := range map[string]struct {
		keep func(context.Context, []byte) error
		last func(context.Context) ([]byte, error)
	}{
		"keep fails":      {func(context.Context, []byte) error { return broken }, nil},
		"latest fails":    {nil, func(context.Context) ([]byte, error) { return nil, broken }},
		"keep panics":     {func(context.Context, []byte) error { panic("canary") }, nil},
		"keep hangs":      {func(ctx context.Context, _ []byte) error { <-ctx.Done(); return ctx.Err() }, nil},
		"keep hangs on":   {func(context.Context, []byte) error { <-release; return broken }, nil},
		"garbage":         {nil, func(context.Context) ([]byte, error) { return []byte("garbage"), nil }},
		"nobody signed":   {nil, func(context.Context) ([]byte, error) { return foreign, nil }},
		"refuses for fun": {func(context.Context, []byte) error { return checkpoint.ErrForked }, nil},
	} {
		bad.behave(behave.keep, behave.last)
		before := k.Health().Checkpoint
		for range 3 {
			fill(t, w.trail, 1000)
			w.clock.add(2 * time.Minute) // longer than any wait between attempts
			w.tick(k)
			w.clock.add(2 * time.Minute)
		}
		h := k.Health()
		assert.False(t, h.OK(), name)
		assert.NoError(t, h.Halted, name)
		assert.NoError(t, h.Err, name)
		assert.EqualValues(t, before+3000, h.Checkpoint, name)
		assert.Equal(t, h.Checkpoint, h.Anchored, "%s: the other anchor is not held up", name)
		require.Equal(t, "bad", h.Anchors[0].Name)
		assert.Error(t, h.Anchors[0].Err, name)
		assert.NotContains(t, h.Anchors[0].Err.Error(), "canary")
		assert.EqualValues(t, 3000, h.Anchors[0].Behind, name)
		assert.False(t, h.Anchors[0].Failing.IsZero(), name)

		if name == "keep hangs on" {
			close(release)
			require.Eventually(t, func() bool {
				bad.behave(nil, nil)
				w.clock.add(2 * time.Minute)
				w.tick(k)
				return k.Health().OK()
			}, 10*time.Second, time.Millisecond)
		}
		bad.behave(nil, nil)
		w.clock.add(2 * time.Minute)
		w.tick(k)
		h = k.Health()
		assert.True(t, h.OK(), name)
		assert.True(t, h.Anchors[0].Failing.IsZero(), name)
	}
}

func TestAttemptsAtAFailingAnchorAreSpacedOut(t *testing.T) {
	w := newWorld(t)
	attempts := 0
	w.anchor.behave(func(context.Context, []byte) error { attempts++; return errors.New("broken") }, nil)
	k := w.keeper()
	fill(t, w.trail, 1)
	for range 600 {
		w.tick(k)
		w.clock.add(time.Second)
	}
	assert.Greater(t, attempts, 10)
	assert.Less(t, attempts, 20)
}

// What is anchored is no beginning of the trail: everything stops, and says so.
func TestAForkHaltsLoudly(t *testing.T) {
	for name, harm := range map[string]func(w *world){
		"another tree of this size": func(w *world) {
			w.put(audit.TreeHead{Size: 5, Root: audit.Hash{1}})
		},
		"a smaller tree of another history": func(w *world) {
			w.put(audit.TreeHead{Size: 2, Root: audit.Hash{1}})
		},
		"a longer trail": func(w *world) {
			w.put(audit.TreeHead{Size: 900, Root: audit.Hash{1}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var told []error
			w.opts.Halted = func(err error) { told = append(told, err) }
			k := w.keeper()
			fill(t, w.trail, 5)
			harm(w)
			assert.ErrorIs(t, k.Tick(t.Context()), checkpoint.ErrForked)
			guard, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			assert.ErrorIs(t, k.Run(guard), checkpoint.ErrForked)
			assert.ErrorIs(t, k.Halted(), checkpoint.ErrForked)
			assert.ErrorIs(t, k.Health().Halted, checkpoint.ErrForked)
			assert.Len(t, told, 1)
			events := w.trail.Events()
			assert.Equal(t, audit.TrailHalted, events[len(events)-1].Name)

			err := k.Trail().Append(t.Context(), []audit.Event{denied(1)})
			assert.ErrorIs(t, err, audit.ErrPoisoned)
			assert.Len(t, w.trail.Events(), len(events), "nothing more is released")
			assert.Len(t, w.anchor.sizes(), 1, "nothing more is anchored")

			_, err = checkpoint.New(t.Context(), w.trail, w.opts)
			assert.ErrorIs(t, err, checkpoint.ErrForked, "nor after a restart")
		})
	}
}

// put anchors a tree that the trail never had, signed with its key.
func (w *world) put(head audit.TreeHead) {
	require.NoError(w.t, w.anchor.put(w.t.Context(), w.sign(checkpoint.Checkpoint{Origin: origin, TreeHead: head})))
}

// swapped is a trail that is exchanged under its keeper.
type swapped struct {
	checkpoint.Source
	to atomic.Pointer[audittest.Recorder]
}

func (s *swapped) now() checkpoint.Source {
	if to := s.to.Load(); to != nil {
		return to
	}
	return s.Source
}

func TestATrailThatChangesUnderItsKeeperHaltsIt(t *testing.T) {
	for name, n := range map[string]int{"shorter": 3, "as long": 5, "longer": 9} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			fill(t, w.trail, 5)
			trail := &shifting{swapped{Source: w.trail}}
			k, err := checkpoint.New(t.Context(), trail, w.opts)
			require.NoError(t, err)
			w.tick(k)
			other := audittest.NewRecorder(w.clock.Now)
			fill(t, other, n)
			trail.to.Store(other)
			assert.ErrorIs(t, k.Tick(t.Context()), checkpoint.ErrForked)
		})
	}
}

// A trail that was rewritten while no keeper ran is noticed by the next one, whether its store holds the old tree or not.
func TestATrailRewrittenBetweenTwoKeepersIsNoticed(t *testing.T) {
	for name, n := range map[string]int{"shorter": 3, "as long": 50, "longer": 90} {
		for _, kept := range []bool{true, false} {
			w := newWorld(t)
			w.opts.Store = checkpoint.NewMemory()
			fill(t, w.trail, 50)
			w.tick(w.keeper())
			if !kept {
				w.opts.Store = nil
			}
			w.trail = audittest.NewRecorder(w.clock.Now)
			fill(t, w.trail, n)
			_, err := checkpoint.New(t.Context(), w.trail, w.opts)
			assert.ErrorIs(t, err, checkpoint.ErrForked, "%s, store kept: %v", name, kept)
		}
	}
}

func TestASignerThatFailsIsSeenAndTriedAgain(t *testing.T) {
	w := newWorld(t)
	fragile := &moody{Signer: w.signer}
	w.opts.Signers = []note.Signer{fragile}
	k := w.keeper()
	fill(t, w.trail, 1)
	for _, mood := range []string{"fail", "panic", "lie"} {
		fragile.mood = mood
		w.clock.add(time.Minute)
		assert.Error(t, k.Tick(t.Context()), mood)
		assert.Error(t, k.Health().Err, mood)
		assert.False(t, k.Health().OK())
		fragile.mood = ""
		w.tick(k)
		assert.True(t, k.Health().OK())
	}
}

type moody struct {
	note.Signer
	mood string
}

func (m *moody) Sign(msg []byte) ([]byte, error) {
	switch m.mood {
	case "fail":
		return nil, errors.New("no key")
	case "panic":
		panic("canary")
	case "lie":
		return make([]byte, 64), nil
	}
	return m.Signer.Sign(msg)
}

func TestATrailThatCannotBeReadIsSeenAndTriedAgain(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	fill(t, w.trail, 1)
	w.tick(k)
	w.trail.FailNext(audit.ErrFull)
	w.clock.add(time.Minute)
	assert.ErrorIs(t, k.Tick(t.Context()), audit.ErrFull, "no heartbeat")
	assert.ErrorIs(t, k.Health().Err, audit.ErrFull)
	w.tick(k)
	assert.True(t, k.Health().OK())
}

func TestAStoreThatFailsIsSeenAndTheTreeStaysRight(t *testing.T) {
	w := newWorld(t)
	store := &failing{Store: checkpoint.NewMemory()}
	w.opts.Store = store
	k := w.keeper()
	for at := 1; at < 8; at++ {
		fill(t, w.trail, 5000)
		store.failAt = at % 3
		err := k.Tick(t.Context())
		if store.failAt > 0 {
			require.Error(t, err)
		}
		store.failAt = 0
		w.clock.add(time.Minute)
		w.tick(k)
		signed, err := k.Latest()
		require.NoError(t, err)
		c, err := checkpoint.Open(signed, origin, w.verifier)
		require.NoError(t, err)
		require.Equal(t, headOf(t, w.trail), c.TreeHead)
	}
}

type failing struct {
	checkpoint.Store
	failAt int
}
