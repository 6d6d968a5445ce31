package mirror

import (
	"context"

	"github.com/purposebound/purposebound/audit"
)

// Sink gives events to a receiver. Its errors are counted and never shown, so they may say anything. Package mirrortest has
// its tests.
type Sink interface {
	// Send gives events to the receiver in order; nil means that it has them all, as far as the receiver can tell. An error
	// means that it may have any of them: they come again, from the first. Send returns soon after ctx ends, and neither
	// changes nor keeps the slice.
	Send(ctx context.Context, events []audit.Event) error
}

// SinkFunc is a function as a [Sink].
type SinkFunc func(ctx context.Context, events []audit.Event) error

// Send implements [Sink].
func (f SinkFunc) Send(ctx context.Context, events []audit.Event) error { return f(ctx, events) }

// Source is the trail that is mirrored.
type Source interface {
	audit.Reader
	Head(ctx context.Context) (audit.Head, error)
}
