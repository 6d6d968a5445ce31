package anchortest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
)

// TestAnchor tests the contract of [checkpoint.Anchor]. Open returns an anchor without checkpoints of the origins that
// the suite uses, which begin with anchortest.
func TestAnchor(t *testing.T, open func(t *testing.T) checkpoint.Anchor) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, err := range c.run(open(t)) {
				t.Error(err)
			}
		})
	}
}

// check is one part of the contract. It returns what is wrong, so that a test of the suite can see it fail.
type check struct {
	name string
	test func(*try)
}

// patience bounds each check, so that an anchor that hangs is an error.
const patience = 30 * time.Second

func (c check) run(a checkpoint.Anchor) []error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	private, _, err := note.GenerateKey(rand.Reader, "anchortest")
	if err != nil {
		return []error{err}
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return []error{err}
	}
	s := &try{ctx: ctx, anchor: a, signer: signer}
	c.test(s)
	return s.problems
}

// try is one test of an anchor.
type try struct {
	ctx    context.Context
	anchor checkpoint.Anchor
	signer note.Signer

	mu       sync.Mutex
	problems []error
}

func (s *try) errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, fmt.Errorf(format, args...))
}

// sign makes a checkpoint of this size, with a root that seed decides.
func (s *try) sign(origin string, size uint64, seed byte) []byte {
	signed, err := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: size, Root: audit.Hash{seed}}}.Sign(s.signer)
	if err != nil {
		s.errorf("Sign: %w", err)
	}
	return signed
}

func (s *try) keep(signed []byte) {
	if err := s.anchor.Keep(s.ctx, signed); err != nil {
		s.errorf("Keep: %w", err)
	}
}

// latest expects this checkpoint, nil meaning none.
func (s *try) latest(origin string, want []byte) {
	got, err := s.anchor.Latest(s.ctx, origin)
	switch {
	case want == nil:
		if !errors.Is(err, checkpoint.ErrNone) {
			s.errorf("Latest of nothing: got error %v, want %w", err, checkpoint.ErrNone)
		}
	case err != nil:
		s.errorf("Latest: %w", err)
	case !bytes.Equal(got, want):
		s.errorf("Latest is not the checkpoint of the largest tree, byte for byte")
	}
}

// list expects these checkpoints.
func (s *try) list(origin string, want ...[]byte) {
	i := 0
	for got, err := range s.anchor.List(s.ctx, origin) {
		if err != nil {
			s.errorf("List: %w", err)
			return
		}
		if i >= len(want) || !bytes.Equal(got, want[i]) {
			s.errorf("List: checkpoint %d is not the one that was kept there", i)
			return
		}
		i++
	}
	if i != len(want) {
		s.errorf("List: %d checkpoints, want %d", i, len(want))
	}
}

func (s *try) refused(signed []byte, want error, what string) {
	if err := s.anchor.Keep(s.ctx, signed); !errors.Is(err, want) {
		s.errorf("%s: got error %v, want %w", what, err, want)
	}
}
