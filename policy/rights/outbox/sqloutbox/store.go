package sqloutbox

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/internal/sqlstore"
	"github.com/purposebound/purposebound/policy/rights/outbox"
)

// Store is an outbox.Store over a database. It is safe for concurrent use, by any number of processes on the same database.
type Store struct {
	db      *sql.DB
	schema  *sqlstore.Schema
	migrate bool
}

var _ outbox.Store = (*Store)(nil)

// Option sets up a Store.
type Option func(*Store)

// WithoutMigration leaves the schema as it is: opening fails unless it is current.
func WithoutMigration() Option { return func(s *Store) { s.migrate = false } }

// OpenSQLite opens the store in a SQLite database and brings its schema up to date.
func OpenSQLite(ctx context.Context, db *sql.DB, options ...Option) (*Store, error) {
	return open(ctx, db, schema(sqlstore.SQLite), options)
}

// OpenPostgres opens the store in a PostgreSQL database and brings its schema up to date.
func OpenPostgres(ctx context.Context, db *sql.DB, options ...Option) (*Store, error) {
	return open(ctx, db, schema(sqlstore.Postgres), options)
}

func open(ctx context.Context, db *sql.DB, schema *sqlstore.Schema, options []Option) (*Store, error) {
	if ctx == nil || db == nil {
		return nil, errors.New("sqloutbox: a context and a database are needed")
	}
	s := &Store{db: db, schema: schema, migrate: true}
	for _, o := range options {
		if o == nil {
			return nil, errors.New("sqloutbox: nil option")
		}
		o(s)
	}
	if err := prepare(ctx, schema, db, s.migrate); err != nil {
		return nil, err
	}
	return s, nil
}

// attempts at a transaction that others keep from succeeding.
const attempts = 8

// transact runs a change, again where another one kept it from succeeding.
func (s *Store) transact(ctx context.Context, op string, work func(session) error) (err error) {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %s: %w", outbox.ErrUnavailable, op, ended)
	}
	for range attempts {
		if err = transact(ctx, s.schema, s.db, op, work); !again(err) {
			break
		}
	}
	return err
}

// Open implements outbox.Store.
func (s *Store) Open(ctx context.Context, c outbox.Case, notices []outbox.Notice) error {
	if err := outbox.Check(c, notices); err != nil {
		return err
	}
	return s.transact(ctx, "open", func(s session) error {
		if err := s.Do(ctx, "INSERT INTO outbox_cases (id, data_subject, kind, opened_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
			c.ID, c.DataSubject, c.Kind.String(), micro(c.OpenedAt)); err != nil {
			return err
		}
		var person, kind string
		err := s.Row(ctx, "SELECT data_subject, kind FROM outbox_cases WHERE id = ?", c.ID).Scan(&person, &kind)
		switch {
		case errors.Is(err, sql.ErrNoRows): // it was there, and was forgotten meanwhile
			return &Error{Op: "open", Code: serialization}
		case err != nil:
			return err
		}
		if person != c.DataSubject || kind != c.Kind.String() {
			return outbox.ErrConflict
		}
		for i := range notices {
			if err := s.add(ctx, &notices[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// add inserts a notice unless it is there.
func (s session) add(ctx context.Context, n *outbox.Notice) error {
	args, err := arguments(n)
	if err != nil {
		return err
	}
	if err := s.Do(ctx, "INSERT INTO outbox_notices ("+columns+") VALUES ("+sqlstore.Marks(len(args))+") ON CONFLICT (id) DO NOTHING", args...); err != nil {
		return err
	}
	have, err := s.get(ctx, n.ID)
	if err == nil && !have.Same(n) {
		return outbox.ErrConflict
	}
	return err
}

func (s session) get(ctx context.Context, id string) (outbox.Notice, error) {
	list, err := scan(s.Query(ctx, "SELECT "+columns+" FROM outbox_notices WHERE id = ?", id))
	if err == nil && len(list) == 0 {
		return outbox.Notice{}, outbox.ErrUnknown
	}
	if err != nil {
		return outbox.Notice{}, err
	}
	return list[0], nil
}

// Claim implements outbox.Store.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) (claimed []outbox.Notice, err error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	err = s.transact(ctx, "claim", func(s session) error {
		claimed = nil
		list, err := scan(s.Query(ctx, "SELECT "+columns+" FROM outbox_notices WHERE state IN ('pending', 'retrying') AND next_at <= ? AND lease_at <= ? ORDER BY next_at, id LIMIT ?"+s.taken(true),
			micro(now), micro(now), limit))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return sqlstore.ErrNothing
		}
		for i := range list {
			n := &list[i]
			n.Attempts, n.Lease, n.ChangedAt = n.Attempts+1, instant(micro(now.Add(lease))), instant(micro(now))
			if err := s.update(ctx, n); err != nil {
				return err
			}
			n.Revision++
		}
		claimed = list
		return nil
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// update writes what changes of a notice over the revision that was read.
func (s session) update(ctx context.Context, n *outbox.Notice) error {
	result, err := s.Exec(ctx, `UPDATE outbox_notices SET state = ?, attempts = ?, next_at = ?, lease_at = ?, reason = ?, reference = ?, decided_by = ?, changed_at = ?, revision = revision + 1
WHERE id = ? AND revision = ?`, n.State.String(), n.Attempts, micro(n.Next), micro(n.Lease), n.Reason, n.Reference, n.By, micro(n.ChangedAt), n.ID, int64(n.Revision))
	if err != nil {
		return err
	}
	changed, err := result.RowsAffected()
	if err != nil || changed == 1 {
		return err
	}
	if _, err := s.get(ctx, n.ID); err != nil {
		return err
	}
	return outbox.ErrStale
}

// Settle implements outbox.Store.
func (s *Store) Settle(ctx context.Context, n outbox.Notice) error {
	if err := outbox.CheckSettled(&n); err != nil {
		return err
	}
	return s.transact(ctx, "settle", func(s session) error { return s.update(ctx, &n) })
}

// Opened implements outbox.Store.
func (s *Store) Opened(ctx context.Context, caseID string) (opened bool, err error) {
	err = s.read(ctx, func(s session) error {
		var n int
		err := s.Row(ctx, "SELECT count(*) FROM outbox_cases WHERE id = ?", caseID).Scan(&n)
		opened = n > 0
		return err
	})
	return opened && err == nil, err
}

// Get implements outbox.Store.
func (s *Store) Get(ctx context.Context, id string) (n outbox.Notice, err error) {
	err = s.read(ctx, func(s session) error {
		n, err = s.get(ctx, id)
		return err
	})
	return n, err
}

// OfCase implements outbox.Store.
func (s *Store) OfCase(ctx context.Context, caseID string) ([]outbox.Notice, error) {
	return s.list(ctx, "case_id", caseID)
}

// OfPerson implements outbox.Store.
func (s *Store) OfPerson(ctx context.Context, dataSubject string) ([]outbox.Notice, error) {
	return s.list(ctx, "data_subject", dataSubject)
}

func (s *Store) list(ctx context.Context, column, value string) (list []outbox.Notice, err error) {
	err = s.read(ctx, func(s session) error {
		list, err = scan(s.Query(ctx, "SELECT "+columns+" FROM outbox_notices WHERE "+column+" = ? ORDER BY case_id, recipient, recipient_country", value))
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// read asks on a connection of its own.
func (s *Store) read(ctx context.Context, work func(session) error) error {
	err := sqlstore.Patiently(ctx, func() error {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return work(session{sqlstore.Session{Schema: s.schema, Conn: conn}})
	})
	return failure(ctx, "read", cmp.Or(err, ctx.Err()))
}

// Forget implements outbox.Store. It removes what it has looked at, and nothing that is opened meanwhile.
func (s *Store) Forget(ctx context.Context, dataSubject string) (forgotten int, err error) {
	err = s.transact(ctx, "forget", func(s session) error {
		cases, err := texts(s.Query(ctx, "SELECT id FROM outbox_cases WHERE data_subject = ? ORDER BY id"+s.taken(false), dataSubject))
		if err != nil {
			return err
		}
		list, err := scan(s.Query(ctx, "SELECT "+columns+" FROM outbox_notices WHERE data_subject = ? ORDER BY id"+s.taken(false), dataSubject))
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].State.Open() {
				return outbox.ErrOpen
			}
			if err := s.Do(ctx, "DELETE FROM outbox_notices WHERE id = ?", list[i].ID); err != nil {
				return err
			}
		}
		for _, id := range cases {
			if err := s.Do(ctx, "DELETE FROM outbox_cases WHERE id = ?", id); err != nil {
				return err
			}
		}
		forgotten = len(list)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return forgotten, nil
}
