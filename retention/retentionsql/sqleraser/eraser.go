package sqleraser

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// ErrStore is what every error wraps. The database's error can be unwrapped; it is not part of the text.
var ErrStore = errors.New("sqleraser: the table could not be changed")

type failure struct {
	op    string
	cause error
}

func (f *failure) Error() string   { return fmt.Sprintf("%v: %s", ErrStore, f.op) }
func (f *failure) Unwrap() []error { return []error{ErrStore, f.cause} }

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &failure{op, err}
}

// endTime is for a transaction to end, also when the caller has gone.
const endTime = 10 * time.Second

// Eraser is a table as an [erasure.Eraser]. It is safe for concurrent use.
type Eraser struct {
	db    *sql.DB
	query *retentionsql.Query
	clock func() time.Time
}

var _ erasure.Eraser = (*Eraser)(nil)

// New makes an eraser of the table that a query is about; the query's instant does not matter. The clock is the
// executor's, and dates what is restricted.
func New(db *sql.DB, q *retentionsql.Query, clock func() time.Time) (*Eraser, error) {
	if db == nil || q == nil || clock == nil {
		return nil, failed("make an eraser", errors.New("no database, query or clock"))
	}
	return &Eraser{db, q, clock}, nil
}

// Look implements [erasure.Eraser]. It waits for a transaction that is changing one of the rows: that of a process that
// died may still be ending on the server, and what it does must not come after the answer.
func (e *Eraser) Look(ctx context.Context, keys []string) (list []retention.Row, err error) {
	lock := ""
	if e.query.Dialect() == retentionsql.Postgres {
		lock = " FOR SHARE OF t"
	}
	for _, k := range keys {
		rows, err := e.query.Look(ctx, e.db, k, lock)
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
	}
	return list, nil
}

// Carry implements [erasure.Eraser]: the order as a whole, or nothing.
func (e *Eraser) Carry(ctx context.Context, o erasure.Order) (int, error) {
	if o.Then() == retention.Anonymise {
		return 0, failed("anonymise", errors.New("not an Anonymiser"))
	}
	return e.transact(ctx, o, func(*sql.Conn, erasure.Task) error { return nil })
}

// transact changes the rows of an order. before is done first for each row.
func (e *Eraser) transact(ctx context.Context, o erasure.Order, before func(*sql.Conn, erasure.Task) error) (n int, err error) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return 0, failed("connect", err)
	}
	defer conn.Close()
	begin, lock := "BEGIN IMMEDIATE", ""
	if e.query.Dialect() == retentionsql.Postgres {
		begin, lock = "BEGIN ISOLATION LEVEL READ COMMITTED", " FOR UPDATE OF t"
	}
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		discard(conn)
		return 0, failed("begin", err)
	}
	ended := false
	defer func() {
		if ended {
			return
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		if _, err := conn.ExecContext(end, "ROLLBACK"); err != nil {
			discard(conn)
		}
	}()
	for task := range o.Rows() {
		did, err := e.change(ctx, conn, o, task, lock, before)
		if err != nil {
			return 0, err
		}
		if did {
			n++
		}
	}
	if err := ctx.Err(); err != nil {
		return 0, failed("change rows", err)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if _, err := conn.ExecContext(end, "COMMIT"); err != nil {
		return 0, failed("commit", err)
	}
	ended = true
	return n, nil
}

// change does one row.
func (e *Eraser) change(ctx context.Context, conn *sql.Conn, o erasure.Order, task erasure.Task, lock string, before func(*sql.Conn, erasure.Task) error) (bool, error) {
	rows, err := e.query.Look(ctx, conn, task.Key, lock)
	if err != nil {
		return false, err
	}
	if len(rows) == 0 || !o.Recheck(rows...) {
		return false, nil
	}
	if len(rows) > 1 {
		return false, failed("change a row", retentionsql.ErrKeys)
	}
	if err := before(conn, task); err != nil {
		return false, err
	}
	var statement retentionsql.Statement
	if o.Then() == retention.Restrict {
		statement, err = e.query.RestrictKey(task.Key, e.clock())
	} else {
		statement, err = e.query.EraseKey(task.Key)
	}
	if err != nil {
		return false, err
	}
	result, err := conn.ExecContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return false, failed("change a row", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return false, failed("change a row", fmt.Errorf("%w: another number of rows", errors.Join(erasure.ErrOverreach, err)))
	}
	return true, nil
}

// discard keeps a connection whose transaction may be open from being used again.
func discard(conn *sql.Conn) { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }
