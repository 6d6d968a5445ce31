package table

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// world is a guard for one scene, with the record bound and its trail within reach.
type world struct {
	guard *policy.Guard
	plan  *purpose.Plan
	trail *memory
}

// world makes the guard of a scene.
func (s *scene) world(r *runner, deciders []policy.Decider) (*world, error) {
	now := func() time.Time { return s.now }
	w := &world{trail: &memory{chain: audit.NewChain(audit.Head{Stream: "table"}, now)}}
	var err error
	w.guard, err = policy.NewGuard(s.reg, s.ledger, w.trail, deciders[0], policy.WithPolicies(deciders[1:]...), policy.WithClock(now),
		policy.WithPolicyTimeout(r.timeout), policy.WithStateTimeout(r.timeout), policy.WithTrailTimeout(r.timeout))
	if err != nil {
		return nil, err
	}
	w.plan, err = w.guard.Schema(s.table.schemaOf(nil))
	return w, err
}

// memory is a trail of one scene.
type memory struct {
	mu     sync.Mutex
	chain  *audit.Chain
	events []audit.Event
}

var _ audit.Trail = (*memory)(nil)

var errStored = errors.New("table: an event could not be recorded")

// Append implements [audit.Trail].
func (m *memory) Append(ctx context.Context, events []audit.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	drafts, err := audit.NewDrafts(events)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next, list := *m.chain, m.events
	for i := range drafts {
		line, err := next.AppendLine(nil, &drafts[i])
		if err != nil {
			return errStored
		}
		e, err := audit.ParseLine(line)
		if err != nil {
			return errStored
		}
		list = append(list, e)
	}
	*m.chain, m.events = next, list
	return nil
}

// Head implements [audit.Trail].
func (m *memory) Head(context.Context) (audit.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.chain.Head(), nil
}

// Close implements [audit.Trail].
func (m *memory) Close() error { return nil }

// take returns what was recorded since it was last asked.
func (m *memory) take() []audit.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.events
	m.events = nil
	return list
}
