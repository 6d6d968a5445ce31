package aliastable

import (
	"context"
	"io/fs"
	"strings"
)

// prepare brings the schema up to date. Any number of processes may do so at once: one migrates while the others wait.
func (st store) prepare(ctx context.Context, migrate bool) error {
	if migrate && st.dialect == &sqlite {
		var mode string // whether it is write-ahead, every transaction asks
		err := patiently(ctx, func() error { return st.db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode) })
		if err != nil {
			return failure(ctx, "migrate", err)
		}
	}
	if err := st.safePostgres(ctx); err != nil {
		return err
	}
	return st.transact(ctx, "migrate", func(s session) error {
		if s.exclusive != "" && migrate {
			if _, err := s.exec(ctx, s.exclusive); err != nil {
				return err
			}
		}
		have, err := s.version(ctx)
		if err != nil {
			return err
		}
		files, err := fs.Glob(s.files(), "*.up.sql")
		switch {
		case err != nil:
			return err
		case have > len(files), have < len(files) && !migrate:
			return ErrSchema
		case have == len(files):
			return errNothing
		}
		for _, name := range files[have:] {
			if err := s.apply(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// safePostgres refuses a server that would lose commits.
func (st store) safePostgres(ctx context.Context) error {
	if st.dialect != &postgres {
		return nil
	}
	var fsync, fullPages, standby bool
	err := st.db.QueryRowContext(ctx, `SELECT current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',
pg_is_in_recovery()`).Scan(&fsync, &fullPages, &standby)
	if err == nil && (!fsync || !fullPages || standby) {
		err = ErrUnsafe
	}
	return failure(ctx, "open", err)
}

// version of the schema, 0 before the first migration.
func (s session) version(ctx context.Context) (version int, err error) {
	var tables int
	if err := s.row(ctx, s.exists).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = s.row(ctx, "SELECT coalesce(max(version), 0) FROM audit_alias_migrations").Scan(&version)
	return version, err
}

// apply runs one file, a statement at a time: not every driver takes more.
func (s session) apply(ctx context.Context, name string) error {
	text, err := fs.ReadFile(s.files(), name)
	if err != nil {
		return err
	}
	for _, statement := range statements(string(text)) {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
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
