package sqltrail

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/purposebound/purposebound/internal/sqlstore"
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
	return s.conn.ExecContext(ctx, s.Bind(query), args...)
}

func (s session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, s.Bind(query), args...)
}

func (s session) row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, s.Bind(query), args...)
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
		return sqlstore.Patiently(ctx, func() error {
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
func (st store) query(ctx context.Context, op, query string, args ...any) (*sql.Rows, error) {
	rows, err := st.Ask(ctx, st.db, query, args...)
	return rows, failure(ctx, op, err)
}

// guard turns a panic, which only the caller's driver or clock can raise, into an error that does not repeat what it says.
func guard(f func() error) error { return sqlstore.Guard(errPanic, f) }
