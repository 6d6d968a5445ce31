package basis

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"
)

// Memory is a ledger in memory, for tests and for services that load their events at start. It is
// safe for concurrent use. Durable it is not.
type Memory struct {
	vocab  *Vocabulary
	now    func() time.Time
	people sync.Map // data subject -> *Timeline: readers hold no lock, and so none is in the way of another
	closed atomic.Bool
	change atomic.Uint64

	write sync.Mutex // held by Record, Erase and Close
	ids   map[string]place
	last  atomic.Int64 // latest recording, microseconds since 1970
}

// place is where an event lies.
type place struct {
	dataSubject string
	recordedAt  time.Time
}

var _ interface {
	Ledger
	Recorder
	History
	Eraser
} = (*Memory)(nil)

// MemoryOption sets up a Memory.
type MemoryOption func(*Memory)

// WithClock takes the time from now instead of time.Now. Recorded times increase even if it goes back.
func WithClock(now func() time.Time) MemoryOption { return func(m *Memory) { m.now = now } }

// NewMemory is an empty ledger for events that speak the vocabulary.
func NewMemory(vocab Vocabulary, options ...MemoryOption) *Memory {
	m := &Memory{vocab: &vocab, now: time.Now, ids: make(map[string]place)}
	for _, o := range options {
		o(m)
	}
	return m
}

// StateAt implements Ledger. It returns the same state, without allocation, while nothing changed.
func (m *Memory) StateAt(ctx context.Context, dataSubject string, validAt, knownAt time.Time) (*State, error) {
	if err := m.usable(ctx); err != nil {
		return nil, err
	}
	t := m.timeline(dataSubject)
	if !knownAt.IsZero() && knownAt.UnixMicro() > m.last.Load() && knownAt.After(m.now()) {
		return nil, ErrKnownLater
	}
	s, err := t.StateAt(validAt, knownAt)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return s, nil
}

// Record implements Recorder. The order of recording is one for all people.
func (m *Memory) Record(ctx context.Context, events ...Event) error {
	m.write.Lock()
	defer m.write.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	admitted, err := m.vocab.Admit(events, m.now(), m.recorded(), m.stored)
	if err != nil || len(admitted) == 0 {
		return err
	}
	batches := make(map[string][]Event)
	for _, e := range admitted {
		batches[e.DataSubject] = append(batches[e.DataSubject], e)
	}
	next := make([]*Timeline, 0, len(batches))
	for dataSubject, batch := range batches {
		t, err := m.timeline(dataSubject).Append(batch...)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		next = append(next, t)
	}
	for _, t := range next {
		m.swap(t)
	}
	for _, e := range admitted {
		m.ids[e.ID] = place{e.DataSubject, e.RecordedAt}
	}
	m.last.Store(admitted[len(admitted)-1].RecordedAt.UnixMicro())
	m.change.Add(1)
	return nil
}

// Changes counts what was recorded and erased, of whomever, and Close. It goes up before that is acknowledged: while it stays,
// StateAt answers as before, but for the time that goes by.
func (m *Memory) Changes() uint64 { return m.change.Load() }

// Events implements History over what is recorded when the iteration starts.
func (m *Memory) Events(ctx context.Context, dataSubject string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if err := m.usable(ctx); err != nil {
			yield(Event{}, err)
			return
		}
		for _, e := range m.timeline(dataSubject).events {
			if err := m.usable(ctx); err != nil {
				yield(Event{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Erase implements Eraser.
func (m *Memory) Erase(ctx context.Context, dataSubject string) (int, error) {
	m.write.Lock()
	defer m.write.Unlock()
	if err := m.usable(ctx); err != nil {
		return 0, err
	}
	t := m.timeline(dataSubject)
	kept, err := t.Kept(laterOf(m.now(), m.recorded()))
	if err != nil {
		return 0, err
	}
	rest, err := NewTimeline(m.vocab, dataSubject, kept)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for i := range t.events {
		delete(m.ids, t.events[i].ID)
	}
	for i := range kept {
		m.ids[kept[i].ID] = place{dataSubject, kept[i].RecordedAt}
	}
	m.swap(rest)
	m.change.Add(1)
	return t.Len() - rest.Len(), nil
}

// Close ends all use: every later call returns ErrClosed.
func (m *Memory) Close() error {
	m.write.Lock()
	defer m.write.Unlock()
	m.closed.Store(true)
	m.change.Add(1)
	return nil
}

func (m *Memory) usable(ctx context.Context) error {
	if m.closed.Load() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// recorded is the time of the latest recording, 1970 if there is none.
func (m *Memory) recorded() time.Time { return time.UnixMicro(m.last.Load()).UTC() }

// timeline is the history of a person, empty if there is none.
func (m *Memory) timeline(dataSubject string) *Timeline {
	if t, ok := m.people.Load(dataSubject); ok {
		return t.(*Timeline)
	}
	return &Timeline{vocab: m.vocab, dataSubject: dataSubject}
}

func (m *Memory) swap(t *Timeline) {
	if t.Len() == 0 {
		m.people.Delete(t.dataSubject)
		return
	}
	m.people.Store(t.dataSubject, t)
}

// stored looks an id up; the writer's lock is held.
func (m *Memory) stored(id string) (Event, bool) {
	p, ok := m.ids[id]
	if !ok {
		return Event{}, false
	}
	t := m.timeline(p.dataSubject)
	n := t.knownBy(p.recordedAt)
	if n == 0 || t.events[n-1].ID != id {
		return Event{}, false
	}
	return t.events[n-1], true
}

// Immediate reports that the ledger answers from memory and never waits.
func (m *Memory) Immediate() bool { return true }
