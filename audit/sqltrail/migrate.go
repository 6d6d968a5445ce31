package sqltrail

import (
	"context"
	"errors"

	"github.com/purposebound/purposebound/internal/sqlstore"
)

// prepare brings the schema up to date. Any number of processes may do so at once: one migrates while the others wait.
func (st store) prepare(ctx context.Context, migrate bool) error {
	if migrate && st.dialect == &sqlite {
		if _, err := sqlstore.WriteAhead(ctx, st.db); err != nil { // whether it is, the check of safety says
			return failure(ctx, "migrate", err)
		}
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
