package checkpoint

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Health is how a keeper does.
type Health struct {
	Head       uint64 // the trail's last event, when the keeper last looked
	Followed   uint64 // the last event that it took
	Checkpoint uint64 // the last event that a checkpoint covers
	Anchored   uint64 // the last event that a checkpoint covers which an anchor keeps
	Err        error  // why following or signing failed the last time
	Halted     error  // another history is anchored
	Anchors    []AnchorHealth
}

// AnchorHealth is how an anchor does.
type AnchorHealth struct {
	Name    string
	Kept    uint64    // the last event that a checkpoint covers which this anchor keeps
	Behind  uint64    // events between that and the last checkpoint
	Err     error     // why the last attempt failed
	Failing time.Time // since when; zero if it does not
}

// OK reports whether everything that was made is kept everywhere.
func (h Health) OK() bool {
	ok := h.Err == nil && h.Halted == nil && len(h.Anchors) > 0
	for _, a := range h.Anchors {
		ok = ok && a.Err == nil && a.Behind == 0
	}
	return ok
}

// Health tells how the keeper and its anchors do. It waits for none of them.
func (k *Keeper) Health() Health {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := Health{Head: k.seen, Followed: k.size, Checkpoint: k.latest.Size, Err: k.failed, Halted: k.halted}
	for _, a := range k.anchors {
		ah := AnchorHealth{Name: a.name, Kept: a.kept, Err: a.err, Failing: a.failing}
		if k.latest.Size > a.kept {
			ah.Behind = k.latest.Size - a.kept
		}
		h.Anchored = max(h.Anchored, a.kept)
		h.Anchors = append(h.Anchors, ah)
	}
	return h
}

// Halted returns why the keeper stopped for good, or nil.
func (k *Keeper) Halted() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.halted
}

// Origin names the stream in checkpoints and proofs.
func (k *Keeper) Origin() string { return k.origin }

// Latest returns the last signed checkpoint, or [ErrNone].
func (k *Keeper) Latest() ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.signed == nil {
		return nil, ErrNone
	}
	return k.signed, nil
}

// Prove proves to a third party, who calls [CheckLine], that the event with this seq is covered by the last checkpoint.
func (k *Keeper) Prove(seq uint64) ([]byte, error) {
	k.mu.Lock()
	latest, signed := k.latest, k.signed
	k.mu.Unlock()
	if seq == 0 || seq > latest.Size || signed == nil {
		return nil, ErrNone
	}
	p, err := k.tree.Prove(seq-1, latest.Size)
	if err != nil {
		return nil, err
	}
	return p.text(signed), nil
}

// ProveConsistency proves to a third party, who calls [CheckConsistency], that the last checkpoint continues one of this
// size, which he has.
func (k *Keeper) ProveConsistency(size uint64) ([]byte, error) {
	k.mu.Lock()
	latest, signed := k.latest, k.signed
	k.mu.Unlock()
	if size > latest.Size || signed == nil {
		return nil, ErrNone
	}
	p, err := k.tree.ProveConsistency(size, latest.Size)
	if err != nil {
		return nil, err
	}
	return p.text(signed), nil
}

// Trail returns the trail for a guard to use: it refuses everything once the keeper has halted, and has checkpoints made
// without waiting for the next look.
func (k *Keeper) Trail() Source { return &kept{k: k, Source: k.source} }

type kept struct {
	Source
	k *Keeper
}

// Append implements [audit.Trail].
func (t *kept) Append(ctx context.Context, events []audit.Event) error {
	if err := t.k.Halted(); err != nil {
		return fmt.Errorf("%w: %w", audit.ErrPoisoned, err)
	}
	err := t.Source.Append(ctx, events)
	if err == nil && t.k.appended(uint64(len(events))) {
		select {
		case t.k.nudge <- struct{}{}:
		default:
		}
	}
	return err
}

// Prompt reports whether Append returns when its context ends, as that of the source may.
func (t *kept) Prompt() bool {
	p, ok := t.Source.(interface{ Prompt() bool })
	return ok && p.Prompt()
}

// Lines implements [audit.LineReader].
func (t *kept) Lines(ctx context.Context, from uint64) iter.Seq2[[]byte, error] {
	return lines(ctx, t.Source, from)
}

// appended counts, and reports whether the next checkpoint is due.
func (k *Keeper) appended(n uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen += n
	return k.seen-k.latest.Size >= k.opts.Events
}
