package audittest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// TestTrail tests the contract of [audit.Trail], and of [audit.Reader] where the trail is one. Open returns a new trail,
// which may already hold events of its own; the suite closes it.
func TestTrail(t *testing.T, open func(t *testing.T) audit.Trail) {
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
	test func(*subject)
}

// patience bounds each check, so that a trail that hangs is an error.
const patience = 30 * time.Second

func (c check) run(trail audit.Trail) []error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s := &subject{ctx: ctx, trail: trail}
	s.start = s.head()
	c.test(s)
	if err := trail.Close(); err != nil {
		s.errorf("Close: %w", err)
	}
	return s.problems
}

// subject is the trail under test.
type subject struct {
	ctx   context.Context
	trail audit.Trail
	start audit.Head

	mu       sync.Mutex
	problems []error
}

func (s *subject) errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, fmt.Errorf(format, args...))
}

func (s *subject) head() audit.Head {
	h, err := s.trail.Head(s.ctx)
	if err != nil {
		s.errorf("Head: %w", err)
	}
	return h
}

func (s *subject) append(events ...audit.Event) {
	if err := s.trail.Append(s.ctx, events); err != nil {
		s.errorf("Append: %w", err)
	}
}

// moved expects the head n events behind the start.
func (s *subject) moved(n int) {
	if got := s.head().Seq - s.start.Seq; got != uint64(n) {
		s.errorf("head moved by %d, not by %d", got, n)
	}
}

// read returns the events since the start, or false if the trail cannot be read.
func (s *subject) read() ([]audit.Event, bool) {
	r, ok := s.trail.(audit.Reader)
	if !ok {
		return nil, false
	}
	var out []audit.Event
	for e, err := range r.Read(s.ctx, s.start.Seq+1) {
		if err != nil {
			s.errorf("Read: %w", err)
			break
		}
		out = append(out, e)
	}
	return out, true
}

// refused expects an error that is want, and a trail that did not move.
func (s *subject) refused(err, want error, what string) {
	if !errors.Is(err, want) {
		s.errorf("%s: got error %v, want %v", what, err, want)
	}
	s.moved(0)
}

// sample is an event that any trail accepts. Its number can be read back.
func sample(n int) audit.Event {
	return audit.Event{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce,
		PrincipalRef:    audit.Principal.Alias([16]byte{1}),
		PrincipalRoles:  []string{"billing"},
		DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{2})},
		Fields:          []string{"Name", "Address.City"},
		Categories:      []string{"contact.name"},
		Purpose:         "invoicing",
		DecisionID:      decisionID(n),
	}
}

func decisionID(n int) string { return fmt.Sprintf("%032x", n) }
