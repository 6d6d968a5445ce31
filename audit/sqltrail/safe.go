package sqltrail

import (
	"context"
	"database/sql"
	"fmt"
)

// check refuses a database that is known to lose commits. Asked is a connection or a pool.
type check func(ctx context.Context, ask func(context.Context, string, ...any) *sql.Row) error

func unsafe(what string) error { return fmt.Errorf("%w: %s", ErrUnsafe, what) }

// safeSQLite asks what the connection of the caller's pool is set to. In write-ahead mode only synchronous FULL syncs
// each commit; other journals need more than that and are not trusted.
func safeSQLite(ctx context.Context, ask func(context.Context, string, ...any) *sql.Row) error {
	var journal, file string
	var synchronous int
	err := ask(ctx, `SELECT (SELECT journal_mode FROM pragma_journal_mode), (SELECT synchronous FROM pragma_synchronous),
(SELECT coalesce(max(file), '') FROM pragma_database_list WHERE name = 'main')`).Scan(&journal, &synchronous, &file)
	switch {
	case err != nil:
		return err
	case file == "":
		return unsafe("the database is not in a file")
	case journal != "wal":
		return unsafe("journal_mode is not WAL")
	case synchronous < 2:
		return unsafe("synchronous is neither FULL nor EXTRA")
	}
	return nil
}

func safePostgres(ctx context.Context, ask func(context.Context, string, ...any) *sql.Row) error {
	var fsync, fullPages, standby bool
	var unlogged int
	err := ask(ctx, `SELECT current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on', pg_is_in_recovery(),
(SELECT count(*) FROM pg_class WHERE relpersistence <> 'p'
AND oid IN (to_regclass('audit_head'), to_regclass('audit_lines'), to_regclass('audit_refs'), to_regclass('audit_prunes')))`).
		Scan(&fsync, &fullPages, &standby, &unlogged)
	switch {
	case err != nil:
		return err
	case !fsync:
		return unsafe("fsync is off")
	case !fullPages:
		return unsafe("full_page_writes is off")
	case standby:
		return unsafe("the server is a standby")
	case unlogged > 0:
		return unsafe("a table is not logged")
	}
	return nil
}
