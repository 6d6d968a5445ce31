// Package audit is the record of what was done with personal data, by whom, for which purpose and on which legal basis.
//
// The one decision that a reader of this package makes is where events become durable: which [Trail] to use. Package
// filetrail keeps them in files of one process; package audittest has a [Trail] for tests. A guard appends before it
// releases, and releases nothing if appending failed, so the trail may say more than was released and never less.
//
// An [Event] is one line of JSON in one canonical form ([AppendLine], [ParseLine], [Schema]). It holds register keys,
// digests and pseudonyms ([Pseudonymizer]), and refuses everything else. Each line holds the hash of the one before, so
// [Verify] finds what was edited, inserted, removed or reordered; a chain alone does not show that its end was cut off,
// and no verdict says that it does.
//
// Who implements a Trail makes a [Draft] of each event, gives it a place with a [Chain], stores the very bytes, and runs
// audittest.TestTrail.
package audit
