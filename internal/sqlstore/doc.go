// Package sqlstore is what the stores over a caller's *sql.DB share, in SQLite and PostgreSQL: placeholders, migrations,
// codes of failures and patience with a database that is busy. Transactions are each store's own.
package sqlstore
