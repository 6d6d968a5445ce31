package ledgertest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/ledgertest"
)

func open(vocab basis.Vocabulary, now func() time.Time) (ledgertest.Store, error) {
	return basis.NewMemory(vocab, basis.WithClock(now)), nil
}

func TestMemoryConforms(t *testing.T) {
	ledgertest.TestLedger(t, open)
}

// broken is a sound ledger with one thing changed; what is not changed passes through.
type broken struct {
	*basis.Memory
	state  func(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error)
	record func(ctx context.Context, events ...basis.Event) error
	events func(ctx context.Context, who string) iter.Seq2[basis.Event, error]
	erase  func(ctx context.Context, who string) (int, error)
	close  func() error
}

func (b *broken) StateAt(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error) {
	if b.state != nil {
		return b.state(ctx, who, validAt, knownAt)
	}
	return b.Memory.StateAt(ctx, who, validAt, knownAt)
}

func (b *broken) Record(ctx context.Context, events ...basis.Event) error {
	if b.record != nil {
		return b.record(ctx, events...)
	}
	return b.Memory.Record(ctx, events...)
}

func (b *broken) Events(ctx context.Context, who string) iter.Seq2[basis.Event, error] {
	if b.events != nil {
		return b.events(ctx, who)
	}
	return b.Memory.Events(ctx, who)
}

func (b *broken) Erase(ctx context.Context, who string) (int, error) {
	if b.erase != nil {
		return b.erase(ctx, who)
	}
	return b.Memory.Erase(ctx, who)
}

func (b *broken) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.Memory.Close()
}

// edited passes every event of the history through edit.
func edited(b *broken, edit func(*basis.Event)) {
	b.events = func(ctx context.Context, who string) iter.Seq2[basis.Event, error] {
		return func(yield func(basis.Event, error) bool) {
			for e, err := range b.Memory.Events(ctx, who) {
				edit(&e)
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

func TestBrokenLedgersAreFound(t *testing.T) {
	covered := make(map[string]bool)
	for name, c := range map[string]struct {
		spoil func(b *broken, vocab basis.Vocabulary, now func() time.Time)
		found string // a check that must find it
	}{
		"keeps states for ever": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			var kept sync.Map
			b.state = func(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error) {
				if s, ok := kept.Load(who); ok && knownAt.IsZero() && s.(*basis.State).Covers(validAt) {
					return s.(*basis.State), nil
				}
				s, err := b.Memory.StateAt(ctx, who, validAt, knownAt)
				if err == nil && knownAt.IsZero() {
					kept.Store(who, s)
				}
				return s, err
			}
		}, "what is acknowledged is seen at once"},
		"acknowledges before it records": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				if len(events) != 1 || events[0].Body != (basis.ConsentWithdrawn{Scope: "service"}) || !strings.HasPrefix(events[0].DataSubject, "p") || strings.Contains(events[0].DataSubject, " ") {
					return b.Memory.Record(ctx, events...)
				}
				go func() {
					time.Sleep(time.Millisecond)
					_ = b.Memory.Record(context.WithoutCancel(ctx), events...)
				}()
				return nil
			}
		}, "a withdrawal is seen by reads that begin after it"},
		"records half a batch": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				for _, e := range events {
					if err := b.Memory.Record(ctx, e); err != nil {
						return err
					}
				}
				return nil
			}
		}, "a batch is recorded whole or not at all"},
		"loses an event now and then": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			var mu sync.Mutex
			n := 0
			b.record = func(ctx context.Context, events ...basis.Event) error {
				mu.Lock()
				defer mu.Unlock()
				if n++; n%97 == 0 {
					return nil
				}
				return b.Memory.Record(ctx, events...)
			}
		}, "concurrent writers lose nothing"},
		"fails under contention": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			var mu sync.Mutex
			b.record = func(ctx context.Context, events ...basis.Event) error {
				if !mu.TryLock() {
					return basis.ErrUnavailable
				}
				defer mu.Unlock()
				time.Sleep(10 * time.Microsecond)
				return b.Memory.Record(ctx, events...)
			}
		}, "concurrent writers lose nothing"},
		"forgets which ids it has": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			var mu sync.Mutex
			n := 0
			b.record = func(ctx context.Context, events ...basis.Event) error {
				mu.Lock()
				defer mu.Unlock()
				err := b.Memory.Record(ctx, events...)
				if errors.Is(err, basis.ErrConflict) {
					return nil
				}
				n++
				return err
			}
		}, "an id is never used twice"},
		"records repetitions again": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			seen := make(map[string]bool)
			var mu sync.Mutex
			b.record = func(ctx context.Context, events ...basis.Event) error {
				mu.Lock()
				defer mu.Unlock()
				events = slices.Clone(events)
				for i := range events {
					if id := events[i].ID; id != "" && seen[id] {
						events[i].ID, events[i].RecordedAt = fmt.Sprint(id, "'", len(seen)), time.Time{}
					} else {
						seen[id] = true
					}
				}
				return b.Memory.Record(ctx, events...)
			}
		}, "repeating an id has no effect"},
		"ignores when it was known": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.state = func(ctx context.Context, who string, validAt, _ time.Time) (*basis.State, error) {
				return b.Memory.StateAt(ctx, who, validAt, time.Time{})
			}
		}, "what was known can be asked for again"},
		"ignores when it was valid": {func(b *broken, _ basis.Vocabulary, now func() time.Time) {
			b.state = func(ctx context.Context, who string, _, knownAt time.Time) (*basis.State, error) {
				return b.Memory.StateAt(ctx, who, now(), knownAt)
			}
		}, "states agree with the fold of the history"},
		"answers for no time": {func(b *broken, _ basis.Vocabulary, now func() time.Time) {
			b.state = func(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error) {
				if validAt.IsZero() {
					validAt = now()
				}
				return b.Memory.StateAt(ctx, who, validAt, knownAt)
			}
		}, "the future is refused"},
		"lets the future in": {func(b *broken, vocab basis.Vocabulary, now func() time.Time) {
			b.Memory = basis.NewMemory(vocab, basis.WithClock(func() time.Time { return now().Add(time.Minute) }))
		}, "the future is refused"},
		"accepts whatever it is told": {func(b *broken, vocab basis.Vocabulary, now func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				err := b.Memory.Record(ctx, events...)
				if errors.Is(err, basis.ErrEvent) {
					return nil
				}
				return err
			}
		}, "what the vocabulary lacks is refused"},
		"names the person in errors": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				if err := b.Memory.Record(ctx, events...); err != nil {
					return fmt.Errorf("%s: %w", events[0].DataSubject, err)
				}
				return nil
			}
		}, "errors hold no personal value"},
		"takes similar people for one": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				events = slices.Clone(events)
				for i := range events {
					events[i].DataSubject = strings.TrimSpace(strings.ToLower(events[i].DataSubject))
				}
				return b.Memory.Record(ctx, events...)
			}
		}, "people are kept apart"},
		"goes on after Close": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.close = func() error { return nil }
		}, "a closed ledger answers nothing"},
		"does not heed the context": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				return b.Memory.Record(context.WithoutCancel(ctx), events...)
			}
		}, "a cancelled call records nothing"},
		"cuts valid times to seconds": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			edited(b, func(e *basis.Event) { e.ValidAt = e.ValidAt.Truncate(time.Second) })
		}, "every kind comes back as it was recorded"},
		"drops a field": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			edited(b, func(e *basis.Event) {
				if c, ok := e.Body.(basis.ConsentGiven); ok {
					c.Until = time.Time{}
					e.Body = c
				}
			})
		}, "every kind comes back as it was recorded"},
		"takes the clock as it is": {func(b *broken, _ basis.Vocabulary, now func() time.Time) {
			edited(b, func(e *basis.Event) { e.RecordedAt = now() })
		}, "recorded times increase even if the clock goes back"},
		"follows the caller's list": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			var mu sync.Mutex
			bodies := make(map[string]basis.Body)
			b.record = func(ctx context.Context, events ...basis.Event) error {
				mu.Lock()
				defer mu.Unlock()
				for _, e := range events {
					bodies[e.ID] = e.Body
				}
				return b.Memory.Record(ctx, events...)
			}
			edited(b, func(e *basis.Event) {
				mu.Lock()
				defer mu.Unlock()
				if body, ok := bodies[e.ID]; ok && e.ID != "" {
					e.Body = body
				}
			})
		}, "what the caller changes afterwards is not changed"},
		"counts what it folded": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.state = func(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error) {
				s, err := b.Memory.StateAt(ctx, who, validAt, knownAt)
				if err == nil {
					c := *s
					c.Version = uint64(len(c.Occurrences))
					s = &c
				}
				return s, err
			}
		}, "version grows with every event"},
		"has no state for strangers": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.state = func(ctx context.Context, who string, validAt, knownAt time.Time) (*basis.State, error) {
				s, err := b.Memory.StateAt(ctx, who, validAt, knownAt)
				if err == nil && s.Version == 0 {
					return nil, basis.ErrUnavailable
				}
				return s, err
			}
		}, "an unknown person has an empty state"},
		"reads on after the end": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.events = func(ctx context.Context, who string) iter.Seq2[basis.Event, error] {
				return func(yield func(basis.Event, error) bool) {
					n := 0
					for e, err := range b.Memory.Events(ctx, who) {
						if n++; n > 20 {
							return
						}
						if !yield(e, err) {
							return
						}
					}
				}
			}
		}, "reading can stop early"},
		"lets one id be recorded by two": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.record = func(ctx context.Context, events ...basis.Event) error {
				if len(events) == 1 && strings.HasPrefix(events[0].ID, "same") {
					events = slices.Clone(events)
					events[0].ID += events[0].DataSubject
				}
				return b.Memory.Record(ctx, events...)
			}
		}, "concurrent writers of one id agree"},
		"erases though a hold stands": {func(b *broken, vocab basis.Vocabulary, now func() time.Time) {
			b.erase = func(ctx context.Context, who string) (int, error) {
				_ = b.Memory.Record(ctx, basis.Event{DataSubject: who, Body: basis.HoldReleased{Hold: "h"}})
				return b.Memory.Erase(ctx, who)
			}
		}, "erasing forgets a person"},
		"panics": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.state = func(context.Context, string, time.Time, time.Time) (*basis.State, error) { panic("gone") }
		}, "an unknown person has an empty state"},
		"answers nothing at all": {func(b *broken, _ basis.Vocabulary, _ func() time.Time) {
			b.state = func(context.Context, string, time.Time, time.Time) (*basis.State, error) { return nil, nil }
		}, "an unknown person has an empty state"},
	} {
		covered[c.found] = true
		t.Run(name, func(t *testing.T) {
			problems := ledgertest.Check(func(vocab basis.Vocabulary, now func() time.Time) (ledgertest.Store, error) {
				b := &broken{Memory: basis.NewMemory(vocab, basis.WithClock(now))}
				c.spoil(b, vocab, now)
				return b, nil
			})
			var found []string
			for _, p := range problems {
				found = append(found, p.Check)
			}
			assert.Contains(t, found, c.found)
		})
	}
	for _, name := range ledgertest.Names() {
		assert.True(t, covered[name], "no broken ledger shows that %q can fail", name)
	}
}

func TestLedgerThatCannotBeOpenedFailsEveryCheck(t *testing.T) {
	// A ledger that cannot be opened fails every check, by name.
	problems := ledgertest.Check(func(basis.Vocabulary, func() time.Time) (ledgertest.Store, error) {
		return nil, errors.New("no")
	})
	require.Len(t, problems, len(ledgertest.Names()))
	for i, p := range problems {
		assert.Equal(t, ledgertest.Names()[i], p.Check)
	}
	assert.Empty(t, ledgertest.Check(open))
}
