package policy_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// nowhere is a trail that keeps nothing, so that the race is about the ledger.
type nowhere struct{}

func (nowhere) Append(context.Context, []audit.Event) error { return nil }
func (nowhere) Head(context.Context) (audit.Head, error)    { return audit.Head{}, nil }
func (nowhere) Close() error                                { return nil }

// staleLedger remembers the first answer about everybody: what a careless cache does.
type staleLedger struct {
	basis.Ledger
	mu   sync.Mutex
	seen map[string]*basis.State
}

func (l *staleLedger) StateAt(ctx context.Context, who string, at, known time.Time) (*basis.State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.seen[who]; s != nil {
		return s, nil
	}
	s, err := l.Ledger.StateAt(ctx, who, at, known)
	l.seen[who] = s
	return s, err
}

// stalePermits counts releases that began after a withdrawal was acknowledged, over n people who
// withdraw while others read about them.
func stalePermits(t *testing.T, n int, wrap func(basis.Ledger) basis.Ledger) (stale, permitted, denied int) {
	reg, err := purpose.Compile(testSpec())
	require.NoError(t, err)
	ledger := basis.NewMemory(reg.Vocabulary())
	guard, err := policy.NewGuard(reg, wrap(ledger), nowhere{}, permitAll{})
	require.NoError(t, err)
	type view struct{ Email string }
	req := policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"r"}}, Purpose: "newsletter"}
	for i := range n {
		who := fmt.Sprintf("p%d", i)
		require.NoError(t, ledger.Record(ctx, basis.Event{DataSubject: who, Body: basis.Occurred{Event: "signed"}},
			basis.Event{DataSubject: who, Body: basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()}}))
		rec := &lessee{ID: who, Email: sealed.Of("e")}
		acknowledged := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := ledger.Record(ctx, basis.Event{DataSubject: who, Body: basis.ConsentWithdrawn{Scope: "newsletter"}}); err != nil {
				t.Error(err)
			}
			close(acknowledged)
		})
		for late := false; !late; {
			select {
			case <-acknowledged:
				late = true
			default:
			}
			if _, err := policy.Read[view](ctx, guard, req, rec); err == nil {
				permitted++
				if late {
					stale++
				}
			} else {
				denied++
			}
			runtime.Gosched()
		}
		wg.Wait()
	}
	return stale, permitted, denied
}

func TestAnAcknowledgedWithdrawalIsSeenByTheNextRead(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	stale, permitted, denied := stalePermits(t, n, func(l basis.Ledger) basis.Ledger { return l })
	require.Zero(t, stale)
	require.NotZero(t, permitted, "some reads came first")
	require.GreaterOrEqual(t, denied, n)
	t.Logf("%d people: %d reads before, %d after, %d stale", n, permitted, denied, stale)

	stale, _, _ = stalePermits(t, 200, func(l basis.Ledger) basis.Ledger { return &staleLedger{Ledger: l, seen: map[string]*basis.State{}} })
	require.NotZero(t, stale, "the control: a cache that no withdrawal reaches is seen")
}
