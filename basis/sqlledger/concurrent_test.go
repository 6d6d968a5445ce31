package sqlledger_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/sqlledger"
)

// trusting is a ledger whose reader trusts its cache without asking for the version.
type trusting struct {
	basis.Ledger
	kept sync.Map
}

func (s *trusting) StateAt(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error) {
	if kept, ok := s.kept.Load(who); ok {
		return kept.(*basis.State), nil
	}
	got, err := s.Ledger.StateAt(ctx, who, validAt, knownAt)
	if err == nil {
		s.kept.Store(who, got)
	}
	return got, err
}

// stalePermits withdraws by one ledger while another reads, and counts consents seen standing by
// reads that began after the withdrawal was acknowledged.
func stalePermits(t *testing.T, writer basis.Recorder, reader basis.Ledger, people string, rounds int) (stale, raced int) {
	at := time.Now().Add(24 * time.Hour)
	for i := range rounds {
		who := number(people, i%100)
		require.NoError(t, writer.Record(t.Context(), event(who, "", consent())))
		var acknowledged atomic.Bool
		var done sync.WaitGroup
		done.Go(func() {
			if rand.IntN(2) == 0 {
				runtime.Gosched()
			}
			if err := writer.Record(t.Context(), event(who, "", withdrawal())); err != nil {
				t.Error(err)
			}
			acknowledged.Store(true)
		})
		for last := false; !last; {
			last = acknowledged.Load()
			s, err := reader.StateAt(t.Context(), who, at, time.Time{})
			require.NoError(t, err)
			standing := s.Consent("service").Status == basis.Standing
			if standing && last {
				stale++
			}
			if standing && !last {
				raced++
			}
		}
		done.Wait()
	}
	return stale, raced
}

func TestAcknowledgedWithdrawalIsSeenThroughAnotherCache(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		writer, reader := p.ledger(t), p.ledger(t)
		stale, raced := stalePermits(t, writer, reader, "anna", nightly(150, 100_000))
		assert.Zero(t, stale)
		assert.Greater(t, raced, 20, "reads must fall before the acknowledgement too")
		stale, _ = stalePermits(t, writer, &trusting{Ledger: reader}, "bert", 50)
		assert.NotZero(t, stale, "a cache that is trusted must be noticed")
	})
}

func TestEightWritersOfOnePersonLoseNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		const writers = 8
		rounds := nightly(25, 1_000)
		var done sync.WaitGroup
		for w := range writers {
			l := p.ledger(t) // each with connections of its own, like a process
			done.Go(func() {
				for i := range rounds {
					name := number(number("w", w)+"-", i)
					// Several people in an order of its own: who locks in this order waits in a circle.
					batch := []basis.Event{event("anna", name, called()), event("bert", name+"b", called()), event(number("c", i%3), name+"c", called())}
					rand.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
					if err := l.Record(t.Context(), batch...); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		done.Wait()
		l := p.ledger(t)
		for _, who := range []string{"anna", "bert"} {
			events := history(t, l, who)
			assert.Len(t, events, writers*rounds)
			assert.True(t, slices.IsSortedFunc(events, func(a, b basis.Event) int {
				if a.RecordedAt.Before(b.RecordedAt) {
					return -1
				}
				return 1
			}), "a total order by recorded time")
			s, err := l.StateAt(t.Context(), who, time.Now().Add(time.Hour), time.Time{})
			require.NoError(t, err)
			assert.Equal(t, uint64(writers*rounds), s.Version)
		}
	})
}

func TestOfTwoBatchesWithTheSameIDsOneIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		l := p.ledger(t)
		for i := range nightly(20, 500) {
			var done sync.WaitGroup
			errs := make([]error, 2)
			for w, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}} {
				done.Go(func() {
					var batch []basis.Event
					for _, n := range order {
						batch = append(batch, event(number("person ", w), number(number("r", i)+"-", n), called()))
					}
					errs[w] = l.Record(t.Context(), batch...)
				})
			}
			done.Wait()
			assert.True(t, errs[0] == nil || errs[1] == nil, "one is recorded: %v, %v", errs[0], errs[1])
			assert.True(t, errors.Is(errs[0], basis.ErrConflict) || errors.Is(errs[1], basis.ErrConflict), "one is refused: %v, %v", errs[0], errs[1])
		}
	})
}

func TestCancelledRecordingsAreWholeOrAbsent(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		l := p.ledger(t)
		begun := time.Now()
		require.NoError(t, l.Record(t.Context(), event("carl", "", called()), event("dora", "", called())))
		typical := time.Since(begun)
		acknowledged, absent := make(map[int]bool), 0
		rounds := nightly(120, 3_000)
		for i := range rounds {
			limit := time.Minute
			if i%2 == 0 {
				limit = time.Duration(rand.Int64N(int64(typical)))
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			a, b := number("a", i), number("b", i)
			err := l.Record(ctx, event("anna", a, called()), event("bert", b, called()))
			cancel()
			if err == nil {
				acknowledged[i] = true
			} else {
				require.ErrorIs(t, err, basis.ErrUnavailable)
			}
		}
		have := make(map[string]bool)
		for _, who := range []string{"anna", "bert"} {
			for _, e := range history(t, l, who) {
				have[e.ID] = true
			}
		}
		for i := range rounds {
			a, b := have[number("a", i)], have[number("b", i)]
			assert.Equal(t, a, b, "half a batch")
			assert.Equal(t, acknowledged[i], a, "recorded iff acknowledged")
			if !a {
				absent++
			}
		}
		assert.NotZero(t, absent, "some must be cut short")
		s, err := l.StateAt(t.Context(), "anna", time.Now().Add(time.Hour), time.Time{})
		require.NoError(t, err)
		assert.Equal(t, uint64(len(acknowledged)), s.Version)
	})
}

func TestClosedLedgerLeavesTheDatabaseOpen(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		l, err := p.open(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, l.Close())
		_, err = l.StateAt(t.Context(), "anna", time.Now(), time.Time{})
		require.ErrorIs(t, err, basis.ErrClosed)
		require.ErrorIs(t, l.Record(t.Context(), event("anna", "a", called())), basis.ErrClosed)
		_, err = l.Erase(t.Context(), "anna")
		require.ErrorIs(t, err, basis.ErrClosed)
		_, err = l.Page(t.Context(), "anna", time.Time{}, 1)
		require.ErrorIs(t, err, basis.ErrClosed)
		require.NoError(t, db.Ping())
	})
}

func BenchmarkSQLLedger(b *testing.B) {
	for name, make := range kinds {
		b.Run(name, func(b *testing.B) {
			l := make(b).ledger(b)
			batch := []basis.Event{event("anna", "", consent())}
			for range 9_999 {
				batch = append(batch, event("anna", "", called()))
			}
			require.NoError(b, l.Record(context.Background(), batch...))
			at := time.Now().Add(time.Hour)
			read := func(b *testing.B, l *sqlledger.Ledger) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := l.StateAt(context.Background(), "anna", at, time.Time{}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.Run("cached state of 10000 events", func(b *testing.B) { read(b, l) })
			b.Run("record one event", func(b *testing.B) {
				for b.Loop() {
					if err := l.Record(context.Background(), event("bert", "", called())); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("record a batch of 256", func(b *testing.B) {
				for b.Loop() {
					if err := l.Record(context.Background(), batch[:256]...); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
