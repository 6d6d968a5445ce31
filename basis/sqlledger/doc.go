// Package sqlledger keeps the ledger of package basis in a caller's SQL database: SQLite for one
// machine, PostgreSQL for many. The constructor says which; no driver is imported.
//
// In SQLite the database is switched to write-ahead logging, every commit is synchronous FULL and
// every recording one immediate transaction. Give the pool a file, not ":memory:". In PostgreSQL the
// tables lie where the search path points, writers of one person wait for each other on that
// person's head row, and different people do not wait at all; reads must go to the primary.
//
// Recorded times increase strictly per person. When a call to Record fails in the moment of
// committing, its outcome is not known: repeat it with the same ids, which has no effect if it had
// succeeded.
//
// Errors carry an operation and a code (SQLSTATE, or the result code of SQLite), never the text of
// the driver, which may quote values.
//
// Erasing removes rows. Copies in backups, replicas, write-ahead logs and dead rows are the
// database's and its operator's to clear.
package sqlledger
