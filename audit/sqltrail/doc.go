// Package sqltrail keeps an audit trail in a caller's SQL database, written by any number of processes at once: SQLite for
// those of one machine, PostgreSQL for many. The constructor says which; no driver is imported.
//
// The reader's decision is which database the trail trusts. It must keep what it acknowledged: a PostgreSQL primary with
// fsync, whose failover loses nothing, or a SQLite file on a local disk. What is known to be less is refused with
// [ErrUnsafe]. SQLite needs write-ahead logging, which opening switches on, and synchronous FULL, which is checked on the
// caller's connection before every commit, and not changed. PostgreSQL is checked when the trail is opened; where its
// synchronous_commit is off, the trail's own transactions turn it on.
//
// A database holds one stream, in the tables audit_*, which lie in PostgreSQL where the search path points. Each line is
// kept as the very bytes that were hashed, beside columns to query by ([Trail.Find]); nothing is ever written anew from
// the columns, and [Trail.Verify] compares them with the lines. All writers wait for each other on one head row, so the
// stream has no gap and no fork. In a process, callers share a transaction: whatever queues up during one goes with the next.
//
// A connection that breaks during a commit leaves its outcome open. The trail then asks the database, behind the lock of the
// head row, whether the very lines are there, and answers only when it knows: they are acknowledged, or written anew, or
// [audit.ErrUnknown]. A head that is not the last line, that went back or that is of another stream poisons the trail: it
// writes no more.
//
// Triggers refuse to change or remove lines, except those that a manifest of [Trail.Prune] covers, to move the head back
// and to change a manifest. They stop programs and accidents, not the owner of the tables: give the program a role that
// does not own them, and keep checkpoints elsewhere.
//
// Errors carry an operation and a code (SQLSTATE, or the result code of SQLite), never the text of the driver.
package sqltrail
