package erasure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

func TestExecuteErasesWhatIsDueAndReportsWhatItKept(t *testing.T) {
	w := newWorld(t)
	w.due(25)
	w.store.add("young", "contract", "2030-01-31")
	w.store.add("open", "contract", "")
	w.store.add("held", "contract", "2020-01-31")
	w.store.set("held", holdFrom, day("2020-06-01"))
	w.store.add("late", "contract", "2020-01-31")
	w.store.set("late", holdFrom, day("2030-06-01"))
	w.store.add("bad", "contract", "2020-01-31")
	w.store.set("bad", endedAt, retention.TextValue("2020"))
	w.store.add("unknown", "letter", "2020-01-31")
	for i := range 3 {
		w.store.add(fmt.Sprint("complaint-", i), "complaint", "2020-01-31")
	}
	report, err := w.execute()
	require.NoError(t, err)

	assert.EqualValues(t, 34, report.Planned.Rows())
	assert.EqualValues(t, 28, report.Done.Rows())
	assert.EqualValues(t, 6, report.Kept.Rows())
	assert.EqualValues(t, 4, report.Orders)
	reasons := map[retention.Reason]uint64{}
	for _, l := range report.Kept.Lines() {
		reasons[l.Reason] += l.Rows
	}
	assert.Equal(t, map[retention.Reason]uint64{retention.CeilingRunning: 1, retention.NotStarted: 1, retention.OnHold: 1,
		retention.HoldLate: 1, retention.FactsInvalid: 1, retention.NoRule: 1}, reasons)
	assert.Equal(t, "2031-02-01", report.Next().Format(time.DateOnly))
	for _, key := range []string{"young", "open", "held", "late", "bad", "unknown", "complaint-0"} {
		assert.True(t, w.store.has(key), key)
	}
	assert.False(t, w.store.has("due-000"))

	events := w.events()
	require.Len(t, events, 4)
	assert.EqualValues(t, 28, recorded(events))
	for _, e := range events {
		assert.Equal(t, audit.Done, e.Outcome)
		assert.Equal(t, "5.1", e.Clause)
		assert.Empty(t, e.DataSubjectRefs)
	}
	assert.NotContains(t, string(w.trail.Bytes()), "due-0", "no raw id enters the trail")
	assert.Equal(t, 25, w.ledger.Len(), "restricted rows are still there and not in it")
	assert.Zero(t, w.open())

	// A second run finds nothing to do: nothing is erased, restricted or recorded twice.
	again, err := w.execute()
	require.NoError(t, err)
	assert.Zero(t, again.Done.Rows())
	assert.Len(t, w.events(), 4)
	for key, n := range w.store.acts {
		assert.Equal(t, 1, n, key)
	}

	text, err := json.Marshal(report)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "due-0")
	var table bytes.Buffer
	require.NoError(t, report.WriteTable(&table))
	assert.Contains(t, table.String(), "retention.on-hold")
	assert.Contains(t, table.String(), "4 orders; 34 rows planned, 28 done")
}

// What came in between the plan and the order stops it.
func TestAHoldOrRestrictionThatCameInSinceStopsTheOrder(t *testing.T) {
	for name, late := range map[string]func(*store){
		"hold":        func(s *store) { s.set("due-003", holdFrom, day("2020-02-01")) },
		"restriction": func(s *store) { s.set("due-003", restrictedFrom, day("2020-02-01")) },
		"back again":  func(s *store) { s.set("due-003", endedAt, retention.Value{}) },
	} {
		w := newWorld(t)
		w.due(5)
		rows := w.store.all() // planned before
		late(w.store)
		report, err := w.executor().Execute(t.Context(), rows)
		require.NoError(t, err)
		assert.True(t, w.store.has("due-003"), name)
		assert.EqualValues(t, 4, report.Done.Rows(), name)
		assert.EqualValues(t, 1, report.Stopped, name)
		assert.EqualValues(t, 1, report.Kept.Rows(), name)
	}
}

// The last moment belongs to the store: under its own lock it asks again.
func TestRecheckUnderTheStoresLockStopsARow(t *testing.T) {
	w := newWorld(t)
	w.due(5)
	w.store.carry = func(ctx context.Context, o erasure.Order, honest func(erasure.Task)) (n int, err error) {
		w.store.set("due-002", holdFrom, day("2020-02-01"))
		for task := range o.Rows() {
			w.store.mu.Lock()
			row := w.store.rows[task.Key]
			w.store.mu.Unlock()
			if o.Recheck(row) {
				honest(task)
				n++
			}
		}
		stranger := retention.Row{Key: "stranger", Category: "contract", Values: row0()}
		assert.False(t, o.Recheck(stranger), "a row of another order")
		assert.False(t, o.Recheck(), "no row")
		return n, nil
	}
	report, err := w.execute()
	require.NoError(t, err)
	assert.True(t, w.store.has("due-002"))
	assert.EqualValues(t, 4, report.Done.Rows())
	assert.EqualValues(t, 1, report.Stopped)
	require.Len(t, w.events(), 1)
	assert.Equal(t, audit.Partial, w.events()[0].Outcome)
	assert.EqualValues(t, 4, w.events()[0].N)
}

func row0() []retention.Value {
	values := make([]retention.Value, columns)
	values[endedAt] = day("2020-01-31")
	return values
}

// Nobody else makes an order, and one that has ended is worth nothing.
func TestOrdersAreMadeByTheExecutorAndEndWithTheCall(t *testing.T) {
	w := newWorld(t)
	w.due(3)
	n, err := w.store.Carry(t.Context(), erasure.Order{})
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.True(t, w.store.has("due-000"))
	assert.Empty(t, erasure.Order{}.ID()+erasure.Order{}.Rule())
	assert.False(t, erasure.Order{}.Recheck(w.store.rows["due-000"]))

	_, err = w.execute()
	require.NoError(t, err)
	old := w.store.orders[len(w.store.orders)-1]
	assert.Zero(t, old.Len())
	for range old.Rows() {
		assert.Fail(t, "an order that has ended has rows")
	}
	w.due(3)
	assert.False(t, old.Recheck(w.store.rows["due-000"]))
}

func TestSeveralRowsOfOneKeyGoTogetherOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	w.due(2)
	x, err := erasure.New(func() erasure.Options { o := w.options; o.Store = &twin{w.store}; return o }())
	require.NoError(t, err)
	report, err := x.Execute(t.Context(), w.store.all())
	require.NoError(t, err)
	assert.True(t, w.store.has("due-000"), "its second row is not due")
	assert.False(t, w.store.has("due-001"))
	assert.EqualValues(t, 1, report.Stopped)
}

// twin is a store whose first key has a second row that is not due.
type twin struct{ *store }

func (s *twin) Look(ctx context.Context, keys []string) ([]retention.Row, error) {
	rows, err := s.store.Look(ctx, keys)
	for _, r := range rows {
		if r.Key == "due-000" {
			rows = append(rows, retention.Row{Key: r.Key, Category: "contract", Values: make([]retention.Value, columns)})
		}
	}
	return rows, err
}

func TestExecutorIsCheckedBeforeAnythingIsErased(t *testing.T) {
	for name, change := range map[string]func(*erasure.Options){
		"no schedule": func(o *erasure.Options) { o.Schedule = nil },
		"no store":    func(o *erasure.Options) { o.Store = nil },
		"no journal":  func(o *erasure.Options) { o.Journal = nil },
		"no ledger":   func(o *erasure.Options) { o.Ledger = nil },
		"another table": func(o *erasure.Options) {
			other := table()
			other.Name = "others"
			o.Schedule, _ = retention.NewSchedule(other)
		},
		"no trail":         func(o *erasure.Options) { o.Trail = nil },
		"negative":         func(o *erasure.Options) { o.Batch = -1 },
		"singles people":   func(o *erasure.Options) { o.Anonymity.Group = 1 },
		"identifying":      func(o *erasure.Options) { o.Anonymity.Identifying = nil },
		"no Anonymiser":    func(o *erasure.Options) { o.Store = struct{ erasure.Eraser }{o.Store} },
		"cannot be record": func(o *erasure.Options) { o.PrincipalRef = "somebody@example.org" },
	} {
		w := newWorld(t)
		change(&w.options)
		_, err := erasure.New(w.options)
		require.ErrorIs(t, err, erasure.ErrConfig, name)
		assert.ErrorContains(t, err, name)
		assert.NotContains(t, err.Error(), "example.org")
	}
}

func TestRowsContextAndBusyEndARun(t *testing.T) {
	w := newWorld(t)
	w.due(30)
	broken := errors.New("connection lost")
	report, err := w.executor().Execute(t.Context(), func(yield func(retention.Row, error) bool) {
		for row := range w.store.all() {
			if row.Key == "due-015" {
				yield(retention.Row{}, broken)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	})
	assert.ErrorIs(t, err, broken)
	assert.EqualValues(t, 10, report.Done.Rows(), "what was done is reported")
	assert.EqualValues(t, 10, recorded(w.events()))

	ctx, cancel := context.WithCancel(t.Context())
	w.store.carry = func(ctx context.Context, o erasure.Order, honest func(erasure.Task)) (n int, err error) {
		for task := range o.Rows() {
			if n == 4 {
				cancel()
			}
			if ctx.Err() != nil {
				return n, ctx.Err()
			}
			honest(task)
			n++
		}
		return n, nil
	}
	report, err = w.executor().Execute(ctx, w.store.all())
	assert.ErrorIs(t, err, context.Canceled)
	assert.EqualValues(t, 4, report.Done.Rows())
	assert.EqualValues(t, 14, recorded(w.events()), "on record though the caller has gone")
	assert.Zero(t, w.open())
	w.store.carry = nil

	x := w.executor()
	_, err = x.Execute(t.Context(), func(yield func(retention.Row, error) bool) {
		_, busy := x.Execute(t.Context(), w.store.all())
		assert.ErrorIs(t, busy, erasure.ErrBusy)
	})
	require.NoError(t, err)
	report, err = w.execute()
	require.NoError(t, err)
	assert.EqualValues(t, 16, report.Done.Rows())
}

func TestPanicsOfTheCallersPartsAreErrors(t *testing.T) {
	for name, bend := range map[string]func(*world){
		"rows":     func(*world) {},
		"progress": func(w *world) { w.options.Progress = func(erasure.Progress) { panic("010190-1234") } },
		"clock": func(w *world) {
			n := 0
			w.options.Clock = func() time.Time {
				if n++; n > 4 {
					panic("010190-1234")
				}
				return now
			}
		},
	} {
		w := newWorld(t)
		w.due(25)
		bend(w)
		x := w.executor()
		report, err := x.Execute(t.Context(), func(yield func(retention.Row, error) bool) {
			for row := range w.store.all() {
				if name == "rows" && row.Key == "due-015" {
					panic("010190-1234")
				}
				if !yield(row, nil) {
					return
				}
			}
		})
		require.ErrorIs(t, err, erasure.ErrPanic, name)
		assert.NotContains(t, err.Error(), "1234")
		w.options.Clock, w.options.Progress = func() time.Time { return now }, nil
		again, err := w.execute()
		require.NoError(t, err, name)
		assert.Empty(t, w.store.rows)
		assert.EqualValues(t, 25, recorded(w.events()), name)
		assert.EqualValues(t, 25, report.Done.Rows()+again.Recovered+again.Done.Rows(), name)
	}
}

func TestProgressCountsUp(t *testing.T) {
	w := newWorld(t)
	w.due(35)
	var seen []erasure.Progress
	w.options.Progress = func(p erasure.Progress) { seen = append(seen, p) }
	_, err := w.execute()
	require.NoError(t, err)
	require.Len(t, seen, 5)
	assert.Equal(t, erasure.Progress{Planned: 10, Done: 10, Orders: 1}, seen[0])
	assert.Equal(t, erasure.Progress{Planned: 35, Done: 35, Orders: 4}, seen[4])
}
