package policy

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheClockIsTheMachines reads it between two looks at the machine's, for long enough that it looks anew many times.
func TestTheClockIsTheMachines(t *testing.T) {
	var c wallClock
	before := c.now()
	for end := time.Now().Add(20 * resync); before.Before(end); {
		low := time.Now()
		now := c.now()
		high := time.Now()
		require.False(t, now.Before(low) || now.After(high), "by what went by")
		const step = 20 * time.Millisecond // by which a wall clock may be put right meanwhile
		require.WithinRange(t, now.Round(0), low.Round(0).Add(-step), high.Round(0).Add(step), "by the wall")
		require.False(t, now.Before(before))
		before = now
	}
	stale := time.Now().Add(-time.Hour) // it was looked at an hour ago
	c.last.Store(&stale)
	require.Zero(t, testing.AllocsPerRun(100, func() { c.now() }))
	require.NotEqual(t, &stale, c.last.Load(), "nobody looked again")
}
