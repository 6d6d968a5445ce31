package index

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
)

//go:embed schema.sql
var schema string

// version of the schema.
const version = 1

// settings of every connection before it is used.
var settings = []string{"PRAGMA busy_timeout = 10000", "PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON"}

// commitTimeout bounds a commit, which the end of the caller's context does not cut short.
const commitTimeout = 10 * time.Second

// failure is one of the database, without its words, which may quote what it was given.
type failure struct{ op string }

func (f *failure) Error() string { return "index: " + f.op + ": the database failed" }
func (f *failure) Unwrap() error { return ErrDatabase }

// failed hides what a database says, and lets errors of this package and of the context through.
func failed(ctx context.Context, op string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errOwn):
		return err
	}
	return &failure{op}
}

// errOwn marks errors that say nothing that came from a database.
var errOwn = errors.New("index")

type ownError struct{ text string }

func (e *ownError) Error() string        { return "index: " + e.text }
func (e *ownError) Is(target error) bool { return target == errOwn }

// transact runs work in a transaction, which is committed iff work returns nil.
func (x *Index) transact(ctx context.Context, op, begin string, work func(*sql.Conn) error) error {
	conn, err := x.db.Conn(ctx)
	if err != nil {
		return failed(ctx, op, err)
	}
	defer conn.Close()
	for _, s := range append(settings[:len(settings):len(settings)], begin) {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			discard(conn) // it may have begun
			return failed(ctx, op, err)
		}
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	done := false
	defer func() {
		if !done { // also when the work panics
			if _, err := conn.ExecContext(end, "ROLLBACK"); err != nil {
				discard(conn)
			}
		}
	}()
	if err = work(conn); err != nil {
		return failed(ctx, op, err)
	}
	if _, err = conn.ExecContext(end, "COMMIT"); err != nil {
		return failed(ctx, op, err)
	}
	done = true
	return nil
}

const (
	reading = "BEGIN"
	writing = "BEGIN IMMEDIATE"
)

// discard keeps a connection whose transaction may be open from being used again.
func discard(conn *sql.Conn) { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }

// prepare makes the tables where there are none.
func (x *Index) prepare(ctx context.Context) error {
	return x.transact(ctx, "open", writing, func(conn *sql.Conn) error {
		for _, s := range strings.Split(schema, ";\n") {
			if s = strings.TrimSpace(s); s != "" {
				if _, err := conn.ExecContext(ctx, s); err != nil {
					return err
				}
			}
		}
		var have int
		if err := conn.QueryRowContext(ctx, "SELECT version FROM index_meta").Scan(&have); err != nil {
			return err
		}
		if have != version {
			return ErrSchema
		}
		return nil
	})
}

// at returns the last event that the index has.
func at(ctx context.Context, conn *sql.Conn) (h audit.Head, err error) {
	var hash []byte
	err = conn.QueryRowContext(ctx, "SELECT stream, seq, hash FROM index_meta").Scan(&h.Stream, &h.Seq, &hash)
	if err == nil && h.Seq > 0 {
		if len(hash) != len(h.Hash) {
			return h, ErrDamaged
		}
		h.Hash = audit.Hash(hash)
	}
	return h, err
}

// events returns what a query for lines finds.
func events(ctx context.Context, conn *sql.Conn, query string, args ...any) (out []audit.Event, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var line []byte
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return nil, ErrDamaged
		}
		out = append(out, e)
	}
	return out, rows.Err()
}
