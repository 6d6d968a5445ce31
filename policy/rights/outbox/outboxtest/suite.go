package outboxtest

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/policy/rights/outbox"
	"github.com/purposebound/purposebound/purpose"
)

// Open opens an empty store. It is called for every check; what it opens shares nothing with what it opened before.
type Open func() (outbox.Store, error)

// Problem is one promise that was not kept.
type Problem struct {
	Check  string // name of the check
	Detail string
}

// limit of one check; a store that takes longer hangs.
const limit = 2 * time.Minute

// TestStore reports every problem of a store, each check as a test of its own.
func TestStore(t *testing.T, open Open) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range c.run(open) {
				t.Error(p.Detail)
			}
		})
	}
}

// Check returns every problem of a store; none means that it conforms.
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
	{"what was opened is there", whatWasOpened},
	{"opening twice changes nothing", openTwice},
	{"opening again adds what is missing", openMore},
	{"an id is never used for something else", conflict},
	{"a case is opened whole or not at all", whole},
	{"what is malformed is refused", malformed},
	{"due notices are claimed, the longest due first", claimOrder},
	{"what is not due or not open is not claimed", notDue},
	{"a lease keeps others away until it has passed", leases},
	{"a change writes over no other revision", stale},
	{"every part of a change comes back", everyPart},
	{"lists are in order and people are kept apart", lists},
	{"a person with open notices is not forgotten", forgetOpen},
	{"forgetting leaves nothing of a person", forget},
	{"what the caller changes afterwards is not changed", ownCopy},
	{"concurrent claims share nothing", concurrentClaims},
	{"of concurrent changes one succeeds", concurrentChanges},
	{"concurrent openings agree", concurrentOpenings},
	{"a cancelled call changes nothing", cancelled},
	{"errors hold no personal value", quiet},
}

// trial is one check under way.
type trial struct {
	ctx   context.Context
	store outbox.Store

	name     string
	mu       sync.Mutex
	problems []Problem
}

// stop ends a check that cannot go on.
type stop struct{}

func (c check) run(open Open) []Problem {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	t := &trial{ctx: ctx, name: c.name}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil && r != (stop{}) {
				t.problem("panic")
			}
		}()
		var err error
		if t.store, err = open(); err != nil {
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

// that notes a problem unless ok.
func (t *trial) that(ok bool, format string, args ...any) {
	if !ok {
		t.problem(format, args...)
	}
}

// must ends the check on an error.
func (t *trial) must(err error) {
	if err != nil {
		t.problem("unexpected error: %v", err)
		panic(stop{})
	}
}

// start is when the world of the checks begins, to the microsecond.
var start = time.Date(2024, 1, 10, 9, 0, 0, 123456000, time.UTC)

func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

// anna and bert are data subjects; their ids stand in no error.
const (
	anna = "anna-4711-canary"
	bert = "bert-0815-canary"
)

func theCase(id, who string) outbox.Case {
	return outbox.Case{ID: id, DataSubject: who, Kind: purpose.ErasureRight, OpenedAt: start}
}

// notice of a case to a recipient, due at a minute.
func notice(c outbox.Case, recipient string, due int) outbox.Notice {
	return outbox.Notice{ID: c.ID + "-" + recipient, Case: c.ID, DataSubject: c.DataSubject, Kind: c.Kind, Recipient: recipient, RecipientKind: "controller", RecipientCountry: "DK",
		Categories: []string{"contact.email", "contact.name"}, First: at(-100), Last: at(-50), Silent: true, State: outbox.Pending, Next: at(due), CreatedAt: start, ChangedAt: start}
}

func (t *trial) open(c outbox.Case, notices ...outbox.Notice) {
	t.must(t.store.Open(t.ctx, c, notices))
}

func (t *trial) get(id string) outbox.Notice {
	n, err := t.store.Get(t.ctx, id)
	t.must(err)
	return n
}

func (t *trial) claim(minute, limit int) []outbox.Notice {
	list, err := t.store.Claim(t.ctx, at(minute), 10*time.Minute, limit)
	t.must(err)
	return list
}

func (t *trial) ofCase(id string) []outbox.Notice {
	list, err := t.store.OfCase(t.ctx, id)
	t.must(err)
	return list
}

func ids(list []outbox.Notice) (out []string) {
	for i := range list {
		out = append(out, list[i].ID)
	}
	return out
}
