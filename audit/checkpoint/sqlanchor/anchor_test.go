package sqlanchor_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/checkpoint/anchortest"
	"github.com/purposebound/purposebound/audit/checkpoint/sqlanchor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const origin = "acme.example/audit/leasing"

// place is an empty database.
type place struct {
	driver, dsn string
	open        func(context.Context, *sql.DB, ...sqlanchor.Option) (*sqlanchor.Anchor, error)
}

var kinds = map[string]func(testing.TB) place{
	"sqlite": func(t testing.TB) place {
		return place{"sqlite", filepath.Join(t.TempDir(), "anchor.db"), sqlanchor.OpenSQLite}
	},
	"postgres": newPostgres,
}

// newPostgres makes a schema of its own, dropped at the end.
func newPostgres(t testing.TB) place {
	server := os.Getenv("PURPOSEBOUND_POSTGRES")
	if server == "" {
		server = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
	}
	db, err := sql.Open("pgx", server)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no PostgreSQL server answers")
		t.Skip("no PostgreSQL server answers at PURPOSEBOUND_POSTGRES or 127.0.0.1:5432")
	}
	schema := "anchor_" + strings.ToLower(rand.Text())
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
	return place{"pgx", u.String(), sqlanchor.OpenPostgres}
}

func (p place) pool(t testing.TB) *sql.DB {
	db, err := sql.Open(p.driver, p.dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(8)
	t.Cleanup(func() {
		assert.Zero(t, db.Stats().InUse, "connections kept")
		assert.NoError(t, db.Close())
	})
	return db
}

func (p place) anchor(t testing.TB) *sqlanchor.Anchor {
	a, err := p.open(context.Background(), p.pool(t))
	require.NoError(t, err)
	return a
}

func onEach(t *testing.T, test func(t *testing.T, p place)) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

func sign(t testing.TB, size uint64, seed byte) []byte {
	private, _, err := note.GenerateKey(rand.Reader, origin)
	require.NoError(t, err)
	signer, err := note.NewSigner(private)
	require.NoError(t, err)
	signed, err := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: size, Root: audit.Hash{seed}}}.Sign(signer)
	require.NoError(t, err)
	return signed
}

func TestDatabasesAreAnchors(t *testing.T) {
	for name, make := range kinds {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				make(t) // skips once, not in every case
			}
			anchortest.TestAnchor(t, func(t *testing.T) checkpoint.Anchor { return make(t).anchor(t) })
		})
	}
}

func TestTwoPoolsKeepInOneTable(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		a, b := p.anchor(t), p.anchor(t)
		first := sign(t, 5, 1)
		require.NoError(t, a.Keep(t.Context(), first))
		require.NoError(t, b.Keep(t.Context(), first))
		assert.ErrorIs(t, b.Keep(t.Context(), sign(t, 4, 1)), checkpoint.ErrForked)
		got, err := b.Latest(t.Context(), origin)
		require.NoError(t, err)
		assert.Equal(t, first, got)
	})
}

func TestRowsCannotBeChangedOrRemoved(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		a := p.anchor(t)
		require.NoError(t, a.Keep(t.Context(), sign(t, 5, 1)))
		db := p.pool(t)
		for _, harm := range []string{"DELETE FROM audit_anchor", "UPDATE audit_anchor SET size = 4", "DELETE FROM audit_anchor WHERE size = 5"} {
			_, err := db.Exec(harm)
			assert.ErrorContains(t, err, "append-only", harm)
		}
		_, err := db.Exec("DROP TABLE audit_anchor_migrations")
		assert.NoError(t, err, "the control: other statements work")
	})
}

func TestSchemasOfOtherVersionsAreRefused(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		_, err := p.open(t.Context(), db, sqlanchor.WithoutMigration())
		assert.ErrorIs(t, err, sqlanchor.ErrSchema)
		_, err = p.open(t.Context(), db)
		require.NoError(t, err)
		_, err = p.open(t.Context(), db, sqlanchor.WithoutMigration())
		require.NoError(t, err)
		_, err = db.Exec("INSERT INTO audit_anchor_migrations (version) VALUES (99)")
		require.NoError(t, err)
		_, err = p.open(t.Context(), db)
		assert.ErrorIs(t, err, sqlanchor.ErrSchema)
	})
}

func TestADatabaseThatIsGoneFailsWithoutWords(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		a, err := p.open(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, a.Keep(t.Context(), sign(t, 1, 1)))
		_, err = db.Exec("ALTER TABLE audit_anchor RENAME TO canary")
		require.NoError(t, err)
		errs := func() []error {
			_, latest := a.Latest(t.Context(), origin)
			var listed error
			for _, err := range a.List(t.Context(), origin) {
				listed = err
			}
			return []error{a.Keep(t.Context(), sign(t, 2, 1)), latest, listed}
		}
		failed := errs()
		require.NoError(t, db.Close())
		for _, err := range append(failed, errs()...) {
			require.ErrorIs(t, err, sqlanchor.ErrDatabase)
			assert.NotContains(t, err.Error(), "audit_anchor")
			assert.False(t, errors.Is(err, checkpoint.ErrForked))
		}
	})
}
