package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"

	opabundle "github.com/open-policy-agent/opa/v1/bundle"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/live"
)

// small is a signed tarball of a few hundred bytes, and what it holds.
func small(t testing.TB) ([]byte, live.Snapshot) {
	t.Helper()
	contents := map[string][]byte{
		".manifest":   []byte(`{"revision": "17"}`),
		"a.yaml":      []byte("rules: []\n"),
		"x/data.json": []byte("{\"b\": [1, 2.0, \"z\"],\n\t\"a\": null}"),
		"p.rego":      []byte("package p\n"),
	}
	var out bytes.Buffer
	require.NoError(t, Write(&out, filesOf(t, contents), releaseSigning()))
	s, err := Read(bytes.NewReader(out.Bytes()), release(t))
	require.NoError(t, err)
	return out.Bytes(), s
}

// same reports whether a bent bundle was refused, or holds what the good one does; anything else fails the test.
func same(t testing.TB, bent []byte, want live.Snapshot, what string) (accepted bool) {
	t.Helper()
	s, err := Read(bytes.NewReader(bent), release(t))
	if err != nil {
		reasonOf(t, err)
		return false
	}
	if s.Files.Digest() != want.Files.Digest() || s.Revision != want.Revision || s.Signer != want.Signer {
		t.Fatalf("%s: other content was accepted", what)
	}
	return true
}

// Every byte of the archive flipped, every byte of what is in it replaced, cut and doubled: refused, or the same.
func TestNoTamperingGetsOtherContentIn(t *testing.T) {
	raw, want := small(t)
	zip, err := gzip.NewReader(bytes.NewReader(raw))
	require.NoError(t, err)
	plain, err := io.ReadAll(zip)
	require.NoError(t, err)

	bits := 1
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		bits = 8
	}
	step := 1
	if testing.Short() {
		step = 5
	}
	tried, accepted := 0, 0
	count := func(bent []byte, what string) {
		tried++
		if same(t, bent, want, what) {
			accepted++
		}
	}
	for i := 0; i < len(raw); i += step {
		for bit := range bits {
			bent := bytes.Clone(raw)
			bent[i] ^= 1 << ((bit + i) % 8)
			count(bent, "bit of the archive")
		}
		count(raw[:i], "cut archive")
	}
	archive, archived := tried, accepted
	for i := 0; i < len(plain); i += step {
		if plain[i] == 0 && i%16 != 0 { // padding, of which there is a lot
			continue
		}
		for _, change := range []func([]byte) []byte{
			func(b []byte) []byte { b[i] ^= 1; return b },
			func(b []byte) []byte { b[i] ^= 0x20; return b },
			func(b []byte) []byte { b[i] = ' '; return b },
			func(b []byte) []byte { b[i] = 0; return b },
		} {
			count(zipped(t, resum(change(bytes.Clone(plain)))), "byte of the tar")
		}
	}
	require.NotZero(t, tried-accepted)
	t.Logf("archive: %d changes, %d of them no change of content; tar: %d, %d", archive, archived, tried-archive, accepted-archived)

	// The control: the same changes against a reader without a key let other content in.
	got := 0
	for i := bytes.Index(plain, []byte("17")); i < len(plain) && got == 0; i++ {
		bent := bytes.Clone(plain)
		bent[i] ^= 1
		if b, err := opabundle.NewReader(bytes.NewReader(zipped(t, resum(bent)))).WithSkipBundleVerification(true).Read(); err == nil && b.Manifest.Revision != "17" {
			got++
		}
	}
	require.NotZero(t, got, "the control: tampering reaches the content")
}

// resum makes the checksums of all tar headers right again, as a forger would.
func resum(plain []byte) []byte {
	for at := 0; at+512 <= len(plain); {
		h := plain[at : at+512]
		if bytes.Count(h, []byte{0}) == 512 {
			break
		}
		copy(h[148:156], "        ")
		sum := 0
		for _, b := range h {
			sum += int(b)
		}
		digits := []byte("000000\x00 ")
		for i := 5; i >= 0; i-- {
			digits[i] = '0' + byte(sum&7)
			sum >>= 3
		}
		copy(h[148:156], digits)
		size := 0
		for _, d := range h[124:135] {
			if d < '0' || d > '7' {
				return plain
			}
			size = size<<3 | int(d-'0')
		}
		at += 512 + (size+511)/512*512
	}
	return plain
}

// Whole files are moved, renamed, swapped and taken from another bundle of the same signer.
func TestNoShufflingGetsOtherContentIn(t *testing.T) {
	_, want := small(t)
	signed := func(contents map[string][]byte) map[string][]byte {
		signature, err := Sign(filesOf(t, contents), releaseSigning())
		require.NoError(t, err)
		contents[live.SignatureFile] = signature
		return contents
	}
	old := signed(map[string][]byte{".manifest": []byte(`{"revision":"16"}`), "a.yaml": []byte("old"), "p.rego": []byte("package old\n")})
	now := signed(want.Files.Contents())
	var list []entry
	for _, set := range []map[string][]byte{old, now} {
		list = append(list, entriesOf(set)...)
	}
	// Every choice of at most one content for each name, from either bundle.
	names := []string{".manifest", "a.yaml", "p.rego", "x/data.json", live.SignatureFile}
	tried, accepted := 0, 0
	var choose func(i int, picked map[string][]byte)
	choose = func(i int, picked map[string][]byte) {
		if i == len(names) {
			tried++
			s, err := Read(bytes.NewReader(packed(t, entriesOf(picked)...)), release(t))
			if err != nil {
				return
			}
			accepted++
			if s.Revision == 17 {
				require.Equal(t, want.Files.Digest(), s.Files.Digest())
			} else {
				require.EqualValues(t, 16, s.Revision)
				require.Equal(t, "old", string(s.Files.Contents()["a.yaml"]))
				require.Len(t, s.Files.Contents(), 3)
			}
			return
		}
		choose(i+1, picked)
		for _, set := range []map[string][]byte{old, now} {
			if data, has := set[names[i]]; has {
				picked[names[i]] = data
				choose(i+1, picked)
				delete(picked, names[i])
			}
		}
	}
	choose(0, map[string][]byte{})
	require.Equal(t, 2, accepted, "of %d: the two bundles as they were signed", tried)
	require.NotEmpty(t, list)
}

// FuzzRead: no bytes whatever bring in content that the key did not sign.
func FuzzRead(f *testing.F) {
	raw, want := small(f)
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	f.Add(packed(f, entry{tar.Header{Name: "../x"}, []byte("x")}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		if same(t, text, want, "fuzzed archive") {
			return
		}
		same(t, zipped(t, text), want, "fuzzed tar")
	})
}

// FuzzToken: no .signatures.json whatever vouches for files that the key did not sign.
func FuzzToken(f *testing.F) {
	signature, err := Sign(filesOf(f, map[string][]byte{".manifest": []byte(`{"revision":"1"}`)}), releaseSigning())
	require.NoError(f, err)
	f.Add(signature)
	f.Add([]byte(`{"signatures":["e30.e30."]}`))
	f.Add([]byte(`{"signatures":["eyJhbGciOiJub25lIn0.eyJmaWxlcyI6W119."]}`))
	v, err := Verifier(release(f))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := v.Verify(filesOf(t, map[string][]byte{live.SignatureFile: text, ".manifest": []byte(`{"revision":"2"}`)}))
		require.Error(t, err)
	})
}

// FuzzCanonical: what comes out of a document comes out of it again, and hashes as OPA hashes the original.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"a":1}`, "a: [1, *x]", "a: &x {b: *x}", `{"a":1,"a":2}`, "\"\\ud800\"", "1e400", "- 0x10\n- 1_000\n- .nan", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"data.json", "data.yaml"} {
			form, err := canonical(name, []byte(text))
			if err != nil {
				continue
			}
			again, err := canonical(name, form)
			require.NoError(t, err)
			require.Equal(t, string(form), string(again))
		}
	})
}

func TestFileIsReadWhole(t *testing.T) {
	raw, want := small(t)
	path := t.TempDir() + "/policy.tar.gz"
	source, err := File(path, release(t))
	require.NoError(t, err)
	_, err = source.Fetch(ctx)
	require.Equal(t, live.ReasonFetch, reasonOf(t, err))
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	s, err := source.Fetch(ctx)
	require.NoError(t, err)
	require.Equal(t, want.Files.Digest(), s.Files.Digest())
	dir, err := File(t.TempDir(), release(t))
	require.NoError(t, err)
	_, err = dir.Fetch(ctx)
	require.Equal(t, live.ReasonFiles, reasonOf(t, err))
}
