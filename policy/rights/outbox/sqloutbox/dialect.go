package sqloutbox

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations
var migrations embed.FS

// Patience with a busy database, and with one that does not answer a commit.
const (
	busyTimeout   = 10 * time.Second
	commitTimeout = 10 * time.Second
)

// dialect is what the two databases do differently.
type dialect struct {
	name      string
	session   []string // before every transaction
	begin     string
	begun     string // first in every transaction, optional
	exclusive string // first in a migration, optional
	exists    string // counts the table of migrations
	skip      string // after a query for rows that nobody else is at
	lock      string // after a query for rows that nobody else is to change
	numbered  bool   // placeholders are $1, $2
	wal       bool
}

var sqlite = dialect{
	name: "sqlite",
	session: []string{
		"PRAGMA busy_timeout = " + strconv.FormatInt(busyTimeout.Milliseconds(), 10),
		"PRAGMA synchronous = FULL",
		"PRAGMA secure_delete = ON",
	},
	begin:  "BEGIN IMMEDIATE",
	exists: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'outbox_migrations'",
	wal:    true,
}

var postgres = dialect{
	name:  "postgres",
	begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
	// A commit that was acknowledged survives a crash even where the default is laxer.
	begun:     "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'",
	exclusive: "SELECT pg_advisory_xact_lock(7310313520413)",
	exists:    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('outbox_migrations')",
	skip:      " FOR UPDATE SKIP LOCKED",
	lock:      " FOR UPDATE",
	numbered:  true,
}

// SQLiteMigrations are the numbered schema files for SQLite, for those who run them with a tool.
func SQLiteMigrations() fs.FS { return sqlite.files() }

// PostgresMigrations are the numbered schema files for PostgreSQL.
func PostgresMigrations() fs.FS { return postgres.files() }

func (d dialect) files() fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		panic(err) // embedded at build time
	}
	return sub
}

// bind puts the placeholders of the dialect for question marks.
func (d dialect) bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for _, c := range query {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// marks are n placeholders, separated by commas.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// session is a connection with the placeholders of its dialect.
type session struct {
	dialect
	conn *sql.Conn
}

func (s session) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, s.bind(query), args...)
	return err
}

func (s session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, s.bind(query), args...)
}

func (s session) row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, s.bind(query), args...)
}

// errNothing makes a transaction end without effect and without an error.
var errNothing = fmt.Errorf("nothing to do")

// transact runs work in a transaction that is committed iff work returns nil. The commit itself is
// not cut short by ctx, so that its outcome is known whenever the database answers.
func (d dialect) transact(ctx context.Context, db *sql.DB, op string, work func(session) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return failure(ctx, op, err)
	}
	defer conn.Close()
	s := session{d, conn}
	for _, setting := range d.session {
		if err := s.exec(ctx, setting); err != nil {
			return failure(ctx, op, err)
		}
	}
	if err := s.exec(ctx, d.begin); err != nil {
		s.discard()
		return failure(ctx, op, err)
	}
	if d.begun != "" {
		err = s.exec(ctx, d.begun)
	}
	if err == nil {
		err = work(s)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err == nil {
		if err = s.exec(end, "COMMIT"); err == nil {
			return nil
		}
	}
	if s.exec(end, "ROLLBACK") != nil {
		s.discard()
	}
	return failure(ctx, op, err)
}

// discard keeps a connection whose transaction may be open from being used again.
func (s session) discard() {
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
}
