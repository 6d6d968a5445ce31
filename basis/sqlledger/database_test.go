package sqlledger_test

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

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/ledgertest"
	"github.com/purposebound/purposebound/basis/sqlledger"
)

// place is an empty database of one kind that several pools, also of other processes, can open.
type place struct {
	kind, driver, dsn string
}

// kinds of databases; each test runs on all.
var kinds = map[string]func(testing.TB) place{"sqlite": newSQLite, "postgres": newPostgres}

func newSQLite(t testing.TB) place {
	return place{"sqlite", "sqlite", filepath.Join(t.TempDir(), "ledger.db")}
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
	schema := "basis_" + strings.ToLower(rand.Text())
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
	db.SetMaxOpenConns(10)
	t.Cleanup(func() {
		assert.Zero(t, db.Stats().InUse, "connections kept")
		assert.NoError(t, db.Close())
	})
	return db
}

func (p place) open(ctx context.Context, db *sql.DB, options ...sqlledger.Option) (*sqlledger.Ledger, error) {
	if p.kind == "sqlite" {
		return sqlledger.OpenSQLite(ctx, db, ledgertest.Vocabulary(), options...)
	}
	return sqlledger.OpenPostgres(ctx, db, ledgertest.Vocabulary(), options...)
}

func (p place) ledger(t testing.TB, options ...sqlledger.Option) *sqlledger.Ledger {
	t.Helper()
	l, err := p.open(context.Background(), p.pool(t), options...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	return l
}

// onEach runs a test on every kind of database.
func onEach(t *testing.T, test func(t *testing.T, p place)) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

func consent() basis.Body {
	return basis.ConsentGiven{Scope: "service", Quality: basis.GoodConsent()}
}
func withdrawal() basis.Body { return basis.ConsentWithdrawn{Scope: "service"} }
func called() basis.Body     { return basis.Occurred{Event: "called"} }

func event(who, id string, body basis.Body) basis.Event {
	return basis.Event{ID: id, DataSubject: who, Body: body}
}

func standing(t testing.TB, l basis.Ledger, who string) bool {
	t.Helper()
	s, err := l.StateAt(context.Background(), who, time.Now().Add(time.Hour), time.Time{})
	require.NoError(t, err)
	return s.Consent("service").Status == basis.Standing
}

func history(t testing.TB, l basis.History, who string) (events []basis.Event) {
	t.Helper()
	for e, err := range l.Events(context.Background(), who) {
		require.NoError(t, err)
		events = append(events, e)
	}
	return events
}

func nightly(normal, long int) int {
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		return long
	}
	return normal
}

func number(prefix string, n int) string { return fmt.Sprint(prefix, n) }
