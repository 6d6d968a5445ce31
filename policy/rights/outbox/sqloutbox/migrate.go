package sqloutbox

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"

	"github.com/purposebound/purposebound/policy/rights/outbox"
)

// ErrSchema is returned by the constructors for a schema that is older than this package and may not
// be migrated, or newer.
var ErrSchema = fmt.Errorf("%w: schema of another version", outbox.ErrUnavailable)

// prepare brings the schema up to date. Any number of processes may do so at once: one migrates while
// the others wait.
func (d dialect) prepare(ctx context.Context, db *sql.DB, migrate bool) error {
	if d.wal {
		if err := writeAhead(ctx, db); err != nil {
			return err
		}
	}
	return d.transact(ctx, db, "migrate", func(s session) error {
		if d.exclusive != "" && migrate {
			if err := s.exec(ctx, d.exclusive); err != nil {
				return err
			}
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
			if err := s.apply(ctx, name); err != nil {
				return err
			}
		}
		if have == len(files) {
			return errNothing
		}
		return nil
	})
}

// version of the schema, 0 before the first migration.
func (s session) version(ctx context.Context) (version int, err error) {
	var tables int
	if err := s.row(ctx, s.exists).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = s.row(ctx, "SELECT coalesce(max(version), 0) FROM outbox_migrations").Scan(&version)
	return version, err
}

// apply runs one file, a statement at a time: not every driver takes more.
func (s session) apply(ctx context.Context, name string) error {
	text, err := fs.ReadFile(s.files(), name)
	if err != nil {
		return err
	}
	for _, statement := range statements(string(text)) {
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// statements splits a file at semicolons, which stand nowhere else in it, and drops comments.
func statements(text string) (list []string) {
	var code strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			code.WriteString(line)
		}
	}
	for _, s := range strings.Split(code.String(), ";") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// writeAhead switches a SQLite database to write-ahead logging.
func writeAhead(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return failure(ctx, "migrate", err)
	}
	defer conn.Close()
	var mode string
	err = patiently(ctx, func() error { return conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode) })
	if err == nil && mode != "wal" {
		err = &Error{Op: "migrate", Code: "no write-ahead logging"}
	}
	return failure(ctx, "migrate", err)
}
