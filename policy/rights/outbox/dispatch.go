package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Deliver tells a recipient. It returns nil when the recipient has the notice; with any error it is tried again. It may be called
// again for a notice that it has delivered, when nobody could write that down: the recipient knows it by its id.
type Deliver func(ctx context.Context, n Notice) error

// Report says what one dispatch did.
type Report struct {
	Sent   int
	Failed int
	Stuck  []string // ids of notices that failed more often than patience allows: a person looks at them
}

// Waits between attempts: they double, from the first to the last.
const (
	firstWait = time.Minute
	lastWait  = 24 * time.Hour
)

// wait before the attempt after n.
func wait(n int) time.Duration {
	d := firstWait
	for range n - 1 {
		if d *= 2; d >= lastWait {
			return lastWait
		}
	}
	return d
}

// Dispatch delivers every notice that is due, one after the other, and returns when none is. Call it now and then, from as many
// processes as you like. It stops with an error when the store or the trail fails; what was due stays due.
func (b *Outbox) Dispatch(ctx context.Context, deliver Deliver) (r Report, err error) {
	if ctx == nil || deliver == nil {
		return r, fmt.Errorf("%w: context or delivery: missing", ErrRequest)
	}
	lease := b.opt.delivery + 3*b.opt.timeout + time.Minute
	for {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		due, err := b.store.Claim(ctx, b.opt.now(), lease, 1)
		if err != nil || len(due) == 0 {
			return r, err
		}
		n := &due[0]
		delivered, err := b.attempt(ctx, n, deliver)
		if delivered {
			r.Sent++
		} else {
			r.Failed++
			if n.Attempts >= b.opt.patience {
				r.Stuck = append(r.Stuck, n.ID)
			}
		}
		if err != nil {
			return r, err
		}
	}
}

// attempt puts on record that the recipient is about to be told, tells it, puts on record what came of it, and writes that down.
func (b *Outbox) attempt(ctx context.Context, n *Notice, deliver Deliver) (delivered bool, err error) {
	if err := b.record(ctx, n.DataSubject, b.event(n, audit.Permitted, reasonAttempt)); err != nil {
		return false, errors.Join(err, b.again(ctx, n))
	}
	_, failed := apart(ctx, b.opt.delivery, func(ctx context.Context) (struct{}, error) { return struct{}{}, deliver(ctx, n.Clone()) })
	if failed != nil {
		err := b.record(ctx, n.DataSubject, b.event(n, audit.Failed, reasonFailed))
		return false, errors.Join(err, b.again(ctx, n))
	}
	if err := b.record(ctx, n.DataSubject, b.event(n, audit.Done, reasonSent)); err != nil {
		return true, err // it is delivered again when the lease has passed
	}
	return true, b.sent(ctx, *n)
}

// again makes a notice due later. Where somebody has decided about it meanwhile, that stands.
func (b *Outbox) again(ctx context.Context, n *Notice) error {
	now := b.opt.now()
	next := *n
	next.State, next.Next, next.Lease, next.ChangedAt = Retrying, now.Add(wait(n.Attempts)), time.Time{}, now
	if err := b.store.Settle(context.WithoutCancel(ctx), next); !errors.Is(err, ErrStale) && !errors.Is(err, ErrUnknown) {
		return err
	}
	return nil
}

// sent writes down that a notice was delivered, whatever was decided about it meanwhile: it was.
func (b *Outbox) sent(ctx context.Context, n Notice) error {
	ctx = context.WithoutCancel(ctx)
	for range attempts {
		n.State, n.Next, n.Lease, n.ChangedAt = Sent, time.Time{}, time.Time{}, b.opt.now()
		err := b.store.Settle(ctx, n)
		if !errors.Is(err, ErrStale) {
			return err
		}
		if n, err = b.store.Get(ctx, n.ID); err != nil || n.State == Sent {
			return err
		}
	}
	return ErrStale
}

// attempts at a change that others keep from succeeding.
const attempts = 8
