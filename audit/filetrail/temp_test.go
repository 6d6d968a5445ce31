package filetrail_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

func TestATemporaryTrailIsATrailOfItsOwn(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a, err := filetrail.OpenTemp(filetrail.Options{})
	require.NoError(t, err)
	defer a.Close()
	b, err := filetrail.OpenTemp(filetrail.Options{})
	require.NoError(t, err, "each has a directory, and a lock, of its own")
	defer b.Close()
	for e, err := range a.Read(context.Background(), 1) {
		require.NoError(t, err)
		require.Equal(t, audit.TrailOpened, e.Name)
	}
}
