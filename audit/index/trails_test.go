package index_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// TestOverATrailInFiles that keeps the record of the questions too, across a restart of both.
func TestOverATrailInFiles(t *testing.T) {
	dir, db := filepath.Join(t.TempDir(), "trail"), database(t)
	for round := range 3 {
		trail, err := filetrail.Open(dir, filetrail.Options{Stream: "leasing-1"})
		require.NoError(t, err)
		add(t, trail, share())
		x := newIndex(t, db, trail, trail)
		update(t, x)
		got, err := x.AboutPerson(t.Context(), asker, []string{person(1)})
		require.NoError(t, err)
		assert.Len(t, got.Entries, 2*round+1, "earlier questions are among them")
		require.NoError(t, trail.Close())
	}
	rep, err := filetrail.Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, audit.Consistent, rep.Verdict)
}

func BenchmarkUpdate(b *testing.B) {
	trail, db := heartbeats(b, 0), database(b)
	for range 20000 {
		add(b, trail, share())
	}
	x := newIndex(b, db, trail, trail)
	for b.Loop() {
		_, err := x.Rebuild(b.Context())
		require.NoError(b, err)
	}
	b.ReportMetric(20000*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
