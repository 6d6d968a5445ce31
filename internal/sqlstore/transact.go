package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strconv"
	"time"
)

// Patience with a database that is busy, and with one that does not answer a commit.
const (
	BusyTimeout   = 10 * time.Second
	commitTimeout = 10 * time.Second
)

// ErrNothing makes [Schema.Transact] end without effect and without an error.
var ErrNothing = errors.New("sqlstore: nothing to do")

// Session is a connection that takes question marks for placeholders.
type Session struct {
	*Schema
	Conn *sql.Conn
}

func (s Session) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.Conn.ExecContext(ctx, s.Bind(query), args...)
}

// Do is [Session.Exec] where nobody asks for the result.
func (s Session) Do(ctx context.Context, query string, args ...any) error {
	_, err := s.Exec(ctx, query, args...)
	return err
}

func (s Session) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.Conn.QueryContext(ctx, s.Bind(query), args...)
}

func (s Session) Row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.Conn.QueryRowContext(ctx, s.Bind(query), args...)
}

// Alone keeps others of the store out until the transaction ends. In SQLite, those of [Schema.Transact] are alone anyway.
func (s Session) Alone(ctx context.Context) error {
	if s.Dialect == SQLite {
		return nil
	}
	return s.Do(ctx, "SELECT pg_advisory_xact_lock(?)", s.Lock)
}

// settings go before every transaction in SQLite, for pools make connections as they like.
var settings = [...]string{
	"PRAGMA busy_timeout = " + strconv.FormatInt(BusyTimeout.Milliseconds(), 10),
	"PRAGMA synchronous = FULL",
	"PRAGMA secure_delete = ON",
}

// Transact runs work in a transaction that is committed iff work returns nil. The commit itself is not cut short by ctx, so
// that its outcome is known whenever the database answers. Errors are the driver's, and may quote values.
func (s *Schema) Transact(ctx context.Context, db *sql.DB, work func(Session) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	session := Session{s, conn}
	if err := session.begin(ctx); err != nil {
		return err
	}
	if s.Dialect == Postgres {
		err = session.Do(ctx, KeepCommits)
	}
	if err == nil {
		err = work(session)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err == nil {
		if err = session.Do(end, "COMMIT"); err == nil {
			return nil
		}
	}
	if session.Do(end, "ROLLBACK") != nil {
		session.discard()
	}
	if errors.Is(err, ErrNothing) {
		return nil
	}
	return err
}

func (s Session) begin(ctx context.Context) error {
	begin := "BEGIN ISOLATION LEVEL READ COMMITTED"
	if s.Dialect == SQLite {
		begin = "BEGIN IMMEDIATE"
		for _, setting := range settings {
			if err := s.Do(ctx, setting); err != nil {
				return err
			}
		}
	}
	err := s.Do(ctx, begin)
	if err != nil {
		s.discard()
	}
	return err
}

// discard keeps a connection whose transaction may be open from being used again.
func (s Session) discard() {
	_ = s.Conn.Raw(func(any) error { return driver.ErrBadConn })
}

// Ask runs a query on any connection, patiently.
func (s *Schema) Ask(ctx context.Context, db *sql.DB, query string, args ...any) (rows *sql.Rows, err error) {
	err = Patiently(ctx, func() error {
		rows, err = db.QueryContext(ctx, s.Bind(query), args...)
		return err
	})
	return rows, err
}

// WriteAhead switches a SQLite database to write-ahead logging, and returns the mode that it is in then.
func WriteAhead(ctx context.Context, db *sql.DB) (mode string, err error) {
	err = Patiently(ctx, func() error { return db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode) })
	return mode, err
}
