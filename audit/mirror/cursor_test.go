package mirror_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/mirror"
)

var place = audit.Head{Stream: "leasing-1", Seq: 4711, Hash: audit.HashLine([]byte("x"))}

func TestFileCursorKeepsTheLast(t *testing.T) {
	dir := t.TempDir()
	c := mirror.NewFileCursor(filepath.Join(dir, "cursor"))
	at, err := c.Load(t.Context())
	require.NoError(t, err)
	assert.Zero(t, at)
	for seq := range uint64(3) {
		place.Seq = 4711 + seq
		require.NoError(t, c.Save(t.Context(), place))
		at, err = mirror.NewFileCursor(filepath.Join(dir, "cursor")).Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, place, at)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left beside it")
	info, err := files[0].Info()
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// TestADamagedCursorIsRefused: cut at every byte and with every byte changed.
func TestADamagedCursorIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cursor")
	c := mirror.NewFileCursor(path)
	require.NoError(t, c.Save(t.Context(), place))
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := range good {
		flipped := append([]byte(nil), good...)
		flipped[i] ^= 1
		for _, bad := range [][]byte{good[:i], flipped} {
			require.NoError(t, os.WriteFile(path, bad, 0o600))
			_, err := c.Load(t.Context())
			require.ErrorIs(t, err, mirror.ErrCursor, i)
		}
	}
	require.NoError(t, os.WriteFile(path, good, 0o600))
	_, err = c.Load(t.Context())
	require.NoError(t, err, "the control")
}

func TestACursorWithNowhereToGo(t *testing.T) {
	c := mirror.NewFileCursor(filepath.Join(t.TempDir(), "none", "cursor"))
	require.Error(t, c.Save(t.Context(), place))
}

// FuzzCursor: what is read is what would be written.
func FuzzCursor(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "cursor")
	require.NoError(f, mirror.NewFileCursor(path).Save(f.Context(), place))
	good, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(nil))
	f.Add([]byte("purposebound cursor v1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "cursor")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		c := mirror.NewFileCursor(path)
		at, err := c.Load(t.Context())
		if err != nil {
			return
		}
		require.NoError(t, c.Save(t.Context(), at))
		back, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(text), string(back))
	})
}
