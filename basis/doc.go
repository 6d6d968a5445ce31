// Package basis holds the legal bases of GDPR Art. 6(1) and the state of a data subject that they
// are tested against.
//
// A [Claim] is declared beforehand; [Claim.Test] says whether it holds in given [Circumstances]. The
// state comes from a [Ledger]: an append-only log of events, each with the time since when it is true
// and the time when the ledger learned it. [Fold] turns the events of one person into a [State] for
// any pair of the two, so that a past decision can be asked again as it was known then, or as it is
// known now. [Memory] is a ledger in memory; package sqlledger keeps one in SQLite or PostgreSQL, and
// package ledgertest checks any other.
//
// Where the order of events leaves two readings, the narrower is taken: at one instant a withdrawal
// beats a consent. All intervals are half-open. Times are kept in UTC at microsecond precision.
package basis
