package checkpoint_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/checkpoint"
)

// Who verifies is often another user than who writes, and may do no more than read.
func TestAnotherUserVerifiesWithLeaveToReadAlone(t *testing.T) {
	a, path := newFile(t)
	signed := signedSizes(t, 1, 2)
	require.NoError(t, a.Keep(t.Context(), signed[0]))
	require.NoError(t, a.Keep(t.Context(), signed[1]))
	require.NoError(t, os.Chmod(path, 0o444))
	for dir := filepath.Dir(path); dir != os.TempDir(); dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	asNobody(t, func() {
		_, err := checkpoint.NewFileAnchor(path)
		assert.ErrorIs(t, err, fs.ErrPermission)
		a, err := checkpoint.OpenFileAnchor(path)
		if !assert.NoError(t, err) {
			return
		}
		assert.Equal(t, signed, list(t, a))
		got, err := a.Latest(t.Context(), origin)
		assert.NoError(t, err)
		assert.Equal(t, signed[1], got)
	})
}

// asNobody runs f on a thread of its own that root's rights were taken from; a process without them needs no thread.
func asNobody(t *testing.T, f func()) {
	if os.Geteuid() != 0 {
		f()
		return
	}
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if err = syscall.Setfsuid(65534); err == nil {
			f()
		}
	}()
	<-done
	require.NoError(t, err)
}
