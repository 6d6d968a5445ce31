// Package erasure carries out what package retention decides: it erases, anonymises or restricts the rows that are due,
// and nothing else.
//
// Decide first what a row's key is. It must be unique, and never used again: the journal, the [Ledger] and the store
// speak of a row by its key alone.
//
// Then write the [Eraser] of your store. An [Executor] plans the rows, looks each due one up again, decides about it
// anew with what is known then (a hold or a restriction that came in since stops it), and hands the store an [Order],
// which nobody else can make and which is void as soon as the call ends. A store with transactions asks [Order.Recheck]
// under its own lock, so that nothing comes between the decision and the act. What the store reports is not believed:
// the executor looks again, and counts what is really gone.
//
// Every order is first written to the [Journal], then carried out, verified, entered in the ledger, put on record in the
// trail with the number of rows, and only then closed. A process that dies anywhere in between resumes with the next
// run: it settles what was left open by looking at the store. A row that is gone is never ordered again, and nothing is
// recorded that the store does not confirm.
//
// # What is stored, and for how long
//
// The journal holds keys of rows in clear while their order is open, for a crash must not lose them; it drops the keys
// of closed orders when it is closed, opened, or has grown to a megabyte. The trail gets rules and numbers, no key.
//
// The ledger is for restored backups: what was erased comes back with them, and [Executor.Sweep] erases it again. It
// holds 128 bits of a keyed hash of each erased key and the second of the erasure. Whoever has the secret and guesses a
// key can test whether that row was erased, so these are pseudonyms and remain personal data (GDPR Recital 26) as long
// as the secret exists. They are needed only while a backup holds the rows: [Ledger.Prune] drops what is older than the
// oldest backup, and destroying the secret makes the rest random bits. Keep both apart from what the backups hold.
package erasure
