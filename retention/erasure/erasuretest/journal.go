package erasuretest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// TestJournal tests the contract of [erasure.Journal]. Open opens the one journal of a test: a second call gives up what
// the first returned, as a crash does, and returns what is durable.
func TestJournal(t *testing.T, open func(t *testing.T) (reopen func() (erasure.Journal, error))) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, err := range c.run(open(t)) {
				t.Error(err)
			}
		})
	}
}

// check is one part of the contract. It returns what is wrong, so that a test of the suite can see it fail.
type check struct {
	name string
	test func(*trial)
}

const patience = 30 * time.Second

func (c check) run(reopen func() (erasure.Journal, error)) []error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := &trial{ctx: ctx, reopen: reopen}
	if s.open(); s.journal != nil {
		c.test(s)
	}
	return s.problems
}

type trial struct {
	ctx      context.Context
	reopen   func() (erasure.Journal, error)
	journal  erasure.Journal
	mu       sync.Mutex
	problems []error
}

func (s *trial) errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, fmt.Errorf(format, args...))
}

func (s *trial) open() {
	j, err := s.reopen()
	if err != nil {
		s.errorf("open: %w", err)
		return
	}
	s.journal = j
}

func (s *trial) begin(n int) {
	if err := s.journal.Begin(s.ctx, Intent(n)); err != nil {
		s.errorf("Begin: %w", err)
	}
}

func (s *trial) done(n int) {
	if err := s.journal.Done(s.ctx, Intent(n).Batch); err != nil {
		s.errorf("Done: %w", err)
	}
}

// expect compares the open intents with those of the numbers, in order.
func (s *trial) expect(numbers ...int) {
	list, err := s.journal.Open(s.ctx)
	if err != nil {
		s.errorf("Open: %w", err)
		return
	}
	if len(list) != len(numbers) {
		s.errorf("%d intents are open, not %d", len(list), len(numbers))
		return
	}
	for i, n := range numbers {
		got, want := list[i], Intent(n)
		if got.Begun.Equal(want.Begun) {
			got.Begun = want.Begun
		}
		if !reflect.DeepEqual(got, want) {
			s.errorf("%v came back as another", want)
		}
	}
}

// Intent is an intent that any journal keeps, different for each number.
func Intent(n int) erasure.Intent {
	return erasure.Intent{
		Batch: fmt.Sprintf("%026d", n), Event: fmt.Sprintf("%026d", n+1_000_000), Table: "lessees",
		Then: retention.Then(n % 3), Rule: "rule", Clause: "5.2", Swept: n%2 == 1, HeadSeq: uint64(n),
		Keys:  []string{fmt.Sprint("key-", n), "quoted\"\n\x00ü", ""}[:1+n%2],
		Begun: time.Date(2030, 1, 2, 3, 4, 5, 6000+n, time.UTC),
	}
}

var cases = []check{
	{"AnIntentIsOpenUntilItIsDone", func(s *trial) {
		s.expect()
		s.begin(1)
		s.begin(2)
		s.expect(1, 2)
		s.done(1)
		s.expect(2)
	}},
	{"WhatBeganIsDurable", func(s *trial) {
		s.begin(1)
		s.begin(2)
		s.open()
		s.expect(1, 2)
	}},
	{"WhatIsDoneStaysDone", func(s *trial) {
		for n := range 20 {
			s.begin(n)
			if n%3 != 0 {
				s.done(n)
			}
		}
		s.open()
		s.expect(0, 3, 6, 9, 12, 15, 18)
	}},
	{"DoneTwiceOrNeverBegunIsNoError", func(s *trial) {
		s.begin(1)
		s.done(1)
		s.done(1)
		s.done(7)
		s.expect()
	}},
	{"ABatchBeginsOnce", func(s *trial) {
		s.begin(1)
		if s.journal.Begin(s.ctx, Intent(1)) == nil {
			s.errorf("a batch that is open began again")
		}
		s.expect(1)
	}},
	{"AnIntentHasABatchAndKeys", func(s *trial) {
		noBatch, noKeys := Intent(1), Intent(2)
		noBatch.Batch, noKeys.Keys = "", nil
		if s.journal.Begin(s.ctx, noBatch) == nil || s.journal.Begin(s.ctx, noKeys) == nil {
			s.errorf("an intent without batch or keys began")
		}
		s.open()
		s.expect()
	}},
	{"KeysAreCopied", func(s *trial) {
		i := Intent(1)
		if err := s.journal.Begin(s.ctx, i); err != nil {
			s.errorf("Begin: %w", err)
		}
		i.Keys[0] = "changed by the caller"
		s.expect(1)
		if list, err := s.journal.Open(s.ctx); err == nil && len(list) == 1 {
			list[0].Keys[0] = "changed by the reader"
		}
		s.expect(1)
	}},
	{"AContextThatEndedWritesNothing", func(s *trial) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		if err := s.journal.Begin(ctx, Intent(1)); !errors.Is(err, context.Canceled) {
			s.errorf("Begin with a context that ended: %v", err)
		}
		s.open()
		s.expect()
	}},
	{"ManyMayCallAtOnce", func(s *trial) {
		var group sync.WaitGroup
		for n := range 16 {
			group.Go(func() {
				s.begin(n)
				if n != 11 {
					s.done(n)
				}
			})
		}
		group.Wait()
		s.expect(11)
		s.open()
		s.expect(11)
	}},
}
