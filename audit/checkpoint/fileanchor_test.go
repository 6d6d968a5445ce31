package checkpoint_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/checkpoint/anchortest"
)

func newFile(t testing.TB) (*checkpoint.FileAnchor, string) {
	path := filepath.Join(t.TempDir(), "anchor")
	a, err := checkpoint.NewFileAnchor(path)
	require.NoError(t, err)
	return a, path
}

func TestAFileIsAnAnchor(t *testing.T) {
	anchortest.TestAnchor(t, func(t *testing.T) checkpoint.Anchor {
		a, _ := newFile(t)
		return a
	})
}

func TestAShelfIsAnAnchor(t *testing.T) {
	anchortest.TestAnchor(t, func(*testing.T) checkpoint.Anchor { return newShelf() })
}

// signedSizes are checkpoints of growing trees.
func signedSizes(t testing.TB, sizes ...uint64) (out [][]byte) {
	signer, _ := keys(t, origin)
	for _, n := range sizes {
		signed, err := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: n}}.Sign(signer)
		require.NoError(t, err)
		out = append(out, signed)
	}
	return out
}

func list(t testing.TB, a checkpoint.Anchor) (out [][]byte) {
	for signed, err := range a.List(context.Background(), origin) {
		require.NoError(t, err)
		out = append(out, signed)
	}
	return out
}

func TestTwoProcessesKeepInOneFile(t *testing.T) {
	a, path := newFile(t)
	b, err := checkpoint.NewFileAnchor(path)
	require.NoError(t, err)
	signed := signedSizes(t, 1, 2, 3)
	require.NoError(t, a.Keep(t.Context(), signed[0]))
	require.NoError(t, b.Keep(t.Context(), signed[1]))
	assert.ErrorIs(t, a.Keep(t.Context(), signed[0]), checkpoint.ErrForked)
	require.NoError(t, a.Keep(t.Context(), signed[2]))
	got, err := b.Latest(t.Context(), origin)
	require.NoError(t, err)
	assert.Equal(t, signed[2], got)
	assert.Equal(t, signed, list(t, b))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.EqualValues(t, 0o600, info.Mode().Perm())
}

func TestAnAnchorForReadingKeepsNothing(t *testing.T) {
	a, path := newFile(t)
	signed := signedSizes(t, 1, 2)
	require.NoError(t, a.Keep(t.Context(), signed[0]))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	b, err := checkpoint.OpenFileAnchor(path)
	require.NoError(t, err)
	assert.Error(t, b.Keep(t.Context(), signed[1]))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	require.NoError(t, a.Keep(t.Context(), signed[1]))
	assert.Equal(t, signed, list(t, b), "it follows what others keep")

	nowhere := filepath.Join(t.TempDir(), "nowhere")
	_, err = checkpoint.OpenFileAnchor(nowhere)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.NoFileExists(t, nowhere)
}

// A writer that is killed at any byte leaves a file that the next one goes on with.
func TestAFileCutAtAnyByteGoesOn(t *testing.T) {
	a, path := newFile(t)
	signed := signedSizes(t, 1, 2, 3, 4)
	require.NoError(t, a.Keep(t.Context(), signed[0]))
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, a.Keep(t.Context(), signed[1]))
	both, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := len(first); cut <= len(both); cut++ {
		require.NoError(t, os.WriteFile(path, both[:cut], 0o600))
		a, err := checkpoint.NewFileAnchor(path)
		require.NoError(t, err)
		want := signed[:1]
		if cut == len(both) {
			want = signed[:2]
		}
		assert.Equal(t, want, list(t, a), "cut at %d", cut)
		require.NoError(t, a.Keep(t.Context(), signed[2]))
		require.NoError(t, a.Keep(t.Context(), signed[3]))
		want = append(want[:len(want):len(want)], signed[2:]...)
		assert.Equal(t, want, list(t, a), "cut at %d", cut)
		again, err := checkpoint.NewFileAnchor(path)
		require.NoError(t, err)
		got, err := again.Latest(t.Context(), origin)
		require.NoError(t, err)
		assert.Equal(t, signed[3], got)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, bytes.HasPrefix(after, both[:cut]), "it only appends")
	}
}

func TestAChangedFileIsNoticed(t *testing.T) {
	for name, harm := range map[string]func(path string, b []byte) error{
		"cut":      func(path string, b []byte) error { return os.WriteFile(path, b[:len(b)/3], 0o600) },
		"emptied":  func(path string, _ []byte) error { return os.Truncate(path, 0) },
		"deleted":  func(path string, _ []byte) error { return os.Remove(path) },
		"replaced": func(path string, b []byte) error { return os.Rename(copyOf(path, b), path) },
		"garbage":  func(path string, b []byte) error { return os.WriteFile(path, append(b, "garbage\n"...), 0o600) },
		"a string": func(path string, b []byte) error { return os.WriteFile(path, append(b, "\"garbage\"\n"...), 0o600) },
		"long":     func(path string, b []byte) error { return os.WriteFile(path, append(b, make([]byte, 1<<20)...), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			a, path := newFile(t)
			signed := signedSizes(t, 1, 2, 3)
			require.NoError(t, a.Keep(t.Context(), signed[0]))
			require.NoError(t, a.Keep(t.Context(), signed[1]))
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, harm(path, b))
			for range 2 {
				_, err = a.Latest(t.Context(), origin)
				assert.Error(t, err)
				assert.Error(t, a.Keep(t.Context(), signed[2]))
			}
		})
	}
}

func copyOf(path string, b []byte) string {
	_ = os.WriteFile(path+".new", b, 0o600)
	return path + ".new"
}

func FuzzFileAnchor(f *testing.F) {
	a, path := newFile(f)
	signed := signedSizes(f, 1, 2)
	require.NoError(f, a.Keep(f.Context(), signed[0]))
	good, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(good)
	f.Add(append(good[:20:20], " torn\n"...))
	f.Add([]byte("\"\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "anchor")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		a, err := checkpoint.NewFileAnchor(path)
		if err != nil {
			return
		}
		before, latest := a.Latest(t.Context(), origin)
		if err := a.Keep(t.Context(), signed[1]); err != nil {
			require.ErrorIs(t, err, checkpoint.ErrForked)
			require.NoError(t, latest)
			return
		}
		after, err := a.Latest(t.Context(), origin)
		require.NoError(t, err)
		c, err := checkpoint.Unverified(after)
		require.NoError(t, err)
		require.GreaterOrEqual(t, c.Size, uint64(2))
		if latest == nil {
			was, err := checkpoint.Unverified(before)
			require.NoError(t, err)
			require.LessOrEqual(t, was.Size, c.Size)
		}
	})
}
