package sqltrail_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// count returns how often each sample stands in a trail.
func count(events []audit.Event) map[string]int {
	n := map[string]int{}
	for _, e := range events {
		if e.DecisionID != "" {
			n[e.DecisionID]++
		}
	}
	return n
}

// Every statement of an Append fails in every way, once. What was acknowledged is there, what was refused is not, and
// nothing is there twice.
func TestAFailureAtAnyStatementNeitherLosesNorDoubles(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		for _, m := range []mode{before, after, cut, lost} {
			t.Run(string(m), func(t *testing.T) {
				p := kinds[p.kind](t)
				db, f := p.faultyPool(t)
				trail := p.trailOn(t, db, sqltrail.Options{})
				acknowledged, n := map[string]bool{}, 0
				at := 1
				for ; ; at++ {
					f.set(m, at, "")
					for range 2 {
						n++
						err := trail.Append(t.Context(), samples(n*10, 3))
						if err == nil {
							acknowledged[decisionID(n*10)] = true
							continue
						}
						t.Errorf("what passes is tried again: %v", err)
					}
					if f.fired() == 0 {
						break
					}
				}
				assert.Greater(t, at, 5, "statements were hit")
				assert.NotEmpty(t, acknowledged)
				f.set("", 0, "")
				require.NoError(t, trail.Close())
				got := count(p.whole(t))
				for i := 1; i <= n; i++ {
					want := 0
					if acknowledged[decisionID(i*10)] {
						want = 1
					}
					for j := range 3 {
						assert.Equal(t, want, got[decisionID(i*10+j)], "batch %d", i)
					}
				}
			})
		}
	})
}

// A driver that panics loses its connection and nothing else: the transaction ends, and others get on.
func TestADriverThatPanicsAtAnyStatement(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		other := p.trail(t, sqltrail.Options{})
		n, acknowledged := 0, map[string]bool{}
		for at := 1; ; at++ {
			f := &faulty{}
			db := f.pool(t, p)
			trail, err := p.open(t.Context(), db, sqltrail.Options{Patience: time.Second})
			require.NoError(t, err)
			f.set(panics, at, "")
			n++
			err = trail.Append(t.Context(), samples(n, 1))
			if err != nil {
				assert.NotContains(t, err.Error(), "canary")
				assert.NotErrorIs(t, err, audit.ErrUnknown)
			}
			acknowledged[decisionID(n)] = err == nil
			fired := f.fired()
			f.set("", 0, "")
			n++
			require.NoError(t, other.Append(t.Context(), samples(n, 1)))
			acknowledged[decisionID(n)] = true
			require.NoError(t, trail.Close())
			require.NoError(t, db.Close())
			if fired == 0 {
				break
			}
		}
		require.NoError(t, other.Close())
		got := count(p.whole(t))
		for id, yes := range acknowledged {
			assert.Equal(t, yes, got[id] == 1, id)
		}
	})
}

// A commit whose answer was lost is found. The control: one that did not take place is not, and is written anew.
func TestACommitWhoseAnswerIsLostIsLookedUp(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		for _, m := range []mode{after, cut, before, lost} {
			t.Run(string(m), func(t *testing.T) {
				p := kinds[p.kind](t)
				db, f := p.faultyPool(t)
				trail := p.trailOn(t, db, sqltrail.Options{})
				other := p.trail(t, sqltrail.Options{})
				f.set(m, 1, "COMMIT")
				meanwhile := make(chan error, 1)
				f.happens = func(string) { // somebody else queues up behind the lock
					go func() { meanwhile <- other.Append(context.Background(), samples(100, 1)) }()
				}
				require.NoError(t, trail.Append(t.Context(), samples(1, 2)))
				require.NoError(t, <-meanwhile)
				assert.Equal(t, 1, f.fired())
				commits, inserts := 0, 0
				for _, s := range f.trace {
					if s == "COMMIT" {
						commits++
					}
					if s == "UPDATE" {
						inserts++
					}
				}
				want := 1
				if m == before || m == lost {
					want = 2
				}
				assert.Equal(t, want, commits)
				assert.Equal(t, want, inserts)
				require.NoError(t, trail.Close())
				require.NoError(t, other.Close())
				for id, n := range count(p.whole(t)) {
					assert.Equal(t, 1, n, id)
				}
			})
		}
	})
}

// A database that goes away in the middle of a commit, and stays away: the answer is that nobody knows.
func TestADatabaseThatStaysAwayAfterACommitIsUnknown(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db, f := p.faultyPool(t)
		trail := p.trailOn(t, db, sqltrail.Options{Patience: 300 * time.Millisecond})
		f.set(cut, 1, "COMMIT")
		f.happens = func(string) { f.only, f.ever = "", true }
		err := trail.Append(t.Context(), samples(1, 1))
		require.ErrorIs(t, err, audit.ErrUnknown)
		assert.NotContains(t, err.Error(), "canary")
		assert.Error(t, trail.Health().Last)

		err = trail.Append(t.Context(), samples(2, 1))
		require.Error(t, err)
		assert.NotErrorIs(t, err, audit.ErrUnknown, "no commit was tried")
		assert.NotErrorIs(t, err, audit.ErrPoisoned)
		f.set("", 0, "")
		require.NoError(t, trail.Append(t.Context(), samples(3, 1)), "it is back")
		assert.NoError(t, trail.Health().Last)
		require.NoError(t, trail.Close())
		got := count(p.whole(t))
		assert.Equal(t, 1, got[decisionID(1)], "it had taken place")
		assert.Equal(t, 0, got[decisionID(2)])
		assert.Equal(t, 1, got[decisionID(3)])
	})
}

// A thousand callers of a database that hangs leave at their deadline, and the queue stays bounded.
func TestADatabaseThatHangsRefusesByTheDeadline(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db, f := p.faultyPool(t)
		trail := p.trailOn(t, db, sqltrail.Options{QueueEvents: 100})
		held, hung := make(chan struct{}), make(chan struct{})
		f.set(before, 1, "BEGIN")
		f.happens = func(string) { close(hung); <-held }
		var wg sync.WaitGroup
		var mu sync.Mutex
		full, unknown, waited := 0, 0, 0
		call := func(ctx context.Context, i int) {
			err := trail.Append(ctx, samples(i, 1))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, audit.ErrFull):
				full++
			case errors.Is(err, audit.ErrUnknown):
				unknown++
			case errors.Is(err, context.DeadlineExceeded):
				waited++
			default:
				t.Errorf("unexpected answer: %v", err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		wg.Go(func() { call(ctx, 0) })
		<-hung
		for i := range 999 {
			wg.Go(func() { call(ctx, i+1) })
		}
		wg.Wait()
		assert.Equal(t, 1, unknown, "the one that was taken")
		assert.Positive(t, full)
		assert.Positive(t, waited)
		assert.Zero(t, trail.Health().Queued)
		close(held)
		require.NoError(t, trail.Append(t.Context(), samples(5000, 1)))
		require.NoError(t, trail.Close())
		assert.Len(t, count(p.whole(t)), 1, "nobody waited for the others, so they are not written")
	})
}

// The trail's patience ends in the middle of an attempt: what failed before is the answer, and not a deadline that no caller set.
func TestTheEndOfPatienceIsNotTheCallersDeadline(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db, f := p.faultyPool(t)
		const patience = 100 * time.Millisecond
		trail := p.trailOn(t, db, sqltrail.Options{Patience: patience})
		f.set(before, 1, "BEGIN")
		f.ever, f.happens = true, func(string) {
			if f.hits > 1 {
				time.Sleep(2 * patience)
			}
		}
		err := trail.Append(t.Context(), samples(1, 1))
		var own *sqltrail.Error
		require.ErrorAs(t, err, &own)
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
		assert.NotErrorIs(t, err, audit.ErrUnknown)
		assert.Equal(t, 2, f.fired())
		require.NoError(t, trail.Close())
	})
}

func TestAClosedPoolIsAnErrorAndNotPoison(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		trail := p.trailOn(t, db, sqltrail.Options{Patience: 100 * time.Millisecond})
		require.NoError(t, db.Close())
		err := trail.Append(t.Context(), samples(1, 1))
		var own *sqltrail.Error
		require.ErrorAs(t, err, &own)
		assert.NotErrorIs(t, err, audit.ErrUnknown)
		_, err = trail.Head(t.Context())
		require.ErrorAs(t, err, &own)
		for _, err := range trail.Read(t.Context(), 1) {
			require.ErrorAs(t, err, &own)
		}
		require.NoError(t, trail.Close())
	})
}

func TestAClockThatPanicsAppendsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		calm := true
		trail := p.trail(t, sqltrail.Options{Clock: func() time.Time {
			if !calm {
				panic("canary")
			}
			return time.Now()
		}})
		calm = false
		err := trail.Append(t.Context(), samples(1, 1))
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "canary")
		calm = true
		require.NoError(t, trail.Append(t.Context(), samples(2, 1)))
		require.NoError(t, trail.Close())
		assert.Len(t, count(p.whole(t)), 1)
	})
}
