package erasure

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/retention"
)

// Options of an executor. Schedule, Store, Journal, Ledger and Trail are needed; the rest has safe defaults.
type Options struct {
	Schedule *retention.Schedule
	Store    Eraser
	Journal  Journal
	Ledger   *Ledger
	Trail    audit.Trail
	// Clock decides what is due, and is safe for concurrent use; nil means [time.Now].
	Clock func() time.Time
	// Anonymity is needed when a rule anonymises.
	Anonymity Anonymity

	// PrincipalRef and RegisterDigest go into the trail, where they are set.
	PrincipalRef   string
	RegisterDigest string

	// Batch is the largest number of rows of one order; 0 means 500.
	Batch int
	// Timeout of one call of the store; 0 means 30 s. One that has not returned after twice the time hangs.
	Timeout time.Duration
	// Failures in a row end the run; 0 means 3. A store that lies, hangs or oversteps an order ends it at once.
	Failures int
	// Progress is called after every order, and every few thousand rows between.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Planned, Done, Kept, Orders uint64
}

// Executor carries plans out. It runs one at a time, and is safe for concurrent use.
type Executor struct {
	o       Options
	ids     *audit.IDs
	running sync.Mutex
	stuck   <-chan struct{} // of a call that hangs; closed when it returned after all
}

const (
	sweptRule     = "erasure-ledger"
	progressEvery = 8192             // rows
	recordTime    = 30 * time.Second // for the journal, the ledger and the trail to write
)

// New checks the options, and that every rule can be recorded, before anything is erased.
func New(o Options) (*Executor, error) {
	bad := func(what string) error { return fmt.Errorf("%w: %s", ErrConfig, what) }
	switch {
	case o.Schedule == nil:
		return nil, bad("no schedule")
	case o.Store == nil:
		return nil, bad("no store")
	case o.Journal == nil:
		return nil, bad("no journal")
	case o.Ledger == nil:
		return nil, bad("no ledger")
	case o.Ledger.table != o.Schedule.Table().Name:
		return nil, bad("the ledger is of another table")
	case o.Trail == nil:
		return nil, bad("no trail")
	case o.Batch < 0 || o.Timeout < 0 || o.Failures < 0:
		return nil, bad("negative batch, timeout or failures")
	case o.Anonymity.group() < 2:
		return nil, bad("a group of less than two singles people out")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Batch == 0 {
		o.Batch = 500
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Failures == 0 {
		o.Failures = 3
	}
	x := &Executor{o: o, ids: audit.NewIDs(o.Clock)}
	for _, r := range o.Schedule.Rules() {
		e := x.event(&Intent{Batch: "00000000000000000000000000", Then: r.Then, Rule: r.Key, Clause: r.Clause}, 1, 1)
		if err := e.Validate(); err != nil {
			return nil, fmt.Errorf("%w: rule %q cannot be recorded: %w", ErrConfig, r.Key, err)
		}
		if r.Then != retention.Anonymise {
			continue
		}
		if _, ok := o.Store.(Anonymiser); !ok {
			return nil, bad(fmt.Sprintf("rule %q anonymises, and the store is no Anonymiser", r.Key))
		}
		if len(o.Anonymity.Identifying) == 0 {
			return nil, bad(fmt.Sprintf("rule %q anonymises, and no category is identifying", r.Key))
		}
	}
	return x, nil
}

// Execute plans the rows and carries out what is due. The report is right also when there is an error; whatever the
// error, the next run goes on where this one stopped. The rows must not hold a lock on the store while they are ranged
// over.
func (x *Executor) Execute(ctx context.Context, rows iter.Seq2[retention.Row, error]) (Report, error) {
	return x.run(ctx, func(r *run) error {
		for item, err := range x.o.Schedule.Plan(ctx, rows, r.at) {
			if err != nil {
				return err
			}
			if err := r.take(ctx, item, item.Due()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Resume settles what earlier runs left open, as Execute and Sweep do first.
func (x *Executor) Resume(ctx context.Context) (Report, error) {
	return x.run(ctx, func(*run) error { return nil })
}

func (x *Executor) run(ctx context.Context, work func(*run) error) (report Report, err error) {
	if !x.running.TryLock() {
		return Report{}, ErrBusy
	}
	defer x.running.Unlock()
	if x.stuck != nil {
		select {
		case <-x.stuck:
			x.stuck = nil
		default:
			return Report{}, ErrHung
		}
	}
	r := &run{x: x, queues: map[queueKey][]string{}}
	err = contained(func() error { return r.through(ctx, work) })
	return r.report, err
}

// through is a whole run.
func (r *run) through(ctx context.Context, work func(*run) error) error {
	r.at = r.x.o.Clock()
	r.report.Started = r.at
	err := r.resume(ctx)
	if err == nil {
		err = work(r)
	}
	if err == nil {
		err = r.flush(ctx)
	}
	r.report.Ended = r.x.o.Clock()
	if err == nil && r.report.incomplete() {
		err = r.failure
	}
	r.progress()
	return err
}

// contained turns a panic of the caller's parts into an error. The journal knows what was under way.
func contained(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrPanic
		}
	}()
	return f()
}
