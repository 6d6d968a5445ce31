package policy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatDecisionsShareHasNoRoomToSpare: two that append to it at once would write into the same place.
func TestWhatDecisionsShareHasNoRoomToSpare(t *testing.T) {
	for n := range 40 {
		list := own(make([]finding, n))
		require.Equal(t, n, cap(list), "%d findings", n)
		one, other := Decision{findings: list}, Decision{findings: list}
		one.withhold(CodeRecheck)
		other.withhold(CodeProjection)
		require.Equal(t, CodeRecheck, one.findings[n].code, "%d findings", n)
	}
}
