package erasure_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/internal/mortal"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// The test binary is also the process that gets killed.
const (
	childDir  = "PURPOSEBOUND_TEST_DIR"
	childMode = "PURPOSEBOUND_TEST_MODE"

	childExecutes = "execute"
	childNaive    = "naive" // the control: erases, then records, and remembers nothing
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir, os.Getenv(childMode)))
	}
	os.Exit(m.Run())
}

// machine is what a process has open.
type machine struct {
	base    *base
	trail   *filetrail.Trail
	journal *erasure.FileJournal
	ledger  *erasure.Ledger
	x       *erasure.Executor
}

func openMachine(dir string) (*machine, error) {
	m := &machine{}
	var errs [4]error
	m.base, errs[0] = openBase(dir)
	m.trail, errs[1] = filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{})
	m.journal, errs[2] = erasure.OpenJournal(filepath.Join(dir, "journal"))
	m.ledger, errs[3] = erasure.OpenLedger(filepath.Join(dir, "ledger"), "contracts", secret)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	schedule, err := retention.NewSchedule(table())
	if err != nil {
		return nil, err
	}
	m.x, err = erasure.New(erasure.Options{Schedule: schedule, Store: m.base, Journal: m.journal, Ledger: m.ledger, Trail: m.trail,
		Clock: func() time.Time { return now }, Batch: 10,
		Anonymity: erasure.Anonymity{Fields: []string{"region"}, Identifying: []string{"contact"}, Group: 2}})
	return m, err
}

func (m *machine) close() error {
	return errors.Join(m.journal.Close(), m.ledger.Close(), m.trail.Close(), m.base.db.Close())
}

func child(dir, mode string) int {
	m, err := openMachine(dir)
	if err != nil {
		fmt.Println(err)
		return 3
	}
	fmt.Println("begun")
	if mode == childNaive {
		err = m.naive()
	} else {
		_, err = m.x.Execute(context.Background(), m.base.all(context.Background()))
	}
	if err != nil {
		fmt.Println(err)
		return 4
	}
	fmt.Println("ended")
	return 0
}

// naive is an executor as one writes it first: plan, erase, record.
func (m *machine) naive() error {
	ctx := context.Background()
	schedule, err := retention.NewSchedule(table())
	if err != nil {
		return err
	}
	var keys []string
	ids := audit.NewIDs(nil)
	for item, err := range schedule.Plan(ctx, m.base.all(ctx), now) {
		if err != nil {
			return err
		}
		if !item.Due() || item.Then != retention.Erase {
			continue
		}
		if keys = append(keys, item.Key); len(keys) < 10 {
			continue
		}
		for _, k := range keys {
			if _, err := m.base.db.Exec(`DELETE FROM contracts WHERE id = ?`, k); err != nil {
				return err
			}
		}
		id, err := ids.Next()
		if err != nil {
			return err
		}
		e := audit.Event{Name: audit.RetentionErased, Outcome: audit.Done, N: uint64(len(keys)), RetentionRule: "contract", DecisionID: id}
		if err := m.trail.Append(ctx, []audit.Event{e}); err != nil {
			return err
		}
		keys = nil
	}
	return nil
}

// killed runs a process in dir and kills it a while after it began. It reports whether it had ended by itself.
func killed(t *testing.T, dir, mode string, after time.Duration) (ended bool) {
	t.Helper()
	lines := mortal.Kill(t, after, childDir+"="+dir, childMode+"="+mode)
	require.Equal(t, "begun", lines[0])
	for _, line := range lines[1:] {
		require.Equal(t, "ended", line)
	}
	return len(lines) == 2
}

// facts counts what the store and the trail say.
type facts struct {
	acts, twice, due, kept, statistics int
	recorded                           uint64
	events                             int
}

func (m *machine) facts(t *testing.T) (f facts) {
	one := func(q string) (n int) {
		require.NoError(t, m.base.db.QueryRow(q).Scan(&n))
		return n
	}
	f.acts, f.twice = one(`SELECT count(*) FROM acts`), one(`SELECT count(*) FROM (SELECT id FROM acts GROUP BY id HAVING count(*) > 1)`)
	f.due = one(`SELECT count(*) FROM contracts WHERE ended IS NOT NULL AND hold_from IS NULL AND stored_since IS NULL`)
	f.kept, f.statistics = one(`SELECT count(*) FROM contracts WHERE stored_since IS NULL`), one(`SELECT count(*) FROM statistics`)
	seen := map[string]bool{}
	for e, err := range m.trail.Read(t.Context(), 1) {
		require.NoError(t, err)
		if e.Name == audit.RetentionErased {
			require.False(t, seen[e.DecisionID], "an order is recorded twice")
			seen[e.DecisionID] = true
			f.recorded += e.N
			f.events++
		}
	}
	return f
}

func newMachineDir(t *testing.T, rows int) string {
	dir := t.TempDir()
	b, err := openBase(dir)
	require.NoError(t, err)
	require.NoError(t, b.fill(0, rows))
	require.NoError(t, b.db.Close())
	return dir
}

func nightly() bool { return os.Getenv("PURPOSEBOUND_NIGHTLY") != "" }

// Killed at any moment: nothing is done twice, nothing is on record that was not done, nothing is done that is not on
// record, and nothing that is due is left behind.
func TestAKilledExecutionIsResumed(t *testing.T) {
	kills := 20
	if nightly() {
		kills = 200
	} else if testing.Short() {
		kills = 5
	}
	const rows = 1000
	dir, filled := newMachineDir(t, rows), rows
	open, half := 0, 0
	for n := 0; n < kills || open == 0 && n < 10*kills; {
		if killed(t, dir, childExecutes, time.Duration(rand.Int64N(int64(300*time.Millisecond)))) {
			b, err := openBase(dir) // all done: there must be work to kill
			require.NoError(t, err)
			require.NoError(t, b.fill(filled, rows))
			require.NoError(t, b.db.Close())
			filled += rows
			continue
		}
		n++
		m, err := openMachine(dir)
		require.NoError(t, err)
		if left, err := m.journal.Open(t.Context()); assert.NoError(t, err) && len(left) > 0 {
			open++
			here, err := m.base.Look(t.Context(), left[0].Keys)
			require.NoError(t, err)
			if len(here) > 0 && len(here) < len(left[0].Keys) {
				half++
			}
		}
		_, err = m.x.Resume(t.Context())
		require.NoError(t, err)
		f := m.facts(t)
		require.Zero(t, f.twice, "erased or restricted twice")
		require.EqualValues(t, f.acts, f.recorded, "what is on record is what was done")
		require.NoError(t, m.close())
	}
	m, err := openMachine(dir)
	require.NoError(t, err)
	_, err = m.x.Execute(t.Context(), m.base.all(t.Context()))
	require.NoError(t, err)
	f := m.facts(t)
	assert.Zero(t, f.twice)
	assert.Zero(t, f.due, "nothing that is due is left behind")
	assert.Equal(t, filled*2/10, f.kept, "and nothing else has gone")
	assert.EqualValues(t, f.acts, f.recorded)
	assert.Equal(t, filled*8/10, f.acts)
	open2, err := m.journal.Open(t.Context())
	require.NoError(t, err)
	assert.Empty(t, open2)
	report, err := m.x.Sweep(t.Context(), m.base.all(t.Context()))
	require.NoError(t, err)
	assert.Zero(t, report.Planned.Rows(), "no row that is there is in the ledger")
	assert.GreaterOrEqual(t, m.ledger.Len(), filled*8/10-filled/4)
	require.NoError(t, m.close())
	t.Logf("%d kills over %d rows: %d found an order open, %d of them half done; %d events record %d rows", kills, filled, open, half, f.events, f.recorded)
	assert.Positive(t, open, "some kills must hit an order")
}

// The control: the same accounts do not add up for an executor that has no journal.
func TestTheKillTestFindsAnExecutorWithoutJournal(t *testing.T) {
	for range 40 {
		dir := newMachineDir(t, 1000)
		killed(t, dir, childNaive, 20*time.Millisecond+time.Duration(rand.Int64N(int64(60*time.Millisecond))))
		m, err := openMachine(dir)
		require.NoError(t, err)
		_, err = m.x.Resume(t.Context())
		require.NoError(t, err)
		f := m.facts(t)
		require.NoError(t, m.close())
		if uint64(f.acts) != f.recorded {
			return
		}
	}
	t.Error("40 kills of an executor without journal, and everything on record")
}
