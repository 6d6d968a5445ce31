package sqlstore

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Dialect is one of the two databases.
type Dialect uint8

const (
	SQLite Dialect = iota
	Postgres
)

// KeepCommits goes first in a transaction of PostgreSQL: a commit that was acknowledged survives a crash also where the
// default is laxer.
const KeepCommits = "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"

// Schema is the tables of a store in a database.
type Schema struct {
	Dialect Dialect
	Dir     fs.FS  // holds migrations/sqlite and migrations/postgres, with numbered files
	Table   string // of migrations
	Lock    int64  // of PostgreSQL, for [Session.Alone]
}

// Files are the numbered files of the dialect.
func (s *Schema) Files() fs.FS {
	dir := "migrations/sqlite"
	if s.Dialect == Postgres {
		dir = "migrations/postgres"
	}
	sub, err := fs.Sub(s.Dir, dir)
	if err != nil {
		panic(err) // embedded at build time
	}
	return sub
}

// Bind puts the placeholders of the dialect for question marks.
func (s *Schema) Bind(query string) string {
	if s.Dialect == SQLite {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// Marks are n placeholders, separated by commas.
func Marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Tuples are n lists of width placeholders each.
func Tuples(n, width int) string {
	return strings.TrimSuffix(strings.Repeat("("+Marks(width)+"), ", n), ", ")
}

// ErrVersion means that the tables are older than the files and may not be migrated, or newer.
var ErrVersion = errors.New("sqlstore: schema of another version")

// Migrate brings the tables up to date within a transaction, and reports whether there was anything to do.
func (s Session) Migrate(ctx context.Context, migrate bool) (changed bool, err error) {
	if migrate {
		if err := s.Alone(ctx); err != nil {
			return false, err
		}
	}
	have, err := s.version(ctx)
	if err != nil {
		return false, err
	}
	files, err := fs.Glob(s.Files(), "*.up.sql")
	switch {
	case err != nil:
		return false, err
	case have > len(files), have < len(files) && !migrate:
		return false, ErrVersion
	}
	for _, name := range files[have:] {
		text, err := fs.ReadFile(s.Files(), name)
		if err != nil {
			return false, err
		}
		for _, statement := range statements(string(text)) { // not every driver takes more than one
			if _, err := s.Conn.ExecContext(ctx, statement); err != nil {
				return false, err
			}
		}
	}
	return have < len(files), nil
}

// version of the tables, 0 before the first migration.
func (s Session) version(ctx context.Context) (version int, err error) {
	exists := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if s.Dialect == Postgres {
		exists = "SELECT count(*) FROM pg_class WHERE oid = to_regclass(?)"
	}
	var tables int
	if err := s.Row(ctx, exists, s.Table).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = s.Row(ctx, "SELECT coalesce(max(version), 0) FROM "+s.Table).Scan(&version)
	return version, err
}

// statements splits a file where a line ends with a semicolon, or from mark to mark, and drops comments.
func statements(text string) (list []string) {
	var code strings.Builder
	whole := false
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case "-- +goose StatementBegin":
			whole = true
		case "-- +goose StatementEnd":
			whole = false
		}
		if !strings.HasPrefix(line, "--") {
			code.WriteString(line)
		}
		if s := strings.TrimSpace(code.String()); !whole && strings.HasSuffix(s, ";") {
			list = append(list, s)
			code.Reset()
		}
	}
	return list
}
