package bundle

import (
	"archive/tar"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/open-policy-agent/opa/v1/ast"
	opabundle "github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/util"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy/live"
)

// opaBundle is what "opa build" makes in memory.
func opaBundle(t testing.TB) opabundle.Bundle {
	t.Helper()
	roots := []string{""}
	parsed, err := ast.ParseModuleWithOpts("/policy.rego", "package purposebound\n\npermit := true\n", ast.ParserOptions{})
	require.NoError(t, err)
	return opabundle.Bundle{
		Manifest: opabundle.Manifest{Revision: "17", Roots: &roots, Metadata: map[string]any{"team": "<risk> & co"}},
		Data:     map[string]any{"teams": map[string]any{"billing": []any{"u17", "<u18>"}, "limit": json.Number("1.50")}},
		Modules:  []opabundle.ModuleFile{{URL: "/policy.rego", Path: "/policy.rego", RelativePath: "/policy.rego", Raw: []byte("package purposebound\n\npermit := true\n"), Parsed: parsed}},
	}
}

func TestABundleThatOPAWroteAndSignedIsAccepted(t *testing.T) {
	secret := "a secret of more than thirty-two bytes"
	for _, algorithm := range append(append([]string{}, publicAlgorithms...), secretAlgorithms...) {
		t.Run(algorithm, func(t *testing.T) {
			var key Key
			var err error
			material := secret
			if algorithm[0] == 'H' {
				key, err = SharedSecret("release", algorithm, []byte(secret))
			} else {
				key, err = PublicKey("release", algorithm, pairFor(algorithm).public)
				material = string(pairFor(algorithm).pem)
			}
			require.NoError(t, err)
			b := opaBundle(t)
			require.NoError(t, b.GenerateSignature(opabundle.NewSigningConfig(material, algorithm, ""), "release", false))
			var out bytes.Buffer
			require.NoError(t, opabundle.Write(&out, b))

			s, err := Read(bytes.NewReader(out.Bytes()), key)
			require.NoError(t, err)
			require.EqualValues(t, 17, s.Revision)
			require.Equal(t, "release", s.Signer)
			contents := s.Files.Contents()
			require.Len(t, contents, 3)
			require.Equal(t, string(b.Modules[0].Raw), string(contents["policy.rego"]))
			require.Equal(t, `{"teams":{"billing":["u17","<u18>"],"limit":1.50}}`, string(contents["data.json"]))

			again, err := Read(bytes.NewReader(out.Bytes()), key)
			require.NoError(t, err)
			require.Equal(t, s.Files.Digest(), again.Files.Digest())
		})
	}
}

// The OPA command signs without naming a key; the files lie in a folder.
func TestADirectoryThatOPASignedIsAccepted(t *testing.T) {
	dir := t.TempDir()
	var list []opabundle.FileInfo
	hasher, err := opabundle.NewSignatureHasher(opabundle.SHA256)
	require.NoError(t, err)
	for name, data := range plain() {
		if name == "desks/.regal.yaml" {
			continue
		}
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
		var value any = data
		if opabundle.IsStructuredDoc(name) {
			require.NoError(t, util.Unmarshal(data, &value))
		}
		sum, err := hasher.HashFile(value)
		require.NoError(t, err)
		list = append(list, opabundle.NewFile(name, hex.EncodeToString(sum), "SHA-256"))
	}
	for _, keyID := range []string{"", "release"} {
		signed, err := opabundle.GenerateSignedToken(list, opabundle.NewSigningConfig(string(pairs()["ES256"].pem), "ES256", ""), keyID)
		require.NoError(t, err)
		text, err := json.MarshalIndent(map[string]any{"signatures": []string{signed}}, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, live.SignatureFile), text, 0o644))

		v, err := Verifier(release(t))
		require.NoError(t, err)
		source, err := live.Directory(dir, v)
		require.NoError(t, err)
		s, err := source.Fetch(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 17, s.Revision)
		require.Len(t, s.Files.Contents(), len(list))
		require.Equal(t, string(plain()["cases/rules.yaml"]), string(s.Files.Contents()["cases/rules.yaml"]))
	}
}

// With several keys a token that names none is good if any of them holds; one that names a key is that key's alone.
func TestKeysCanChange(t *testing.T) {
	stranger, err := PublicKey("a-stranger", "ES256", pairs()["stranger"].public)
	require.NoError(t, err)
	curve, err := PublicKey("curve", "ES384", pairs()["ES384"].public)
	require.NoError(t, err)
	contents := plain()
	for _, c := range []struct {
		keys []Key
		kid  string
		ok   bool
	}{
		{[]Key{release(t), stranger, curve}, "", true}, {[]Key{stranger, release(t)}, "", true}, {[]Key{stranger, curve}, "", false}, {[]Key{curve}, "", false},
		{[]Key{release(t), stranger}, "release", true}, {[]Key{release(t), stranger}, "a-stranger", false}, {[]Key{release(t), stranger}, "curve", false},
	} {
		v, err := Verifier(c.keys...)
		require.NoError(t, err)
		header := map[string]any{"alg": "ES256"}
		if c.kid != "" {
			header["kid"] = c.kid
		}
		s, err := v.Verify(filesOf(t, withToken(t, contents, token(t, pairs()["ES256"], header, map[string]any{"files": listOf(t, contents)}))))
		require.Equal(t, c.ok, err == nil, "%v", c)
		if c.ok {
			require.Equal(t, "release", s.Signer)
		}
	}
}

func TestWhatIsWrittenHereIsReadHereAndByOPA(t *testing.T) {
	contents := plain()
	tree := fstest.MapFS{"desks/.regal.yaml": {}, ".signatures.json": {Data: []byte("old")}}
	for name, data := range contents {
		tree[name] = &fstest.MapFile{Data: data}
	}
	tree["policy.rego"].Data = []byte("package purposebound\n\npermit := true\n")
	for _, algorithm := range publicAlgorithms {
		key, err := PublicKey("release", algorithm, pairFor(algorithm).public)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, Write(&out, tree, SigningKey{ID: "release", Algorithm: algorithm, PEM: pairFor(algorithm).pem}))
		s, err := Read(&out, key)
		require.NoError(t, err, algorithm)
		require.Len(t, s.Files.Contents(), 5)
	}

	var out bytes.Buffer
	require.NoError(t, Write(&out, tree, releaseSigning()))
	config := opabundle.NewVerificationConfig(map[string]*opabundle.KeyConfig{"release": {Key: string(pairs()["ES256"].public), Algorithm: "ES256"}}, "", "", nil)
	b, err := opabundle.NewReader(&out).WithBundleVerificationConfig(config).Read()
	require.NoError(t, err)
	require.Equal(t, "17", b.Manifest.Revision)
}

func TestSigningIsStrict(t *testing.T) {
	good := fstest.MapFS{".manifest": {Data: []byte(`{"revision":"1"}`)}, "a.rego": {Data: []byte(rego)}}
	_, err := Sign(good, releaseSigning())
	require.NoError(t, err)
	for name, change := range map[string]func(fstest.MapFS, *SigningKey){
		"no id":           func(_ fstest.MapFS, k *SigningKey) { k.ID = "" },
		"no algorithm":    func(_ fstest.MapFS, k *SigningKey) { k.Algorithm = "none" },
		"a secret":        func(_ fstest.MapFS, k *SigningKey) { k.Algorithm = "HS256" },
		"another curve":   func(_ fstest.MapFS, k *SigningKey) { k.PEM = pairs()["RS"].pem },
		"no key":          func(_ fstest.MapFS, k *SigningKey) { k.PEM = nil },
		"a path":          func(_ fstest.MapFS, k *SigningKey) { k.PEM = []byte("/etc/hostname") },
		"a public key":    func(_ fstest.MapFS, k *SigningKey) { k.PEM = pairs()["ES256"].public },
		"no manifest":     func(f fstest.MapFS, _ *SigningKey) { delete(f, ".manifest") },
		"no revision":     func(f fstest.MapFS, _ *SigningKey) { f[".manifest"] = &fstest.MapFile{Data: []byte("{}")} },
		"delta":           func(f fstest.MapFS, _ *SigningKey) { f["patch.json"] = &fstest.MapFile{Data: []byte("{}")} },
		"data is no JSON": func(f fstest.MapFS, _ *SigningKey) { f["data.json"] = &fstest.MapFile{Data: []byte("a: b")} },
	} {
		files, key := fstest.MapFS{".manifest": good[".manifest"], "a.rego": good["a.rego"]}, releaseSigning()
		change(files, &key)
		_, err := Sign(files, key)
		require.Error(t, err, name)
		require.Error(t, Write(&bytes.Buffer{}, files, key), name)
	}
}

// What comes out of here is what OPA hashes, for any document.
func TestCanonicalFormsHashAsOPAHashesThem(t *testing.T) {
	hasher, err := opabundle.NewSignatureHasher(opabundle.SHA256)
	require.NoError(t, err)
	var value *rapid.Generator[any]
	leaf := rapid.OneOf(rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Float64Range(-1e30, 1e30), func(f float64) any { return f }), rapid.Map(rapid.Int(), func(i int) any { return i }))
	value = rapid.OneOf(leaf, leaf, rapid.Map(rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return value }), 0, 3), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(rapid.String(), rapid.Deferred(func() *rapid.Generator[any] { return value }), 0, 3), func(m map[string]any) any { return m }))
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.MarshalIndent(value.Draw(t, "value"), rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "prefix"), "  ")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a/data.json", "data.yaml", "x/data.yml", ".manifest"} {
			var parsed any
			if err := util.Unmarshal(text, &parsed); err != nil {
				t.Fatal(err)
			}
			want, err := hasher.HashFile(parsed)
			if err != nil {
				t.Fatal(err)
			}
			got, err := canonical(name, text)
			if err != nil {
				t.Fatal(err)
			}
			sum := hashes["SHA-256"]()
			sum.Write(got)
			if !bytes.Equal(want, sum.Sum(nil)) {
				t.Fatalf("%s: %q becomes %q", name, text, got)
			}
			if again, err := canonical(name, got); err != nil || !bytes.Equal(got, again) {
				t.Fatalf("the form of %q is not stable", text)
			}
		}
	})
}

func TestNamesAreReadAsPackersWriteThem(t *testing.T) {
	contents := plain()
	signature, err := Sign(filesOf(t, contents), releaseSigning())
	require.NoError(t, err)
	delete(contents, "desks/.regal.yaml") // hidden files are not signed
	contents[live.SignatureFile] = signature
	for _, prefix := range []string{"", "/", "./"} {
		entries := []entry{{tar.Header{Name: "./", Typeflag: tar.TypeDir}, nil}, {tar.Header{Name: prefix + "desks/", Typeflag: tar.TypeDir}, nil}}
		for _, e := range entriesOf(contents) {
			e.Name = prefix + e.Name
			entries = append(entries, e)
		}
		s, err := Read(bytes.NewReader(packed(t, entries...)), release(t))
		require.NoError(t, err, "%q", prefix)
		require.Len(t, s.Files.Contents(), 5)
	}
}
