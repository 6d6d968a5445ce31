package policy_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
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

// nowhere is a trail that keeps nothing, so that the race is about the ledger. It lets others go on between decision and
// release.
type nowhere struct{}

func (nowhere) Head(context.Context) (audit.Head, error) { return audit.Head{}, nil }
func (nowhere) Close() error                             { return nil }

func (nowhere) Append(context.Context, []audit.Event) error {
	runtime.Gosched()
	return nil
}

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

// tally of reads beside n withdrawals: those that were permitted although they began after the acknowledgement, all that
// were permitted, all that were refused, and those of the latter that had been permitted first.
type tally struct{ stale, permitted, denied, aborted int }

// alongside withdraws n times while somebody else reads.
func alongside(t *testing.T, n int, withdraw func(i int) error, read func(i int) error) (c tally) {
	for i := range n {
		acknowledged := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := withdraw(i); err != nil {
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
			var refusal *policy.DeniedError
			switch err := read(i); {
			case err == nil:
				c.permitted++
				if late {
					c.stale++
				}
			case errors.As(err, &refusal) && slices.ContainsFunc(refusal.Decision.AllReasons(), func(r policy.Reason) bool { return r.Code == policy.CodeRecheck }):
				c.aborted++
				c.denied++
			default:
				c.denied++
			}
			runtime.Gosched()
		}
		wg.Wait()
	}
	return c
}

type emailView struct{ Email string }

// withdrawn lets n people withdraw their consent while others read about them.
func withdrawn(t *testing.T, n int, wrap func(basis.Ledger) basis.Ledger) tally {
	reg, err := purpose.Compile(testSpec())
	require.NoError(t, err)
	ledger := basis.NewMemory(reg.Vocabulary())
	guard, err := policy.NewGuard(reg, wrap(ledger), nowhere{}, permitAll{})
	require.NoError(t, err)
	req := policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"r"}}, Purpose: "newsletter"}
	for i := range n {
		require.NoError(t, ledger.Record(ctx, basis.Event{DataSubject: fmt.Sprint("p", i), Body: basis.Occurred{Event: "signed"}},
			basis.Event{DataSubject: fmt.Sprint("p", i), Body: basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()}}))
	}
	return alongside(t, n, func(i int) error {
		return ledger.Record(ctx, basis.Event{DataSubject: fmt.Sprint("p", i), Body: basis.ConsentWithdrawn{Scope: "newsletter"}})
	}, func(i int) error {
		_, err := policy.Read[emailView](ctx, guard, req, &lessee{ID: fmt.Sprint("p", i), Email: sealed.Of("e")})
		return err
	})
}

func TestAnAcknowledgedWithdrawalIsSeenByTheNextRead(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	c := withdrawn(t, n, func(l basis.Ledger) basis.Ledger { return l })
	require.Zero(t, c.stale)
	require.NotZero(t, c.permitted, "some reads came first")
	require.GreaterOrEqual(t, c.denied, n)
	t.Logf("%d withdrawals: %+v", n, c)

	c = withdrawn(t, 200, func(l basis.Ledger) basis.Ledger { return &staleLedger{Ledger: l, seen: map[string]*basis.State{}} })
	require.NotZero(t, c.stale, "the control: a cache that no withdrawal reaches is seen")
}

// swapped changes a policy n times to one that permits nothing, while others read.
func swapped(t *testing.T, n int, wrap func(*rules) policy.Decider) tally {
	w := newWorld(t)
	r := &rules{}
	guard, err := policy.NewGuard(w.reg, w.ledger, nowhere{}, wrap(r), policy.WithClock(w.clock.now))
	require.NoError(t, err)
	permits, denies := digestA, digestB
	r.become(func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		v := policy.Verdict{Digest: r.Digest()}
		if v.Digest == permits {
			v.Permit = in.Fields
		}
		return v, nil
	})
	var ready sync.Mutex // a round begins with the policy that permits
	round := -1
	begin := func(i int) {
		ready.Lock()
		defer ready.Unlock()
		if round < i {
			r.digest.Store(&permits)
			round = i
		}
	}
	return alongside(t, n, func(i int) error {
		begin(i)
		runtime.Gosched()
		r.digest.Store(&denies)
		return nil
	}, func(i int) error {
		begin(i)
		_, err := policy.Read[debitView](ctx, guard, w.request("invoicing"), adaRecord())
		return err
	})
}

func TestASwappedPolicyIsSeenByTheNextRead(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	c := swapped(t, n, func(r *rules) policy.Decider { return r })
	require.Zero(t, c.stale)
	require.NotZero(t, c.permitted, "some reads came first")
	require.NotZero(t, c.aborted, "some swaps came between decision and release")
	require.GreaterOrEqual(t, c.denied, n)
	t.Logf("%d swaps: %+v", n, c)

	c = swapped(t, 200, func(*rules) policy.Decider { return permitAll{} })
	require.NotZero(t, c.stale, "the control: a policy that is not swapped is seen")
}
