// Package mirror copies a trail to places that cannot be trails: logs, telemetry, brokers.
//
// The reader's decision is what the copy is for. A mirror is late by design and never stands in for the trail: a guard
// waits for the trail alone, and a mirror that fails, hangs or panics delays no one. It reads the trail as anybody may,
// remembers in a [Cursor] how far it came, and gives events to a [Sink] in order, each at least once: after a crash some come
// twice, and the receiver tells them by their id. None is ever left out: where events were pruned before they were mirrored,
// or the trail is not the one that the cursor knows, the mirror stops and says so in its [Health].
//
// Packages slogmirror, otelmirror and natsmirror have sinks; package mirrortest has the tests of every sink.
package mirror
