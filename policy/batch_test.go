package policy_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// breaks is a trail that takes one call and fails from then on.
type breaks struct {
	forgets
	calls, events *int
}

func (b breaks) Append(_ context.Context, events []audit.Event) error {
	if *b.calls++; *b.calls > 1 {
		return errors.New("disk full")
	}
	*b.events += len(events)
	return nil
}

// TestABatchReleasesWhatIsOnRecordAndNoMore reads more than one call to the trail takes.
func TestABatchReleasesWhatIsOnRecordAndNoMore(t *testing.T) {
	const first, many = 1024, 3000
	reg, err := purpose.Compile(bigSpec(20, 10))
	require.NoError(t, err)
	calls, events := 0, 0
	g := benchGuard(t, reg, breaks{calls: &calls, events: &events}, permitAll{}, "p1")
	records := make([]*twenty, many)
	for i := range records {
		records[i] = &twenty{ID: "p1", F00: "x"}
	}
	records[7] = &twenty{ID: "nobody", F00: "x"}
	req := policy.Request{Principal: policy.Principal{ID: "u1", Roles: []string{"agent"}}, Purpose: "p0"}
	results, err := policy.ReadBatch[twentyView](context.Background(), g, req, records)
	require.NoError(t, err)
	require.Len(t, results, many)
	for i, r := range results {
		if i < first && i != 7 {
			require.NoError(t, r.Err)
			require.Equal(t, "x", r.View.F00)
			continue
		}
		require.ErrorIs(t, r.Err, policy.ErrDenied)
		require.Zero(t, r.View)
		if i != 7 {
			require.Equal(t, []policy.Code{policy.CodeTrailUnavailable}, codesOf(t, r.Err))
		}
	}
	require.Equal(t, first, events, "a denial is on record too")
	require.Equal(t, 2, calls, "a trail that failed is not waited for again")
}
