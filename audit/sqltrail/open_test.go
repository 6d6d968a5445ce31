package sqltrail_test

import (
	"context"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

func TestUnsafeSQLiteIsRefused(t *testing.T) {
	for name, dsn := range map[string]string{
		"synchronous off": "?_pragma=synchronous(0)", "synchronous normal": "?_pragma=synchronous(1)", "in memory": ":memory:",
	} {
		t.Run(name, func(t *testing.T) {
			p := newSQLite(t)
			if p.dsn = p.dsn + dsn; dsn == ":memory:" {
				p.dsn = dsn
			}
			db := p.pool(t)
			db.SetMaxOpenConns(1)
			_, err := p.open(t.Context(), db, sqltrail.Options{})
			require.ErrorIs(t, err, sqltrail.ErrUnsafe)
		})
	}
	p := newSQLite(t)
	p.dsn += "?_pragma=synchronous(3)"
	p.trail(t, sqltrail.Options{})
}

// A pool makes connections, and a program sets pragmas: each commit looks again.
func TestSQLiteThatBecomesUnsafeIsRefused(t *testing.T) {
	p := newSQLite(t)
	db := p.pool(t)
	db.SetMaxOpenConns(1)
	trail := p.trailOn(t, db, sqltrail.Options{})
	_, err := db.Exec("PRAGMA synchronous = NORMAL")
	require.NoError(t, err)
	require.ErrorIs(t, trail.Append(t.Context(), samples(0, 1)), sqltrail.ErrUnsafe)
	_, err = db.Exec("PRAGMA synchronous = FULL")
	require.NoError(t, err)
	require.NoError(t, trail.Append(t.Context(), samples(1, 1)))
	require.NoError(t, trail.Close())
	assert.Len(t, count(p.whole(t)), 1)
}

func TestUnloggedTablesAreRefused(t *testing.T) {
	p := newPostgres(t)
	require.NoError(t, p.trail(t, sqltrail.Options{}).Close())
	p.exec(t, "ALTER TABLE audit_refs SET UNLOGGED")
	_, err := p.open(t.Context(), p.pool(t), sqltrail.Options{})
	require.ErrorIs(t, err, sqltrail.ErrUnsafe)
}

// What the trail commits is synchronous also where the default is not. The control: other transactions are not.
func TestPostgresCommitsDurablyWhereTheDefaultIsLaxer(t *testing.T) {
	p := newPostgres(t)
	p.trail(t, sqltrail.Options{})
	p.dsn += "&synchronous_commit=off"
	db := p.pool(t)
	trail := p.trailOn(t, db, sqltrail.Options{})
	p.exec(t, "CREATE TABLE seen (setting TEXT)", `CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END$$`,
		"CREATE TRIGGER see AFTER INSERT ON audit_lines FOR EACH ROW EXECUTE FUNCTION see()")
	require.NoError(t, trail.Append(t.Context(), samples(0, 1)))
	var seen, usual string
	require.NoError(t, db.QueryRow("SELECT setting FROM seen").Scan(&seen))
	require.NoError(t, db.QueryRow("SELECT current_setting('synchronous_commit')").Scan(&usual))
	assert.Equal(t, "on", seen)
	assert.Equal(t, "off", usual)
}

func TestASchemaOfAnotherVersionIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		_, err := p.open(t.Context(), p.pool(t), sqltrail.Options{LeaveSchema: true})
		require.ErrorIs(t, err, sqltrail.ErrSchema, "none yet")
		require.NoError(t, p.trail(t, sqltrail.Options{}).Close())
		p.trail(t, sqltrail.Options{LeaveSchema: true})
		p.exec(t, "INSERT INTO audit_migrations (version) VALUES (99)")
		_, err = p.open(t.Context(), p.pool(t), sqltrail.Options{})
		require.ErrorIs(t, err, sqltrail.ErrSchema, "a newer one")
	})
}

func TestSchemaFilesAreThoseOfCommonTools(t *testing.T) {
	for _, files := range []fs.FS{sqltrail.SQLiteMigrations(), sqltrail.PostgresMigrations()} {
		names, err := fs.Glob(files, "*")
		require.NoError(t, err)
		for _, name := range names {
			assert.Regexp(t, `^\d{4}_[a-z]+\.up\.sql$`, name)
		}
		assert.NotEmpty(t, names)
	}
}

func TestManyOpenAtOnceAndMigrateOnce(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		var wg sync.WaitGroup
		for range 6 {
			db := p.pool(t)
			wg.Go(func() {
				trail, err := p.open(context.Background(), db, sqltrail.Options{})
				if assert.NoError(t, err) {
					assert.NoError(t, trail.Append(context.Background(), samples(1, 1)))
					assert.NoError(t, trail.Close())
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 6, count(p.whole(t))[decisionID(1)])
	})
}

func TestBadOptionsAreRefused(t *testing.T) {
	p := newSQLite(t)
	for _, o := range []sqltrail.Options{{QueueEvents: -1}, {QueueBytes: -1}, {Patience: -1}, {Stream: "Not A Stream"}, {Stream: "canary@example.com"}} {
		_, err := p.open(t.Context(), p.pool(t), o)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "canary")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.open(ended, p.pool(t), sqltrail.Options{})
	require.ErrorIs(t, err, context.Canceled)
	trail := p.trail(t, sqltrail.Options{QueueEvents: 2})
	require.ErrorIs(t, trail.Append(t.Context(), samples(0, 3)), audit.ErrFull)
}

func TestAPoolOfOneConnectionIsEnough(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		db.SetMaxOpenConns(1)
		trail := p.trailOn(t, db, sqltrail.Options{})
		require.NoError(t, trail.Append(t.Context(), samples(0, 400)))
		n := 0
		for e, err := range trail.Read(t.Context(), 1) {
			require.NoError(t, err)
			if n++; n%100 == 0 { // a reader may append
				require.NoError(t, trail.Append(t.Context(), samples(int(e.Seq)+1000, 1)))
			}
		}
		assert.Equal(t, 401, n)
		rep, err := trail.Verify(t.Context(), audit.Check{})
		require.NoError(t, err)
		assert.Equal(t, audit.Consistent, rep.Verdict)
		require.NoError(t, trail.Close())
		n64, err := p.trailOn(t, db, sqltrail.Options{Clock: later}).Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		assert.Greater(t, n64, uint64(400))
	})
}
