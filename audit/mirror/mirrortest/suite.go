package mirrortest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/mirror"
)

// Rig is a sink with a view of its receiver.
type Rig struct {
	Sink mirror.Sink
	// Received returns the ids of the events that the receiver has so far, in the order in which it got them.
	Received func(ctx context.Context) ([]string, error)
	// Dedupes says that the receiver keeps an event that comes again only once.
	Dedupes bool
	// Break makes the receiver refuse or unreachable, so that Send fails from then on. Nil if there is no way to.
	Break func()
}

// TestSink tests the contract of [mirror.Sink]. Open returns a new sink with an empty receiver.
func TestSink(t *testing.T, open func(t *testing.T) Rig) {
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
	test func(context.Context, Rig) []error
}

// patience bounds each check, so that a sink that hangs is an error.
const patience = 30 * time.Second

func (c check) run(r Rig) []error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := make(chan []error, 1)
	go func() {
		errs := []error{errors.New("it panicked")}
		defer func() {
			_ = recover()
			done <- errs
		}()
		errs = c.test(ctx, r)
	}()
	select {
	case errs := <-done:
		return errs
	case <-ctx.Done():
		return []error{errors.New("it hangs")}
	}
}

var cases = []check{
	{"nil means that the receiver has all, in order", inOrder},
	{"no events are no error", nothing},
	{"a context that ended is an error", ended},
	{"events may come again", again},
	{"the events are left as they are and not kept", untouched},
	{"calls may overlap", overlap},
	{"a large event comes through", large},
	{"an event that no trail placed is refused", unplaced},
	{"a broken receiver is an error", broken},
}

func inOrder(ctx context.Context, r Rig) (errs []error) {
	events := Events(40)
	for i := 0; i < len(events); i += 16 {
		if err := r.Sink.Send(ctx, events[i:min(i+16, len(events))]); err != nil {
			errs = append(errs, fmt.Errorf("sending: %w", err))
		}
	}
	return append(errs, r.has(ctx, events)...)
}

func nothing(ctx context.Context, r Rig) (errs []error) {
	if err := r.Sink.Send(ctx, nil); err != nil {
		errs = append(errs, fmt.Errorf("sending: %w", err))
	}
	return append(errs, r.has(ctx, nil)...)
}

func ended(ctx context.Context, r Rig) []error {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if r.Sink.Send(gone, Events(3)) == nil {
		return []error{errors.New("sending succeeded")}
	}
	return nil
}

func again(ctx context.Context, r Rig) (errs []error) {
	events := Events(10)
	for range 2 {
		if err := r.Sink.Send(ctx, events); err != nil {
			errs = append(errs, fmt.Errorf("sending: %w", err))
		}
	}
	if !r.Dedupes {
		events = append(slices.Clone(events), events...)
	}
	return append(errs, r.has(ctx, events)...)
}

func untouched(ctx context.Context, r Rig) (errs []error) {
	events := Events(5)
	given := Events(5)
	for i := range given {
		given[i] = events[i]
	}
	if err := r.Sink.Send(ctx, given); err != nil {
		errs = append(errs, fmt.Errorf("sending: %w", err))
	}
	if !reflect.DeepEqual(events, given) {
		errs = append(errs, errors.New("the events were changed"))
	}
	for i := range given {
		given[i] = audit.Event{}
	}
	return append(errs, r.has(ctx, events)...)
}

func overlap(ctx context.Context, r Rig) (errs []error) {
	events := Events(64)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := errors.New("it panicked")
			defer func() {
				_ = recover()
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					errs = append(errs, fmt.Errorf("sending: %w", err))
				}
			}()
			err = r.Sink.Send(ctx, events[i*8:i*8+8])
		})
	}
	wg.Wait()
	got, err := r.Received(ctx)
	if err != nil {
		return append(errs, err)
	}
	want := ids(events)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		errs = append(errs, fmt.Errorf("the receiver has %d events, not the %d that were sent", len(got), len(want)))
	}
	return errs
}

func large(ctx context.Context, r Rig) (errs []error) {
	events := place(func(e *audit.Event) {
		for i := len(e.DataSubjectRefs); i < audit.MaxRefs; i++ {
			e.DataSubjectRefs = append(e.DataSubjectRefs, audit.DataSubject.Alias([16]byte{3, byte(i)}))
		}
	}, 2)
	if err := r.Sink.Send(ctx, events); err != nil {
		errs = append(errs, fmt.Errorf("sending: %w", err))
	}
	return append(errs, r.has(ctx, events)...)
}

func unplaced(ctx context.Context, r Rig) (errs []error) {
	e := Events(1)
	e[0].Purpose = "not a key, but words"
	if r.Sink.Send(ctx, e) == nil {
		errs = append(errs, errors.New("sending succeeded"))
	}
	return append(errs, r.has(ctx, nil)...)
}

func broken(ctx context.Context, r Rig) []error {
	if r.Break == nil {
		return nil
	}
	r.Break()
	short, cancel := context.WithTimeout(ctx, patience/6)
	defer cancel()
	if r.Sink.Send(short, Events(3)) == nil {
		return []error{errors.New("sending succeeded")}
	}
	return nil
}

// has expects the receiver to have these events and no others.
func (r Rig) has(ctx context.Context, events []audit.Event) []error {
	got, err := r.Received(ctx)
	if err != nil {
		return []error{fmt.Errorf("receiving: %w", err)}
	}
	if want := ids(events); !slices.Equal(got, want) {
		return []error{fmt.Errorf("the receiver has %d events, not the %d that were sent, or not in their order", len(got), len(want))}
	}
	return nil
}

func ids(events []audit.Event) []string {
	out := make([]string, 0, len(events))
	for i := range events {
		out = append(out, events[i].ID)
	}
	return out
}

// Events returns n events as a trail placed them, with ids that no other call returns.
func Events(n int) []audit.Event { return place(func(*audit.Event) {}, n) }

func place(change func(*audit.Event), n int) []audit.Event {
	trail := audittest.NewRecorder(nil)
	for i := range n {
		e := audit.Event{
			Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, PrincipalRef: audit.Principal.Alias([16]byte{1}),
			DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{2})}, Fields: []string{"Name", "Address.City"},
			Categories: []string{"contact.name"}, Special: true, Purpose: "invoicing", DecisionID: fmt.Sprintf("%032x", i+1),
		}
		change(&e)
		if err := trail.Append(context.Background(), []audit.Event{e}); err != nil {
			panic(err) // a mistake of this package
		}
	}
	return trail.Events()
}
