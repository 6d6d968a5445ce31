package sqlanchor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/internal/sqlstore"
)

// Anchor keeps checkpoints in a table. It is safe for concurrent use, by any number of processes.
type Anchor struct {
	db     *sql.DB
	schema *sqlstore.Schema
}

var _ checkpoint.Anchor = (*Anchor)(nil)

// Option sets up an Anchor.
type Option func(*settings)

type settings struct{ migrate bool }

// WithoutMigration leaves the schema as it is: opening fails unless it is current. It is for accounts that may not
// create tables.
func WithoutMigration() Option { return func(s *settings) { s.migrate = false } }

// OpenSQLite opens the anchor in a SQLite database and brings its schema up to date.
func OpenSQLite(ctx context.Context, db *sql.DB, options ...Option) (*Anchor, error) {
	return open(ctx, db, schema(sqlstore.SQLite), options)
}

// OpenPostgres opens the anchor in a PostgreSQL database and brings its schema up to date.
func OpenPostgres(ctx context.Context, db *sql.DB, options ...Option) (*Anchor, error) {
	return open(ctx, db, schema(sqlstore.Postgres), options)
}

func open(ctx context.Context, db *sql.DB, schema *sqlstore.Schema, options []Option) (*Anchor, error) {
	s := settings{migrate: true}
	for _, o := range options {
		o(&s)
	}
	if err := prepare(ctx, schema, db, s.migrate); err != nil {
		return nil, err
	}
	return &Anchor{db, schema}, nil
}

// Keep implements [checkpoint.Anchor].
func (a *Anchor) Keep(ctx context.Context, signed []byte) error {
	c, err := checkpoint.Unverified(signed)
	if err != nil {
		return err
	}
	return transact(ctx, a.schema, a.db, "keep", func(s session) error {
		if err := s.Alone(ctx); err != nil {
			return err
		}
		latest, err := s.latest(ctx, c.Origin)
		if err != nil && !errors.Is(err, checkpoint.ErrNone) {
			return err
		}
		if _, isNew, err := checkpoint.Admit(latest, signed); err != nil || !isNew {
			return err
		}
		return s.Do(ctx, "INSERT INTO audit_anchor (origin, size, note) VALUES (?, ?, ?)", c.Origin, int64(c.Size), signed)
	})
}

// Latest implements [checkpoint.Anchor].
func (a *Anchor) Latest(ctx context.Context, origin string) ([]byte, error) {
	conn, err := a.db.Conn(ctx)
	if err != nil {
		return nil, failure(ctx, "read", err)
	}
	defer conn.Close()
	signed, err := session{sqlstore.Session{Schema: a.schema, Conn: conn}}.latest(ctx, origin)
	return signed, failure(ctx, "read", err)
}

func (s session) latest(ctx context.Context, origin string) (signed []byte, err error) {
	err = s.Row(ctx, "SELECT note FROM audit_anchor WHERE origin = ? ORDER BY size DESC LIMIT 1", origin).Scan(&signed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, checkpoint.ErrNone
	}
	return signed, err
}

// List implements [checkpoint.Anchor].
func (a *Anchor) List(ctx context.Context, origin string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rows, err := a.db.QueryContext(ctx, a.schema.Bind("SELECT note FROM audit_anchor WHERE origin = ? ORDER BY size"), origin)
		if err != nil {
			yield(nil, failure(ctx, "read", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var signed []byte
			if err := rows.Scan(&signed); err != nil {
				yield(nil, failure(ctx, "read", err))
				return
			}
			if !yield(signed, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, failure(ctx, "read", err))
		}
	}
}

// ErrDatabase is behind every failure of the database.
var ErrDatabase = errors.New("sqlanchor: the database failed")

// failure keeps the operation and the code of an error of the driver; those of package checkpoint pass.
func failure(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{checkpoint.ErrForked, checkpoint.ErrMalformed, checkpoint.ErrNone, ErrDatabase} {
		if errors.Is(err, known) {
			return err
		}
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %s: %w", ErrDatabase, op, ended)
	}
	return fmt.Errorf("%w: %s: %s", ErrDatabase, op, sqlstore.Code(err))
}
