package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

const first = `-- +goose Up
-- what it is; with a semicolon
CREATE TABLE things (name TEXT);
-- +goose StatementBegin
CREATE TRIGGER kept BEFORE UPDATE ON things
BEGIN SELECT RAISE(ABORT, 'kept'); END;
-- +goose StatementEnd
CREATE TABLE versions (version INTEGER NOT NULL);
INSERT INTO versions (version) VALUES (1);
`

func schemaOf(files ...string) *Schema {
	dir := fstest.MapFS{}
	for i, text := range files {
		dir[fmt.Sprintf("migrations/sqlite/%04d_x.up.sql", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return &Schema{Dir: dir, Table: "versions"}
}

func database(t *testing.T) *sql.DB {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "db"))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func migrate(t *testing.T, s *Schema, db *sql.DB, may bool) (changed bool, err error) {
	err = s.Transact(t.Context(), db, func(session Session) error {
		changed, err = session.Migrate(t.Context(), may)
		return err
	})
	return changed, err
}

func TestMigrationsRunOnceAndInOrder(t *testing.T) {
	db := database(t)
	_, err := migrate(t, schemaOf(first), db, false)
	require.ErrorIs(t, err, ErrVersion, "nothing is there, and nothing may be made")
	changed, err := migrate(t, schemaOf(first), db, true)
	require.NoError(t, err)
	assert.True(t, changed)
	changed, err = migrate(t, schemaOf(first), db, true)
	require.NoError(t, err)
	assert.False(t, changed)

	second := schemaOf(first, "ALTER TABLE things ADD COLUMN size INTEGER;\nINSERT INTO versions (version) VALUES (2);\n")
	_, err = migrate(t, second, db, false)
	require.ErrorIs(t, err, ErrVersion)
	changed, err = migrate(t, second, db, true)
	require.NoError(t, err)
	assert.True(t, changed)
	_, err = migrate(t, schemaOf(first), db, true)
	require.ErrorIs(t, err, ErrVersion, "a newer schema is not for older files")
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	db := database(t)
	_, err := migrate(t, schemaOf(first+"CREATE TABLE things (name TEXT);\n"), db, true)
	require.Error(t, err)
	changed, err := migrate(t, schemaOf(first), db, true)
	require.NoError(t, err)
	assert.True(t, changed)
}

func TestStatementsAreSplitAtLinesThatEndWithASemicolon(t *testing.T) {
	assert.Equal(t, []string{
		"CREATE TABLE things (name TEXT);",
		"CREATE TRIGGER kept BEFORE UPDATE ON things\nBEGIN SELECT RAISE(ABORT, 'kept'); END;",
		"CREATE TABLE versions (version INTEGER NOT NULL);",
		"INSERT INTO versions (version) VALUES (1);",
	}, statements(first))
}

func TestPlaceholdersOfTheDialect(t *testing.T) {
	query := "SELECT a FROM b WHERE c IN (" + Marks(2) + ") AND (d, e) IN (" + Tuples(2, 2) + ")"
	assert.Equal(t, "SELECT a FROM b WHERE c IN (?, ?) AND (d, e) IN ((?, ?), (?, ?))", (&Schema{}).Bind(query))
	assert.Equal(t, "SELECT a FROM b WHERE c IN ($1, $2) AND (d, e) IN (($3, $4), ($5, $6))", (&Schema{Dialect: Postgres}).Bind(query))
}

// What failed, what was refused and what had nothing to do leaves no trace, and no open transaction.
func TestATransactionIsCommittedIffItsWorkSucceeds(t *testing.T) {
	db, s := database(t), schemaOf(first)
	_, err := migrate(t, s, db, true)
	require.NoError(t, err)
	refused := errors.New("refused")
	for _, c := range []struct{ err, want error }{{refused, refused}, {ErrNothing, nil}, {nil, nil}} {
		err := s.Transact(t.Context(), db, func(session Session) error {
			require.NoError(t, session.Do(t.Context(), "INSERT INTO things (name) VALUES (?)", "x"))
			return c.err
		})
		require.ErrorIs(t, err, c.want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Transact(ctx, db, func(session Session) error {
		defer cancel()
		return session.Do(ctx, "INSERT INTO things (name) VALUES (?)", "committed although its caller left")
	})
	require.NoError(t, err)
	rows, err := s.Ask(t.Context(), db, "SELECT count(*) FROM things")
	require.NoError(t, err)
	var n int
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&n))
	require.NoError(t, rows.Close())
	assert.Equal(t, 2, n)
	mode, err := WriteAhead(t.Context(), db)
	require.NoError(t, err, "no transaction is open")
	assert.Equal(t, "wal", mode)
}

type state string

func (s state) Error() string    { return "values: 4711" }
func (s state) SQLState() string { return string(s) }

type result int

func (r result) Error() string { return "values: 4711" }
func (r result) Code() int     { return int(r) }

func TestCodesTellNoValue(t *testing.T) {
	for want, err := range map[string]error{
		"40001": state("40001"), "SQLITE 517": result(517), CodeConnection: driver.ErrBadConn, "failed": errors.New("values: 4711"),
	} {
		assert.Equal(t, want, Code(fmt.Errorf("deeper: %w", err)))
	}
	for code, passing := range map[string]bool{"40001": true, "08006": true, "SQLITE 5": true, "SQLITE 517": true, CodeConnection: true, "23505": false, "SQLITE 13": false} {
		assert.Equal(t, passing, Passing(code), code)
	}
}

func TestOnlyABusyDatabaseIsAskedAgain(t *testing.T) {
	n := 0
	require.NoError(t, Patiently(t.Context(), func() error {
		if n++; n < 3 {
			return result(5 | 1<<8)
		}
		return nil
	}))
	assert.Equal(t, 3, n)
	n = 0
	require.ErrorIs(t, Patiently(t.Context(), func() error { n++; return result(13) }), result(13))
	assert.Equal(t, 1, n)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, Patiently(ctx, func() error { return result(5) }), context.DeadlineExceeded)
	panicked := errors.New("panicked")
	require.ErrorIs(t, Guard(panicked, func() error { panic("values: 4711") }), panicked)
	require.NoError(t, Guard(panicked, func() error { return nil }))
}
