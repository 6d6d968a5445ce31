package audit

import (
	"context"
	"iter"
)

// Trail is a durable, ordered record of events. Implementations are safe for concurrent use, and run
// audittest.TestTrail.
type Trail interface {
	// Append records events as neighbours and in order, all or none of them; nil means that all are durable. The trail
	// gives each its stream, seq, prev, time and, where it has none, id; it neither changes nor keeps the slice, and
	// changes nothing that the events refer to: they may share it with others.
	//
	// Any error means: not durable, release nothing. An error that is not [ErrUnknown] or [ErrPoisoned] also promises
	// that nothing was appended.
	Append(ctx context.Context, events []Event) error

	// Head returns the last durable event.
	Head(ctx context.Context) (Head, error)

	// Close waits for events under way. It may be called twice; Append then fails with [ErrClosed].
	Close() error
}

// Reader is a trail that can be read back.
type Reader interface {
	// Read yields the durable events from seq on, in order, up to the head at the time of the call. An error ends it.
	Read(ctx context.Context, from uint64) iter.Seq2[Event, error]
}

// Head is a place in a stream: its last event. Seq 0 and the zero hash stand before the first.
type Head struct {
	Stream string
	Seq    uint64
	Hash   Hash
}
