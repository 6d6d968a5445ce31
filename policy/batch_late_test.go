package policy_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// lingers is a trail that gives up the second call, and goes on reading what it was given.
type lingers struct {
	answers
	given *[][]audit.Event
}

func (l lingers) Append(_ context.Context, events []audit.Event) error {
	if *l.given = append(*l.given, events); len(*l.given) == 2 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestWhatAFailedTrailWasGivenIsLeftAlone though the rest of the batch, and another batch, come after it.
func TestWhatAFailedTrailWasGivenIsLeftAlone(t *testing.T) {
	reg, err := purpose.Compile(bigSpec(20, 10))
	require.NoError(t, err)
	var given [][]audit.Event
	g := benchGuard(t, reg, lingers{given: &given}, permitAll{}, "p1")
	records := slices.Repeat([]*twenty{{ID: "p1", F00: "x"}}, 4_000)
	req := policy.Request{Principal: policy.Principal{ID: "u1", Roles: []string{"agent"}}, Purpose: "p0"}
	results, err := policy.ReadBatch[twentyView](context.Background(), g, req, records)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.Error(t, results[len(results)-1].Err)
	require.Len(t, given, 2)
	late := slices.Clone(given[1])
	refs := late[0].DataSubjectRefs[0]
	_, err = policy.ReadBatch[twentyView](context.Background(), g, req.For("p1"), records)
	require.NoError(t, err)
	require.NotEmpty(t, refs)
	require.Equal(t, "p0", given[1][0].Purpose)
	require.Equal(t, late, given[1])
	require.Equal(t, refs, given[1][0].DataSubjectRefs[0])
}
