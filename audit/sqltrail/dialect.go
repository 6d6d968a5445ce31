package sqltrail

import (
	"embed"
	"io/fs"

	"github.com/purposebound/purposebound/internal/sqlstore"
)

//go:embed migrations
var migrations embed.FS

// dialect is what the two databases do differently.
type dialect struct {
	sqlstore.Schema
	begin string
	lock  string // makes other writers wait until the transaction ends, and reads the head
	safe  check

	perConnection bool // safe is asked before every commit, for pools make connections
}

var sqlite = dialect{
	Schema: schema(sqlstore.SQLite),
	begin:  "BEGIN IMMEDIATE",
	lock:   "SELECT stream, seq, hash, NULL FROM audit_head WHERE one = 1",
	safe:   safeSQLite,

	perConnection: true,
}

var postgres = dialect{
	Schema: schema(sqlstore.Postgres),
	begin:  "BEGIN ISOLATION LEVEL READ COMMITTED",
	// A commit that was acknowledged survives a crash also where the default is laxer.
	lock: "SELECT stream, seq, hash, CASE WHEN current_setting('synchronous_commit') = 'off' " +
		"THEN set_config('synchronous_commit', 'on', true) END FROM audit_head WHERE one = 1 FOR UPDATE",
	safe: safePostgres,
}

func schema(d sqlstore.Dialect) sqlstore.Schema {
	return sqlstore.Schema{Dialect: d, Dir: migrations, Table: "audit_migrations", Lock: 7310313520413}
}

// SQLiteMigrations are the numbered schema files for SQLite, for those who run them with a tool.
func SQLiteMigrations() fs.FS { return sqlite.Files() }

// PostgresMigrations are the numbered schema files for PostgreSQL.
func PostgresMigrations() fs.FS { return postgres.Files() }
