package sqleraser_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
	"github.com/purposebound/purposebound/retention/retentionsql"
	"github.com/purposebound/purposebound/retention/retentionsql/sqleraser"
)

var now = time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)

func table() retention.Table {
	rule := func(key string, then retention.Then) *retention.Rule {
		return &retention.Rule{Key: key, Clause: "5.1", Categories: []string{key}, Anchor: retention.After("ended"), Ceiling: retention.MustPeriod("P1Y"), Then: then}
	}
	return retention.Table{Name: "contracts", Zone: time.UTC,
		Layout: retention.Layout{Key: "id", Category: "kind", Events: []retention.EventColumn{{Event: "ended", Column: "ended"}},
			Holds: []retention.SpanColumns{{From: "hold_from"}}, Restricted: "stored_since"},
		Uses: retention.UsesOf(rule("contract", retention.Erase), rule("complaint", retention.Restrict), rule("statistics", retention.Anonymise))}
}

// A run over a table erases, restricts and anonymises what is due, and nothing else.
func TestARunChangesWhatIsDueAndNothingElse(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "rows.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)")
		require.NoError(t, err)
		defer db.Close()
		aRun(t, db, retentionsql.SQLite)
	})
	t.Run("postgres", func(t *testing.T) {
		db, _ := newPostgres(t)
		aRun(t, db, retentionsql.Postgres)
	})
}

// newPostgres opens a schema of its own, dropped at the end, and says how another process does.
func newPostgres(t *testing.T) (*sql.DB, string) {
	server := os.Getenv("PURPOSEBOUND_POSTGRES")
	if server == "" {
		server = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
	}
	u, err := url.Parse(server)
	require.NoError(t, err)
	schema := "eraser_" + strings.ToLower(rand.Text())
	values := u.Query()
	values.Set("search_path", schema)
	u.RawQuery = values.Encode()
	db, err := sql.Open("pgx", u.String())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no PostgreSQL server answers")
		t.Skip("no PostgreSQL server answers at PURPOSEBOUND_POSTGRES or 127.0.0.1:5432")
	}
	t.Cleanup(func() {
		_, err := db.Exec("DROP SCHEMA " + schema + " CASCADE")
		assert.NoError(t, err)
		assert.NoError(t, db.Close())
	})
	return db, u.String()
}

// newStore is the table of contracts as an eraser.
func newStore(db *sql.DB, dialect retentionsql.Dialect, clock func() time.Time) (*retention.Schedule, *retentionsql.Query, *sqleraser.Anonymiser, error) {
	schedule, err := retention.NewSchedule(table())
	if err != nil {
		return nil, nil, nil, err
	}
	q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "contracts", Days: []string{"ended"}}, dialect, now)
	if err != nil {
		return nil, nil, nil, err
	}
	plain, err := sqleraser.New(db, q, clock)
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := sqleraser.NewAnonymiser(plain, sqleraser.Remains{
		Columns: []sqleraser.Column{{"id", "contact.id"}, {"region", "place"}}, Table: "statistics", Fields: []string{"region"},
		Transform: func(r erasure.Record) ([]erasure.Field, error) { return r.Fields[1:], nil }})
	return schedule, q, store, err
}

// create makes the tables of contracts and of what may remain of them.
func create(db *sql.DB, dialect retentionsql.Dialect) error {
	instant, day := "INTEGER", "TEXT"
	if dialect == retentionsql.Postgres {
		instant, day = "timestamptz", "date"
	}
	_, err := db.Exec(fmt.Sprintf(`CREATE TABLE contracts (id TEXT PRIMARY KEY, kind TEXT, ended %s, hold_from %s, stored_since %[2]s, region TEXT)`, day, instant))
	if err == nil {
		_, err = db.Exec(`CREATE TABLE statistics (region TEXT NOT NULL)`)
	}
	return err
}

func aRun(t *testing.T, db *sql.DB, dialect retentionsql.Dialect) {
	dir := t.TempDir()
	exec := func(statement string, args ...any) {
		_, err := db.Exec(statement, args...)
		require.NoError(t, err)
	}
	require.NoError(t, create(db, dialect))
	for i := range 120 {
		ended, hold := any("2028-01-31"), any(nil)
		switch i % 10 {
		case 3:
			ended = nil
		case 6:
			ended = "2030-01-31" // not yet
		case 7:
			from := now.AddDate(-2, -6, 0)
			if hold = from; dialect == retentionsql.SQLite {
				hold = from.UnixMicro()
			}
		case 8: // malformed
			if ended = "infinity"; dialect == retentionsql.SQLite {
				ended = "31 January 2028"
			}
		}
		exec(`INSERT INTO contracts VALUES ($1, $2, $3, $4, NULL, 'Fyn')`, fmt.Sprintf("c%03d", i), []string{"contract", "complaint", "statistics"}[i%3], ended, hold)
	}
	clock := func() time.Time { return now }
	schedule, q, store, err := newStore(db, dialect, clock)
	require.NoError(t, err)
	journal, err := erasure.OpenJournal(filepath.Join(dir, "journal"))
	require.NoError(t, err)
	ledger, err := erasure.OpenLedger(filepath.Join(dir, "ledger"), "contracts", []byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	x, err := erasure.New(erasure.Options{Schedule: schedule, Store: store, Journal: journal, Ledger: ledger, Trail: audittest.NewRecorder(clock), Clock: clock,
		Batch: 10, Anonymity: erasure.Anonymity{Fields: []string{"region"}, Identifying: []string{"contact"}, Group: 2}})
	require.NoError(t, err)
	run := func(rows iter.Seq2[retention.Row, error]) erasure.Report {
		report, err := x.Execute(context.Background(), rows)
		require.NoError(t, err)
		return report
	}
	report := run(q.Rows(t.Context(), db, retentionsql.MustErase, retentionsql.InMemory))
	count := func(where string) (n int) {
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM `+where).Scan(&n))
		return n
	}
	assert.EqualValues(t, 72, report.Done.Rows())
	assert.Equal(t, 24, count(`contracts WHERE stored_since IS NOT NULL AND kind = 'complaint'`))
	assert.Equal(t, 24, count(`statistics`))
	assert.Equal(t, 120-48, count(`contracts`))
	assert.Equal(t, 48, count(`contracts WHERE ended IS NULL OR ended <> '2028-01-31' OR hold_from IS NOT NULL`), "what is not due stays")
	again := run(q.Rows(t.Context(), db))
	assert.Zero(t, again.Done.Rows(), "nothing is done twice")
	require.NoError(t, journal.Close())
	require.NoError(t, ledger.Close())
}
