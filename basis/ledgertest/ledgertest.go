// Package ledgertest checks that a ledger keeps what package basis promises: nothing acknowledged is
// lost or overlooked, nothing refused leaves a trace, the past can be asked for again.
//
//	func TestLedger(t *testing.T) {
//		ledgertest.TestLedger(t, func(vocab basis.Vocabulary, now func() time.Time) (ledgertest.Store, error) {
//			return myledger.New(t.Context(), vocab, now)
//		})
//	}
package ledgertest

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/basis"
)

// Store is the ledger under test. If it is an io.Closer, closing is checked, and if it is a
// basis.Eraser, erasing is.
type Store interface {
	basis.Ledger
	basis.Recorder
	basis.History
}

// Open opens an empty ledger that speaks a vocabulary and takes the time from now. It is called for
// every check; what it opens shares nothing with what it opened before.
type Open func(vocab basis.Vocabulary, now func() time.Time) (Store, error)

// Problem is one promise that was not kept.
type Problem struct {
	Check  string // name of the check
	Detail string
}

// Limit of one check; a ledger that takes longer hangs.
const limit = 2 * time.Minute

// TestLedger reports every problem of a ledger, each check as a test of its own.
func TestLedger(t *testing.T, open Open) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range c.run(open) {
				t.Error(p.Detail)
			}
		})
	}
}

// Check returns every problem of a ledger; none means that it conforms.
func Check(open Open) (problems []Problem) {
	for _, c := range checks {
		problems = append(problems, c.run(open)...)
	}
	return problems
}

// Names lists the checks.
func Names() (names []string) {
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}

type check struct {
	name string
	test func(*trial)
}

var checks = []check{
	{"an unknown person has an empty state", unknownPerson},
	{"what is acknowledged is seen at once", seenAtOnce},
	{"every kind comes back as it was recorded", everyKind},
	{"recorded times increase even if the clock goes back", recordedOrder},
	{"repeating an id has no effect", idempotent},
	{"an id is never used twice", conflict},
	{"a batch is recorded whole or not at all", wholeBatch},
	{"what the vocabulary lacks is refused", refusals},
	{"the future is refused", future},
	{"errors hold no personal value", noPersonalValue},
	{"people are kept apart", apart},
	{"what the caller changes afterwards is not changed", ownCopy},
	{"states agree with the fold of the history", agrees},
	{"what was known can be asked for again", replay},
	{"version grows with every event", version},
	{"concurrent writers lose nothing", concurrentWriters},
	{"concurrent writers of one id agree", concurrentSameID},
	{"a withdrawal is seen by reads that begin after it", withdrawalRace},
	{"a cancelled call records nothing", cancelled},
	{"reading can stop early", stopEarly},
	{"a closed ledger answers nothing", closed},
	{"erasing forgets a person", erased},
}

// trial is one check under way.
type trial struct {
	ctx   context.Context
	store Store
	clock *clock

	name     string
	mu       sync.Mutex
	problems []Problem
}

// stop ends a check that cannot go on.
type stop struct{}

func (c check) run(open Open) []Problem {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	t := &trial{ctx: ctx, clock: &clock{now: noon(20)}, name: c.name}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil && r != (stop{}) {
				t.problem("panic")
			}
		}()
		var err error
		if t.store, err = open(Vocabulary(), t.clock.Now); err != nil {
			t.problem("cannot open: %v", err)
			return
		}
		if closer, ok := t.store.(io.Closer); ok {
			defer closer.Close()
		}
		c.test(t)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		t.problem("no answer within %v", limit)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.problems
}

func (t *trial) problem(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.problems) < 5 {
		t.problems = append(t.problems, Problem{t.name, fmt.Sprintf(format, args...)})
	}
}

// that reports a problem unless ok.
func (t *trial) that(ok bool, format string, args ...any) bool {
	if !ok {
		t.problem(format, args...)
	}
	return ok
}

// must stops the check on an error.
func (t *trial) must(err error) {
	if err != nil {
		t.problem("unexpected error: %v", err)
		panic(stop{})
	}
}

func (t *trial) record(events ...basis.Event) { t.must(t.store.Record(t.ctx, events...)) }

func (t *trial) state(who string, validAt, knownAt time.Time) *basis.State {
	s, err := t.store.StateAt(t.ctx, who, validAt, knownAt)
	t.must(err)
	if s == nil {
		t.problem("neither state nor error")
		panic(stop{})
	}
	return s
}

func (t *trial) history(who string) (events []basis.Event) {
	for e, err := range t.store.Events(t.ctx, who) {
		t.must(err)
		events = append(events, e)
	}
	return events
}

// clock is set by the check.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time that was set.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// noon is 12:00 UTC on a day counted from 1 January 2024.
func noon(n int) time.Time { return time.Date(2024, 1, 1+n, 12, 0, 0, 0, time.UTC) }
