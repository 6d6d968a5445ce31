package aliastable_test

import (
	"context"
	"crypto/rand"
	"database/sql"
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

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// place is an empty database of one kind that several pools, also of other processes, can open.
type place struct {
	kind, driver, dsn string
}

// kinds of databases; each test runs on all.
var kinds = map[string]func(testing.TB) place{"sqlite": newSQLite, "postgres": newPostgres}

func newSQLite(t testing.TB) place {
	return place{"sqlite", "sqlite", filepath.Join(t.TempDir(), "aliases.db")}
}

// newPostgres makes a schema of its own, dropped at the end.
func newPostgres(t testing.TB) place {
	t.Helper()
	server := os.Getenv("PURPOSEBOUND_POSTGRES")
	if server == "" {
		server = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
	}
	db, err := sql.Open("pgx", server)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no PostgreSQL server answers")
		t.Skip("no PostgreSQL server answers at PURPOSEBOUND_POSTGRES or 127.0.0.1:5432")
	}
	schema := "alias_" + strings.ToLower(rand.Text())
	_, err = db.Exec("CREATE SCHEMA " + schema)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.Exec("DROP SCHEMA " + schema + " CASCADE")
		assert.NoError(t, err)
		assert.NoError(t, db.Close())
	})
	u, err := url.Parse(server)
	require.NoError(t, err)
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return place{"postgres", "pgx", u.String()}
}

// pool opens the place, and checks at the end that no connection was kept.
func (p place) pool(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(p.driver, p.dsn)
	require.NoError(t, err)
	return watched(t, db)
}

func watched(t testing.TB, db *sql.DB) *sql.DB {
	db.SetMaxOpenConns(6)
	t.Cleanup(func() {
		assert.Zero(t, db.Stats().InUse, "connections kept")
		assert.NoError(t, db.Close())
	})
	return db
}

func (p place) open(ctx context.Context, db *sql.DB, keys audit.KeySource, trail audit.Trail, opts aliastable.Options) (*aliastable.Table, error) {
	if p.kind == "sqlite" {
		return aliastable.OpenSQLite(ctx, db, keys, trail, opts)
	}
	return aliastable.OpenPostgres(ctx, db, keys, trail, opts)
}

// table is a table that does not really wait at the end of an erasure.
func (p place) table(t testing.TB, keys audit.KeySource, trail audit.Trail) *aliastable.Table {
	t.Helper()
	if trail == nil {
		trail = audittest.NewRecorder(nil)
	}
	table, err := p.open(context.Background(), p.pool(t), keys, trail, aliastable.Options{}.Waiting(func(time.Duration) {}))
	require.NoError(t, err)
	return table
}

// trail is a durable trail in the same database.
func (p place) trail(t testing.TB) *sqltrail.Trail {
	t.Helper()
	open := sqltrail.OpenPostgres
	if p.kind == "sqlite" {
		open = sqltrail.OpenSQLite
	}
	trail, err := open(context.Background(), p.pool(t), sqltrail.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, trail.Close()) })
	return trail
}

// onEach runs a test on every kind of database.
func onEach(t *testing.T, test func(t *testing.T, p place)) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make(t))
		})
	}
}

func key(t testing.TB, epoch, letter string) audit.Key {
	t.Helper()
	k, err := audit.NewKey(epoch, []byte(strings.Repeat(letter, audit.MinKey)))
	require.NoError(t, err)
	return k
}

func keys(t testing.TB) *audit.Keys {
	t.Helper()
	k, err := audit.NewKeys(key(t, "2026", "k"))
	require.NoError(t, err)
	return k
}

func alias(t testing.TB, p audit.Pseudonymizer, id string) string {
	t.Helper()
	a, err := p.Alias(context.Background(), audit.DataSubject, id)
	require.NoError(t, err)
	return a
}

// rows counts what a query finds.
func (p place) rows(t testing.TB, query string) (n int) {
	t.Helper()
	require.NoError(t, p.pool(t).QueryRow(query).Scan(&n))
	return n
}

func nightly(normal, long int) int {
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		return long
	}
	return normal
}
