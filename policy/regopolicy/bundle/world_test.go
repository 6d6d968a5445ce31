package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/policy/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// pair is a key pair in the form that people keep it in.
type pair struct {
	private crypto.Signer
	pem     []byte
	public  []byte
}

func pairOf(private crypto.Signer, err error) pair {
	if err != nil {
		panic(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		panic(err)
	}
	return pair{private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})}
}

// pairs are made once: by the first letters of the algorithm, or all of it for curves.
var pairs = sync.OnceValue(func() map[string]pair {
	ec := func(c elliptic.Curve) pair { return pairOf(ecdsa.GenerateKey(c, rand.Reader)) }
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return map[string]pair{
		"RS": pairOf(rsa.GenerateKey(rand.Reader, 2048)), "ES256": ec(elliptic.P256()), "ES384": ec(elliptic.P384()), "ES512": ec(elliptic.P521()),
		"EdDSA": pairOf(ed, err), "stranger": ec(elliptic.P256()),
	}
})

func pairFor(algorithm string) pair {
	if p, ok := pairs()[algorithm]; ok {
		return p
	}
	return pairs()["RS"]
}

// release is the key that tests sign and verify with unless told.
func release(t testing.TB) Key {
	t.Helper()
	k, err := PublicKey("release", "ES256", pairs()["ES256"].public)
	require.NoError(t, err)
	return k
}

func releaseSigning() SigningKey {
	return SigningKey{ID: "release", Algorithm: "ES256", PEM: pairs()["ES256"].pem}
}

const rego = "package purposebound\n\nimport rego.v2\n\npermit contains {\"rule\": \"all\", \"category\": \"*\"} if input.purpose == \"invoicing\"\n"

// plain is a small bundle with a file of each kind.
func plain() map[string][]byte {
	return map[string][]byte{
		".manifest":         []byte(`{"revision": "17", "roots": [""]}`),
		"policy.rego":       []byte(rego),
		"cases/rules.yaml":  []byte("rules:\n  - id: a\n    effect: permit\n"),
		"teams/data.json":   []byte("{\"billing\": [\"u17\", \"u18\"],\n \"limit\": 1.50}"),
		"desks/data.yaml":   []byte("north: [a, b] # two\nsouth: [c]\n"),
		"desks/.regal.yaml": []byte("rules: {}\n"),
	}
}

func filesOf(t testing.TB, contents map[string][]byte) *live.Files {
	t.Helper()
	f, err := live.NewFiles(contents)
	require.NoError(t, err)
	return f
}

// entry is a line of a tarball that no good tool would write.
type entry struct {
	tar.Header
	data []byte
}

// packed writes entries as they are.
func packed(t testing.TB, entries ...entry) []byte {
	t.Helper()
	return zipped(t, tarred(t, entries...))
}

func tarred(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		if e.Typeflag == 0 {
			e.Typeflag = tar.TypeReg
		}
		e.Size, e.Mode = int64(len(e.data)), 0o644
		require.NoError(t, w.WriteHeader(&e.Header))
		_, err := w.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// zips are reused: each weighs a megabyte.
var zips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func zipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := zips.Get().(*gzip.Writer)
	defer zips.Put(zip)
	zip.Reset(&out)
	_, err := zip.Write(text)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	return out.Bytes()
}

func entriesOf(contents map[string][]byte) (list []entry) {
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		list = append(list, entry{tar.Header{Name: name}, contents[name]})
	}
	return list
}

// token signs whatever header and payload say, with ES256.
func token(t testing.TB, by pair, header, payload map[string]any) string {
	t.Helper()
	part := func(m map[string]any) string {
		text, err := json.Marshal(m)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signing := part(header) + "." + part(payload)
	sum := sha256.Sum256([]byte(signing))
	r, s, err := ecdsa.Sign(rand.Reader, by.private.(*ecdsa.PrivateKey), sum[:])
	require.NoError(t, err)
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return signing + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// listOf is the list of files that a payload has.
func listOf(t testing.TB, contents map[string][]byte) (list []map[string]any) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		if name == live.SignatureFile {
			continue
		}
		data, err := canonical(name, contents[name])
		require.NoError(t, err)
		sum := sha256.Sum256(data)
		list = append(list, map[string]any{"name": name, "hash": hex.EncodeToString(sum[:]), "algorithm": "SHA-256"})
	}
	return list
}

// withToken puts a token beside the files.
func withToken(t testing.TB, contents map[string][]byte, tokens ...string) map[string][]byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"signatures": tokens})
	require.NoError(t, err)
	all := maps.Clone(contents)
	all[live.SignatureFile] = text
	return all
}

func reasonOf(t testing.TB, err error) live.Reason {
	t.Helper()
	var e *live.Error
	require.ErrorAs(t, err, &e)
	return e.Reason
}
