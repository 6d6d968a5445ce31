package sqlanchor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/internal/sqlstore"
)

// ErrSchema is returned by the constructors for a schema that is older than this package and may not
// be migrated, or newer.
var ErrSchema = fmt.Errorf("%w: schema of another version", ErrDatabase)

// prepare brings the schema up to date. Any number of processes may do so at once: one migrates while
// the others wait.
func prepare(ctx context.Context, schema *sqlstore.Schema, db *sql.DB, migrate bool) error {
	return transact(ctx, schema, db, "migrate", func(s session) error {
		changed, err := s.Migrate(ctx, migrate)
		switch {
		case errors.Is(err, sqlstore.ErrVersion):
			return ErrSchema
		case err == nil && !changed:
			return sqlstore.ErrNothing
		}
		return err
	})
}
