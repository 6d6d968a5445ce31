package policy_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// TestRefusalsOfABatchStayWhatTheyWere reads many more records than one look at the trail takes, twice, about two people of whom
// one is refused a part, and compares every refusal with that of a single read.
func TestRefusalsOfABatchStayWhatTheyWere(t *testing.T) {
	w := newWorld(t)
	w.happened(bob, basis.Occurred{Event: "signed"})
	w.happened(bob, basis.RestrictionImposed{Reason: "accuracy-contested", Categories: []string{"finance"}})
	guard, err := policy.NewGuard(w.reg, w.ledger, answers{}, w.rules, policy.WithClock(w.clock.now), policy.WithDenialBudget(1<<20))
	require.NoError(t, err)
	var records []*lessee
	for i := range 3_000 {
		r := adaRecord()
		if i%3 == 1 {
			r.ID = bob
		}
		records = append(records, r)
	}
	told := func(err error) *policy.Explanation {
		var refusal *policy.DeniedError
		require.True(t, errors.As(err, &refusal))
		return refusal.Decision.Explain()
	}
	_, err = policy.Read[debitView](context.Background(), guard, w.request("invoicing"), records[1])
	want := told(err)
	var all []policy.Result[debitView]
	for _, list := range [][]*lessee{records, records[:100], records} {
		results, err := policy.ReadBatch[debitView](context.Background(), guard, w.request("invoicing"), list)
		require.NoError(t, err)
		require.Len(t, results, len(list))
		all = append(all, results...)
	}
	n := 0
	for i := range all {
		if all[i].Err == nil {
			require.NotZero(t, all[i].View)
			n++
			continue
		}
		require.Equal(t, want, told(all[i].Err), "record %d", i)
	}
	require.Greater(t, n, len(all)/2)
}

// TestABatchAsksAPolicyOnceForAllAlike whose capacities are the same and for as long as its verdict lasts.
func TestABatchAsksAPolicyOnceForAllAlike(t *testing.T) {
	const people = 2_000
	batch := func(t *testing.T, decide func(n int, in *policy.Input, v *policy.Verdict)) (asked, permitted int) {
		w := newWorld(t)
		var records []*lessee
		for i := range people {
			r := adaRecord()
			r.ID = fmt.Sprint("person-", i)
			events := []basis.Event{{DataSubject: r.ID, Body: basis.Occurred{Event: "signed"}}}
			if i >= people/2 {
				events = append(events, basis.Event{DataSubject: r.ID, Body: basis.Occurred{Event: "vouched"}})
			}
			require.NoError(t, w.ledger.Record(context.Background(), events...))
			records = append(records, r)
		}
		w.clock.advance(time.Hour)
		w.rules.become(func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
			asked++
			v := policy.Verdict{Digest: w.rules.Digest(), Permit: in.Fields, Lasting: true}
			decide(asked, in, &v)
			return v, nil
		})
		guard, err := policy.NewGuard(w.reg, w.ledger, answers{}, w.rules, policy.WithClock(w.clock.now), policy.WithDenialBudget(1<<20))
		require.NoError(t, err)
		results, err := policy.ReadBatch[debitView](context.Background(), guard, w.request("invoicing"), records)
		require.NoError(t, err)
		for i := range results {
			if results[i].Err == nil {
				permitted++
			}
		}
		return asked, permitted
	}
	t.Run("each for its capacities", func(t *testing.T) {
		_, permitted := batch(t, func(_ int, in *policy.Input, v *policy.Verdict) {
			if len(in.Capacities) > 1 {
				v.Permit = purpose.FieldSet{}
			}
		})
		require.Equal(t, people/2, permitted)
	})
	t.Run("all of those that follow each other", func(t *testing.T) {
		asked, permitted := batch(t, func(int, *policy.Input, *policy.Verdict) {})
		require.Equal(t, people, permitted)
		require.Equal(t, 2, asked)
	})
	t.Run("not after it ended", func(t *testing.T) {
		asked, permitted := batch(t, func(_ int, in *policy.Input, v *policy.Verdict) { v.Until = in.Request.At })
		require.Equal(t, people, permitted)
		require.Equal(t, people, asked)
	})
	t.Run("not what does not last", func(t *testing.T) {
		asked, permitted := batch(t, func(n int, _ *policy.Input, v *policy.Verdict) {
			if v.Lasting = false; n%4 == 0 {
				v.Permit = purpose.FieldSet{}
			}
		})
		require.Equal(t, people, asked)
		require.Equal(t, people*3/4, permitted)
	})
}
