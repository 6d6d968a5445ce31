package basis

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// ErrHistory is returned for a history that cannot be folded: an event of another person, of an
// unknown kind, or one that restricts by a key that the vocabulary lacks.
var ErrHistory = errors.New("basis: history cannot be folded")

// Timeline is the history of one data subject, ordered for folding. It is immutable and safe for
// concurrent use; ledgers keep one per person.
type Timeline struct {
	vocab       *Vocabulary
	dataSubject string
	events      []Event // in recorded order
	byValid     []int32 // positions in events, in valid order
	notes       []note  // of events, in recorded order
	keys        numbers // keys of Occurred events
	references  numbers // contracts and cases they name
	extended    atomic.Bool
	latest      atomic.Pointer[State] // last state folded with everything known
}

// note is what the fold needs of an Occurred event, so that it need not look into its body.
type note struct {
	key       int32 // number of its key, 0 for events of other kinds
	reference int32 // number of its reference, 0 for none
}

// NewTimeline takes the events of one person in any order. It keeps the slices inside their bodies.
func NewTimeline(vocab *Vocabulary, dataSubject string, events []Event) (*Timeline, error) {
	t := &Timeline{vocab: vocab, dataSubject: dataSubject}
	return t.Append(events...)
}

// Append returns a timeline with further events, in any order; t stays as it is.
func (t *Timeline) Append(events ...Event) (*Timeline, error) {
	if t.vocab == nil {
		return nil, fmt.Errorf("%w: no vocabulary", ErrHistory)
	}
	for i := range events {
		if err := t.accept(&events[i]); err != nil {
			return nil, err
		}
	}
	// The first to extend t may write behind the end of its arrays, which t itself never reads.
	all, order := t.events, t.byValid
	next := &Timeline{vocab: t.vocab, dataSubject: t.dataSubject, notes: t.notes, keys: t.keys, references: t.references}
	if !t.extended.CompareAndSwap(false, true) {
		all, order = slices.Clip(all), slices.Clip(order)
		next.notes, next.keys, next.references = slices.Clip(t.notes), t.keys.own(), t.references.own()
	}
	known := len(all)
	all = append(all, events...)
	if late := all[max(known-1, 0):]; !slices.IsSortedFunc(late, recordedOrder) {
		all = slices.Clone(all)
		slices.SortFunc(all, recordedOrder)
		known, order = 0, nil
		next.notes, next.keys, next.references = nil, numbers{}, numbers{}
	}
	next.events = slices.CompactFunc(all, func(a, b Event) bool { return recordedOrder(a, b) == 0 })
	next.byValid = next.arrange(order, known)
	for i := known; i < len(next.events); i++ {
		var n note
		if b, ok := next.events[i].Body.(Occurred); ok {
			n.key = next.keys.number(b.Event)
			if b.Reference != "" {
				n.reference = next.references.number(b.Reference)
			}
		}
		next.notes = append(next.notes, n)
	}
	return next, nil
}

// arrange extends a valid order by the events from position known on.
func (t *Timeline) arrange(order []int32, known int) []int32 {
	byValid := func(a, b int32) int { return compareValid(&t.events[a], &t.events[b]) }
	if known == 0 {
		order = make([]int32, len(t.events))
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortFunc(order, byValid)
		return order
	}
	own := false
	for i := int32(known); int(i) < len(t.events); i++ {
		at, _ := slices.BinarySearchFunc(order, i, byValid)
		if at < len(order) && !own {
			order, own = slices.Clone(order), true
		}
		order = slices.Insert(order, at, i)
	}
	return order
}

// Len is the number of events.
func (t *Timeline) Len() int { return len(t.events) }

// Events are all events in recorded order; the caller does not change them.
func (t *Timeline) Events() []Event { return slices.Clip(t.events) }

// StateAt folds what is valid at validAt and was recorded at or before knownAt (zero: everything).
// The same state is returned without allocation while nothing can have changed.
func (t *Timeline) StateAt(validAt, knownAt time.Time) (*State, error) {
	if validAt.IsZero() {
		return nil, fmt.Errorf("%w: no valid time", ErrHistory)
	}
	all := knownAt.IsZero() || len(t.events) == 0 || !knownAt.Before(t.events[len(t.events)-1].RecordedAt)
	if !all {
		return t.fold(validAt, t.knownBy(knownAt)), nil
	}
	if s := t.latest.Load(); s != nil && s.Covers(validAt) {
		return s, nil
	}
	s := t.fold(validAt, len(t.events))
	t.latest.Store(s)
	return s, nil
}

// knownBy is the number of events recorded at or before a time.
func (t *Timeline) knownBy(at time.Time) int {
	n, _ := slices.BinarySearchFunc(t.events, at, func(e Event, at time.Time) int {
		if e.RecordedAt.After(at) {
			return 1
		}
		return -1
	})
	return n
}

// accept refuses what cannot be folded without risk. A permission that names an unknown key opens
// nothing and may stay; a restriction that does would be lost.
func (t *Timeline) accept(e *Event) error {
	if e.DataSubject != t.dataSubject {
		return fmt.Errorf("%w: event of another data subject", ErrHistory)
	}
	if !concrete(e.Body) {
		return fmt.Errorf("%w: unknown kind of event", ErrHistory)
	}
	lost := func(field string) error {
		return fmt.Errorf("%w: %s: %s: not in the vocabulary", ErrHistory, e.Body.Kind(), field)
	}
	switch b := e.Body.(type) {
	case Occurred:
		if _, ok := t.vocab.Events[b.Event]; !ok {
			return lost("event")
		}
	case ObjectionRaised:
		if !hasAll(t.vocab.Purposes, b.Purposes) {
			return lost("purposes")
		}
	case RestrictionImposed:
		if !hasAll(t.vocab.Categories, b.Categories) {
			return lost("categories")
		}
	case HoldPlaced:
		if !hasAll(t.vocab.Categories, b.Categories) {
			return lost("categories")
		}
	case ConsentNarrowed:
		if !hasAll(t.vocab.Purposes, b.Purposes) {
			return lost("purposes")
		}
		if !hasAll(t.vocab.Categories, b.Categories) {
			return lost("categories")
		}
	}
	return nil
}

func hasAll[V any](keys map[string]V, wanted []string) bool {
	for _, k := range wanted {
		if _, ok := keys[k]; !ok {
			return false
		}
	}
	return true
}

func recordedOrder(a, b Event) int { return compareRecorded(&a, &b) }

func compareRecorded(a, b *Event) int {
	if c := a.RecordedAt.Compare(b.RecordedAt); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// compareValid orders events as they took effect. At one instant consent comes before its narrowing
// and that before its withdrawal, so that the narrower reading wins.
func compareValid(a, b *Event) int {
	if c := a.ValidAt.Compare(b.ValidAt); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(rank(a.Body), rank(b.Body)), compareRecorded(a, b))
}

func rank(b Body) int {
	switch b.(type) {
	case ConsentNarrowed:
		return 1
	case ConsentWithdrawn:
		return 2
	}
	return 0
}
