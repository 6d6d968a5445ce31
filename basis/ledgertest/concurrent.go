package ledgertest

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/basis"
)

func concurrentWriters(t *trial) {
	const writers, each = 8, 25
	var done sync.WaitGroup
	for w := range writers {
		done.Go(func() {
			for i := range each {
				name := id(id("w", w)+"-", i)
				if err := t.store.Record(t.ctx, event(anna, name, called()), event(bert, name+"b", called())); err != nil {
					t.problem("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	done.Wait()
	for _, who := range []string{anna, bert} {
		events := t.history(who)
		t.that(len(events) == writers*each, "%d of %d acknowledged events", len(events), writers*each)
		next := make(map[byte]int)
		var last time.Time
		for _, e := range events {
			t.that(e.RecordedAt.After(last), "no total order by recorded time")
			last = e.RecordedAt
			w := e.ID[1]
			want := id(id("w", int(w-'0'))+"-", next[w])
			t.that(e.ID == want || e.ID == want+"b", "one writer's events are out of order")
			next[w]++
		}
		s := t.state(who, noon(25), time.Time{})
		t.that(s.Version == uint64(writers*each), "version %d", s.Version)
	}
}

func concurrentSameID(t *trial) {
	const rounds, writers = 10, 4
	for i := range rounds {
		var done sync.WaitGroup
		var recorded, refused atomic.Int32
		for w := range writers {
			done.Go(func() {
				who := []string{anna, bert}[w%2]
				switch err := t.store.Record(t.ctx, event(who, id("same", i), called())); {
				case err == nil:
					recorded.Add(1)
				case errors.Is(err, basis.ErrConflict):
					refused.Add(1)
				default:
					t.problem("neither recorded nor a conflict: %v", err)
				}
			})
		}
		done.Wait()
		t.that(recorded.Load() == writers/2 && refused.Load() == writers/2, "one id of two people: %d recorded, %d conflicts", recorded.Load(), refused.Load())
	}
	t.that(len(t.history(anna))+len(t.history(bert)) == rounds, "an id was recorded twice, or never")
}

func withdrawalRace(t *trial) {
	const rounds = 100
	for i := range rounds {
		who := id("p", i)
		t.record(event(who, "", consent("service")))
		var acknowledged atomic.Bool
		var done sync.WaitGroup
		done.Go(func() {
			if err := t.store.Record(t.ctx, event(who, "", withdrawal("service"))); err != nil {
				t.problem("withdrawal: %v", err)
			}
			acknowledged.Store(true)
		})
		for last := false; !last; runtime.Gosched() {
			last = acknowledged.Load()
			s, err := t.store.StateAt(t.ctx, who, noon(25), time.Time{})
			if err != nil {
				t.problem("state: %v", err)
				break
			}
			t.that(!last || s.Consent("service").Status == basis.Withdrawn, "the consent stands after its withdrawal was acknowledged")
		}
		done.Wait()
	}
}
