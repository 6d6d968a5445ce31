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
// The directory holds
//
//	lock                           held by the writer
//	00000000000000000001.jsonl     lines from seq 1 on; the next file begins where this one ends
//	00000000000000000001.4711.torn what was cut off behind byte 4711 after a crash
package filetrail
