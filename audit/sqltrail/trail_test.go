package sqltrail_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

func TestTrailConforms(t *testing.T) {
	for kind, make := range kinds {
		t.Run(kind, func(t *testing.T) {
			audittest.TestTrail(t, func(t *testing.T) audit.Trail {
				p := make(t)
				return p.trail(t, sqltrail.Options{})
			})
		})
	}
}

func TestTheStreamKeepsItsNameAndItsLines(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		first := p.trailOn(t, db, sqltrail.Options{})
		require.NoError(t, first.Append(t.Context(), samples(0, 3)))
		before, err := first.Head(t.Context())
		require.NoError(t, err)
		require.NoError(t, first.Close())
		_, err = p.open(t.Context(), db, sqltrail.Options{Stream: "another"})
		require.Error(t, err)

		again := p.trailOn(t, db, sqltrail.Options{Stream: before.Stream})
		after, err := again.Head(t.Context())
		require.NoError(t, err)
		assert.Equal(t, before.Stream, after.Stream)
		assert.Equal(t, before.Seq+1, after.Seq, "trail.opened")
		events := p.whole(t)
		assert.Equal(t, audit.TrailOpened, events[0].Name)
		assert.Equal(t, decisionID(2), events[3].DecisionID)
	})
}
