package erasure_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

var (
	now    = time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	secret = []byte("0123456789abcdef0123456789abcdef")
)

func day(s string) retention.Value { return retention.DayValue(retention.MustDate(s)) }

// table: contracts are erased, statistics anonymised and complaints only stored, each a year after the end.
func table() retention.Table {
	rule := func(key, category string, then retention.Then) *retention.Rule {
		return &retention.Rule{Key: key, Clause: "5.1", Categories: []string{category}, Anchor: retention.After("ended"),
			Ceiling: retention.MustPeriod("P1Y"), Then: then}
	}
	return retention.Table{
		Name: "contracts", Zone: time.UTC,
		Layout: retention.Layout{
			Key: "id", Category: "kind",
			Events:       []retention.EventColumn{{Event: "ended", Column: "ended"}},
			Holds:        []retention.SpanColumns{{From: "hold_from", Until: "hold_until"}},
			Restrictions: []retention.SpanColumns{{From: "restricted_from"}},
			Restricted:   "stored_since",
		},
		Uses: retention.UsesOf(rule("contract", "contract", retention.Erase), rule("statistics", "statistics", retention.Anonymise),
			rule("complaint", "complaint", retention.Restrict)),
	}
}

const (
	endedAt = iota
	holdFrom
	holdUntil
	restrictedFrom
	storedSince
	columns
)

// store is a store in memory. It counts what is done to each row, and has faults.
type store struct {
	mu      sync.Mutex
	rows    map[string]retention.Row
	fields  map[string][]erasure.Field
	remains [][]erasure.Field
	acts    map[string]int // by key
	orders  []erasure.Order
	carry   func(ctx context.Context, o erasure.Order, honest func(erasure.Task)) (int, error)
	looks   func(ctx context.Context, keys []string) error
	anon    func(erasure.Record) ([]erasure.Field, error)
}

func newStore() *store {
	return &store{rows: map[string]retention.Row{}, fields: map[string][]erasure.Field{}, acts: map[string]int{}}
}

func (s *store) add(key, kind, ended string) {
	row := retention.Row{Key: key, Category: kind, Values: make([]retention.Value, columns)}
	if ended != "" {
		row.Values[endedAt] = day(ended)
	}
	s.rows[key] = row
}

func (s *store) set(key string, column int, v retention.Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.rows[key]
	row.Values = slices.Clone(row.Values)
	row.Values[column] = v
	s.rows[key] = row
}

func (s *store) has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.rows[key]
	return ok
}

// all pages through the rows, as they were when it began.
func (s *store) all() iter.Seq2[retention.Row, error] {
	s.mu.Lock()
	snapshot := maps.Clone(s.rows)
	s.mu.Unlock()
	return func(yield func(retention.Row, error) bool) {
		for _, k := range slices.Sorted(maps.Keys(snapshot)) {
			if !yield(snapshot[k], nil) {
				return
			}
		}
	}
}

func (s *store) Look(ctx context.Context, keys []string) (rows []retention.Row, err error) {
	if s.looks != nil {
		if err := s.looks(ctx, keys); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		if r, ok := s.rows[k]; ok {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (s *store) Carry(ctx context.Context, o erasure.Order) (n int, err error) {
	s.mu.Lock()
	s.orders = append(s.orders, o)
	s.mu.Unlock()
	honest := func(t erasure.Task) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.acts[t.Key]++
		switch o.Then() {
		case retention.Restrict:
			row := s.rows[t.Key]
			row.Values = slices.Clone(row.Values)
			row.Values[storedSince] = retention.InstantValue(now)
			s.rows[t.Key] = row
		case retention.Anonymise:
			s.remains = append(s.remains, t.Remains)
			fallthrough
		default:
			delete(s.rows, t.Key)
			delete(s.fields, t.Key)
		}
	}
	if s.carry != nil {
		return s.carry(ctx, o, honest)
	}
	for t := range o.Rows() {
		honest(t)
		n++
	}
	return n, nil
}

func (s *store) Records(_ context.Context, keys []string) (list []erasure.Record, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		if f, ok := s.fields[k]; ok {
			list = append(list, erasure.Record{Key: k, Fields: f})
		}
	}
	return list, nil
}

func (s *store) Anonymise(r erasure.Record) ([]erasure.Field, error) {
	if s.anon == nil {
		return nil, errors.New("no transformation")
	}
	return s.anon(r)
}

// world is an executor with everything it needs.
type world struct {
	t       testing.TB
	store   *store
	trail   *audittest.Recorder
	journal erasure.Journal
	ledger  *erasure.Ledger
	options erasure.Options
	clock   time.Time
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, store: newStore(), clock: now}
	w.trail = audittest.NewRecorder(func() time.Time { return w.clock })
	journal, err := erasure.OpenJournal(filepath.Join(t.TempDir(), "journal"))
	require.NoError(t, err)
	w.journal = journal
	w.ledger, err = erasure.OpenLedger(filepath.Join(t.TempDir(), "ledger"), "contracts", secret)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, errors.Join(ignoreRecord(journal.Close()), w.ledger.Close()))
	})
	schedule, err := retention.NewSchedule(table())
	require.NoError(t, err)
	w.options = erasure.Options{Schedule: schedule, Store: w.store, Journal: journal, Ledger: w.ledger, Trail: w.trail,
		Clock: func() time.Time { return w.clock }, Batch: 10,
		Anonymity: erasure.Anonymity{Fields: []string{"year", "region"}, Identifying: []string{"contact", "national-id"}}}
	return w
}

func ignoreRecord(err error) error {
	if errors.Is(err, erasure.ErrRecord) {
		return nil
	}
	return err
}

func (w *world) executor() *erasure.Executor {
	x, err := erasure.New(w.options)
	require.NoError(w.t, err)
	return x
}

func (w *world) execute() (erasure.Report, error) {
	return w.executor().Execute(w.t.Context(), w.store.all())
}

// events returns what the trail says was done.
func (w *world) events() (list []audit.Event) {
	for _, e := range w.trail.Events() {
		if e.Name == audit.RetentionErased {
			list = append(list, e)
		}
	}
	return list
}

func recorded(events []audit.Event) (rows uint64) {
	for _, e := range events {
		rows += e.N
	}
	return rows
}

func (w *world) open() int {
	open, err := w.journal.Open(w.t.Context())
	require.NoError(w.t, err)
	return len(open)
}

func (w *world) due(n int) {
	for i := range n {
		w.store.add(fmt.Sprintf("due-%03d", i), "contract", "2020-01-31")
	}
}

// unreliable is a trail whose appends fail, before or after the fact.
type unreliable struct {
	*audittest.Recorder
	after bool
	fail  int
}

func (u *unreliable) Append(ctx context.Context, events []audit.Event) error {
	if u.fail == 0 {
		return u.Recorder.Append(ctx, events)
	}
	u.fail--
	if u.after {
		if err := u.Recorder.Append(ctx, events); err != nil {
			return err
		}
	}
	return audit.ErrUnknown
}

// headless is a trail that does not answer.
type headless struct{ *audittest.Recorder }

func (headless) Head(context.Context) (audit.Head, error) {
	return audit.Head{}, audit.ErrPoisoned
}

type failingJournal struct{}

func (failingJournal) Begin(context.Context, erasure.Intent) error    { return errEngine }
func (failingJournal) Done(context.Context, string) error             { return errEngine }
func (failingJournal) Open(context.Context) ([]erasure.Intent, error) { return nil, nil }
