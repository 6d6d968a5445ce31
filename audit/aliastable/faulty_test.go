package aliastable_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var errInjected = errors.New("injected canary")

// mode is how a statement fails.
type mode string

const (
	before mode = "before" // it does not reach the database
	after  mode = "after"  // it takes effect, and its answer is lost
	cut    mode = "cut"    // it takes effect, its answer is lost, and so is the connection
	lost   mode = "lost"   // the connection is lost before
	panics mode = "panics"
)

// faulty is a driver that fails at one statement, or at all from there on.
type faulty struct {
	under driver.Driver
	dsn   string

	mu      sync.Mutex
	mode    mode
	at      int                    // counts down; fails when it reaches 0
	ever    bool                   // and at all from then on
	only    string                 // counts statements that begin so
	happens func(statement string) // before it fails
	hits    int
	trace   []string
}

// faultyPool opens the place through a driver with faults.
func (p place) faultyPool(t testing.TB) (*sql.DB, *faulty) {
	t.Helper()
	f := &faulty{}
	return watched(t, f.pool(t, p)), f
}

func (f *faulty) pool(t testing.TB, p place) *sql.DB {
	t.Helper()
	db, err := sql.Open(p.driver, p.dsn)
	require.NoError(t, err)
	f.under, f.dsn = db.Driver(), p.dsn
	require.NoError(t, db.Close())
	return sql.OpenDB(f)
}

func (f *faulty) Connect(context.Context) (driver.Conn, error) {
	c, err := f.under.Open(f.dsn)
	if err != nil {
		return nil, err
	}
	return &faultyConn{c, f, false}, nil
}

func (f *faulty) Driver() driver.Driver { return f.under }

func (f *faulty) set(m mode, at int, only string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mode, f.at, f.only, f.ever, f.hits, f.trace, f.happens = m, at, only, false, 0, nil, nil
}

func (f *faulty) fired() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hits
}

// next counts a statement and says how it fails, if so.
func (f *faulty) next(statement string) mode {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trace = append(f.trace, strings.Fields(statement)[0])
	if f.mode == "" || !strings.HasPrefix(statement, f.only) {
		return ""
	}
	if f.at--; f.at == 0 || f.ever && f.at < 0 {
		f.hits++
		if f.happens != nil {
			f.happens(statement)
		}
		return f.mode
	}
	return ""
}

type faultyConn struct {
	driver.Conn
	f    *faulty
	dead bool
}

func (c *faultyConn) run(statement string, do func() error, undo func()) error {
	if c.dead {
		return driver.ErrBadConn
	}
	switch m := c.f.next(statement); m {
	case before:
		return errInjected
	case lost:
		c.dead = true
		_ = c.Conn.Close()
		return errInjected
	case after, cut:
		if err := do(); err != nil {
			return err
		}
		undo()
		if m == cut {
			c.dead = true
			_ = c.Conn.Close()
		}
		return errInjected
	case panics:
		panic("canary")
	}
	return do()
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (res driver.Result, err error) {
	err = c.run(query, func() error {
		res, err = c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
		return err
	}, func() {})
	if err != nil {
		return nil, err
	}
	return res, nil
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.run(query, func() error {
		rows, err = c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
		return err
	}, func() { _ = rows.Close() })
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (c *faultyConn) Close() error {
	if c.dead {
		return nil
	}
	return c.Conn.Close()
}

func (c *faultyConn) IsValid() bool { return !c.dead }

func (c *faultyConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}
