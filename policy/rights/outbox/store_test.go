package outbox_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/purposebound/purposebound/policy/rights/outbox"
	"github.com/purposebound/purposebound/policy/rights/outbox/outboxtest"
)

func TestMemoryConforms(t *testing.T) {
	outboxtest.TestStore(t, func() (outbox.Store, error) { return outbox.NewMemory(), nil })
}

// bent is a store that breaks one promise.
type bent struct {
	outbox.Store
	how string
}

func (b *bent) Open(ctx context.Context, c outbox.Case, notices []outbox.Notice) error {
	switch b.how {
	case "opens nothing":
		return nil
	case "takes anything":
		for i := range notices {
			notices[i].State = outbox.Pending
		}
		_ = b.Store.Open(ctx, c, notices)
		return nil
	case "forgets the case":
		if len(notices) == 0 {
			return nil
		}
	case "ignores the end":
		ctx = context.WithoutCancel(ctx)
	}
	return b.Store.Open(ctx, c, notices)
}

func (b *bent) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]outbox.Notice, error) {
	switch b.how {
	case "no lease":
		lease = 0
	case "early":
		now = now.Add(time.Hour)
	case "all":
		limit = 1000
	case "wrong order":
		list, err := b.Store.Claim(ctx, now, lease, 1000)
		slices.Reverse(list)
		return list[:min(len(list), max(limit, 0))], err
	}
	return b.Store.Claim(ctx, now, lease, limit)
}

func (b *bent) Settle(ctx context.Context, n outbox.Notice) error {
	switch b.how {
	case "last writer wins":
		if now, err := b.Store.Get(ctx, n.ID); err == nil {
			n.Revision = now.Revision
		}
	case "loses the reference":
		n.Reference = ""
	}
	return b.Store.Settle(ctx, n)
}

func (b *bent) Forget(ctx context.Context, who string) (int, error) {
	if b.how == "forgets too much" {
		list, _ := b.Store.OfPerson(ctx, who)
		for _, n := range list {
			n.State, n.Next = outbox.Sent, time.Time{}
			_ = b.Store.Settle(ctx, n)
		}
	}
	return b.Store.Forget(ctx, who)
}

// The controls: a store that breaks a promise is found out.
func TestTheSuiteFindsWhatIsBroken(t *testing.T) {
	for _, how := range []string{"opens nothing", "takes anything", "forgets the case", "ignores the end", "no lease", "early", "all", "wrong order", "last writer wins", "loses the reference", "forgets too much"} {
		assert.NotEmpty(t, outboxtest.Check(func() (outbox.Store, error) { return &bent{outbox.NewMemory(), how}, nil }), how)
	}
	assert.Empty(t, outboxtest.Check(func() (outbox.Store, error) { return &bent{outbox.NewMemory(), ""}, nil }))
	assert.Len(t, outboxtest.Names(), 20)
}
