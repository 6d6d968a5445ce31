// Package index answers questions about a trail: who saw a person's data, what a recipient got, what a principal did, what
// was done for which purpose, what looks unusual, whom to notify.
//
// The reader's decision is who may ask. An [Index] copies events into SQLite, and holds what the trail holds: keep it where
// the trail is kept, under the same access. It can be thrown away and made anew; the trail alone is the record, and
// an index verifies nothing beyond the chain that it follows. Every answer is an act on personal data too, so that each goes
// on record, as trail.read with the pseudonym of who asked, before it is given; one that cannot be recorded is not
// given.
//
// A person's aliases come from the caller, who has the table that they stand in: one person has several, from different
// epochs.
package index
