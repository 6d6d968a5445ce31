package sqleraser_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/internal/mortal"
	"github.com/purposebound/purposebound/retention/erasure"
	"github.com/purposebound/purposebound/retention/retentionsql"
	"github.com/purposebound/purposebound/retention/retentionsql/sqleraser"
)

// The test binary is also the process that gets killed.
const (
	childDir = "SQLERASER_TEST_DIR"
	childDSN = "SQLERASER_TEST_DSN" // of PostgreSQL; without one, SQLite in the directory
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir, os.Getenv(childDSN)))
	}
	os.Exit(m.Run())
}

// machine is what a process has open.
type machine struct {
	db      *sql.DB
	dialect retentionsql.Dialect
	query   *retentionsql.Query
	store   *sqleraser.Anonymiser
	trail   *filetrail.Trail
	journal *erasure.FileJournal
	ledger  *erasure.Ledger
	x       *erasure.Executor
}

// openMachine opens what it needs; begun is called when an order has been carried out, and when a run has ended.
func openMachine(dir, dsn string, begun func()) (*machine, error) {
	m := &machine{dialect: retentionsql.Postgres}
	driver := "pgx"
	if dsn == "" {
		m.dialect, driver, dsn = retentionsql.SQLite, "sqlite", "file:"+filepath.Join(dir, "rows.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)"
	}
	var errs [4]error
	m.db, errs[0] = sql.Open(driver, dsn)
	m.trail, errs[1] = filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{})
	m.journal, errs[2] = erasure.OpenJournal(filepath.Join(dir, "journal"))
	m.ledger, errs[3] = erasure.OpenLedger(filepath.Join(dir, "ledger"), "contracts", []byte("0123456789abcdef0123456789abcdef"))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	clock := func() time.Time { return now }
	schedule, query, store, err := newStore(m.db, m.dialect, clock)
	if err != nil {
		return nil, err
	}
	m.query, m.store = query, store
	m.x, err = erasure.New(erasure.Options{Schedule: schedule, Store: m.store, Journal: m.journal, Ledger: m.ledger, Trail: m.trail, Clock: clock,
		Progress: func(erasure.Progress) { begun() }, Batch: 10, Anonymity: erasure.Anonymity{Fields: []string{"region"}, Identifying: []string{"contact"}, Group: 2}})
	return m, err
}

func (m *machine) close() error {
	return errors.Join(m.journal.Close(), m.ledger.Close(), m.trail.Close(), m.db.Close())
}

func (m *machine) execute(ctx context.Context) (erasure.Report, error) {
	return m.x.Execute(ctx, m.query.Rows(ctx, m.db, retentionsql.MustErase, retentionsql.InMemory))
}

func child(dir, dsn string) int {
	m, err := openMachine(dir, dsn, sync.OnceFunc(func() { fmt.Println("begun") }))
	if err != nil {
		fmt.Println(err)
		return 3
	}
	if _, err := m.execute(context.Background()); err != nil {
		fmt.Println(err)
		return 4
	}
	fmt.Println("ended")
	return 0
}

// count makes the database count what is done to each row, in the transaction that does it.
func (m *machine) count() error {
	statements := []string{`CREATE TABLE acts (id TEXT NOT NULL)`}
	if m.dialect == retentionsql.SQLite {
		statements = append(statements, `CREATE TRIGGER gone AFTER DELETE ON contracts BEGIN INSERT INTO acts VALUES (old.id); END`,
			`CREATE TRIGGER stored AFTER UPDATE ON contracts BEGIN INSERT INTO acts VALUES (old.id); END`)
	} else {
		statements = append(statements, `CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO acts VALUES (old.id); RETURN NULL; END'`,
			`CREATE TRIGGER acted AFTER DELETE OR UPDATE ON contracts FOR EACH ROW EXECUTE FUNCTION note()`)
	}
	for _, s := range statements {
		if _, err := m.db.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

// fill adds rows: of ten, eight are due, one is held and one has not ended.
func (m *machine) fill(from, n int) error {
	tx, err := m.db.Begin()
	if err != nil {
		return err
	}
	for i := from; i < from+n; i++ {
		ended, hold := any("2028-01-31"), any(nil)
		switch i % 10 {
		case 3:
			ended = nil
		case 7:
			at := now.AddDate(-2, -6, 0)
			if hold = at; m.dialect == retentionsql.SQLite {
				hold = at.UnixMicro()
			}
		}
		if _, err := tx.Exec(`INSERT INTO contracts VALUES ($1, $2, $3, $4, NULL, 'Fyn')`, fmt.Sprintf("c%07d", i),
			[]string{"contract", "contract", "complaint", "statistics"}[i%4], ended, hold); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// killed runs a process and kills it a while after its first order. It reports whether it had ended by itself.
func killed(t *testing.T, dir, dsn string, after time.Duration) (ended bool) {
	t.Helper()
	lines := mortal.Kill(t, after, childDir+"="+dir, childDSN+"="+dsn)
	require.Equal(t, "begun", lines[0])
	for _, line := range lines[1:] {
		require.Equal(t, "ended", line)
	}
	return len(lines) == 2
}

// account is what the database and the trail say was done.
type account struct{ acts, twice, statistics, anonymised, recorded int }

func (m *machine) account(t *testing.T) (a account) {
	one := func(q string) (n int) {
		require.NoError(t, m.db.QueryRow(q).Scan(&n))
		return n
	}
	a.acts, a.twice = one(`SELECT count(*) FROM acts`), one(`SELECT count(*) FROM (SELECT id FROM acts GROUP BY id HAVING count(*) > 1) AS x`)
	a.statistics = one(`SELECT count(*) FROM statistics`)
	orders := map[string]bool{}
	for e, err := range m.trail.Read(t.Context(), 0) {
		require.NoError(t, err)
		if e.Name != audit.RetentionErased {
			continue
		}
		require.False(t, orders[e.DecisionID], "an order is recorded twice")
		orders[e.DecisionID] = true
		a.recorded += int(e.N)
		if e.Action == "anonymise" {
			a.anonymised += int(e.N)
		}
	}
	return a
}

// Killed at any moment, and left to the next process: nothing is done twice, what is on record is what was done, what
// remains is there once, and nothing that is due is left behind.
func TestAKilledRunIsResumed(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killRuns(t, "") })
	t.Run("postgres", func(t *testing.T) {
		_, dsn := newPostgres(t)
		killRuns(t, dsn)
	})
}

func killRuns(t *testing.T, dsn string) {
	const rows = 400
	kills, within := 12, 150*time.Millisecond
	switch {
	case os.Getenv("PURPOSEBOUND_NIGHTLY") != "":
		kills = 200
	case testing.Short():
		kills = 4
	}
	dir, filled := t.TempDir(), 0
	open := func() *machine {
		m, err := openMachine(dir, dsn, func() {})
		require.NoError(t, err)
		return m
	}
	more := func(m *machine) {
		require.NoError(t, m.fill(filled, rows))
		filled += rows
	}
	m := open()
	require.NoError(t, create(m.db, m.dialect))
	require.NoError(t, m.count())
	more(m)
	require.NoError(t, m.close())
	before, after := 0, 0 // of open orders: those whose transaction was lost with the process, and those that it had ended
	for n := 0; n < kills || before+after == 0 && n < 10*kills; {
		ended := killed(t, dir, dsn, rand.N(within))
		m := open()
		left, err := m.journal.Open(t.Context())
		require.NoError(t, err)
		_, err = m.x.Resume(t.Context())
		require.NoError(t, err)
		for _, i := range left {
			var acted int
			require.NoError(t, m.db.QueryRow(`SELECT count(*) FROM acts WHERE id = $1`, i.Keys[0]).Scan(&acted))
			before, after = before+1-acted, after+acted
		}
		a := m.account(t)
		require.Zero(t, a.twice, "rows that were changed twice")
		require.Equal(t, a.acts, a.recorded, "what is on record is what was done")
		require.Equal(t, a.statistics, a.anonymised, "what remains is there once")
		if ended {
			more(m) // there must be work to kill
		} else {
			n++
		}
		require.NoError(t, m.close())
	}
	m = open()
	_, err := m.execute(t.Context())
	require.NoError(t, err)
	a := m.account(t)
	assert.Zero(t, a.twice)
	assert.Equal(t, filled*8/10, a.acts, "nothing that is due is left behind, and nothing else has gone")
	assert.Equal(t, a.acts, a.recorded)
	assert.Equal(t, filled*3/20, a.statistics)
	report, err := m.execute(t.Context())
	require.NoError(t, err)
	assert.Zero(t, report.Done.Rows())
	require.NoError(t, m.close())
	t.Logf("%d kills over %d rows: %d orders were open before the database's commit, %d after it", kills, filled, before, after)
	assert.Positive(t, before+after, "some kills must hit an order")
}
