package retentionsql_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
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

	"github.com/purposebound/purposebound/retention/retentionsql"
)

// place is an empty database.
type place struct {
	dialect retentionsql.Dialect
	db      *sql.DB
}

// onEach runs a test on both databases.
func onEach(t *testing.T, test func(t *testing.T, p place)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres(t)) })
}

func newSQLite(t testing.TB) place {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "rows.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.Zero(t, db.Stats().InUse, "connections kept"); assert.NoError(t, db.Close()) })
	return place{retentionsql.SQLite, db}
}

// newPostgres makes a schema of its own, dropped at the end.
func newPostgres(t testing.TB) place {
	t.Helper()
	server := os.Getenv("PURPOSEBOUND_POSTGRES")
	if server == "" {
		server = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
	}
	root, err := sql.Open("pgx", server)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := root.PingContext(ctx); err != nil {
		require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no PostgreSQL server answers")
		t.Skip("no PostgreSQL server answers at PURPOSEBOUND_POSTGRES or 127.0.0.1:5432")
	}
	schema := "retention_" + strings.ToLower(rand.Text())
	_, err = root.Exec("CREATE SCHEMA " + schema)
	require.NoError(t, err)
	u, err := url.Parse(server)
	require.NoError(t, err)
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	db, err := sql.Open("pgx", u.String())
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.Zero(t, db.Stats().InUse, "connections kept")
		assert.NoError(t, db.Close())
		_, err := root.Exec("DROP SCHEMA " + schema + " CASCADE")
		assert.NoError(t, err)
		assert.NoError(t, root.Close())
	})
	return place{retentionsql.Postgres, db}
}

// insert adds rows, many at a time.
func (p place) insert(t testing.TB, table string, columns int, rows [][]any) {
	tx, err := p.db.Begin()
	require.NoError(t, err)
	for from := 0; from < len(rows); {
		n := min(len(rows)-from, 30000/columns)
		var b strings.Builder
		var args []any
		b.WriteString("INSERT INTO " + table + " VALUES ")
		for i, row := range rows[from : from+n] {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(")
			for j, v := range row {
				if j > 0 {
					b.WriteString(", ")
				}
				args = append(args, v)
				if p.dialect == retentionsql.Postgres {
					fmt.Fprintf(&b, "$%d", len(args))
				} else {
					b.WriteString("?")
				}
			}
			b.WriteString(")")
		}
		_, err := tx.Exec(b.String(), args...)
		require.NoError(t, err)
		from += n
	}
	require.NoError(t, tx.Commit())
}

func (p place) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	_, err := p.db.Exec(statement, args...)
	require.NoError(t, err)
}

// numbers runs a select of numbers.
func (p place) numbers(t testing.TB, statement string, args []any) (list []int) {
	t.Helper()
	rows, err := p.db.Query(statement, args...)
	require.NoError(t, err, statement)
	defer rows.Close()
	for rows.Next() {
		var n int
		require.NoError(t, rows.Scan(&n))
		list = append(list, n)
	}
	require.NoError(t, rows.Err())
	return list
}

func nightly() bool { return os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" }

func (p place) keys(t testing.TB, s retentionsql.Statement) (list []string) {
	t.Helper()
	rows, err := p.db.Query(s.SQL, s.Args...)
	require.NoError(t, err, s.SQL)
	defer rows.Close()
	for rows.Next() {
		var k string
		require.NoError(t, rows.Scan(&k))
		list = append(list, k)
	}
	require.NoError(t, rows.Err())
	return list
}
