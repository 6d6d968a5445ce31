package mirror_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/mirror"
)

// receiver is a sink in memory, with the faults that a test puts in.
type receiver struct {
	mu  sync.Mutex
	got []audit.Event
	do  func(ctx context.Context, nth int, events []audit.Event) error // nil: takes everything
	nth int
}

func (r *receiver) Send(ctx context.Context, events []audit.Event) error {
	r.mu.Lock()
	nth := r.nth
	r.nth++
	do := r.do
	r.mu.Unlock()
	if do != nil {
		if err := do(ctx, nth, events); err != nil {
			return err
		}
	}
	r.take(events)
	return nil
}

func (r *receiver) take(events []audit.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, events...)
}

// deduped returns the seqs of what was received, each id once.
func (r *receiver) deduped() (seqs []uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	for _, e := range r.got {
		if !seen[e.ID] {
			seen[e.ID] = true
			seqs = append(seqs, e.Seq)
		}
	}
	return seqs
}

func upTo(n int) (seqs []uint64) {
	for i := range n {
		seqs = append(seqs, uint64(i)+1)
	}
	return seqs
}

// heartbeats returns a trail of n events.
func heartbeats(t testing.TB, n int) *audittest.Recorder {
	trail := audittest.NewRecorder(nil)
	beat(t, trail, n)
	return trail
}

func beat(t testing.TB, trail audit.Trail, n int) {
	for range n {
		require.NoError(t, trail.Append(context.Background(), []audit.Event{{Name: audit.TrailHeartbeat}}))
	}
}

// naps is a Sleep that does not take time, and remembers.
type naps struct {
	mu    sync.Mutex
	slept []time.Duration
	end   func(n int) // told after each
}

func (n *naps) sleep(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	n.slept = append(n.slept, d)
	count, end := len(n.slept), n.end
	n.mu.Unlock()
	if end != nil {
		end(count)
	}
	return ctx.Err()
}

var errSink = errors.New("sink")

func newMirror(t testing.TB, s mirror.Source, r mirror.Sink, c mirror.Cursor, o mirror.Options) *mirror.Mirror {
	m, err := mirror.New(s, r, c, o)
	require.NoError(t, err)
	return m
}
