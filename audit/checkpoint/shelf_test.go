package checkpoint_test

import (
	"bytes"
	"context"
	"iter"
	"sync"

	"github.com/purposebound/purposebound/audit/checkpoint"
)

// shelf is an anchor in memory that can be told to misbehave.
type shelf struct {
	mu   sync.Mutex
	kept map[string][][]byte
	keep func(context.Context, []byte) error // instead of Keep
	last func(context.Context) ([]byte, error)
}

var _ checkpoint.Anchor = (*shelf)(nil)

func newShelf() *shelf { return &shelf{kept: map[string][][]byte{}} }

func (s *shelf) behave(keep func(context.Context, []byte) error, last func(context.Context) ([]byte, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep, s.last = keep, last
}

func (s *shelf) Keep(ctx context.Context, signed []byte) error {
	s.mu.Lock()
	keep := s.keep
	s.mu.Unlock()
	if keep != nil {
		return keep(ctx, signed)
	}
	return s.put(ctx, signed)
}

func (s *shelf) put(ctx context.Context, signed []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := checkpoint.Unverified(signed)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	_, isNew, err := checkpoint.Admit(s.top(c.Origin), signed)
	if isNew {
		s.kept[c.Origin] = append(s.kept[c.Origin], bytes.Clone(signed))
	}
	return err
}

func (s *shelf) top(origin string) []byte {
	if l := s.kept[origin]; len(l) > 0 {
		return l[len(l)-1]
	}
	return nil
}

func (s *shelf) Latest(ctx context.Context, origin string) ([]byte, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last != nil {
		return last(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if top := s.top(origin); top != nil {
		return bytes.Clone(top), nil
	}
	return nil, checkpoint.ErrNone
}

func (s *shelf) List(ctx context.Context, origin string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s.mu.Lock()
		list := s.kept[origin]
		s.mu.Unlock()
		for _, signed := range list {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(bytes.Clone(signed), nil) {
				return
			}
		}
	}
}

// sizes lists what is kept.
func (s *shelf) sizes() (out []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, signed := range s.kept[origin] {
		c, _ := checkpoint.Unverified(signed)
		out = append(out, c.Size)
	}
	return out
}
