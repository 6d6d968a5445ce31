package erasuretest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/retention/erasure"
)

// broken is a journal in memory with one fault.
type broken struct {
	fault string
	mu    sync.Mutex
	open  []erasure.Intent
}

func (b *broken) Begin(ctx context.Context, i erasure.Intent) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != "ctx" && ctx.Err() != nil {
		return ctx.Err()
	}
	if b.fault != "empty" && (i.Batch == "" || len(i.Keys) == 0) {
		return erasure.ErrRecord
	}
	if b.fault != "twice" && slices.ContainsFunc(b.open, func(o erasure.Intent) bool { return o.Batch == i.Batch }) {
		return erasure.ErrRecord
	}
	if b.fault != "alias" {
		i.Keys = slices.Clone(i.Keys)
	}
	if b.fault == "field" {
		i.HeadSeq = 0
	}
	if b.fault == "order" {
		b.open = append([]erasure.Intent{i}, b.open...)
	} else {
		b.open = append(b.open, i)
	}
	return nil
}

func (b *broken) Done(_ context.Context, batch string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.open)
	if b.fault != "done" {
		b.open = slices.DeleteFunc(b.open, func(o erasure.Intent) bool { return o.Batch == batch })
	}
	if b.fault == "never" && n == len(b.open) {
		return erasure.ErrRecord
	}
	return nil
}

func (b *broken) Open(context.Context) ([]erasure.Intent, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	open := slices.Clone(b.open)
	for i := range open {
		open[i].Keys = slices.Clone(open[i].Keys)
	}
	return open, nil
}

// The suite passes a good journal, and finds each fault of a bad one.
func TestSuiteFindsEveryFault(t *testing.T) {
	for fault, finds := range map[string]bool{"": false, "ctx": true, "empty": true, "twice": true, "alias": true, "field": true,
		"order": true, "done": true, "never": true, "lossy": true} {
		problems := 0
		for _, c := range cases {
			kept := &broken{fault: fault}
			problems += len(c.run(func() (erasure.Journal, error) {
				if fault == "lossy" {
					kept = &broken{}
				}
				return kept, nil
			}))
		}
		assert.Equal(t, finds, problems > 0, "fault %q: %d problems", fault, problems)
	}
}
