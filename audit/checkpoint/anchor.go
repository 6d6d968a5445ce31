package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
)

// Anchor keeps signed checkpoints where the owner of the trail cannot change them. It may keep those of many streams,
// and is safe for concurrent use. Package anchortest has its tests.
type Anchor interface {
	// Keep keeps a signed checkpoint; nil means that it is durable. To keep one again is no error. One of a smaller tree
	// than the latest of its origin, or of a tree of the same size with another root, is refused with [ErrForked]; text
	// that is no checkpoint with [ErrMalformed]. Whether the signature is good is for others to say.
	Keep(ctx context.Context, signed []byte) error

	// Latest returns the checkpoint of the largest tree of origin, or [ErrNone].
	Latest(ctx context.Context, origin string) ([]byte, error)

	// List yields all checkpoints of origin, the smallest tree first. An error ends it.
	List(ctx context.Context, origin string) iter.Seq2[[]byte, error]
}

// Admit decides for an [Anchor] whether to keep a checkpoint behind the latest of its origin, which may be nil: new is
// false if it is kept already.
func Admit(latest, signed []byte) (c Checkpoint, new bool, err error) {
	if c, err = Unverified(signed); err != nil {
		return Checkpoint{}, false, err
	}
	if latest == nil {
		return c, true, nil
	}
	was, err := Unverified(latest)
	switch {
	case err != nil:
		return Checkpoint{}, false, err
	case was.Origin != c.Origin:
		return Checkpoint{}, false, fmt.Errorf("%w: of another stream", ErrMalformed)
	case c.Size < was.Size, c.Size == was.Size && c.Root != was.Root:
		return Checkpoint{}, false, ErrForked
	}
	return c, c.Size > was.Size, nil
}

// Evidence is what anchors have of a stream.
type Evidence struct {
	Heads    []audit.TreeHead // from checkpoints with a good signature
	Unsigned int              // checkpoints without
}

// Collect asks anchors for their latest checkpoint of a stream. To have none is no error; an anchor that fails is one.
func Collect(ctx context.Context, origin string, verifiers note.Verifiers, anchors ...Anchor) (Evidence, error) {
	var ev Evidence
	for _, a := range anchors {
		signed, err := a.Latest(ctx, origin)
		if errors.Is(err, ErrNone) {
			continue
		}
		if err != nil {
			return Evidence{}, err
		}
		ev.add(signed, origin, verifiers)
	}
	return ev, nil
}

// CollectAll asks anchors for all their checkpoints of a stream. More than the latest prove no more, but narrow down
// where a fault lies.
func CollectAll(ctx context.Context, origin string, verifiers note.Verifiers, anchors ...Anchor) (Evidence, error) {
	var ev Evidence
	for _, a := range anchors {
		for signed, err := range a.List(ctx, origin) {
			if err != nil {
				return Evidence{}, err
			}
			ev.add(signed, origin, verifiers)
		}
	}
	return ev, nil
}

func (ev *Evidence) add(signed []byte, origin string, verifiers note.Verifiers) {
	if c, err := Open(signed, origin, verifiers); err != nil {
		ev.Unsigned++
	} else {
		ev.Heads = append(ev.Heads, c.TreeHead)
	}
}

// Check returns a check of the stream against the evidence.
func (ev Evidence) Check() audit.Check {
	return audit.Check{Anchors: ev.Heads, Unsigned: ev.Unsigned}
}
