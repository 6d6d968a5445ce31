package audittest

import (
	"bytes"
	"context"
	"iter"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Recorder is a trail in memory. It keeps the contract of [audit.Trail] but for durability, and is safe for concurrent
// use.
type Recorder struct {
	mu     sync.Mutex
	chain  *audit.Chain
	lines  [][]byte
	fail   error
	gate   chan struct{} // closed unless blocked
	closed bool
}

var (
	_ audit.Trail      = (*Recorder)(nil)
	_ audit.Reader     = (*Recorder)(nil)
	_ audit.LineReader = (*Recorder)(nil)
)

// NewRecorder returns an empty trail. Clock nil means [time.Now].
func NewRecorder(clock func() time.Time) *Recorder {
	gate := make(chan struct{})
	close(gate)
	return &Recorder{chain: audit.NewChain(audit.Head{Stream: "recorder"}, clock), gate: gate}
}

// FailNext makes the next Append that would succeed return err and append nothing.
func (r *Recorder) FailNext(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// Block makes every Append wait until release is called or its context ends. Release may be called twice.
func (r *Recorder) Block() (release func()) {
	gate := make(chan struct{})
	r.mu.Lock()
	r.gate = gate
	r.mu.Unlock()
	return sync.OnceFunc(func() { close(gate) })
}

// Append implements [audit.Trail].
func (r *Recorder) Append(ctx context.Context, events []audit.Event) error {
	drafts, err := audit.NewDrafts(events)
	if err != nil {
		return err
	}
	r.mu.Lock()
	gate := r.gate
	r.mu.Unlock()
	select {
	case <-gate:
	case <-ctx.Done():
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	switch err := ctx.Err(); {
	case err != nil:
		return err
	case r.closed:
		return audit.ErrClosed
	case r.fail != nil:
		err, r.fail = r.fail, nil
		return err
	}
	next, lines := *r.chain, r.lines
	for i := range drafts {
		line, err := next.AppendLine(nil, &drafts[i])
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	*r.chain, r.lines = next, lines
	return nil
}

// Head implements [audit.Trail].
func (r *Recorder) Head(ctx context.Context) (audit.Head, error) {
	if err := ctx.Err(); err != nil {
		return audit.Head{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.chain.Head(), nil
}

// Close implements [audit.Trail]. What was recorded can still be read.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

// Read implements [audit.Reader].
func (r *Recorder) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	lines := r.snapshot()
	return func(yield func(audit.Event, error) bool) {
		for i := max(from, 1) - 1; i < uint64(len(lines)); i++ {
			if err := ctx.Err(); err != nil {
				yield(audit.Event{}, err)
				return
			}
			e, err := audit.ParseLine(lines[i])
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Lines implements [audit.LineReader].
func (r *Recorder) Lines(ctx context.Context, from uint64) iter.Seq2[[]byte, error] {
	lines := r.snapshot()
	return func(yield func([]byte, error) bool) {
		for i := max(from, 1) - 1; i < uint64(len(lines)); i++ {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(bytes.Clone(lines[i]), nil) {
				return
			}
		}
	}
}

// Events returns what was recorded so far.
func (r *Recorder) Events() []audit.Event {
	var out []audit.Event
	for e, err := range r.Read(context.Background(), 0) {
		if err != nil {
			panic(err) // lines that AppendLine wrote parse
		}
		out = append(out, e)
	}
	return out
}

// Bytes returns what was recorded so far as a file would hold it: for [audit.Verify], and to look for canaries.
func (r *Recorder) Bytes() []byte {
	var out []byte
	for _, line := range r.snapshot() {
		out = append(append(out, line...), '\n')
	}
	return out
}

func (r *Recorder) snapshot() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines[:len(r.lines):len(r.lines)]
}
