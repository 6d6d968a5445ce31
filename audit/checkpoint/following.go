package checkpoint

import (
	"context"
	"errors"
	"iter"

	"github.com/purposebound/purposebound/audit"
)

// batch is how many leaves go to the tree at once.
const batch = 4096

// follow takes what is new in the trail. A line that does not follow the one before, or a head that fell back, means
// that the trail was changed under the keeper.
func (k *Keeper) follow(ctx context.Context) error {
	head, err := k.source.Head(ctx)
	if err != nil {
		return err
	}
	have := k.lines.Head()
	switch {
	case head.Stream != have.Stream && have.Stream != "", head.Seq < have.Seq, head.Seq == have.Seq && head.Hash != have.Hash:
		return ErrForked
	case head.Seq == have.Seq:
		k.progress(head.Seq)
		return nil
	}
	if have, err = k.remembered(have, head); err != nil || have.Seq == head.Seq {
		return err
	}
	leaves := make([]audit.Hash, 0, batch)
	flushed := have
	flush := func() error {
		if err := k.tree.Append(leaves...); err != nil {
			return err
		}
		leaves, flushed = leaves[:0], k.lines.Head()
		k.progress(head.Seq)
		return nil
	}
	for line, err := range lines(ctx, k.source, have.Seq+1) {
		if err == nil {
			if err = k.lines.Next(line); err != nil {
				err = errors.Join(ErrForked, err)
			}
		}
		if err != nil {
			return errors.Join(err, k.back(flush(), flushed))
		}
		if leaves = append(leaves, k.lines.Head().Hash); len(leaves) == batch {
			if err := flush(); err != nil {
				return k.back(err, flushed)
			}
		}
	}
	if err := flush(); err != nil {
		return k.back(err, flushed)
	}
	if k.lines.Head().Seq < head.Seq {
		return errors.New("checkpoint: the trail gives fewer events than it has")
	}
	return nil
}

// remembered takes what the trail remembers of its lines, and returns how far that goes.
func (k *Keeper) remembered(have, head audit.Head) (audit.Head, error) {
	trail, ok := k.source.(audit.LeafReader)
	if !ok {
		return have, nil
	}
	leaves := trail.Leaves(have.Seq + 1)
	leaves = leaves[:min(uint64(len(leaves)), head.Seq-have.Seq)]
	if len(leaves) == 0 {
		return have, nil
	}
	to := audit.Head{Stream: head.Stream, Seq: have.Seq + uint64(len(leaves)), Hash: leaves[len(leaves)-1]}
	if to.Seq == head.Seq && to.Hash != head.Hash {
		return have, ErrForked
	}
	if err := k.tree.Append(leaves...); err != nil {
		return have, err
	}
	k.lines = audit.Follow(to)
	k.progress(head.Seq)
	return to, nil
}

// back puts the follower where the tree is, if the tree did not take what it was given.
func (k *Keeper) back(err error, to audit.Head) error {
	if err != nil {
		k.lines = audit.Follow(to)
	}
	return err
}

// lines yields the lines of a trail from seq on.
func lines(ctx context.Context, trail Source, from uint64) iter.Seq2[[]byte, error] {
	if lr, ok := trail.(audit.LineReader); ok {
		return lr.Lines(ctx, from)
	}
	return func(yield func([]byte, error) bool) {
		var line []byte
		for e, err := range trail.Read(ctx, from) {
			if err == nil {
				line, err = audit.AppendLine(line[:0], &e)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

func (k *Keeper) progress(seen uint64) {
	size := k.tree.Size()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen, k.size = max(seen, size), size
}
