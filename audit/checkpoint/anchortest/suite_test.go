package anchortest

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/checkpoint"
)

// shelf is an anchor in memory. Its faults are for the suite to find.
type shelf struct {
	mu    sync.Mutex
	list  map[string][][]byte
	fault string
}

func newShelf(fault string) *shelf { return &shelf{list: map[string][][]byte{}, fault: fault} }

func (s *shelf) Keep(ctx context.Context, signed []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == "forgets" {
		return nil
	}
	if err := ctx.Err(); err != nil && s.fault != "deaf" {
		return err
	}
	c, err := checkpoint.Unverified(signed)
	if err != nil && s.fault != "swallows" {
		return err
	}
	if s.fault == "mixes" {
		c.Origin = one
	}
	var latest []byte
	l := s.list[c.Origin]
	if len(l) > 0 && s.fault != "keeps all" {
		latest = l[len(l)-1]
	}
	_, isNew, err := checkpoint.Admit(latest, signed)
	switch {
	case s.fault == "swallows":
		return nil
	case s.fault == "overwrites":
		isNew, err = true, nil
	case s.fault == "mixes":
		isNew, err = true, nil
	}
	if err != nil {
		return err
	}
	if s.fault != "shares" {
		signed = bytes.Clone(signed)
	}
	if isNew {
		s.list[c.Origin] = append(s.list[c.Origin], signed)
	}
	return nil
}

func (s *shelf) Latest(ctx context.Context, origin string) ([]byte, error) {
	if err := ctx.Err(); err != nil && s.fault != "deaf" {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.list[origin]
	if s.fault == "invents" && len(l) == 0 {
		return nil, nil
	}
	if len(l) == 0 {
		return nil, checkpoint.ErrNone
	}
	return bytes.Clone(l[len(l)-1]), nil
}

func (s *shelf) List(ctx context.Context, origin string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s.mu.Lock()
		l := slices.Clone(s.list[origin])
		s.mu.Unlock()
		if s.fault == "turns round" {
			slices.Reverse(l)
		}
		for _, signed := range l {
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

func TestAGoodAnchorPasses(t *testing.T) {
	TestAnchor(t, func(*testing.T) checkpoint.Anchor { return newShelf("") })
}

func TestTheSuiteFindsBrokenAnchors(t *testing.T) {
	found := map[string]bool{}
	for fault, name := range map[string]string{
		"invents":     "nothing is there at first",
		"forgets":     "concurrent keepers agree",
		"turns round": "what is kept stays, in order",
		"keeps all":   "another history is refused",
		"overwrites":  "keeping again changes nothing",
		"mixes":       "streams are kept apart",
		"swallows":    "what is no checkpoint is refused",
		"deaf":        "an ended context keeps nothing",
		"shares":      "the caller's bytes are neither kept nor shared",
	} {
		i := slices.IndexFunc(cases, func(c check) bool { return c.name == name })
		require.GreaterOrEqual(t, i, 0, name)
		assert.NotEmpty(t, cases[i].run(newShelf(fault)), fault)
		assert.Empty(t, cases[i].run(newShelf("")))
		found[name] = true
	}
	for _, c := range cases {
		assert.True(t, found[c.name], "no anchor is broken in the way that %q looks for", c.name)
	}
}
