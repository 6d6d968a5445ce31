package live

import (
	"context"
	"math/rand/v2"
	"time"
)

// Option changes how [Open] makes a policy.
type Option func(*Policy)

// WithSelfTest adds a test that every generation passes before it is put in force.
func WithSelfTest(t SelfTest) Option { return func(p *Policy) { p.tests = append(p.tests, t) } }

// WithRevisionStore keeps the highest revision across restarts. Each policy needs a store of its own.
func WithRevisionStore(s RevisionStore) Option {
	return func(p *Policy) { p.store, p.stored = s, true }
}

// WithInterval is how long [Policy.Run] waits between two looks, give or take a tenth; 30 seconds unless told.
func WithInterval(d time.Duration) Option { return func(p *Policy) { p.interval = d } }

// WithTimeout is how long fetching may take, and compiling with all self-tests; 30 seconds each unless told.
func WithTimeout(d time.Duration) Option { return func(p *Policy) { p.limit = d } }

// WithClock is the clock that [Health] tells the time by.
func WithClock(now func() time.Time) Option { return func(p *Policy) { p.now = now } }

// WithWait is how [Policy.Run] waits. It returns an error when ctx ends, and only then.
func WithWait(wait func(ctx context.Context, d time.Duration) error) Option {
	return func(p *Policy) { p.wait = wait }
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// jitter spreads the looks of many processes.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5+1)
}
