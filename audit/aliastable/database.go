package aliastable

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/purposebound/purposebound/internal/sqlstore"
)

//go:embed migrations
var migrations embed.FS

// dialect is what the two databases do differently.
type dialect struct {
	sqlstore.Schema
	begin string
	begun string // first in every transaction, optional
}

var (
	sqlite   = dialect{Schema: schema(sqlstore.SQLite), begin: "BEGIN IMMEDIATE"}
	postgres = dialect{Schema: schema(sqlstore.Postgres), begin: "BEGIN ISOLATION LEVEL READ COMMITTED", begun: sqlstore.KeepCommits}
)

func schema(d sqlstore.Dialect) sqlstore.Schema {
	return sqlstore.Schema{Dialect: d, Dir: migrations, Table: "audit_alias_migrations", Lock: 7310313520414}
}

// SQLiteMigrations are the numbered schema files for SQLite, for those who run them with a tool.
func SQLiteMigrations() fs.FS { return sqlite.Files() }

// PostgresMigrations are the numbered schema files for PostgreSQL.
func PostgresMigrations() fs.FS { return postgres.Files() }

// store is a database of one dialect.
type store struct {
	*dialect
	db *sql.DB
}

// session is a connection in a transaction.
type session struct {
	*dialect
	conn *sql.Conn
}

func (s session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.conn.ExecContext(ctx, s.Bind(query), args...)
}

func (s session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, s.Bind(query), args...)
}

func (s session) row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, s.Bind(query), args...)
}

// errNothing makes a transaction end without effect and without an error.
var errNothing = errors.New("aliastable: nothing to do")

const (
	// patience is how long a database that fails is tried again, if the caller's context lasts.
	patience = 10 * time.Second
	// commitTime is how long a commit that was begun is waited for, whatever the caller's context says.
	commitTime = 10 * time.Second
)

// transact runs work in a transaction that is committed iff work returns nil, and again what failed in passing. After an
// error it may have been committed all the same: work must bear to be done twice.
func (st store) transact(ctx context.Context, op string, work func(session) error) error {
	return again(ctx, op, func() error { return st.once(ctx, work) })
}

// again repeats what failed in passing, for a while.
func again(ctx context.Context, op string, try func() error) error {
	limit, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		err := failure(ctx, op, try())
		if err == nil || !passing(err) || !sqlstore.Pause(limit, wait) {
			return err
		}
	}
}

func (st store) once(ctx context.Context, work func(session) error) error {
	conn, err := st.db.Conn(ctx)
	if err != nil {
		return err
	}
	s := session{st.dialect, conn}
	keep := false
	defer func() {
		if !keep { // its transaction may be open
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
		_ = conn.Close()
	}()
	if st.dialect == &sqlite {
		if err := safeSQLite(ctx, s); err != nil {
			keep = errors.Is(err, ErrUnsafe)
			return err
		}
	}
	err = sqlstore.Patiently(ctx, func() error {
		_, err := s.exec(ctx, st.begin)
		return err
	})
	if err != nil {
		return err
	}
	if st.begun != "" {
		_, err = s.exec(ctx, st.begun)
	}
	if err == nil {
		err = guard(func() error { return work(s) })
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	if err != nil {
		_, failed := s.exec(end, "ROLLBACK")
		keep = failed == nil
		return err
	}
	_, err = s.exec(end, "COMMIT")
	keep = err == nil
	return err
}

// safeSQLite refuses a connection of the caller's pool that would not sync each commit, and makes it overwrite what is
// deleted.
func safeSQLite(ctx context.Context, s session) error {
	var journal, file string
	var synchronous int
	err := s.row(ctx, `SELECT (SELECT journal_mode FROM pragma_journal_mode), (SELECT synchronous FROM pragma_synchronous),
(SELECT coalesce(max(file), '') FROM pragma_database_list WHERE name = 'main')`).Scan(&journal, &synchronous, &file)
	switch {
	case err != nil:
		return err
	case file == "" || journal != "wal" || synchronous < 2:
		return ErrUnsafe
	}
	_, err = s.exec(ctx, "PRAGMA secure_delete = ON")
	return err
}

// query asks on any connection.
func (st store) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return st.Ask(ctx, st.db, query, args...)
}

// guard turns a panic into an error that does not repeat what it says.
func guard(f func() error) error { return sqlstore.Guard(errPanic, f) }
