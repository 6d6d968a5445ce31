package mirror

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

var (
	// ErrGap means that events were pruned before they were mirrored. A mirror with a new cursor begins with what is left.
	ErrGap = errors.New("mirror: events were pruned before they were mirrored")
	// ErrForked means that the trail is not the one whose events were mirrored before, or no longer has them.
	ErrForked = errors.New("mirror: another history than before")
)

// Options of a mirror. The zero value is good.
type Options struct {
	Batch            int           // events at once; 0 means 256
	Timeout          time.Duration // of one Send and of one Save; 0 means 10 s
	Poll             time.Duration // between looks at a trail without news; 0 means 1 s
	MinWait, MaxWait time.Duration // after a failure, doubling, with jitter; 0 means 500 ms and 1 min

	Clock func() time.Time                           // nil means time.Now
	Sleep func(context.Context, time.Duration) error // nil means a timer; returns early when the context ends
	Rand  func() float64                             // jitter in [0, 1); nil means math/rand/v2
}

func (o *Options) complete() error {
	if o.Batch < 0 || o.Timeout < 0 || o.Poll < 0 || o.MinWait < 0 || o.MaxWait < 0 {
		return errors.New("mirror: negative number in Options")
	}
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&o.Timeout, 10*time.Second)
	set(&o.Poll, time.Second)
	set(&o.MinWait, 500*time.Millisecond)
	set(&o.MaxWait, max(time.Minute, o.MinWait))
	if o.MaxWait < o.MinWait {
		return errors.New("mirror: MaxWait is less than MinWait")
	}
	if o.Batch == 0 {
		o.Batch = 256
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Mirror copies one trail to one sink. It is safe for concurrent use.
type Mirror struct {
	source Source
	sink   Sink
	cursor Cursor
	opts   Options

	turn   chan struct{} // holds one token: who has it may send
	at     audit.Head    // of the last event that the receiver has; belongs to who has the turn
	loaded bool          // at is what the cursor said
	late   chan struct{} // closed when a call that was given up comes back; nil if none was

	mu     sync.Mutex
	health Health
}

// New makes a mirror that does nothing yet: call [Mirror.Run].
func New(source Source, sink Sink, cursor Cursor, opts Options) (*Mirror, error) {
	if source == nil || sink == nil || cursor == nil {
		return nil, errors.New("mirror: it takes a source, a sink and a cursor")
	}
	if err := opts.complete(); err != nil {
		return nil, err
	}
	m := &Mirror{source: source, sink: sink, cursor: cursor, opts: opts, turn: make(chan struct{}, 1)}
	m.turn <- struct{}{}
	return m, nil
}

// Run mirrors until ctx ends, which is no error, or until nothing can be mirrored without a gap: [ErrGap], [ErrForked].
// Other failures are tried again, and are for [Mirror.Health].
func (m *Mirror) Run(ctx context.Context) error {
	failures := 0
	for {
		n, err := m.Tick(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrGap), errors.Is(err, ErrForked):
			return err
		case err != nil:
			err = m.opts.Sleep(ctx, m.wait(failures))
			failures++
		case n < m.opts.Batch:
			failures = 0
			err = m.opts.Sleep(ctx, m.opts.Poll)
		default:
			failures = 0
		}
		if err != nil && ctx.Err() != nil {
			return nil
		}
	}
}

// wait returns between half of and all of a time that doubles with every failure.
func (m *Mirror) wait(failures int) time.Duration {
	d := m.opts.MinWait
	for range min(failures, 62) {
		if d >= m.opts.MaxWait/2 {
			d = m.opts.MaxWait
			break
		}
		d *= 2
	}
	return d/2 + time.Duration(float64(d-d/2)*min(max(m.opts.Rand(), 0), 1))
}

// Tick mirrors one batch and returns how many events the receiver has got: for those who do without Run, and for tests.
func (m *Mirror) Tick(ctx context.Context) (int, error) {
	select {
	case <-m.turn:
		defer func() { m.turn <- struct{}{} }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	n, err := m.tick(ctx)
	if err == nil || ctx.Err() == nil { // who is called off has not failed
		m.note(err)
	}
	return n, err
}

func (m *Mirror) tick(ctx context.Context) (int, error) {
	if !m.loaded {
		at, err := call(m, ctx, m.cursor.Load)
		if err != nil {
			return 0, &failure{CursorFailed, err}
		}
		m.at, m.loaded = at, true
	}
	batch, to, err := m.next(ctx)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	if _, err := call(m, ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, m.sink.Send(ctx, batch)
	}); err != nil {
		return 0, sinkFailure(err)
	}
	// The receiver has them. Should the cursor not be saved, they come again after a crash, and only then.
	m.at = to
	m.sent(to)
	if _, err := call(m, ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, m.cursor.Save(ctx, to)
	}); err != nil {
		return len(batch), &failure{CursorFailed, err}
	}
	return len(batch), nil
}

// next reads what follows, and lets go of the trail before anything is sent.
func (m *Mirror) next(ctx context.Context) ([]audit.Event, audit.Head, error) {
	type found struct {
		batch []audit.Event
		to    audit.Head
	}
	at := m.at
	got, err := call(m, ctx, func(ctx context.Context) (found, error) {
		batch, to, err := m.read(ctx, at)
		return found{batch, to}, err
	})
	switch {
	case err == nil:
		return got.batch, got.to, nil
	case errors.Is(err, audit.ErrPruned):
		return nil, m.at, &failure{SourcePruned, ErrGap}
	case errors.Is(err, ErrForked):
		return nil, m.at, &failure{SourceForked, ErrForked}
	}
	return nil, m.at, &failure{SourceFailed, err}
}

func (m *Mirror) read(ctx context.Context, at audit.Head) ([]audit.Event, audit.Head, error) {
	head, err := m.source.Head(ctx)
	if err != nil {
		return nil, at, err
	}
	m.saw(head, at)
	switch {
	case at.Seq > 0 && (head.Stream != at.Stream || head.Seq < at.Seq || head.Seq == at.Seq && head.Hash != at.Hash):
		return nil, at, ErrForked
	case head.Seq == at.Seq:
		return nil, at, nil
	}
	from := uint64(0) // the first that is left
	if at.Seq > 0 {
		from = at.Seq + 1
	}
	var batch []audit.Event
	line := make([]byte, 0, audit.MaxLine)
	for e, err := range m.source.Read(ctx, from) {
		if err != nil {
			return nil, at, err
		}
		if at.Seq > 0 && (e.Stream != at.Stream || e.Seq != at.Seq+1 || e.Prev != at.Hash) {
			return nil, at, ErrForked
		}
		if line, err = audit.AppendLine(line[:0], &e); err != nil {
			return nil, at, err
		}
		at = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(line)}
		if batch = append(batch, e); len(batch) == m.opts.Batch {
			break
		}
	}
	return batch, at, nil
}
