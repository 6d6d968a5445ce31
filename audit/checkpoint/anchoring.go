package checkpoint

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// anchoring is what a keeper knows of one anchor. Its fields but the first two belong to the keeper's mu.
type anchoring struct {
	name   string
	anchor Anchor

	kept    uint64        // size of the last tree that it has
	busy    chan struct{} // closed when a call that has not come back does
	err     error
	failing time.Time     // since when
	wait    time.Duration // until the next attempt after a failure
	next    time.Time
}

const (
	minWait = time.Second
	maxWait = time.Minute
)

func (k *Keeper) sortAnchors() {
	slices.SortFunc(k.anchors, func(a, b *anchoring) int { return cmp.Compare(a.name, b.name) })
}

var (
	errBusy    = errors.New("checkpoint: the anchor does not answer")
	errRefused = errors.New("checkpoint: the anchor says that it has a later one")
)

// call lets f talk to an anchor, for as long as its time-out: an anchor that hangs beyond is left alone, with one
// goroutine, until it comes back.
func (k *Keeper) call(ctx context.Context, a *anchoring, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, k.opts.AnchorTimeout)
	k.mu.Lock()
	before, busy := a.busy, make(chan struct{})
	k.mu.Unlock()
	if before != nil {
		select {
		case <-before:
		case <-ctx.Done():
			cancel()
			return errors.Join(errBusy, ctx.Err())
		}
	}
	k.mu.Lock()
	a.busy = busy
	k.mu.Unlock()
	done := make(chan error, 1)
	go func() {
		defer cancel()
		defer close(busy)
		err := errors.New("checkpoint: the anchor panicked")
		defer func() {
			_ = recover()
			done <- err
		}()
		err = f(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		select {
		case err := <-done: // at the same time
			return err
		default:
			return errors.Join(errBusy, ctx.Err())
		}
	}
}

// anchored returns the largest checkpoint that any anchor has.
func (k *Keeper) anchored(ctx context.Context) (known audit.TreeHead, note []byte) {
	now := k.opts.Clock()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, a := range k.anchors {
		wg.Go(func() {
			var kept uint64
			err := k.call(ctx, a, func(ctx context.Context) error {
				signed, err := a.anchor.Latest(ctx, k.origin)
				if errors.Is(err, ErrNone) {
					return nil
				}
				if err != nil {
					return err
				}
				c, err := Open(signed, k.origin, k.opts.Verifiers)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if kept = c.Size; c.Size > known.Size {
					known, note = c.TreeHead, signed
				}
				return nil
			})
			k.tell(a, kept, err, now)
		})
	}
	wg.Wait()
	mu.Lock() // against an anchor that comes back late
	defer mu.Unlock()
	return known, note
}

// keep brings the latest checkpoint to every anchor that lacks it. It fails with ErrForked alone: what else fails is for
// Health.
func (k *Keeper) keep(ctx context.Context) error {
	now := k.opts.Clock()
	k.mu.Lock()
	latest, signed := k.latest, k.signed
	k.mu.Unlock()
	if latest.Size == 0 {
		return nil
	}
	var wg sync.WaitGroup
	forked := make([]bool, len(k.anchors))
	for i, a := range k.anchors {
		if !k.due(a, latest.Size, now) {
			continue
		}
		wg.Go(func() {
			err := k.call(ctx, a, func(ctx context.Context) error { return k.bring(ctx, a.anchor, latest, signed) })
			forked[i] = errors.Is(err, ErrForked)
			switch {
			case err == nil:
				k.tell(a, latest.Size, nil, now)
			case ctx.Err() == nil: // who is called off has not failed
				k.tell(a, 0, err, now)
			}
		})
	}
	wg.Wait()
	if slices.Contains(forked, true) {
		return ErrForked
	}
	return nil
}

// bring keeps a checkpoint at an anchor, which must have a beginning of the same tree.
func (k *Keeper) bring(ctx context.Context, a Anchor, latest audit.TreeHead, signed []byte) error {
	var suspect error
	switch was, err := a.Latest(ctx, k.origin); {
	case errors.Is(err, ErrNone):
	case err != nil:
		return err
	default:
		c, err := Open(was, k.origin, k.opts.Verifiers)
		if err != nil {
			suspect = err // somebody else put that there; ours goes behind it, if the anchor lets it
			break
		}
		switch have, err := k.tree.Head(c.Size); {
		case errors.Is(err, ErrPruned): // cannot be compared any more
		case errors.Is(err, ErrNone):
			return ErrForked // the trail was longer once
		case err != nil:
			return err
		case have != c.TreeHead:
			return ErrForked
		}
		if c.Size >= latest.Size {
			return nil
		}
	}
	err := a.Keep(ctx, signed)
	if errors.Is(err, ErrForked) {
		err = errRefused // which halts nothing without a signed checkpoint to show for it
	}
	return errors.Join(suspect, err)
}

// due reports whether an anchor lacks a checkpoint, and whether it is time to try.
func (k *Keeper) due(a *anchoring, size uint64, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	waiting := now.Before(a.next) && a.next.Sub(now) <= maxWait // else the clock went back
	return a.kept < size && !waiting
}

// tell writes down how an attempt went.
func (k *Keeper) tell(a *anchoring, kept uint64, err error, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a.kept = max(a.kept, kept)
	if err == nil {
		a.err, a.failing, a.wait, a.next = nil, time.Time{}, 0, time.Time{}
		return
	}
	if a.err == nil {
		a.failing = now
	}
	a.err = err
	a.wait = min(max(2*a.wait, minWait), maxWait)
	a.next = now.Add(a.wait)
}
