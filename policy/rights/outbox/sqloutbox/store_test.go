package sqloutbox_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/policy/rights/outbox"
	"github.com/purposebound/purposebound/policy/rights/outbox/outboxtest"
	"github.com/purposebound/purposebound/policy/rights/outbox/sqloutbox"
	"github.com/purposebound/purposebound/purpose"
)

// place is an empty database of one kind that several pools can open.
type place struct{ kind, driver, dsn string }

// kinds of databases; each test runs on all.
var kinds = map[string]func(testing.TB) place{"sqlite": newSQLite, "postgres": newPostgres}

func newSQLite(t testing.TB) place {
	return place{"sqlite", "sqlite", filepath.Join(t.TempDir(), "outbox.db")}
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
	schema := "outbox_" + strings.ToLower(rand.Text())
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

func (p place) open(ctx context.Context, db *sql.DB, options ...sqloutbox.Option) (*sqloutbox.Store, error) {
	if p.kind == "sqlite" {
		return sqloutbox.OpenSQLite(ctx, db, options...)
	}
	return sqloutbox.OpenPostgres(ctx, db, options...)
}

func (p place) store(t testing.TB) *sqloutbox.Store {
	t.Helper()
	s, err := p.open(context.Background(), p.pool(t))
	require.NoError(t, err)
	return s
}

// onEach runs a test on every kind of database.
func onEach(t *testing.T, test func(t *testing.T, p place)) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

func TestStoresConform(t *testing.T) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) {
			make(t) // skips where there is no server
			outboxtest.TestStore(t, func() (outbox.Store, error) {
				p := make(t)
				return p.open(context.Background(), p.pool(t))
			})
		})
	}
}

var start = time.Date(2024, 1, 10, 9, 0, 0, 0, time.UTC)

const anna = "anna-4711-canary"

func aCase(id string) outbox.Case {
	return outbox.Case{ID: id, DataSubject: anna, Kind: purpose.ErasureRight, OpenedAt: start}
}

func notice(c outbox.Case, recipient string) outbox.Notice {
	return outbox.Notice{ID: c.ID + "-" + recipient, Case: c.ID, DataSubject: c.DataSubject, Kind: c.Kind, Recipient: recipient, State: outbox.Pending, Next: start, CreatedAt: start, ChangedAt: start}
}

// A process that dies with notices under its lease loses none: another one, with a pool of its own, has them after the lease.
func TestWhatADeadProcessClaimedIsClaimedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		first := p.store(t)
		c := aCase("c1")
		require.NoError(t, first.Open(t.Context(), c, []outbox.Notice{notice(c, "bank"), notice(c, "desk")}))
		dying, err := sql.Open(p.driver, p.dsn)
		require.NoError(t, err)
		dead, err := p.open(t.Context(), dying)
		require.NoError(t, err)
		claimed, err := dead.Claim(t.Context(), start, time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, claimed, 2)
		require.NoError(t, dying.Close())
		again := p.store(t)
		claimed, err = again.Claim(t.Context(), start.Add(59*time.Second), time.Minute, 10)
		require.NoError(t, err)
		assert.Empty(t, claimed)
		claimed, err = again.Claim(t.Context(), start.Add(time.Minute), time.Minute, 10)
		require.NoError(t, err)
		require.Len(t, claimed, 2)
		assert.Equal(t, 2, claimed[0].Attempts)
	})
}

func TestManyPoolsMigrateAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		var done sync.WaitGroup
		for range 8 {
			db := p.pool(t)
			done.Go(func() {
				_, err := p.open(context.Background(), db)
				assert.NoError(t, err)
			})
		}
		done.Wait()
		_, err := p.open(t.Context(), p.pool(t), sqloutbox.WithoutMigration())
		assert.NoError(t, err)
	})
}

func TestASchemaOfAnotherVersionIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		_, err := p.open(t.Context(), p.pool(t), sqloutbox.WithoutMigration())
		require.ErrorIs(t, err, sqloutbox.ErrSchema)
		p.store(t)
		db := p.pool(t)
		_, err = db.Exec("INSERT INTO outbox_migrations (version) VALUES (99)")
		require.NoError(t, err)
		_, err = p.open(t.Context(), db)
		assert.ErrorIs(t, err, sqloutbox.ErrSchema)
	})
}

func TestForgettingLeavesWhatIsOpenedMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		s, other := p.store(t), p.store(t)
		for i := range 20 {
			c, late := aCase(fmt.Sprint("c", i)), aCase(fmt.Sprint("late", i))
			n := notice(c, "bank")
			require.NoError(t, s.Open(t.Context(), c, []outbox.Notice{n}))
			n.Revision, n.State, n.Next = 1, outbox.Sent, time.Time{}
			require.NoError(t, s.Settle(t.Context(), n))
			var done sync.WaitGroup
			done.Go(func() {
				if _, err := s.Forget(context.Background(), anna); err != nil {
					assert.ErrorIs(t, err, outbox.ErrOpen)
				}
			})
			done.Go(func() {
				assert.NoError(t, other.Open(context.Background(), late, []outbox.Notice{notice(late, "bank")}))
			})
			done.Go(func() { assert.NoError(t, other.Open(context.Background(), c, []outbox.Notice{notice(c, "desk")})) })
			done.Wait()
			for _, id := range []string{late.ID + "-bank", c.ID + "-desk"} {
				n, err := s.Get(t.Context(), id)
				require.NoError(t, err, "an open notice was forgotten")
				n.State, n.Next = outbox.Sent, time.Time{}
				require.NoError(t, s.Settle(t.Context(), n))
			}
			_, err := s.Forget(t.Context(), anna)
			require.NoError(t, err)
		}
	})
}

func TestFailuresOfTheDatabaseQuoteNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		s := p.store(t)
		c := aCase("c1")
		require.NoError(t, s.Open(t.Context(), c, []outbox.Notice{notice(c, "bank")}))
		db := p.pool(t)
		_, err := db.Exec("UPDATE outbox_notices SET categories = 'canary'")
		require.NoError(t, err)
		_, err = s.OfCase(t.Context(), "c1")
		require.ErrorIs(t, err, outbox.ErrUnavailable)
		assert.NotContains(t, err.Error(), "canary")
		_, err = db.Exec("UPDATE outbox_notices SET categories = '[]', state = 'canary'")
		require.NoError(t, err)
		_, err = s.OfPerson(t.Context(), anna)
		require.ErrorIs(t, err, outbox.ErrUnavailable)
		assert.NotContains(t, err.Error(), "canary")
		_, err = db.Exec("DROP TABLE outbox_notices")
		require.NoError(t, err)
		for _, err := range []error{
			s.Open(t.Context(), c, []outbox.Notice{notice(c, "bank")}), s.Settle(t.Context(), notice(c, "bank")),
			second(s.Claim(t.Context(), start, time.Minute, 1)), second(s.Get(t.Context(), "x")), second(s.OfPerson(t.Context(), anna)), second(s.Forget(t.Context(), anna)),
		} {
			var e *sqloutbox.Error
			require.ErrorAs(t, err, &e)
			assert.ErrorIs(t, err, outbox.ErrUnavailable)
			assert.NotEmpty(t, e.Code)
			assert.NotContains(t, err.Error(), "canary")
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestOpeningNeedsItsParts(t *testing.T) {
	_, err := sqloutbox.OpenSQLite(t.Context(), nil)
	assert.Error(t, err)
	p := newSQLite(t)
	_, err = sqloutbox.OpenSQLite(t.Context(), p.pool(t), nil)
	assert.Error(t, err)
	closed, err := sql.Open(p.driver, p.dsn)
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	_, err = sqloutbox.OpenSQLite(t.Context(), closed)
	assert.True(t, errors.Is(err, outbox.ErrUnavailable))
}

func TestMigrationsAreThereToRead(t *testing.T) {
	for _, files := range []fs.FS{sqloutbox.SQLiteMigrations(), sqloutbox.PostgresMigrations()} {
		list, err := fs.Glob(files, "*.up.sql")
		require.NoError(t, err)
		assert.Len(t, list, 1)
	}
}
