// Package sqloutbox keeps the notices of package outbox in a caller's SQL database: SQLite for one machine, PostgreSQL for many. The
// constructor says which; no driver is imported.
//
// In SQLite the database is switched to write-ahead logging, every commit is synchronous FULL and every change one immediate
// transaction. Give the pool a file, not ":memory:". In PostgreSQL the tables lie where the search path points; whoever claims
// notices skips those that somebody else is claiming; reads must go to the primary. Claims go by the clocks of the callers: keep them
// within a minute of each other.
//
// The tables hold ids of data subjects, for the recipients must be told of whom a notice is: keep the database where such ids may be.
// Errors carry an operation and a code (SQLSTATE, or the result code of SQLite), never the text of the driver, which may quote
// values. When a call fails in the moment of committing, its outcome is not known: all calls may be repeated.
//
// Forgetting removes rows. Copies in backups, replicas, write-ahead logs and dead rows are the database's and its operator's to
// clear.
package sqloutbox
