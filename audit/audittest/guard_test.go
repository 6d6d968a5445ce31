package audittest_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

type lessee struct {
	ID   string               `subject:"id"`
	IBAN sealed.Value[string] `personal:"finance.iban"`
}

type debit struct{ IBAN string }

// A thousand callers of a guard before a trail that misbehaves: each gets its answer, no value leaves that is not on
// record, and nobody is left behind (the package's tests end with a look at all goroutines).
func TestAThousandCallersBeforeABadTrail(t *testing.T) {
	const callers = 1000
	register := purpose.MustCompile(purpose.Spec{
		Controller: purpose.Controller{Name: "Acme", Country: "DK", Zone: "UTC"}, Notices: []purpose.Notice{{Version: "1", From: "2026-01-01"}},
		Purposes: []purpose.Purpose{{Key: "invoicing"}}, Capacities: []purpose.Capacity{{Key: "customer"}},
		Categories: []purpose.Category{{Key: "finance.iban"}}, Events: []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}},
		Retention: []retention.Rule{{Key: "yearly", Clause: "5", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P1Y")}},
		Activities: []purpose.Activity{{Key: "billing", Clause: "2.3", Purposes: []string{"invoicing"}, Categories: []string{"finance"},
			Capacities: []string{"customer"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"yearly"}}}})
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	for name, c := range map[string]struct {
		mood     audittest.Mood
		releases bool
		records  int
	}{
		"good":        {audittest.Good, true, callers},
		"dawdles":     {audittest.Dawdles, true, callers},
		"fails":       {audittest.Fails, false, 0},
		"hangs":       {audittest.Hangs, false, 0},
		"panics":      {audittest.Panics, false, 0},
		"fails after": {audittest.FailsAfter, false, -1}, // over-reports
	} {
		t.Run(name, func(t *testing.T) {
			patience := time.Minute
			if c.mood == audittest.Hangs {
				patience = 20 * time.Millisecond
			}
			trail := audittest.NewFaulty(c.mood, clock)
			ledger := basis.NewMemory(register.Vocabulary(), basis.WithClock(clock))
			require.NoError(t, ledger.Record(t.Context(), basis.Event{DataSubject: "4711", Body: basis.Occurred{Event: "signed"}}))
			rules, err := celpolicy.New(register, "team", celpolicy.Rule{ID: "everybody", Effect: policy.EffectPermit})
			require.NoError(t, err)
			guard, err := policy.NewGuard(register, ledger, trail, rules, policy.WithClock(clock),
				policy.WithTrailTimeout(patience), policy.WithPolicyTimeout(time.Minute))
			require.NoError(t, err)
			req := policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing"}
			var released atomic.Int64
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					v, err := policy.Read[debit](t.Context(), guard, req, &lessee{ID: "4711", IBAN: sealed.Of("DK5000400440116243")})
					if err == nil {
						released.Add(1)
						return
					}
					assert.ErrorIs(t, err, policy.ErrDenied)
					assert.Zero(t, v)
					assert.NotContains(t, err.Error(), "canary")
				})
			}
			wg.Wait()
			trail.Release()
			assert.Equal(t, c.releases, released.Load() == callers)
			if !c.releases {
				assert.Zero(t, released.Load())
			}
			if c.records >= 0 {
				assert.Len(t, trail.Events(), c.records)
			} else {
				assert.GreaterOrEqual(t, len(trail.Events()), callers)
			}
		})
	}
}
