// Package aliastable keeps pseudonyms in a caller's SQL database, SQLite or PostgreSQL: a random alias per person, class
// and epoch, in rows that can be deleted. It is the pseudonymizer for a durable trail.
//
// The reader's decision is whether a single person must be erasable from the trail. With audit.KeyedHMAC nobody is:
// whoever has the key computes every alias again, and only a whole epoch can be shredded. Here the alias is random, the
// row is its only link to the person, and [Table.Erase] deletes it. The trail keeps its lines and still verifies.
//
// A row holds an HMAC of the id, never the id. Whoever reads the table without the key cannot tell who is in it; who has
// both can, so keep the key elsewhere (audit.KeySource). An epoch begins when the source gives a key of a new name; its
// first use notes a proof of the key, and another key under that name is refused with [ErrKey]. A source that fails
// gives no alias.
//
// The row is committed before its alias is returned, and all who ask for the same person at once get the same alias.
//
// # What an erasure promises
//
// Erase appends subject.erased with the person's aliases, then deletes the rows, then waits. When it returns, no process
// has the old aliases in its cache, so the next event about the person has a new alias. For this every deletion of rows,
// by whatever program, counts up a generation in the database; a cache answers for at most a [Lease] after it last began to
// ask for the generation, and Erase waits a little longer than that. It is the caller's part to report the recipients of the
// data before (GDPR Art. 19), for afterwards nobody can.
//
// Copies in backups, replicas, write-ahead logs and dead rows are the database's and its operator's to clear. In SQLite the
// deleted rows are overwritten and the log is written back where nobody reads.
package aliastable
