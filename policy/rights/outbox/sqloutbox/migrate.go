package sqloutbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/internal/sqlstore"
	"github.com/purposebound/purposebound/policy/rights/outbox"
)

// ErrSchema is returned by the constructors for a schema that is older than this package and may not
// be migrated, or newer.
var ErrSchema = fmt.Errorf("%w: schema of another version", outbox.ErrUnavailable)

// prepare brings the schema up to date. Any number of processes may do so at once: one migrates while
// the others wait.
func prepare(ctx context.Context, schema *sqlstore.Schema, db *sql.DB, migrate bool) error {
	if schema.Dialect == sqlstore.SQLite {
		switch mode, err := sqlstore.WriteAhead(ctx, db); {
		case err != nil:
			return failure(ctx, "migrate", err)
		case mode != "wal":
			return &Error{Op: "migrate", Code: "no write-ahead logging"}
		}
	}
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
