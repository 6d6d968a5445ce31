package sqleraser_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
	"github.com/purposebound/purposebound/retention/retentionsql"
	"github.com/purposebound/purposebound/retention/retentionsql/sqleraser"
)

// A row that the database does not delete undoes the whole order, and is reported; a hold that came in after the plan
// keeps its row alone.
func TestAnOrderIsDoneAsAWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "rows.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer db.Close()
	exec := func(statement string, args ...any) {
		_, err := db.Exec(statement, args...)
		require.NoError(t, err)
	}
	count := func() (n int) {
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM contracts`).Scan(&n))
		return n
	}
	exec(`CREATE TABLE contracts (id TEXT PRIMARY KEY, kind TEXT, ended TEXT, hold_from INTEGER, stored_since INTEGER)`)
	for i := range 10 {
		exec(`INSERT INTO contracts VALUES (?, 'contract', '2028-01-31', NULL, NULL)`, fmt.Sprint("c", i))
	}
	exec(`CREATE TRIGGER stubborn BEFORE DELETE ON contracts WHEN old.id = 'c7' BEGIN SELECT RAISE(IGNORE); END`)
	table := table()
	for i := range table.Uses {
		for _, r := range table.Uses[i].Rules {
			if r.Then == retention.Anonymise {
				r.Then = retention.Erase
			}
		}
	}
	schedule, err := retention.NewSchedule(table)
	require.NoError(t, err)
	q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "contracts", Days: []string{"ended"}}, retentionsql.SQLite, now)
	require.NoError(t, err)
	clock := func() time.Time { return now }
	store, err := sqleraser.New(db, q, clock)
	require.NoError(t, err)
	journal, err := erasure.OpenJournal(filepath.Join(dir, "journal"))
	require.NoError(t, err)
	defer journal.Close()
	ledger, err := erasure.OpenLedger(filepath.Join(dir, "ledger"), "contracts", []byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	defer ledger.Close()
	x, err := erasure.New(erasure.Options{Schedule: schedule, Store: store, Journal: journal, Ledger: ledger, Trail: audittest.NewRecorder(clock), Clock: clock})
	require.NoError(t, err)

	report, err := x.Execute(t.Context(), q.Rows(t.Context(), db, retentionsql.MustErase))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "c7")
	assert.Zero(t, report.Done.Rows())
	assert.Equal(t, 10, count(), "nothing of the order remains done")

	exec(`DROP TRIGGER stubborn`)
	rows := q.Rows(t.Context(), db, retentionsql.MustErase)
	held := false
	report, err = x.Execute(t.Context(), func(yield func(retention.Row, error) bool) {
		for r, err := range rows {
			if !held {
				exec(`UPDATE contracts SET hold_from = ? WHERE id = 'c3'`, now.AddDate(-2, -6, 0).UnixMicro())
				held = true
			}
			if !yield(r, err) {
				return
			}
		}
	})
	require.NoError(t, err)
	assert.EqualValues(t, 9, report.Done.Rows())
	assert.Equal(t, 1, count())
}

func TestAnEraserNeedsAllItsParts(t *testing.T) {
	_, err := sqleraser.New(nil, nil, nil)
	assert.ErrorIs(t, err, sqleraser.ErrStore)
	_, err = sqleraser.NewAnonymiser(nil, sqleraser.Remains{})
	assert.ErrorIs(t, err, sqleraser.ErrStore)
}

// The transaction of a process that died may still be ending on the server: a look waits for it, or what it does would
// come after an answer that says that nothing was done.
func TestALookWaitsForWhoIsStillChangingARow(t *testing.T) {
	db, _ := newPostgres(t)
	require.NoError(t, create(db, retentionsql.Postgres))
	_, err := db.Exec(`INSERT INTO contracts VALUES ('c1', 'contract', '2028-01-31', NULL, NULL, 'Fyn')`)
	require.NoError(t, err)
	_, _, store, err := newStore(db, retentionsql.Postgres, func() time.Time { return now })
	require.NoError(t, err)
	dying, err := db.Begin()
	require.NoError(t, err)
	var server int
	require.NoError(t, dying.QueryRow(`SELECT pg_backend_pid()`).Scan(&server))
	_, err = dying.Exec(`DELETE FROM contracts WHERE id = 'c1'`)
	require.NoError(t, err)

	var rows []retention.Row
	looked := make(chan error, 1)
	go func() {
		var err error
		rows, err = store.Look(t.Context(), []string{"c1"})
		looked <- err
	}()
	waits := func() (n int) {
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`, server).Scan(&n))
		return n
	}
	for len(looked) == 0 && waits() == 0 {
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, dying.Commit())
	require.NoError(t, <-looked)
	assert.Empty(t, rows)
}
