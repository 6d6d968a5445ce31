package anchortest

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/purposebound/purposebound/audit/checkpoint"
)

const (
	one = "anchortest.example/one"
	two = "anchortest.example/two"
)

var cases = []check{
	{"nothing is there at first", func(s *try) {
		s.latest(one, nil)
		s.list(one)
	}},
	{"what is kept stays, in order", func(s *try) {
		a, b, c := s.sign(one, 1, 1), s.sign(one, 7, 2), s.sign(one, 1<<40, 3)
		for _, x := range [][]byte{a, b, c} {
			s.keep(x)
			s.latest(one, x)
		}
		s.list(one, a, b, c)
		n := 0
		for range s.anchor.List(s.ctx, one) {
			n++
			break // stopping early is fine
		}
		if n != 1 {
			s.errorf("List yields nothing")
		}
	}},
	{"keeping again changes nothing", func(s *try) {
		a := s.sign(one, 5, 1)
		s.keep(a)
		s.keep(a)
		s.list(one, a)
	}},
	{"another history is refused", func(s *try) {
		a := s.sign(one, 5, 1)
		s.keep(a)
		s.refused(s.sign(one, 5, 2), checkpoint.ErrForked, "same size, other root")
		s.refused(s.sign(one, 4, 1), checkpoint.ErrForked, "smaller tree")
		s.list(one, a)
		s.latest(one, a)
	}},
	{"streams are kept apart", func(s *try) {
		a, b, c := s.sign(one, 5, 1), s.sign(two, 2, 2), s.sign(one+"/two", 1, 3)
		s.keep(a)
		s.keep(b)
		s.keep(c)
		s.list(one, a)
		s.list(two, b)
		s.latest(one, a)
		s.latest(two, b)
		s.latest(one+"/two", c)
	}},
	{"what is no checkpoint is refused", func(s *try) {
		good := s.sign(one, 5, 1)
		for _, bad := range [][]byte{nil, []byte("canary"), []byte("\n"), good[:len(good)-1], good[:20], append([]byte("\n"), good...),
			bytes.Replace(good, []byte("\n5\n"), []byte("\n05\n"), 1)} {
			s.refused(bad, checkpoint.ErrMalformed, "garbage")
		}
		s.latest(one, nil)
	}},
	{"an ended context keeps nothing", func(s *try) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		if err := s.anchor.Keep(ctx, s.sign(one, 5, 1)); !errors.Is(err, context.Canceled) {
			s.errorf("Keep: got error %v, want %w", err, context.Canceled)
		}
		if _, err := s.anchor.Latest(ctx, one); !errors.Is(err, context.Canceled) {
			s.errorf("Latest: got error %v, want %w", err, context.Canceled)
		}
		s.latest(one, nil)
		s.keep(s.sign(one, 5, 1))
		var failed error
		for _, err := range s.anchor.List(ctx, one) {
			failed = err
		}
		if failed == nil {
			s.errorf("List with an ended context gives no error")
		}
	}},
	{"the caller's bytes are neither kept nor shared", func(s *try) {
		a := s.sign(one, 5, 1)
		mine := bytes.Clone(a)
		s.keep(mine)
		clear(mine)
		s.latest(one, a)
		if got, err := s.anchor.Latest(s.ctx, one); err == nil {
			clear(got)
		}
		s.latest(one, a)
	}},
	{"concurrent keepers agree", concurrent},
}

// concurrent has many keep checkpoints of one tree at once: those that come too late are refused, and what is kept only
// grows.
func concurrent(s *try) {
	const keepers, each = 8, 20
	var wg sync.WaitGroup
	for k := range keepers {
		wg.Go(func() {
			for i := range each {
				size := uint64(i*keepers + k + 1)
				if err := s.anchor.Keep(s.ctx, s.sign(one, size, 1)); err != nil && !errors.Is(err, checkpoint.ErrForked) {
					s.errorf("Keep: %w", err)
				}
			}
		})
	}
	wg.Wait()
	last := uint64(0)
	for signed, err := range s.anchor.List(s.ctx, one) {
		c, bad := checkpoint.Unverified(signed)
		if err != nil || bad != nil {
			s.errorf("List: %w", errors.Join(err, bad))
			return
		}
		if c.Size <= last {
			s.errorf("List: size %d behind %d", c.Size, last)
		}
		last = c.Size
	}
	if last != keepers*each {
		s.errorf("the largest tree was not kept: %d", last)
	}
}
