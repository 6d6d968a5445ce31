package sqlledger

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Ledger is a basis.Ledger over a database. It is safe for concurrent use, by any number of processes
// on the same database.
type Ledger struct {
	db      *sql.DB
	schema  *sqlstore.Schema
	heads   *sql.Stmt // asks for the head of a person's history; nil in PostgreSQL, where drivers keep statements, or must not
	vocab   *basis.Vocabulary
	now     func() time.Time
	cache   cache
	migrate bool
	closed  atomic.Bool
}

var _ interface {
	basis.Ledger
	basis.Recorder
	basis.History
	basis.Eraser
	io.Closer
} = (*Ledger)(nil)

// Option sets up a Ledger.
type Option func(*Ledger)

// WithClock takes the time from now instead of time.Now.
func WithClock(now func() time.Time) Option { return func(l *Ledger) { l.now = now } }

// WithCache keeps the histories of up to so many people in memory, 10,000 unless told. Whether one is
// current is asked of the database at every read, so the cache saves folding, never asking.
func WithCache(people int) Option { return func(l *Ledger) { l.cache.limit = people } }

// WithoutMigration leaves the schema as it is: opening fails unless it is current.
func WithoutMigration() Option { return func(l *Ledger) { l.migrate = false } }

// OpenSQLite opens the ledger in a SQLite database and brings its schema up to date.
func OpenSQLite(ctx context.Context, db *sql.DB, vocab basis.Vocabulary, options ...Option) (*Ledger, error) {
	return open(ctx, db, schema(sqlstore.SQLite), vocab, options)
}

// OpenPostgres opens the ledger in a PostgreSQL database and brings its schema up to date.
func OpenPostgres(ctx context.Context, db *sql.DB, vocab basis.Vocabulary, options ...Option) (*Ledger, error) {
	return open(ctx, db, schema(sqlstore.Postgres), vocab, options)
}

func open(ctx context.Context, db *sql.DB, schema *sqlstore.Schema, vocab basis.Vocabulary, options []Option) (*Ledger, error) {
	l := &Ledger{db: db, schema: schema, vocab: &vocab, now: time.Now, migrate: true}
	l.cache.limit = 10_000
	for _, o := range options {
		o(l)
	}
	if err := prepare(ctx, schema, db, l.migrate); err != nil {
		return nil, err
	}
	if schema.Dialect == sqlstore.SQLite {
		var err error
		if l.heads, err = db.PrepareContext(ctx, headQuery); err != nil {
			return nil, failure(ctx, "read", err)
		}
	}
	return l, nil
}

// Close ends all use of the ledger; the database stays open.
func (l *Ledger) Close() error {
	l.closed.Store(true)
	l.cache.clear()
	if l.heads != nil {
		_ = l.heads.Close() // it fails only where the database is gone
	}
	return nil
}

func (l *Ledger) usable(ctx context.Context) error {
	if l.closed.Load() {
		return basis.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", basis.ErrUnavailable, err)
	}
	return nil
}
