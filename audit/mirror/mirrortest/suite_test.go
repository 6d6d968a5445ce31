package mirrortest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/audit"
)

// memory is a sink as it must be, with the faults that a test puts in.
type memory struct {
	mu     sync.Mutex
	got    []string
	broken bool

	lies, drops, reverses, ignoresContext, keeps, changes, panics, unchecked, never bool
	kept                                                                            []audit.Event
}

func (m *memory) rig() Rig {
	return Rig{Sink: m, Received: m.received, Break: func() { m.broken = true }}
}

func (m *memory) received(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keeps {
		return ids(m.kept), nil
	}
	return append([]string(nil), m.got...), nil
}

func (m *memory) Send(ctx context.Context, events []audit.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.panics && len(events) > 0:
		panic("sink")
	case m.broken && !m.lies:
		return errors.New("broken")
	case !m.ignoresContext && ctx.Err() != nil:
		return ctx.Err()
	case m.never && len(events) == 0:
		return errors.New("nothing")
	case m.keeps:
		m.kept = events
		return nil
	}
	for i := range events {
		if _, err := audit.AppendLine(nil, &events[i]); err != nil && !m.unchecked {
			return err
		}
		if m.drops && i == 1 {
			continue
		}
		if m.reverses {
			m.got = append([]string{events[i].ID}, m.got...)
		} else {
			m.got = append(m.got, events[i].ID)
		}
		if m.changes {
			events[i].Purpose = "changed"
		}
	}
	return nil
}

func TestAGoodSinkPasses(t *testing.T) {
	TestSink(t, func(*testing.T) Rig { return (&memory{}).rig() })
}

// TestTheSuiteSeesEveryFault: the control of the suite.
func TestTheSuiteSeesEveryFault(t *testing.T) {
	for name, m := range map[string]func() *memory{
		"says yes when broken":       func() *memory { return &memory{lies: true} },
		"drops":                      func() *memory { return &memory{drops: true} },
		"reverses":                   func() *memory { return &memory{reverses: true} },
		"ignores the context":        func() *memory { return &memory{ignoresContext: true} },
		"keeps the slice":            func() *memory { return &memory{keeps: true} },
		"changes the events":         func() *memory { return &memory{changes: true} },
		"panics":                     func() *memory { return &memory{panics: true} },
		"takes what is no event":     func() *memory { return &memory{unchecked: true} },
		"takes nothing for an error": func() *memory { return &memory{never: true} },
	} {
		found := 0
		for _, c := range cases {
			found += len(c.run(m().rig()))
		}
		assert.NotZero(t, found, name)
	}
	twice := (&memory{}).rig()
	twice.Dedupes = true
	assert.NotEmpty(t, again(t.Context(), twice), "says that it dedupes, and does not")
}
