package aliastable

import (
	"context"
	"errors"

	"github.com/purposebound/purposebound/internal/sqlstore"
)

// prepare brings the schema up to date. Any number of processes may do so at once: one migrates while the others wait.
func (st store) prepare(ctx context.Context, migrate bool) error {
	if migrate && st.dialect == &sqlite {
		_, err := sqlstore.WriteAhead(ctx, st.db) // whether it is, every transaction asks
		if err != nil {
			return failure(ctx, "migrate", err)
		}
	}
	if err := st.safePostgres(ctx); err != nil {
		return err
	}
	return st.transact(ctx, "migrate", func(s session) error {
		changed, err := sqlstore.Session{Schema: &st.Schema, Conn: s.conn}.Migrate(ctx, migrate)
		switch {
		case errors.Is(err, sqlstore.ErrVersion):
			return ErrSchema
		case err == nil && !changed:
			return errNothing
		}
		return err
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
