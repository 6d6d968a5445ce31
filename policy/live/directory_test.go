package live_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/live"
)

func lay(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
}

// volume is what a kubelet makes of a config map: each state in a folder of its own, and a link that is replaced.
type volume struct {
	t    testing.TB
	dir  string
	last string
	n    int
}

func (v *volume) swap(files map[string][]byte) { v.show(v.prepare(files), files) }

func (v *volume) prepare(files map[string][]byte) string {
	v.n++
	name := fmt.Sprintf("..2026_05_04_10_30_%05d", v.n)
	lay(v.t, filepath.Join(v.dir, name), files)
	return name
}

func (v *volume) show(name string, files map[string][]byte) {
	link := filepath.Join(v.dir, "..data_tmp")
	require.NoError(v.t, os.Symlink(name, link))
	require.NoError(v.t, os.Rename(link, filepath.Join(v.dir, "..data")))
	for file := range files {
		top, _, _ := cut(file)
		_ = os.Symlink("..data/"+top, filepath.Join(v.dir, top)) // there already, but for the first time
	}
	if v.last != "" {
		require.NoError(v.t, os.RemoveAll(filepath.Join(v.dir, v.last)))
	}
	v.last = name
}

func cut(name string) (top, rest string, ok bool) {
	for i := range name {
		if name[i] == '/' {
			return name[:i], name[i+1:], true
		}
	}
	return name, "", false
}

func directory(t testing.TB, dir string) live.Source {
	t.Helper()
	s, err := live.Directory(dir, checker{})
	require.NoError(t, err)
	return s
}

func TestADirectoryNeedsAVerifier(t *testing.T) {
	for _, v := range []live.Verifier{nil, (*pointerVerifier)(nil)} {
		_, err := live.Directory(t.TempDir(), v)
		require.ErrorContains(t, err, "verifier")
	}
	_, err := live.Directory("", checker{})
	require.Error(t, err)
}

type pointerVerifier struct{ checker }

func TestAPlainDirectoryIsReadAndVerified(t *testing.T) {
	dir := t.TempDir()
	lay(t, dir, signed(t, "release", 7, map[string]string{"rules.yaml": permits("a"), "sub/more.yaml": permits("b")}))
	lay(t, dir, map[string][]byte{".git/HEAD": []byte("x"), ".rules.yaml.swp": []byte("x")})
	s, err := directory(t, dir).Fetch(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 7, s.Revision)
	require.Equal(t, "release", s.Signer)
	require.Len(t, s.Files.Contents(), 3, "the manifest and two files; not the signature")

	lay(t, dir, map[string][]byte{"sub/extra.yaml": []byte(permits("c"))})
	_, err = directory(t, dir).Fetch(ctx)
	require.Equal(t, live.ReasonSignature, reasonOf(t, err))
	var e *live.Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Digest)

	_, err = directory(t, filepath.Join(dir, "none")).Fetch(ctx)
	require.Equal(t, live.ReasonFetch, reasonOf(t, err))
	require.ErrorIs(t, err, os.ErrNotExist)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err = directory(t, dir).Fetch(gone)
	require.ErrorIs(t, err, context.Canceled)
}

func TestNothingOutsideTheDirectoryIsRead(t *testing.T) {
	outside := t.TempDir()
	lay(t, outside, map[string][]byte{"rules.yaml": []byte(permits("outside"))})
	for name, c := range map[string]struct {
		reason live.Reason
		make   func(dir string) error
	}{
		"absolute link":    {live.ReasonFiles, func(d string) error { return os.Symlink(outside+"/rules.yaml", d+"/x.yaml") }},
		"link upwards":     {live.ReasonFiles, func(d string) error { return os.Symlink("../../../../etc/hostname", d+"/x.yaml") }},
		"link to a folder": {live.ReasonFiles, func(d string) error { return os.Symlink("sub", d+"/x") }},
		"link to itself":   {live.ReasonFiles, func(d string) error { return os.Symlink("x.yaml", d+"/x.yaml") }},
		"dangling link":    {live.ReasonFetch, func(d string) error { return os.Symlink("nowhere", d+"/x.yaml") }},
		"socket": {live.ReasonFiles, func(d string) error {
			l, err := net.Listen("unix", d+"/s")
			t.Cleanup(func() { l.Close() })
			return err
		}},
		"data link upwards":   {live.ReasonFiles, func(d string) error { return os.Symlink("..", d+"/..data") }},
		"absolute data link":  {live.ReasonFiles, func(d string) error { return os.Symlink(outside, d+"/..data") }},
		"data link to deeper": {live.ReasonFiles, func(d string) error { return os.Symlink("sub/deep", d+"/..data") }},
		"data link beside files": {live.ReasonFiles, func(d string) error { // which would seem to be in force
			return os.Symlink("sub", d+"/..data")
		}},
		"large": {live.ReasonSize, func(d string) error { return os.Truncate(d+"/rules.yaml", live.MaxBytes+1) }},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "d") // short enough for a socket
			require.NoError(t, err)
			t.Cleanup(func() { os.RemoveAll(dir) })
			lay(t, dir, signed(t, "release", 1, map[string]string{"rules.yaml": permits("a"), "sub/b.yaml": permits("b"), "sub/deep/c.yaml": permits("c")}))
			_, err = directory(t, dir).Fetch(ctx)
			require.NoError(t, err, "the control: without it, this is fine")
			require.NoError(t, c.make(dir))
			_, err = directory(t, dir).Fetch(ctx)
			require.Equal(t, c.reason, reasonOf(t, err), "%v", err)
		})
	}
}

func TestALinkInsideTheDirectoryIsFollowed(t *testing.T) {
	dir := t.TempDir()
	files := signed(t, "release", 1, map[string]string{"rules.yaml": permits("a"), "same.yaml": permits("a")})
	lay(t, dir, files)
	require.NoError(t, os.Remove(filepath.Join(dir, "same.yaml")))
	require.NoError(t, os.Symlink("rules.yaml", filepath.Join(dir, "same.yaml")))
	s, err := directory(t, dir).Fetch(ctx)
	require.NoError(t, err)
	require.Equal(t, permits("a"), string(s.Files.Contents()["same.yaml"]))
}

func TestAVolumeIsReadThroughItsDataLink(t *testing.T) {
	v := &volume{t: t, dir: t.TempDir()}
	source := directory(t, v.dir)
	for i := range 3 {
		v.swap(signed(t, "release", i+1, map[string]string{"rules.yaml": permits("a"), "sub/more.yaml": permits(fmt.Sprintf("b%d", i))}))
		s, err := source.Fetch(ctx)
		require.NoError(t, err)
		require.EqualValues(t, i+1, s.Revision)
		require.Equal(t, permits(fmt.Sprintf("b%d", i)), string(s.Files.Contents()["sub/more.yaml"]))
	}
	lay(t, v.dir, map[string][]byte{"deny.yaml": []byte("rules: []")})
	_, err := source.Fetch(ctx)
	require.Equal(t, live.ReasonFiles, reasonOf(t, err), "a file beside the links would seem to be in force")
}

// A volume changes without pause while it is read. Every snapshot is one state of it; reading through the links mixes.
func TestAVolumeThatSwapsIsNeverMixed(t *testing.T) {
	v := &volume{t: t, dir: t.TempDir()}
	state := func(i int) map[string][]byte {
		files := map[string]string{}
		for f := range 6 {
			files[fmt.Sprintf("f%02d.yaml", f)] = permits(fmt.Sprintf("r%d", i))
		}
		return signed(t, "release", i, files)
	}
	swaps := 100
	switch {
	case os.Getenv("PURPOSEBOUND_NIGHTLY") == "1":
		swaps = 1000
	case testing.Short():
		swaps = 30
	}
	v.swap(state(1))
	require.True(t, belongTogether(v.dir, func() {}))
	require.False(t, belongTogether(v.dir, func() { v.swap(state(2)) }), "the control: reading one file after the other mixes states")

	coming := map[string]map[string][]byte{}
	order := []string{}
	for i := range swaps {
		files := state(3 + i)
		order = append(order, v.prepare(files))
		coming[order[i]] = files
	}
	source := directory(t, v.dir)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, name := range order {
			v.show(name, coming[name])
		}
	}()
	whole, restless, mixed, highest := 0, 0, 0, uint64(0)
	for swapping := true; swapping; {
		select {
		case <-done:
			swapping = false
		default:
		}
		s, err := source.Fetch(ctx)
		if err == nil {
			whole++
			require.GreaterOrEqual(t, s.Revision, highest)
			highest = s.Revision
		} else {
			restless++
			require.Contains(t, []live.Reason{live.ReasonUnstable, live.ReasonFetch}, reasonOf(t, err), "never a signature that does not hold")
		}
		if !belongTogether(v.dir, func() {}) {
			mixed++
		}
	}
	s, err := source.Fetch(ctx)
	require.NoError(t, err)
	require.EqualValues(t, v.n, s.Revision)
	t.Logf("%d swaps; %d reads whole, %d given up, %d read one by one were mixed", v.n, whole, restless, mixed)
}

// belongTogether reads the files one by one through their links, and reports whether they are of one state.
func belongTogether(dir string, between func()) bool {
	seen := map[string]bool{}
	for f := range 6 {
		text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("f%02d.yaml", f)))
		if err != nil {
			return false
		}
		seen[string(text)] = true
		if f == 3 {
			between()
		}
	}
	return len(seen) == 1
}
