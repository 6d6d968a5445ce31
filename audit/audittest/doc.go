// Package audittest is for tests of code that writes an audit trail, and of new trails.
//
// [Recorder] is a trail in memory that can be told to fail or to hang, [Faulty] one that misbehaves. [TestTrail] is the
// contract of [audit.Trail] as tests: every implementation runs it.
package audittest
