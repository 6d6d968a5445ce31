package sqltrail_test

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

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// place is an empty database of one kind that several pools, also of other processes, can open.
type place struct {
	kind, driver, dsn string
}

// kinds of databases; each test runs on all.
var kinds = map[string]func(testing.TB) place{"sqlite": newSQLite, "postgres": newPostgres}

func newSQLite(t testing.TB) place {
	return place{"sqlite", "sqlite", filepath.Join(t.TempDir(), "trail.db")}
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
	schema := "trail_" + strings.ToLower(rand.Text())
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

func (p place) open(ctx context.Context, db *sql.DB, opts sqltrail.Options) (*sqltrail.Trail, error) {
	if p.kind == "sqlite" {
		return sqltrail.OpenSQLite(ctx, db, opts)
	}
	return sqltrail.OpenPostgres(ctx, db, opts)
}

func (p place) verify(t testing.TB, db *sql.DB) audit.Report {
	t.Helper()
	f := sqltrail.VerifyPostgres
	if p.kind == "sqlite" {
		f = sqltrail.VerifySQLite
	}
	rep, err := f(context.Background(), db, audit.Check{})
	require.NoError(t, err)
	return rep
}

func (p place) trail(t testing.TB, opts sqltrail.Options) *sqltrail.Trail {
	t.Helper()
	return p.trailOn(t, p.pool(t), opts)
}

func (p place) trailOn(t testing.TB, db *sql.DB, opts sqltrail.Options) *sqltrail.Trail {
	t.Helper()
	trail, err := p.open(context.Background(), db, opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = trail.Close() })
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

// sample is a permitted read of an everyday size; n can be read back.
func sample(n int) audit.Event {
	return audit.Event{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, Action: "read", Reason: "basis.held",
		PrincipalRef: audit.Principal.Alias([16]byte{1, byte(n % 3)}), PrincipalRoles: []string{"billing"},
		DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{2, byte(n % 5)})},
		Fields:          []string{"Name", "Address.City", "IBAN"},
		Categories:      []string{"contact.name", "contact.address", "finance.iban"},
		Purpose:         "fx.contract_service", Basis: "gdpr:6-1-b", Activity: "fx.service", NoticeVersion: "2024-03-26",
		Clause: "FX-2.3.1", RetentionRule: "fx.ret.customer", DecisionID: decisionID(n), PolicyEngine: "cel",
		PolicyDigest: "sha256:" + strings.Repeat("ab", 32), RegisterDigest: "sha256:" + strings.Repeat("0f", 32),
	}
}

func decisionID(n int) string { return fmt.Sprintf("%032x", n) }

func samples(from, n int) []audit.Event {
	out := make([]audit.Event, n)
	for i := range out {
		out[i] = sample(from + i)
	}
	return out
}

// all reads a trail back.
func all(t testing.TB, trail audit.Reader) (events []audit.Event) {
	t.Helper()
	for e, err := range trail.Read(context.Background(), 1) {
		require.NoError(t, err)
		events = append(events, e)
	}
	return events
}

// whole wants a trail without fault or gap, and returns its events.
func (p place) whole(t testing.TB) []audit.Event {
	t.Helper()
	db, err := sql.Open(p.driver, p.dsn)
	require.NoError(t, err)
	defer db.Close()
	rep := p.verify(t, db)
	require.Equal(t, audit.Consistent, rep.Verdict, "%+v", rep)
	trail, err := p.open(context.Background(), db, sqltrail.Options{})
	require.NoError(t, err)
	defer trail.Close()
	events := all(t, trail)
	// There is trail.opened besides, and what a server that lost its client still commits.
	require.Greater(t, len(events), int(rep.Head.Seq))
	require.EqualValues(t, len(events), events[len(events)-1].Seq)
	return events
}

func (p place) exec(t testing.TB, statements ...string) {
	t.Helper()
	db := p.pool(t)
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
}

// unlock takes the triggers away, as an owner can.
func (p place) unlock(t testing.TB) {
	t.Helper()
	if p.kind == "postgres" {
		p.exec(t, "ALTER TABLE audit_head DISABLE TRIGGER ALL", "ALTER TABLE audit_lines DISABLE TRIGGER ALL",
			"ALTER TABLE audit_refs DISABLE TRIGGER ALL", "ALTER TABLE audit_prunes DISABLE TRIGGER ALL")
		return
	}
	db := p.pool(t)
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'trigger'")
	require.NoError(t, err)
	var names []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	for _, name := range names {
		_, err := db.Exec("DROP TRIGGER " + name)
		require.NoError(t, err)
	}
}

func nightly(normal, long int) int {
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		return long
	}
	return normal
}
