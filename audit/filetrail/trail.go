package filetrail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Trail is a trail in files. It is safe for concurrent use.
type Trail struct {
	disk                disk
	locked              io.Closer
	maxEvents, maxBytes int
	writer              writer
	stopped             chan struct{} // closed when nothing writes any more
	requests            sync.Pool     // of *request

	mu      sync.Mutex
	filled  *sync.Cond // queue, or closing
	queue   []*request
	head    audit.Head // durable
	first   uint64     // seq of the first event that was not pruned
	state   Health     // of the writer
	marks   marks
	leaves  leaves
	err     error // poisoned
	closing bool

	pruning sync.Mutex // held by who prunes
	keep    int        // months
	clock   func() time.Time

	closeOnce sync.Once
	closeErr  error
}

var (
	_ audit.Trail      = (*Trail)(nil)
	_ audit.Reader     = (*Trail)(nil)
	_ audit.LineReader = (*Trail)(nil)
	_ audit.LeafReader = (*Trail)(nil)
)

// request is the events of one Append.
type request struct {
	drafts  []audit.Draft
	bytes   int
	rank    rank
	refused error      // by the writer
	done    chan error // holds one
	drafter audit.Drafter
}

// maxRoom is how many bytes a request may keep for the next one.
const maxRoom = 64 << 10

func newRequest(events []audit.Event) (*request, error) {
	r := &request{done: make(chan error, 1)}
	return r, r.take(events)
}

// take makes the request one of these events. It keeps nothing of them.
func (r *request) take(events []audit.Event) (err error) {
	if r.drafts, err = r.drafter.Drafts(events); err != nil {
		return err
	}
	r.bytes, r.rank, r.refused = 0, rankOf(events), nil
	for i := range r.drafts {
		r.bytes += r.drafts[i].Size()
	}
	return nil
}

// Append implements [audit.Trail]. It waits for the disk until ctx ends: with [audit.ErrFull] if the queue never had
// room, or at once if the disk is full; with the error of ctx if the events had not been written yet, else with [audit.ErrUnknown]. A context without
// end waits as long as the disk hangs. A batch that is larger than the queue is refused with [audit.ErrFull].
func (t *Trail) Append(ctx context.Context, events []audit.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := t.requests.Get().(*request)
	settled, err := t.append(ctx, r, events)
	if settled && r.drafter.Room() <= maxRoom {
		t.requests.Put(r) // nobody else has it any more
	}
	return err
}

// append reports also whether the writer has done with r.
func (t *Trail) append(ctx context.Context, r *request, events []audit.Event) (settled bool, err error) {
	if err := r.take(events); err != nil {
		return true, err
	}
	if len(r.drafts) > t.maxEvents || r.bytes > t.maxBytes {
		return true, fmt.Errorf("%w: the batch is larger than the queue", audit.ErrFull)
	}
	if err := t.enqueue(r); err != nil || len(r.drafts) == 0 {
		return true, err
	}
	select {
	case err := <-r.done:
		return true, err
	case <-ctx.Done():
		return false, t.abandon(ctx, r)
	}
}

// Prompt reports that Append returns when its context ends, whatever the disk does.
func (t *Trail) Prompt() bool { return true }

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

// run is the only goroutine that writes. It takes whatever queued up during the last fsync.
func (t *Trail) run() {
	defer close(t.stopped)
	for {
		batch := t.next()
		if len(batch) == 0 {
			return
		}
		err := guard(func() error { return t.writer.commit(batch) })
		if err = t.settle(err); err != nil {
			batch = append(batch, t.drain()...)
		}
		for _, r := range batch {
			r.done <- cmp.Or(err, r.refused)
		}
		if err != nil {
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
	batch := slices.Clone(t.queue[:n])
	t.queue = slices.Delete(t.queue, 0, n)
	return batch
}

// settle publishes the outcome of a commit before anybody is told of it.
func (t *Trail) settle(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.err = fmt.Errorf("%w: %w", audit.ErrPoisoned, err)
		return t.err
	}
	t.head = t.writer.chain.Head()
	t.state = t.writer.health()
	t.marks.put(t.writer.name, t.writer.wrote)
	t.leaves.put(t.writer.leaves, t.head.Seq)
	return nil
}

func (t *Trail) drain() []*request {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := t.queue
	t.queue = nil
	return rest
}

// Head implements [audit.Trail]. It answers also when the trail is poisoned or closed.
func (t *Trail) Head(ctx context.Context) (audit.Head, error) {
	if err := ctx.Err(); err != nil {
		return audit.Head{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.head, nil
}

// Close implements [audit.Trail]: it writes what is queued, which lasts as long as the disk takes, and gives the
// directory free. A poisoned trail says so once more.
func (t *Trail) Close() error {
	t.mu.Lock()
	t.closing = true
	t.filled.Signal()
	t.mu.Unlock()
	t.closeOnce.Do(func() {
		<-t.stopped
		t.closeErr = errors.Join(t.err, t.release())
	})
	return t.closeErr
}

// release gives back what Open took.
func (t *Trail) release() error {
	err := t.writer.release()
	if t.locked != nil {
		err = errors.Join(err, t.locked.Close())
	}
	return errors.Join(err, t.disk.Close())
}
