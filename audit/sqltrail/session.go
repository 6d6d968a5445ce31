package sqltrail

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"
)

// store is a database of one dialect.
type store struct {
	*dialect
	db       *sql.DB
	patience time.Duration // with a database that is not well
}

// session is a connection in a transaction.
type session struct {
	*dialect
	conn *sql.Conn
}

func (s session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.conn.ExecContext(ctx, s.bind(query), args...)
}

func (s session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, s.bind(query), args...)
}

func (s session) row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, s.bind(query), args...)
}

// unsettled is the failure of a commit: whether it took place is not known yet.
type unsettled struct{ error }

func (u unsettled) Unwrap() error { return u.error }

// errNothing makes a transaction end without effect and without an error.
var errNothing = errors.New("sqltrail: nothing to do")

// transact runs work in a transaction that is committed iff work returns nil. The error is unsettled if the commit
// failed; all others mean that nothing was changed. The commit has a time of its own, so that the end of ctx does not
// cut it short.
func (st store) transact(ctx context.Context, op string, work func(session) error) error {
	conn, err := st.db.Conn(ctx)
	if err != nil {
		return failure(ctx, op, err)
	}
	s := session{st.dialect, conn}
	err = guard(func() error {
		return patiently(ctx, func() error {
			_, err := s.exec(ctx, st.begin)
			return err
		})
	})
	if err != nil {
		s.discard(err)
		return failure(ctx, op, err)
	}
	err = guard(func() error { return work(s) })
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), st.patience)
	defer cancel()
	if err == nil {
		if err = guard(func() error { _, err := s.exec(end, "COMMIT"); return err }); err == nil {
			_ = conn.Close()
			return nil
		}
		s.discard(err)
		return unsettled{failure(end, op, err)}
	}
	if errors.Is(err, errPanic) {
		s.discard(err)
	} else if failed := guard(func() error { _, err := s.exec(end, "ROLLBACK"); return err }); failed != nil {
		s.discard(failed)
	} else {
		_ = conn.Close()
	}
	if errors.Is(err, errNothing) {
		return nil
	}
	return failure(ctx, op, err)
}

// discard keeps a connection whose transaction may be open from being used again. One whose driver panicked cannot be
// given back, for package sql holds its lock: it is closed beneath, so that the database ends the transaction.
func (s session) discard(err error) {
	if errors.Is(err, errPanic) {
		_ = guard(func() error {
			return s.conn.Raw(func(c any) error {
				if c, ok := c.(driver.Conn); ok {
					_ = c.Close()
				}
				return nil
			})
		})
		return
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

// query asks on any connection.
func (st store) query(ctx context.Context, op, query string, args ...any) (rows *sql.Rows, err error) {
	err = patiently(ctx, func() error {
		rows, err = st.db.QueryContext(ctx, st.bind(query), args...)
		return err
	})
	return rows, failure(ctx, op, err)
}

// patiently repeats what SQLite did not do because somebody else was at work, until ctx ends.
func patiently(ctx context.Context, do func() error) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 20*time.Millisecond) {
		err := do()
		if err == nil || !busy(err) {
			return err
		}
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
}

// pause waits for half to the whole of d, and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d/2 + rand.N(d/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// guard turns a panic, which only the caller's driver or clock can raise, into an error that does not repeat what it says.
func guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return f()
}
