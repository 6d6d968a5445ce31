// Package audit is the record of what was done with personal data, by whom, for which purpose and on which legal basis.
//
// The one decision that a reader of this package makes is where events become durable: which [Trail] to use. Package
// filetrail keeps them in files of one process; package audittest has a [Trail] for tests. A guard appends before it
// releases, and releases nothing if appending failed, so the trail may say more than was released and never less.
//
// An [Event] is one line of JSON in one canonical form ([AppendLine], [ParseLine], [Schema]). It holds register keys,
// digests and pseudonyms ([Pseudonymizer]), and refuses everything else. Each line holds the hash of the one before, so
// [Verify] finds what was edited, inserted, removed or reordered. A chain alone does not show that its end was cut off, or
// that all of it was rewritten: only a [Check] with anchors, which package checkpoint makes and keeps elsewhere, says that
// a stream passed, and how far.
//
// Who implements a Trail makes a [Draft] of each event, gives it a place with a [Chain], stores the very bytes, leaves a
// [Manifest] for what is pruned, and runs audittest.TestTrail.
package audit
