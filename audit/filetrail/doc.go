// Package filetrail keeps an audit trail in files of one directory, written by one process.
//
// The reader's decision is where the directory lives: on a local disk whose fsync can be believed, which a network file
// system or a memory disk is not. Each process has a directory of its own; a second one is refused. Appending returns
// after fsync. Callers share one: whatever queues up while an fsync runs goes with the next.
//
// After any failed write or fsync the trail is poisoned for good, since nobody knows then what reached the disk: every
// Append fails until the process opens the directory anew. Events of the failed batch may be there then, for a trail
// over-reports and never under-reports. Opening anew cannot tell whether the kernel dropped pages that it failed to
// write: after a failed fsync on a disk that is not known to be well again, restart the machine or begin a new directory.
//
// A full disk is found out before anything is written, where the file system sets space aside (Linux: ext4, XFS, tmpfs).
// Releases are then refused, denials and trail.halted go on record from [Options.Reserve], and the trail goes on by
// itself when there is space. On other file systems it is poisoned, as by any other failed write.
//
// [Verify] looks at the lines alone, so that it never says that a trail passed; [VerifyWith] holds them against
// checkpoints that package checkpoint kept elsewhere. [Trail.Prune] removes whole files after the trail's own retention.
//
// The directory holds
//
//	lock                           held by the writer
//	00000000000000000042.pruned    stands for the events before seq 42, which were pruned
//	00000000000000000042.jsonl     lines from seq 42 on; the next file begins where this one ends
//	00000000000000000042.4711.torn what was cut off behind byte 4711 after a crash
package filetrail
