package filetrail

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The same on a real file system of 64 pages, filled up to every page. Without the right to mount one, the disk to the
// byte above has to do.
func TestARealDiskThatIsFullAtAnyPage(t *testing.T) {
	const page, pages = 4096, 64
	at := t.TempDir()
	if err := syscall.Mount("none", at, "tmpfs", 0, "size=256k,mode=0700"); err != nil {
		require.True(t, errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES), "%v", err)
		t.Log("no right to mount a tmpfs")
		return
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(at, 0)) })
	opened, unopened := 0, 0
	for fill64 := range pages {
		ballast := filepath.Join(at, "ballast")
		if fill64 > 0 {
			require.NoError(t, os.WriteFile(ballast, make([]byte, fill64*page), 0o600))
		}
		dir := filepath.Join(at, "trail")
		s := fill(t, dir, Options{Clock: frozen, Reserve: 4 * page, SegmentSize: 5 * page}, func() { _ = os.Remove(ballast) })
		switch {
		case !s.opened:
			unopened++
			_ = os.Remove(ballast)
		default:
			opened++
			require.True(t, s.refused && !s.poisoned, "%d pages: %+v", fill64, s)
			require.Equal(t, fill64 > 0, s.resume, "%d pages", fill64)
			require.Equal(t, 3, s.denials, "%d pages", fill64)
			copied := snap(t, dir).write(t)
			reads, denials, halts := told(t, copied)
			require.Equal(t, []int{s.reads, s.denials, 1}, []int{reads, denials, halts}, "%d pages", fill64)
		}
		require.NoError(t, os.RemoveAll(dir))
	}
	assert.Positive(t, opened)
	assert.Positive(t, unopened)
}
