package sqltrail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Trail is a trail in a database. It is safe for concurrent use, by any number of processes on the same database.
type Trail struct {
	store
	clock               func() time.Time
	keep                int // months
	maxEvents, maxBytes int
	writer              writer
	stopped             chan struct{} // closed when nothing writes any more

	mu      sync.Mutex
	filled  *sync.Cond // queue, or closing
	queue   []*request
	err     error // poisoned
	closing bool
	state   state
}

// state is what the writer last said.
type state struct {
	known audit.Head
	last  error
}

var (
	_ audit.Trail      = (*Trail)(nil)
	_ audit.Reader     = (*Trail)(nil)
	_ audit.LineReader = (*Trail)(nil)
)

// request is the events of one Append.
type request struct {
	drafts    []audit.Draft
	bytes     int
	done      chan error // holds one
	abandoned bool       // nobody waits for it; under Trail.mu

	// also, if not nil, is done in the same transaction, which then is this request's alone.
	also func(context.Context, session) error
}

// Append implements [audit.Trail]. It waits for the database until ctx ends: with [audit.ErrFull] if the queue never had
// room, with the error of ctx if the events had not been written yet, else with [audit.ErrUnknown]. A database that fails
// is tried again for a while; the error is then an [Error], or audit.ErrUnknown if it failed while committing and
// did not tell since whether it had. A batch that is larger than the queue is refused with audit.ErrFull.
func (t *Trail) Append(ctx context.Context, events []audit.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	drafts, err := audit.NewDrafts(events)
	if err != nil {
		return err
	}
	return t.submit(ctx, &request{drafts: drafts})
}

// submit queues a request and waits for it.
func (t *Trail) submit(ctx context.Context, r *request) error {
	r.done = make(chan error, 1)
	for i := range r.drafts {
		r.bytes += r.drafts[i].Size()
	}
	if len(r.drafts) > t.maxEvents || r.bytes > t.maxBytes {
		return fmt.Errorf("%w: the batch is larger than the queue", audit.ErrFull)
	}
	if err := t.enqueue(r); err != nil || len(r.drafts) == 0 {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return t.abandon(ctx, r)
	}
}

func (t *Trail) enqueue(r *request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closing:
		return audit.ErrClosed
	case t.err != nil:
		return t.err
	case len(r.drafts) > 0:
		t.queue = append(t.queue, r)
		t.filled.Signal()
	}
	return nil
}

// abandon gives up waiting for r.
func (t *Trail) abandon(ctx context.Context, r *request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.queue, r)
	if i < 0 {
		select {
		case err := <-r.done: // at the same time
			return err
		default:
			r.abandoned = true
			return fmt.Errorf("%w: %w", audit.ErrUnknown, ctx.Err())
		}
	}
	full := t.fits(t.queue[:i+1]) <= i
	t.queue = slices.Delete(t.queue, i, i+1)
	if full {
		return fmt.Errorf("%w: %w", audit.ErrFull, ctx.Err())
	}
	return ctx.Err()
}

// fits returns how many requests from the front are within the bounds of the queue. Those behind wait for room, and
// nothing is kept for them but what they brought.
func (t *Trail) fits(queue []*request) int {
	events, bytes := 0, 0
	for i, r := range queue {
		events += len(r.drafts)
		bytes += r.bytes
		if events > t.maxEvents || bytes > t.maxBytes {
			return i
		}
	}
	return len(queue)
}

// run is the only goroutine that writes. It takes whatever queued up during the last transaction.
func (t *Trail) run() {
	defer close(t.stopped)
	for {
		batch := t.next()
		if len(batch) == 0 {
			return
		}
		err := t.write(batch)
		poisoned := errors.Is(err, ErrDamaged)
		if poisoned {
			err = t.poison(err)
			batch = append(batch, t.drain()...)
		}
		for _, r := range batch {
			r.done <- err
		}
		if poisoned {
			return
		}
	}
}

// next waits for requests. None means that the trail is closing and all is written.
func (t *Trail) next() []*request {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.queue) == 0 && !t.closing {
		t.filled.Wait()
	}
	n := t.fits(t.queue)
	if i := slices.IndexFunc(t.queue[:n], func(r *request) bool { return r.also != nil }); i >= 0 {
		n = max(i, 1)
	}
	batch := slices.Clone(t.queue[:n])
	t.queue = slices.Delete(t.queue, 0, n)
	return batch
}

// wanted are the requests of a batch that somebody still waits for.
func (t *Trail) wanted(batch []*request) []*request {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(batch), func(r *request) bool { return r.abandoned })
}

func (t *Trail) poison(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.err = fmt.Errorf("%w: %w", audit.ErrPoisoned, err)
	return t.err
}

func (t *Trail) drain() []*request {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := t.queue
	t.queue = nil
	return rest
}

// Head implements [audit.Trail]. It asks the database, for other processes may have written; it answers also when the
// trail is poisoned or closed.
func (t *Trail) Head(ctx context.Context) (audit.Head, error) {
	if err := ctx.Err(); err != nil {
		return audit.Head{}, err
	}
	return t.head(ctx)
}

// Health is how a trail is doing.
type Health struct {
	Known   audit.Head // the last event that this process knows to be durable; others may have written since
	Queued  int        // events that wait for the database
	Bytes   int        // of these
	Waiting int        // calls that wait for room in the queue
	Err     error      // why the trail is poisoned or closed
	Last    error      // how the latest transaction ended
}

// OK reports whether events can be appended, as far as is known.
func (h Health) OK() bool { return h.Err == nil && h.Last == nil && h.Waiting == 0 }

// Health tells how the trail is doing. It does not ask the database.
func (t *Trail) Health() Health {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := Health{Known: t.state.known, Err: t.err, Last: t.state.last, Waiting: len(t.queue) - t.fits(t.queue)}
	if h.Err == nil && t.closing {
		h.Err = audit.ErrClosed
	}
	for _, r := range t.queue {
		h.Queued += len(r.drafts)
		h.Bytes += r.bytes
	}
	return h
}

// Close implements [audit.Trail]: it writes what is queued. The database stays open. A poisoned trail says so once more.
func (t *Trail) Close() error {
	t.mu.Lock()
	t.closing = true
	t.filled.Signal()
	t.mu.Unlock()
	<-t.stopped
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
