package live

import (
	"cmp"
	"context"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// trailWait is how long recording may take.
const trailWait = 2 * time.Second

// refusal is what is recorded once.
type refusal struct {
	digest string
	reason Reason
}

// recordDone says durably that a generation is put in force. It survives the cancellation of the caller.
func (p *Policy) recordDone(ctx context.Context, g *generation) error {
	return p.append(ctx, audit.Event{Name: audit.PolicyChanged, Outcome: audit.Done, PolicyEngine: p.name, PolicyDigest: g.digest})
}

// recordFailed records a refusal unless it was. One that could not be recorded is tried again with the next look.
func (p *Policy) recordFailed(ctx context.Context, e *Error) {
	key := refusal{e.Digest, e.Reason}
	if _, known := p.recorded.get(key); known {
		return
	}
	if p.append(ctx, audit.Event{Name: audit.PolicyChanged, Outcome: audit.Failed, Reason: string(e.Reason), PolicyEngine: p.name,
		PolicyDigest: cmp.Or(e.Digest, NoDigest)}) == nil {
		p.recorded.put(key, struct{}{})
	}
}

func (p *Policy) append(ctx context.Context, e audit.Event) error {
	_, err := run(context.WithoutCancel(ctx), &p.stages, "trail", trailWait, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.trail.Append(ctx, []audit.Event{e})
	})
	return err
}

// memory remembers a bounded number of things, and forgets the oldest first. It is not safe for concurrent use.
type memory[K comparable, V any] struct {
	of    map[K]V
	order []K
}

// maxMemory keeps a source that changes all the time from filling the memory.
const maxMemory = 1024

func (m *memory[K, V]) get(key K) (V, bool) {
	v, ok := m.of[key]
	return v, ok
}

func (m *memory[K, V]) put(key K, v V) {
	if m.of == nil {
		m.of = map[K]V{}
	}
	if _, known := m.of[key]; !known {
		if len(m.order) == maxMemory {
			delete(m.of, m.order[0])
			m.order = append(m.order[:0], m.order[1:]...)
		}
		m.order = append(m.order, key)
	}
	m.of[key] = v
}

// forget drops what drop says.
func (m *memory[K, V]) forget(drop func(K) bool) {
	kept := m.order[:0]
	for _, k := range m.order {
		if drop(k) {
			delete(m.of, k)
		} else {
			kept = append(kept, k)
		}
	}
	m.order = kept
}
