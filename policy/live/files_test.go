package live_test

import (
	"bytes"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy/live"
)

func TestFilesAreAFileSystem(t *testing.T) {
	files, err := live.NewFiles(map[string][]byte{"a.yaml": []byte("a"), "b/c/d.rego": []byte("dd"), "b/e": nil, ".manifest": []byte("{}")})
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(files, "a.yaml", "b/c/d.rego", "b/e", ".manifest"))
	empty, err := live.NewFiles(nil)
	require.NoError(t, err)
	require.NoError(t, fstest.TestFS(empty))
	_, err = (*live.Files)(nil).Open(".")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestFilesDoNotChange(t *testing.T) {
	in := map[string][]byte{"a": []byte("one")}
	files, err := live.NewFiles(in)
	require.NoError(t, err)
	in["a"][0] = 'X'
	in["b"] = nil
	out, err := files.ReadFile("a")
	require.NoError(t, err)
	out[0] = 'Y'
	files.Contents()["a"][0] = 'Z'
	list, err := files.ReadDir(".")
	require.NoError(t, err)
	list[0] = nil
	out, err = files.ReadFile("a")
	require.NoError(t, err)
	require.Equal(t, "one", string(out))
	list, err = files.ReadDir(".")
	require.NoError(t, err)
	require.Equal(t, "a", list[0].Name())
	require.Len(t, list, 1)
}

// Two sets of files have the same digest if and only if they are equal; few letters make near misses.
func TestTheDigestTellsContentsApart(t *testing.T) {
	same, differ := 0, 0
	name := rapid.StringMatching(`[ab]{1,2}`)
	set := rapid.MapOfN(name, rapid.StringMatching(`[ab]{0,2}`), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		digest := func(m map[string]string) string {
			contents := map[string][]byte{}
			for k, v := range m {
				contents[k] = []byte(v)
			}
			files, err := live.NewFiles(contents)
			if err != nil {
				t.Fatal(err)
			}
			return files.Digest()
		}
		a, b := set.Draw(t, "a"), set.Draw(t, "b")
		if maps.Equal(a, b) {
			same++
		} else {
			differ++
		}
		if (digest(a) == digest(b)) != maps.Equal(a, b) {
			t.Fatalf("%v and %v", a, b)
		}
	})
	require.NotZero(t, same)
	require.NotZero(t, differ)
}

func TestNamesThatLeadAstray(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../a", "/a", "a/", "a//b", "a/./b", "a/../b", `a\b`, `c:a`, "a\x00b", "a\nb", "a\u202eb", "\xff",
		strings.Repeat("a", live.MaxName+1)} {
		err := live.CheckName(name)
		require.Equal(t, live.ReasonFiles, reasonOf(t, err), "%q", name)
		require.Less(t, len(err.Error()), 250)
		_, err = live.NewFiles(map[string][]byte{name: nil})
		require.Error(t, err, "%q", name)
	}
	for _, name := range []string{"a", "a.b/c-d_e/f.rego", ".manifest", "..data", "æ/ø.yaml", strings.Repeat("a", live.MaxName)} {
		require.NoError(t, live.CheckName(name), "%q", name)
	}
	for _, names := range [][]string{{"a", "a/b"}, {"a/b", "a/b/c"}, {"a/b/c", "a/b"}} {
		contents := map[string][]byte{}
		for _, n := range names {
			contents[n] = nil
		}
		_, err := live.NewFiles(contents)
		require.Equal(t, live.ReasonFiles, reasonOf(t, err), "%v", names)
	}
}

func TestSnapshotsHaveLimits(t *testing.T) {
	_, err := live.NewFiles(make1025())
	require.Equal(t, live.ReasonSize, reasonOf(t, err))
	half := bytes.Repeat([]byte{'x'}, live.MaxBytes/2)
	_, err = live.NewFiles(map[string][]byte{"a": half, "b": half})
	require.NoError(t, err)
	_, err = live.NewFiles(map[string][]byte{"a": half, "b": half, "c": {1}})
	require.Equal(t, live.ReasonSize, reasonOf(t, err))

	tree := fstest.MapFS{"a": {Data: half}, "b": {Data: half}, "c": {Data: []byte{1}}}
	_, err = live.ReadFiles(tree)
	require.Equal(t, live.ReasonSize, reasonOf(t, err))
	many := fstest.MapFS{}
	for name := range make1025() {
		many[name] = &fstest.MapFile{}
	}
	_, err = live.ReadFiles(many)
	require.Equal(t, live.ReasonSize, reasonOf(t, err))
	_, err = live.ReadFiles(nil)
	require.Error(t, err)
}

func TestReadingLeavesOutWhatIsHidden(t *testing.T) {
	tree := fstest.MapFS{}
	for _, name := range []string{"a.yaml", ".manifest", ".signatures.json", ".hidden", "sub/.manifest", "sub/b.yaml", ".git/config", "..data/a.yaml", "sub/.x/y"} {
		tree[name] = &fstest.MapFile{Data: []byte(name)}
	}
	files, err := live.ReadFiles(tree)
	require.NoError(t, err)
	names := []string{}
	for name, text := range files.Contents() {
		require.Equal(t, name, string(text))
		names = append(names, name)
	}
	require.ElementsMatch(t, []string{"a.yaml", ".manifest", ".signatures.json", "sub/b.yaml"}, names)
}

// FuzzNewFiles: whatever is taken can be walked, and has the contents that were put in.
func FuzzNewFiles(f *testing.F) {
	for _, s := range []string{"a", "a/b", "a/b/c", "../x", ".manifest", "a\x00", "..data/x"} {
		f.Add(s, "a/b", []byte("text"))
	}
	f.Fuzz(func(t *testing.T, first, second string, data []byte) {
		in := map[string][]byte{first: data, second: nil}
		files, err := live.NewFiles(in)
		if err != nil {
			return
		}
		n := 0
		require.NoError(t, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			if d.IsDir() {
				return nil
			}
			n++
			text, err := fs.ReadFile(files, name)
			require.NoError(t, err)
			require.True(t, bytes.Equal(in[name], text))
			return nil
		}))
		require.Equal(t, len(in), n)
	})
}
