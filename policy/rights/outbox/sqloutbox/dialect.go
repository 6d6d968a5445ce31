package sqloutbox

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/purposebound/purposebound/internal/sqlstore"
)

//go:embed migrations
var migrations embed.FS

func schema(d sqlstore.Dialect) *sqlstore.Schema {
	return &sqlstore.Schema{Dialect: d, Dir: migrations, Table: "outbox_migrations", Lock: 7310313520415}
}

// SQLiteMigrations are the numbered schema files for SQLite, for those who run them with a tool.
func SQLiteMigrations() fs.FS { return schema(sqlstore.SQLite).Files() }

// PostgresMigrations are the numbered schema files for PostgreSQL.
func PostgresMigrations() fs.FS { return schema(sqlstore.Postgres).Files() }

// session is a connection in a transaction.
type session struct{ sqlstore.Session }

// transact runs work in a transaction that is committed iff work returns nil.
func transact(ctx context.Context, schema *sqlstore.Schema, db *sql.DB, op string, work func(session) error) error {
	return failure(ctx, op, schema.Transact(ctx, db, func(s sqlstore.Session) error { return work(session{s}) }))
}

// taken is said of rows that nobody else is to change; with skip, those that somebody is at are left out.
func (s session) taken(skip bool) string {
	switch {
	case s.Dialect == sqlstore.SQLite: // the transaction is alone
		return ""
	case skip:
		return " FOR UPDATE SKIP LOCKED"
	}
	return " FOR UPDATE"
}
