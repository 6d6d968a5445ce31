package live_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/live"
)

// observed decides while swaps go on and checks each decision: it names one digest, its rule is that digest's, and that
// generation was in force at some instant of the call.
type observed struct {
	digests          []string // by revision; written before started says so
	mu               sync.RWMutex
	started, settled atomic.Int64 // revisions whose swap has begun, and is over
}

func (o *observed) revisionOf(digest string, upTo int64) int64 {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for i := upTo; i >= 1; i-- {
		if o.digests[i] == digest {
			return i
		}
	}
	return 0
}

// look takes one decision, and says what is wrong with it.
func (o *observed) look(d policy.Decider, in *policy.Input) string {
	from := o.settled.Load()
	v, err := d.Decide(ctx, in)
	to := o.started.Load()
	if err != nil {
		return err.Error()
	}
	at := o.revisionOf(v.Digest, to)
	switch {
	case at < from || at > to || at == 0:
		return fmt.Sprintf("revision %d answered between %d and %d", at, from, to)
	case len(v.Hits) != 1 || v.Hits[0].Rule != fmt.Sprintf("r%d", at):
		return fmt.Sprintf("the digest is of revision %d, the rule is not", at)
	}
	return ""
}

// swapping runs n swaps of real rules beside 16 goroutines that decide, and returns what they saw.
func swapping(t *testing.T, n int, patient bool, wrap func(*live.Policy) policy.Decider) (decisions int64, wrong []string) {
	w := newWorld(t)
	o := &observed{digests: make([]string, n+2)}
	digestOf := func(revision int) string {
		files, err := live.NewFiles(map[string][]byte{"rules.yaml": []byte(permits(fmt.Sprintf("r%d", revision)))})
		require.NoError(t, err)
		d, err := w.cel(files)
		require.NoError(t, err)
		return d.Digest()
	}
	for i := 1; i <= n+1; i++ {
		o.digests[i] = digestOf(i)
	}
	w.put(1, permits("r1"))
	o.started.Store(1)
	p := w.open()
	o.settled.Store(1)
	asked := wrap(p)

	var count, asking atomic.Int64
	asking.Store(16)
	var mu sync.Mutex
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 16 {
		in := w.input()
		group.Go(func() {
			defer asking.Add(-1)
			for {
				select {
				case <-done:
					return
				default:
				}
				count.Add(1)
				if s := o.look(asked, in); s != "" {
					mu.Lock()
					wrong = append(wrong, s)
					mu.Unlock()
					return
				}
			}
		})
	}
	for i := 2; i <= n+1; i++ {
		w.put(i, permits(fmt.Sprintf("r%d", i)))
		o.started.Store(int64(i))
		require.NoError(t, p.Trigger(ctx))
		o.settled.Store(int64(i))
		for seen := count.Load(); patient && count.Load() < seen+2 && asking.Load() > 0; { // each generation is asked
			runtime.Gosched()
		}
	}
	close(done)
	group.Wait()
	require.Len(t, w.changes(), n+1)
	return count.Load(), wrong
}

func TestEveryDecisionIsOfOneGenerationThatWasInForce(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	decisions, wrong := swapping(t, n, false, func(p *live.Policy) policy.Decider { return p })
	require.Empty(t, wrong)
	require.Greater(t, decisions, int64(n))
	t.Logf("%d swaps, %d decisions", n, decisions)

	_, wrong = swapping(t, 50, true, func(p *live.Policy) policy.Decider { return &forgetful{p, p.Current()} })
	require.NotEmpty(t, wrong, "the control: a policy that is not swapped is seen")
	_, wrong = swapping(t, 50, true, func(p *live.Policy) policy.Decider { return torn{p} })
	require.NotEmpty(t, wrong, "the control: a digest that is looked up beside the decision is seen")
}

// forgetful stays with its first generation.
type forgetful struct {
	*live.Policy
	first policy.Decider
}

func (f *forgetful) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	return f.first.Decide(ctx, in)
}

// torn asks for the digest and for the decision apart.
type torn struct{ *live.Policy }

func (d torn) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	digest := d.Digest()
	for range 100_000 { // an unlucky moment, made likely
		if v, err := d.Policy.Decide(ctx, in); err != nil || v.Digest != digest {
			v.Digest = digest
			return v, err
		}
	}
	v, err := d.Policy.Decide(ctx, in)
	v.Digest = digest
	return v, err
}
