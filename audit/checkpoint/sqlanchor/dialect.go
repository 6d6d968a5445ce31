package sqlanchor

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

// commitTimeout is the patience with a database that does not answer a commit.
const commitTimeout = 10 * time.Second

// dialect is what the two databases do differently.
type dialect struct {
	name      string
	session   []string // before every transaction
	begin     string
	begun     string // first in every transaction
	exclusive string // before looking at what is kept
	exists    string // counts the table of migrations
	numbered  bool   // placeholders are $1, $2
}

var sqlite = dialect{
	name:      "sqlite",
	session:   []string{"PRAGMA busy_timeout = 10000", "PRAGMA synchronous = FULL"},
	begin:     "BEGIN IMMEDIATE",
	begun:     "SELECT 1",
	exclusive: "SELECT 1", // the transaction is
	exists:    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'audit_anchor_migrations'",
}

var postgres = dialect{
	name:      "postgres",
	begin:     "BEGIN ISOLATION LEVEL READ COMMITTED",
	begun:     "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'",
	exclusive: "SELECT pg_advisory_xact_lock(7310313520413)",
	exists:    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('audit_anchor_migrations')",
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
	for n := 1; d.numbered && strings.Contains(query, "?"); n++ {
		query = strings.Replace(query, "?", "$"+strconv.Itoa(n), 1)
	}
	return query
}

// session is a connection with the placeholders of its dialect.
type session struct {
	dialect
	conn *sql.Conn
}

func (s session) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, s.bind(query), args...)
	return err
}

// transact runs work in a transaction that is committed iff work returns nil.
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
	if err = s.exec(ctx, d.begun); err == nil {
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

// ErrSchema is returned for a schema that is older than this package and may not be migrated, or newer.
var ErrSchema = fmt.Errorf("%w: schema of another version", ErrDatabase)

// prepare brings the schema up to date. Any number of processes may do so at once.
func (d dialect) prepare(ctx context.Context, db *sql.DB, migrate bool) error {
	return d.transact(ctx, db, "migrate", func(s session) error {
		if err := s.exec(ctx, s.exclusive); err != nil {
			return err
		}
		have, err := s.version(ctx)
		if err != nil {
			return err
		}
		files, err := fs.Glob(d.files(), "*.up.sql")
		if err != nil {
			return err
		}
		if have > len(files) || have < len(files) && !migrate {
			return ErrSchema
		}
		for _, name := range files[have:] {
			text, err := fs.ReadFile(d.files(), name)
			if err != nil {
				return err
			}
			for _, statement := range statements(string(text)) {
				if err := s.exec(ctx, statement); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// version of the schema, 0 before the first migration.
func (s session) version(ctx context.Context) (version int, err error) {
	var tables int
	if err := s.conn.QueryRowContext(ctx, s.exists).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = s.conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM audit_anchor_migrations").Scan(&version)
	return version, err
}

// statements splits a file at empty lines, and drops comments.
func statements(text string) (list []string) {
	for part := range strings.SplitSeq(text, "\n\n") {
		var code strings.Builder
		for line := range strings.Lines(part) {
			if !strings.HasPrefix(line, "--") {
				code.WriteString(line)
			}
		}
		if s := strings.TrimSpace(code.String()); s != "" {
			list = append(list, s)
		}
	}
	return list
}
