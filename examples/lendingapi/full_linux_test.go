package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The disk of the trail fills up: what was released until then is on record, then nothing is, while refusals still go on
// record. With space again the service goes on by itself.
func TestAFullDiskReleasesNothing(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "trail")
	require.NoError(t, os.Mkdir(at, 0o700))
	if err := syscall.Mount("none", at, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		require.True(t, errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES), "%v", err)
		t.Log("no right to mount a tmpfs")
		return
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(at, 0)) })
	w := begin(t, settings{dir: dir})
	fill(t, filepath.Join(at, "ballast"))

	var released []reply
	var last reply
	for range 3000 {
		if last = w.get(officerToken, path(karl, "assessment")); last.Status != http.StatusOK {
			break
		}
		released = append(released, last)
	}
	require.NotEmpty(t, released)
	w.nothing(last, 503, "release.trail-unavailable")
	w.unwell("trail")
	w.nothing(w.ask(majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`), 503, "http.unavailable")
	denied := w.get(otherToken, path(karl, "assessment"))
	w.wants(denied, 403, "policy.not-permitted")
	assert.Equal(t, []string{"access.denied denied policy.not-permitted"}, w.events(denied), "refusals are on record all the same")

	require.NoError(t, os.Remove(filepath.Join(at, "ballast")))
	w.wants(w.get(officerToken, path(karl, "assessment")), 200, "")
	assert.Equal(t, "pass", w.health().Status)
	w.wants(w.get(marketingToken, path(maja, "testimonial")), 200, "") // the withdrawal was not acknowledged, and did not happen
	w.stop()
	clean(t, dir)
	_, traces, err := told(at)
	require.NoError(t, err)
	for _, r := range released {
		assert.True(t, traces[r.Trace], "a release that is not on record")
	}
	assert.False(t, traces[last.Trace], "the control: what was refused is not taken for a release")
}

// fill writes a file until there is no space left.
func fill(t *testing.T, name string) {
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
}
