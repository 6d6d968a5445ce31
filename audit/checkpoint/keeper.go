package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Keeper follows a trail, makes checkpoints and has them anchored. It is safe for concurrent use. There is one for each
// stream.
type Keeper struct {
	opts   Options
	source Source
	origin string
	nudge  chan struct{}

	turn   sync.Mutex // held by who follows and signs
	lines  *audit.Follower
	tree   *Tree
	polled time.Duration // since the last checkpoint, as Run counts

	mu      sync.Mutex
	signed  []byte
	latest  audit.TreeHead // of signed
	at      time.Time      // when it was made
	seen    uint64         // the trail's head
	size    uint64         // of the tree
	failed  error          // following or signing, the last time
	halted  error
	anchors []*anchoring
}

// New makes a keeper that goes on where the anchors say that the last one ended: it reads the rest of the trail, or all
// of it if the store does not hold what was anchored. It fails with [ErrForked] if the trail is of another history. An
// anchor that fails does not keep it from starting.
func New(ctx context.Context, source Source, opts Options) (*Keeper, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	head, err := source.Head(ctx)
	if err != nil {
		return nil, err
	}
	origin, err := Origin(opts.Operator, head.Stream)
	if err != nil {
		return nil, err
	}
	k := &Keeper{opts: opts, source: source, origin: origin, nudge: make(chan struct{}, 1)}
	if _, err := k.sign(audit.TreeHead{}); err != nil {
		return nil, fmt.Errorf("checkpoint: the verifiers do not accept the signers: %w", err)
	}
	for name, a := range opts.Anchors {
		k.anchors = append(k.anchors, &anchoring{name: name, anchor: a})
	}
	k.sortAnchors()
	if err := k.start(ctx); err != nil {
		return nil, err
	}
	return k, nil
}

// start finds where to go on and catches up.
func (k *Keeper) start(ctx context.Context) error {
	known, signed := k.anchored(ctx)
	err := k.resume(ctx, known)
	if err != nil {
		if err = k.begin(); err == nil {
			err = k.follow(ctx)
		}
	}
	if err != nil {
		return err
	}
	if known.Size > 0 {
		switch have, err := k.tree.Head(known.Size); {
		case errors.Is(err, ErrPruned): // cannot be compared any more
		case errors.Is(err, ErrNone), err == nil && have != known:
			return ErrForked
		case err != nil:
			return err
		}
	}
	k.latest, k.signed = known, signed
	return nil
}

// resume goes on with the store at a checkpoint that is known. It fails where the store does not hold that.
func (k *Keeper) resume(ctx context.Context, known audit.TreeHead) error {
	if known.Size == 0 {
		return ErrNone
	}
	tree, err := OpenTree(k.opts.Store, known)
	if err != nil {
		return err
	}
	for e, err := range k.source.Read(ctx, known.Size) {
		if err != nil {
			return err
		}
		line, err := audit.AppendLine(nil, &e)
		if err != nil {
			return err
		}
		last := audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(line)}
		kept, err := tree.leaf(known.Size - 1)
		if err != nil || e.Seq != known.Size || kept != last.Hash {
			return ErrForked
		}
		k.tree, k.lines = tree, audit.Follow(last)
		return k.follow(ctx)
	}
	return ErrForked
}

// begin makes the tree anew, behind what was pruned.
func (k *Keeper) begin() error {
	var m audit.Manifest
	if p, ok := k.source.(interface {
		Pruned() (audit.Manifest, error)
	}); ok {
		var err error
		if m, err = p.Pruned(); err != nil {
			return err
		}
	}
	tree, err := NewTree(k.opts.Store, m.Tree)
	if err != nil {
		return err
	}
	k.tree, k.lines = tree, audit.Follow(m.Head)
	return nil
}

// sign makes a checkpoint that its verifiers were seen to accept.
func (k *Keeper) sign(head audit.TreeHead) ([]byte, error) {
	c := Checkpoint{k.origin, head}
	signed, err := c.Sign(k.opts.Signers...)
	if err != nil {
		return nil, err
	}
	if back, err := Open(signed, k.origin, k.opts.Verifiers); err != nil || back != c {
		return nil, ErrUnsigned
	}
	return signed, nil
}

// Run looks at the trail every [Options.Poll], and as soon as [Keeper.Trail] has appended enough, until ctx ends or
// another history turns out to be anchored. It takes a fifth of the time at most, for it may share the disk with the trail:
// under load a checkpoint covers more events than [Options.Events]. Other errors are for [Keeper.Health].
func (k *Keeper) Run(ctx context.Context) error {
	ticker := time.NewTicker(k.opts.Poll)
	defer ticker.Stop()
	for {
		began := time.Now()
		if err := k.tick(ctx, k.opts.Poll); errors.Is(err, ErrForked) {
			return err
		}
		if !k.rest(ctx, ticker.C, min(4*time.Since(began), k.opts.Poll)) {
			return nil
		}
	}
}

// rest waits for the next look, and reports whether there is one. For a while it hears no nudge.
func (k *Keeper) rest(ctx context.Context, poll <-chan time.Time, deaf time.Duration) bool {
	wake := time.NewTimer(deaf)
	defer wake.Stop()
	var nudge <-chan struct{}
	for {
		select {
		case <-ctx.Done():
			return false
		case <-poll:
			return true
		case <-nudge:
			return true
		case <-wake.C:
			nudge = k.nudge
		}
	}
}

// Tick does what is due now: it follows the trail, makes a checkpoint, anchors it. It is for those who do without Run,
// and for tests.
func (k *Keeper) Tick(ctx context.Context) error { return k.tick(ctx, 0) }

func (k *Keeper) tick(ctx context.Context, polled time.Duration) error {
	k.turn.Lock()
	defer k.turn.Unlock()
	if err := k.Halted(); err != nil {
		return err
	}
	k.polled += polled
	err := k.work(ctx)
	if !errors.Is(err, ErrForked) {
		err = errors.Join(err, k.keep(ctx))
	}
	if errors.Is(err, ErrForked) {
		err = k.halt(ctx)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failed = err
	return err
}

// work follows the trail and makes a checkpoint if one is due.
func (k *Keeper) work(ctx context.Context) error {
	if err := k.follow(ctx); err != nil {
		return err
	}
	now := k.opts.Clock()
	k.mu.Lock()
	behind := k.size - k.latest.Size
	over := now.Before(k.at) || now.Sub(k.at) >= k.opts.Interval || k.polled >= k.opts.Interval
	k.mu.Unlock()
	if behind < k.opts.Events && !over {
		return nil
	}
	if behind == 0 {
		if err := k.beat(ctx); err != nil {
			return err
		}
	}
	head, err := k.tree.Head(k.lines.Head().Seq)
	if err != nil {
		return err
	}
	signed, err := k.sign(head)
	if err != nil {
		return err
	}
	k.polled = 0
	k.mu.Lock()
	defer k.mu.Unlock()
	k.signed, k.latest, k.at = signed, head, now
	return nil
}

// beat shows that an idle trail is alive.
func (k *Keeper) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, k.opts.AnchorTimeout)
	defer cancel()
	if err := k.source.Append(ctx, []audit.Event{{Name: audit.TrailHeartbeat}}); err != nil {
		return err
	}
	return k.follow(ctx)
}

// halt stops everything, and says so wherever somebody may notice.
func (k *Keeper) halt(ctx context.Context) error {
	k.mu.Lock()
	k.halted = ErrForked
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.opts.AnchorTimeout)
	defer cancel()
	err := k.source.Append(ctx, []audit.Event{{Name: audit.TrailHalted, Reason: "trail.forked"}})
	if k.opts.Halted != nil {
		k.opts.Halted(ErrForked)
	}
	return errors.Join(ErrForked, err)
}
