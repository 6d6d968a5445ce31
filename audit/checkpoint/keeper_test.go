package checkpoint_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/checkpoint"
)

func TestCheckpointsComeByEventsAndByTime(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	fill(t, w.trail, 3)
	w.tick(k)
	assert.Equal(t, []uint64{3}, w.anchor.sizes(), "the first at once")

	fill(t, w.trail, 999)
	w.tick(k)
	assert.Equal(t, []uint64{3}, w.anchor.sizes())
	fill(t, w.trail, 1)
	w.tick(k)
	assert.Equal(t, []uint64{3, 1003}, w.anchor.sizes(), "1,000 events")

	fill(t, w.trail, 1)
	w.clock.add(59 * time.Second)
	w.tick(k)
	assert.Equal(t, []uint64{3, 1003}, w.anchor.sizes())
	w.clock.add(time.Second)
	w.tick(k)
	assert.Equal(t, []uint64{3, 1003, 1004}, w.anchor.sizes(), "60 s")

	w.clock.add(time.Minute)
	w.tick(k)
	assert.Equal(t, []uint64{3, 1003, 1004, 1005}, w.anchor.sizes(), "60 s without an event")
	events := w.trail.Events()
	assert.Equal(t, audit.TrailHeartbeat, events[1004].Name)
	for _, e := range events[:1004] {
		assert.NotEqual(t, audit.TrailHeartbeat, e.Name)
	}

	w.clock.add(-time.Hour)
	w.tick(k)
	assert.Len(t, w.anchor.sizes(), 5, "a clock that went back must not keep checkpoints from being made")
	w.tick(k)
	assert.Len(t, w.anchor.sizes(), 5)

	signed, err := k.Latest()
	require.NoError(t, err)
	c, err := checkpoint.Open(signed, origin, w.verifier)
	require.NoError(t, err)
	assert.Equal(t, headOf(t, w.trail), c.TreeHead)
	assert.True(t, k.Health().OK())
	assert.Equal(t, origin, k.Origin())
}

func TestRunMakesCheckpointsAlsoWhenTheClockStandsStill(t *testing.T) {
	w := newWorld(t)
	w.opts.Poll, w.opts.Interval = time.Millisecond, 3*time.Millisecond
	k := w.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	require.Eventually(t, func() bool { return len(w.anchor.sizes()) > 3 }, 10*time.Second, time.Millisecond)
	cancel()
	assert.NoError(t, <-done)
}

func TestAFullBatchIsNotMadeToWaitForTheNextLook(t *testing.T) {
	w := newWorld(t)
	w.opts.Poll, w.opts.Events = time.Hour, 10
	k := w.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	require.Eventually(t, func() bool { return len(w.anchor.sizes()) == 1 }, 10*time.Second, time.Millisecond, "the first, with a heartbeat")
	fill(t, k.Trail(), 10)
	require.Eventually(t, func() bool { return len(w.anchor.sizes()) == 2 }, 10*time.Second, time.Millisecond)
	cancel()
	assert.NoError(t, <-done)
}

// Anchoring may be slow, and on the same disk as the trail: under load a keeper leaves it alone four fifths of the time.
func TestAKeeperRestsBetweenCheckpoints(t *testing.T) {
	const slow = 10 * time.Millisecond
	w := newWorld(t)
	w.opts.Poll, w.opts.Events = time.Hour, 1
	w.anchor.behave(func(ctx context.Context, signed []byte) error {
		time.Sleep(slow)
		return w.anchor.put(ctx, signed)
	}, nil)
	k := w.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- k.Run(ctx) }()
	for time.Since(began) < 20*slow || len(w.anchor.sizes()) < 3 {
		fill(t, k.Trail(), 1)
		time.Sleep(time.Millisecond)
	}
	cancel()
	assert.NoError(t, <-done)
	assert.LessOrEqual(t, len(w.anchor.sizes()), 2+int(time.Since(began)/(5*slow)))
}

// prompt is a source that says so.
type prompt struct{ *audittest.Recorder }

func (prompt) Prompt() bool { return true }

func TestTheKeepersTrailIsAsPromptAsItsSource(t *testing.T) {
	w := newWorld(t)
	for want, source := range map[bool]checkpoint.Source{false: w.trail, true: prompt{w.trail}} {
		k, err := checkpoint.New(t.Context(), source, w.opts)
		require.NoError(t, err)
		p, ok := k.Trail().(interface{ Prompt() bool })
		require.True(t, ok)
		assert.Equal(t, want, p.Prompt())
	}
}

// A keeper that is made anew goes on where the last one ended, from its store or from the trail.
func TestAKeeperGoesOnAfterARestart(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, path string) checkpoint.Store{
		"with its file": func(t *testing.T, path string) checkpoint.Store {
			s, err := checkpoint.OpenFileStore(path)
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, s.Close()) })
			return s
		},
		"with another's file": func(t *testing.T, path string) checkpoint.Store {
			s, err := checkpoint.OpenFileStore(path)
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, s.Close()) })
			planted(t, s, 3000)
			return s
		},
		"with nothing": func(*testing.T, string) checkpoint.Store { return checkpoint.NewMemory() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := filepath.Join(t.TempDir(), "hashes")
			for round := range 4 {
				func() {
					store, err := checkpoint.OpenFileStore(path)
					require.NoError(t, err)
					defer store.Close()
					if w.opts.Store = store; round%2 == 1 {
						w.opts.Store = harm(t, path)
					}
					fill(t, w.trail, 700)
					k := w.keeper()
					fill(t, w.trail, 20)
					w.tick(k)
					head := headOf(t, w.trail)
					signed, err := k.Latest()
					require.NoError(t, err)
					c, err := checkpoint.Open(signed, origin, w.verifier)
					require.NoError(t, err)
					assert.Equal(t, head, c.TreeHead)
					e := w.trail.Events()[5]
					line, err := audit.AppendLine(nil, &e)
					require.NoError(t, err)
					text, err := k.Prove(6)
					require.NoError(t, err)
					_, err = checkpoint.CheckLine(text, line, origin, w.verifier)
					assert.NoError(t, err)
				}()
			}
			assert.Equal(t, []uint64{720, 1440, 2160, 2880}, w.anchor.sizes())
		})
	}
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t)
	_, stranger := keys(t, origin)
	for name, change := range map[string]func(o *checkpoint.Options){
		"no operator":       func(o *checkpoint.Options) { o.Operator = "" },
		"operator in words": func(o *checkpoint.Options) { o.Operator = "acme audit" },
		"no signer":         func(o *checkpoint.Options) { o.Signers = nil },
		"no verifiers":      func(o *checkpoint.Options) { o.Verifiers = nil },
		"other verifiers":   func(o *checkpoint.Options) { o.Verifiers = note.VerifierList(stranger) },
		"nil anchor":        func(o *checkpoint.Options) { o.Anchors = map[string]checkpoint.Anchor{"a": nil} },
		"negative time":     func(o *checkpoint.Options) { o.Interval = -1 },
	} {
		opts := w.opts
		change(&opts)
		k, err := checkpoint.New(t.Context(), w.trail, opts)
		assert.Nil(t, k, name)
		assert.Error(t, err, name)
	}
}

func TestTheKeepersTrailIsATrail(t *testing.T) {
	audittest.TestTrail(t, func(t *testing.T) audit.Trail { return newWorld(t).keeper().Trail() })
}

// A trail that gives no lines is followed by its events, to the same tree.
func TestATrailWithoutLinesIsFollowedByItsEvents(t *testing.T) {
	w := newWorld(t)
	trail := struct{ checkpoint.Source }{w.trail}
	_, ok := any(trail).(audit.LineReader)
	require.False(t, ok)
	k, err := checkpoint.New(t.Context(), trail, w.opts)
	require.NoError(t, err)
	fill(t, w.trail, 9000)
	w.tick(k)
	signed, err := k.Latest()
	require.NoError(t, err)
	c, err := checkpoint.Open(signed, origin, w.verifier)
	require.NoError(t, err)
	assert.Equal(t, headOf(t, w.trail), c.TreeHead)
	audittest.TestTrail(t, func(t *testing.T) audit.Trail {
		w := newWorld(t)
		k, err := checkpoint.New(t.Context(), struct{ checkpoint.Source }{w.trail}, w.opts)
		require.NoError(t, err)
		return k.Trail()
	})
}

func TestAKeeperMayBeUsedConcurrently(t *testing.T) {
	w := newWorld(t)
	w.opts.Events = 50
	w.opts.Poll = time.Millisecond
	k := w.keeper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { assert.NoError(t, k.Run(ctx)) })
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 50 {
				fill(t, k.Trail(), 3)
				_ = k.Health()
				if _, err := k.Prove(1); err != nil {
					assert.ErrorIs(t, err, checkpoint.ErrNone)
				}
				_ = k.Tick(ctx)
			}
		})
	}
	work.Wait()
	cancel()
	wg.Wait()
	w.tick(k)
	for _, signed := range w.anchor.kept[origin] {
		_, err := checkpoint.Open(signed, origin, w.verifier)
		assert.NoError(t, err)
	}
	assert.True(t, k.Health().OK())
}
