package policy

import (
	"context"
	"sync"
	"time"
)

// term is a context that ends at an instant. It makes its timer when somebody asks for Done or a value, which those who do
// their work in memory never do. It must not be copied once it is in use.
type term struct {
	parent  context.Context
	length  time.Duration
	until   time.Time // by the machine's clock
	lasting bool      // the parent's end does not matter

	mu    sync.Mutex
	inner context.Context // nil until it is needed
	stop  context.CancelFunc
	over  bool
}

var _ context.Context = (*term)(nil)

// begin starts a term of this length. A parent that is nil is none.
func (t *term) begin(parent context.Context, length time.Duration, lasting bool) {
	if parent == nil {
		parent = context.Background()
	}
	t.parent, t.length, t.until, t.lasting = parent, length, time.Now().Add(length), lasting
}

// end is what a CancelFunc does.
func (t *term) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.stop != nil {
		t.stop()
	}
}

// gone is closed when nobody waits any more.
func (t *term) gone() <-chan struct{} {
	if t.lasting {
		return nil
	}
	return t.parent.Done()
}

func (t *term) made() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.inner == nil {
		parent := t.parent
		if t.lasting {
			parent = context.WithoutCancel(parent)
		}
		t.inner, t.stop = context.WithDeadline(parent, t.until)
		if t.over {
			t.stop()
		}
	}
	return t.inner
}

// Deadline implements [context.Context].
func (t *term) Deadline() (time.Time, bool) {
	if !t.lasting {
		if at, ok := t.parent.Deadline(); ok && at.Before(t.until) {
			return at, true
		}
	}
	return t.until, true
}

// Done implements [context.Context].
func (t *term) Done() <-chan struct{} { return t.made().Done() }

// Value implements [context.Context].
func (t *term) Value(key any) any { return t.made().Value(key) }

// Err implements [context.Context].
func (t *term) Err() error {
	t.mu.Lock()
	inner, over := t.inner, t.over
	t.mu.Unlock()
	switch {
	case inner != nil:
		return inner.Err()
	case !t.lasting && t.parent.Err() != nil:
		return t.parent.Err()
	case time.Until(t.until) <= 0:
		return context.DeadlineExceeded
	case over:
		return context.Canceled
	}
	return nil
}
