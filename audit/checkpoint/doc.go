// Package checkpoint makes a trail's history provable: signed checkpoints of the RFC 6962 tree over its lines, kept
// where the owner of the trail cannot reach them.
//
// The reader's decision is where checkpoints go: which [Anchor]. The lines of a trail show what was edited, inserted or
// reordered, but not that their end was cut off or that everything was rewritten. A checkpoint beside them shows it only
// as long as nobody removes both. Kept by another owner - a file that he alone may change ([FileAnchor]), a database
// under another account (package sqlanchor), a witness - it shows everything up to the last one that was kept, also when
// the key is stolen or an old backup put back. What came behind the last anchored checkpoint is not proved: about
// [Options.Events] events or [Options.Interval], plus what an anchor lags behind, which [Keeper.Health] tells.
//
// A [Keeper] follows a trail and makes the checkpoints; [Collect] fetches them again for [audit.Check], without which
// nothing passes. [Keeper.Prove] and [Keeper.ProveConsistency] give third parties a text that they check with
// [CheckLine] and [CheckConsistency], a key and nothing else.
//
// Checkpoints are C2SP tlog-checkpoints, signed as C2SP signed notes; proofs of inclusion are C2SP tlog-proofs, and those
// of consistency have the form in which C2SP witnesses take them.
package checkpoint
