package sqltrail

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations
var migrations embed.FS

// dialect is what the two databases do differently.
type dialect struct {
	name      string
	begin     string
	lock      string // makes other writers wait until the transaction ends, and reads the head
	exclusive string // first in a migration, optional
	exists    string // counts the table of migrations
	numbered  bool   // placeholders are $1, $2
	safe      check

	perConnection bool // safe is asked before every commit, for pools make connections
}

var sqlite = dialect{
	name:   "sqlite",
	begin:  "BEGIN IMMEDIATE",
	lock:   "SELECT stream, seq, hash, NULL FROM audit_head WHERE one = 1",
	exists: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'audit_migrations'",
	safe:   safeSQLite,

	perConnection: true,
}

var postgres = dialect{
	name:  "postgres",
	begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
	// A commit that was acknowledged survives a crash also where the default is laxer.
	lock: "SELECT stream, seq, hash, CASE WHEN current_setting('synchronous_commit') = 'off' " +
		"THEN set_config('synchronous_commit', 'on', true) END FROM audit_head WHERE one = 1 FOR UPDATE",
	exclusive: "SELECT pg_advisory_xact_lock(7310313520413)",
	exists:    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('audit_migrations')",
	numbered:  true,
	safe:      safePostgres,
}

// SQLiteMigrations are the numbered schema files for SQLite, for those who run them with a tool.
func SQLiteMigrations() fs.FS { return sqlite.files() }

// PostgresMigrations are the numbered schema files for PostgreSQL.
func PostgresMigrations() fs.FS { return postgres.files() }

func (d *dialect) files() fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		panic(err) // embedded at build time
	}
	return sub
}

// bind puts the placeholders of the dialect for question marks.
func (d *dialect) bind(query string) string {
	if !d.numbered {
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

// marks are n placeholders, separated by commas.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// tuples are n parenthesised lists of width placeholders.
func tuples(n, width int) string {
	return strings.TrimSuffix(strings.Repeat("("+marks(width)+"), ", n), ", ")
}
