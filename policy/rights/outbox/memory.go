package outbox

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] that ends with the process. It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	cases   map[string]Case
	notices map[string]Notice
}

var _ Store = (*Memory)(nil)

// NewMemory is empty.
func NewMemory() *Memory {
	return &Memory{cases: map[string]Case{}, notices: map[string]Notice{}}
}

// Open implements [Store].
func (m *Memory) Open(ctx context.Context, c Case, notices []Notice) error {
	if err := cmp.Or(ctx.Err(), Check(c, notices)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if have, ok := m.cases[c.ID]; ok && (have.DataSubject != c.DataSubject || have.Kind != c.Kind) {
		return ErrConflict
	}
	for i := range notices {
		if have, ok := m.notices[notices[i].ID]; ok && !have.Same(&notices[i]) {
			return ErrConflict
		}
	}
	if _, ok := m.cases[c.ID]; !ok {
		m.cases[c.ID] = c
	}
	for i := range notices {
		if _, ok := m.notices[notices[i].ID]; !ok {
			n := notices[i].Clone()
			n.normalise()
			n.Revision = 1
			m.notices[n.ID] = n
		}
	}
	return nil
}

// normalise cuts times to what every store keeps.
func (n *Notice) normalise() {
	for _, t := range []*time.Time{&n.First, &n.Last, &n.Next, &n.Lease, &n.CreatedAt, &n.ChangedAt} {
		if !t.IsZero() {
			*t = time.UnixMicro(t.UnixMicro()).UTC()
		}
	}
}

// Opened implements [Store].
func (m *Memory) Opened(ctx context.Context, caseID string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.cases[caseID]
	return ok, ctx.Err()
}

// Claim implements [Store].
func (m *Memory) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Notice, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	due := m.list(func(n *Notice) bool { return n.State.Open() && !n.Next.After(now) && !n.Lease.After(now) })
	slices.SortFunc(due, func(a, b Notice) int { return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.ID, b.ID)) })
	if due = due[:min(len(due), max(limit, 0))]; len(due) == 0 {
		return nil, nil
	}
	for i := range due {
		n := &due[i]
		n.Attempts, n.Lease, n.ChangedAt, n.Revision = n.Attempts+1, now.Add(lease), now, n.Revision+1
		n.normalise()
		m.notices[n.ID] = n.Clone()
	}
	return due, nil
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, id string) (Notice, error) {
	if err := ctx.Err(); err != nil {
		return Notice{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.notices[id]
	if !ok {
		return Notice{}, ErrUnknown
	}
	return n.Clone(), nil
}

// Settle implements [Store].
func (m *Memory) Settle(ctx context.Context, n Notice) error {
	if err := cmp.Or(ctx.Err(), CheckSettled(&n)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	have, ok := m.notices[n.ID]
	switch {
	case !ok:
		return ErrUnknown
	case have.Revision != n.Revision:
		return ErrStale
	}
	have.State, have.Attempts, have.Next, have.Lease, have.Reason, have.Reference, have.By, have.ChangedAt = n.State, n.Attempts, n.Next, n.Lease, n.Reason, n.Reference, n.By, n.ChangedAt
	have.Revision++
	have.normalise()
	m.notices[n.ID] = have
	return nil
}

// OfCase implements [Store].
func (m *Memory) OfCase(ctx context.Context, caseID string) ([]Notice, error) {
	return m.of(ctx, func(n *Notice) bool { return n.Case == caseID })
}

// OfPerson implements [Store].
func (m *Memory) OfPerson(ctx context.Context, dataSubject string) ([]Notice, error) {
	return m.of(ctx, func(n *Notice) bool { return n.DataSubject == dataSubject })
}

func (m *Memory) of(ctx context.Context, which func(*Notice) bool) ([]Notice, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.list(which), nil
}

// list copies notices by case, recipient and country.
func (m *Memory) list(which func(*Notice) bool) (list []Notice) {
	for _, n := range m.notices {
		if which(&n) {
			list = append(list, n.Clone())
		}
	}
	slices.SortFunc(list, func(a, b Notice) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(a.RecipientCountry, b.RecipientCountry))
	})
	return list
}

// Forget implements [Store].
func (m *Memory) Forget(ctx context.Context, dataSubject string) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	mine := m.list(func(n *Notice) bool { return n.DataSubject == dataSubject })
	if slices.ContainsFunc(mine, func(n Notice) bool { return n.State.Open() }) {
		return 0, ErrOpen
	}
	for i := range mine {
		delete(m.notices, mine[i].ID)
	}
	for id, c := range m.cases {
		if c.DataSubject == dataSubject {
			delete(m.cases, id)
		}
	}
	return len(mine), nil
}
