package erasure_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/retention/erasure"
)

var errEngine = errors.New(`duplicate key value "010190-1234"`)

// Whatever the store does: what is recorded is what is gone, an error says so, and the next run does the rest.
func TestBadStoresAreReportedAndResumable(t *testing.T) {
	type carry = func(ctx context.Context, o erasure.Order, honest func(erasure.Task)) (int, error)
	some := func(o erasure.Order, most int, honest func(erasure.Task)) (n int) {
		for task := range o.Rows() {
			if n == most {
				break
			}
			honest(task)
			n++
		}
		return n
	}
	for _, c := range []struct {
		name  string
		carry carry
		is    error
		code  string
		gone  int // of the first order of ten rows
	}{
		{"fails before", func(context.Context, erasure.Order, func(erasure.Task)) (int, error) { return 0, errEngine }, erasure.ErrStore, "erasure.store-failed", 0},
		{"fails half-way", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			return some(o, 4, h), errEngine
		}, erasure.ErrStore, "erasure.store-failed", 4},
		{"fails after", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			return some(o, 10, h), errEngine
		}, erasure.ErrStore, "erasure.store-failed", 10},
		{"panics half-way", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			some(o, 4, h)
			panic("010190-1234")
		}, erasure.ErrPanic, "erasure.panic", 4},
		{"claims what it did not do", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			some(o, 4, h)
			return 10, nil
		}, erasure.ErrLied, "erasure.lied", 4},
		{"claims less than it did", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			some(o, 10, h)
			return 3, nil
		}, erasure.ErrLied, "erasure.lied", 10},
		{"claims a negative number", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			return -some(o, 10, h), nil
		}, erasure.ErrLied, "erasure.lied", 10},
		{"leaves rows without a reason", func(_ context.Context, o erasure.Order, h func(erasure.Task)) (int, error) { return some(o, 7, h), nil }, erasure.ErrStore, "erasure.store-failed", 7},
		{"ends with its context", func(ctx context.Context, o erasure.Order, h func(erasure.Task)) (int, error) {
			n := some(o, 2, h)
			<-ctx.Done()
			return n, ctx.Err()
		}, context.DeadlineExceeded, "erasure.store-failed", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			w := newWorld(t)
			w.due(10)
			if c.name == "ends with its context" {
				w.options.Timeout = 200 * time.Millisecond
			}
			w.store.carry = c.carry
			report, err := w.execute()
			require.ErrorIs(t, err, c.is)
			assert.NotContains(t, err.Error(), "1234", "no error says what an engine said")
			assert.EqualValues(t, c.gone, report.Done.Rows())
			assert.EqualValues(t, c.gone, recorded(w.events()), "nothing is recorded that was not done, and nothing done is not")
			assert.EqualValues(t, 10-c.gone, report.Failed)
			assert.Equal(t, 10-c.gone, len(w.store.rows))
			assert.Zero(t, w.open())
			require.Len(t, report.Failures, 1)
			f := report.Failures[0]
			assert.Equal(t, c.code, f.Code)
			assert.Equal(t, c.gone, f.Verified)
			assert.Equal(t, w.events()[0].DecisionID, f.Batch)
			if c.gone == 0 {
				assert.Equal(t, audit.Failed, w.events()[0].Outcome)
			}

			w.store.carry, w.options.Timeout = nil, 0
			report, err = w.execute()
			require.NoError(t, err)
			assert.EqualValues(t, 10-c.gone, report.Done.Rows())
			assert.EqualValues(t, 10, recorded(w.events()))
			assert.Empty(t, w.store.rows)
			for key, n := range w.store.acts {
				assert.Equal(t, 1, n, key)
			}
		})
	}
}

// A store that hangs is left behind, its order is void, and what it did meanwhile is found later.
func TestAHangingStoreIsLeftBehind(t *testing.T) {
	defer goleak.VerifyNone(t)
	w := newWorld(t)
	w.due(10)
	w.options.Timeout = 200 * time.Millisecond
	release, gone := make(chan struct{}), make(chan int, 1)
	w.store.carry = func(_ context.Context, o erasure.Order, honest func(erasure.Task)) (n int, err error) {
		for task := range o.Rows() {
			if n == 3 {
				<-release
			}
			honest(task)
			n++
		}
		gone <- n
		return n, nil
	}
	x := w.executor()
	report, err := x.Execute(t.Context(), w.store.all())
	require.ErrorIs(t, err, erasure.ErrHung)
	assert.EqualValues(t, 10, report.Unsettled)
	assert.Zero(t, report.Done.Rows())
	assert.Empty(t, w.events(), "nobody knows yet")
	assert.Equal(t, 1, w.open())
	_, err = x.Execute(t.Context(), w.store.all())
	require.ErrorIs(t, err, erasure.ErrHung, "not while the call may still act")

	close(release)
	assert.Equal(t, 4, <-gone, "the row that it was at, and none after the order ended")
	w.store.carry = nil
	require.Eventually(t, func() bool {
		report, err = x.Execute(t.Context(), w.store.all())
		return err == nil
	}, 30*time.Second, time.Millisecond)
	assert.EqualValues(t, 4, report.Recovered)
	assert.EqualValues(t, 6, report.Done.Rows())
	assert.EqualValues(t, 10, recorded(w.events()))
}

func TestFailingLooksEndTheRunOrTheBatch(t *testing.T) {
	w := newWorld(t)
	w.due(30)
	calls := 0
	w.store.looks = func(context.Context, []string) error {
		if calls++; calls == 1 {
			return errEngine
		}
		return nil
	}
	report, err := w.execute()
	require.ErrorIs(t, err, erasure.ErrStore)
	assert.EqualValues(t, 20, report.Done.Rows(), "the other batches went on")
	assert.EqualValues(t, 10, report.Failed)

	w.due(30)
	w.store.looks = func(context.Context, []string) error { panic("x") }
	report, err = w.execute()
	require.ErrorIs(t, err, erasure.ErrPanic)
	assert.Len(t, report.Failures, 3, "three in a row end it")

	// The order was carried out, and nobody can see it: it stays open.
	calls = 0
	w.store.looks = func(context.Context, []string) error {
		if calls++; calls > 1 {
			return errEngine
		}
		return nil
	}
	before := recorded(w.events())
	w.options.Failures = 1
	report, err = w.execute()
	require.ErrorIs(t, err, erasure.ErrStore)
	assert.EqualValues(t, 10, report.Unsettled)
	assert.Equal(t, 1, w.open())
	assert.Equal(t, before, recorded(w.events()))
	w.store.looks = nil
	report, err = w.executor().Resume(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 10, report.Recovered)
	assert.Equal(t, before+10, recorded(w.events()))
}

func TestAStoreThatOverstepsIsStopped(t *testing.T) {
	w := newWorld(t)
	w.due(20)
	rows := w.store.all()
	w.store.set("due-003", holdFrom, day("2020-02-01"))
	w.store.carry = func(_ context.Context, o erasure.Order, honest func(erasure.Task)) (n int, err error) {
		for task := range o.Rows() {
			honest(task)
			n++
		}
		delete(w.store.rows, "due-003")
		return n, nil
	}
	report, err := w.executor().Execute(t.Context(), rows)
	require.ErrorIs(t, err, erasure.ErrOverreach)
	assert.EqualValues(t, 9, report.Done.Rows())
	assert.EqualValues(t, 9, recorded(w.events()))
	assert.Len(t, w.store.rows, 10, "the run ended there")
}

// Before the trail has it, nothing is closed; afterwards nothing is recorded twice.
func TestAFailingTrailLeavesTheOrderOpen(t *testing.T) {
	for name, after := range map[string]bool{"not appended": false, "appended, and nobody said so": true} {
		w := newWorld(t)
		w.due(10)
		trail := &unreliable{Recorder: w.trail, after: after, fail: 1}
		w.options.Trail = trail
		report, err := w.execute()
		require.ErrorIs(t, err, erasure.ErrRecord, name)
		assert.EqualValues(t, 10, report.Unsettled, name)
		assert.Equal(t, 1, w.open(), name)
		report, err = w.execute()
		require.NoError(t, err, name)
		assert.EqualValues(t, 10, report.Recovered, name)
		assert.EqualValues(t, 10, recorded(w.events()), name)
		assert.Zero(t, w.open(), name)
	}

	w := newWorld(t)
	w.due(10)
	require.NoError(t, w.trail.Close())
	w.options.Trail = &headless{w.trail}
	_, err := w.execute()
	require.ErrorIs(t, err, erasure.ErrRecord)
	assert.Len(t, w.store.rows, 10, "no trail, no erasure")
}

func TestAFailingJournalErasesNothing(t *testing.T) {
	w := newWorld(t)
	w.due(10)
	w.options.Journal = failingJournal{}
	_, err := w.execute()
	require.ErrorIs(t, err, erasure.ErrRecord)
	assert.Len(t, w.store.rows, 10)
	assert.Empty(t, w.events())
	assert.False(t, strings.Contains(err.Error(), "1234"))
}

// Journals, ledgers and trails of another table stay alone.
func TestIntentsOfAnotherTableStayOpen(t *testing.T) {
	w := newWorld(t)
	w.due(1)
	require.NoError(t, w.journal.Begin(t.Context(), erasure.Intent{Batch: "00000000000000000000000001", Table: "others", Keys: []string{"due-000"}}))
	report, err := w.execute()
	require.NoError(t, err)
	assert.Zero(t, report.Recovered)
	assert.EqualValues(t, 1, report.Done.Rows())
	assert.Equal(t, 1, w.open())
}
