package bundle

import (
	"archive/tar"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"
	"testing"

	opabundle "github.com/open-policy-agent/opa/v1/bundle"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/live"
)

func TestNothingIsReadWithoutAKey(t *testing.T) {
	_, err := Verifier()
	require.ErrorContains(t, err, "key")
	_, err = Verifier(Key{})
	require.Error(t, err)
	_, err = Verifier(release(t), release(t))
	require.Error(t, err)
	_, err = File("bundle.tar.gz")
	require.Error(t, err)
	_, err = File("", release(t))
	require.Error(t, err)
	_, err = Read(strings.NewReader(""))
	require.ErrorContains(t, err, "key")
}

func TestKeysThatAreNone(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	ec := pairs()["ES256"].public
	for name, c := range map[string]struct {
		id, algorithm string
		pem           []byte
	}{
		"no id":             {"", "ES256", ec},
		"id with a space":   {"a b", "ES256", ec},
		"none":              {"k", "none", ec},
		"no algorithm":      {"k", "", ec},
		"secret algorithm":  {"k", "HS256", ec},
		"lower case":        {"k", "es256", ec},
		"another curve":     {"k", "ES384", ec},
		"RSA for a curve":   {"k", "ES256", pairs()["RS"].public},
		"curve for RSA":     {"k", "RS256", ec},
		"Edwards for curve": {"k", "ES256", pairs()["EdDSA"].public},
		"short RSA":         {"k", "RS256", pairOf(weak, nil).public},
		"private key":       {"k", "ES256", pairs()["ES256"].pem},
		"nothing":           {"k", "ES256", nil},
		"no PEM":            {"k", "ES256", []byte("/etc/hostname")},
		"two keys":          {"k", "ES256", append(append([]byte{}, ec...), ec...)},
		"words before":      {"k", "ES256", append([]byte("key: "), ec...)},
		"broken":            {"k", "ES256", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})},
		"something else":    {"k", "ES256", pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: []byte("x")})},
	} {
		_, err := PublicKey(c.id, c.algorithm, c.pem)
		require.Error(t, err, name)
	}
	long := bytes.Repeat([]byte("s"), MinSecret)
	for name, c := range map[string]struct {
		id, algorithm string
		secret        []byte
	}{"no id": {"", "HS256", long}, "short": {"k", "HS256", long[1:]}, "public algorithm": {"k", "RS256", long}, "none": {"k", "none", long}, "a key": {"k", "HS256", ec}} {
		_, err := SharedSecret(c.id, c.algorithm, c.secret)
		require.Error(t, err, name)
	}
	k, err := SharedSecret("k", "HS256", long)
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, k), "ssss", verb)
		require.NotContains(t, fmt.Sprintf(verb, []*Key{&k}), "ssss", verb)
		require.NotContains(t, fmt.Sprintf(verb, []Key{k}), fmt.Sprintf("%x", "ssss"), verb)
	}
}

// Tokens that somebody without the key makes, or that say something else than a list of files.
func TestTokensThatAreRefused(t *testing.T) {
	contents := plain()
	good := func() (header, payload map[string]any) {
		return map[string]any{"alg": "ES256", "kid": "release"}, map[string]any{"files": listOf(t, contents), "iat": 1777884600}
	}
	forge := func(change func(header, payload map[string]any)) string {
		header, payload := good()
		change(header, payload)
		return token(t, pairs()["ES256"], header, payload)
	}
	files := func(change func([]map[string]any) []map[string]any) string {
		return forge(func(_, p map[string]any) { p["files"] = change(p["files"].([]map[string]any)) })
	}
	v, err := Verifier(release(t))
	require.NoError(t, err)
	verify := func(contents map[string][]byte) error {
		_, err := v.Verify(filesOf(t, contents))
		return err
	}
	require.NoError(t, verify(withToken(t, contents, forge(func(_, _ map[string]any) {}))), "the control")
	require.NoError(t, verify(withToken(t, contents, forge(func(h, _ map[string]any) { delete(h, "kid") }))), "the control: one key needs no name")
	require.NoError(t, verify(withToken(t, contents, forge(func(h, p map[string]any) { delete(h, "kid"); p["keyid"] = "release" }))), "the control: the old place")

	unsecured := func(alg string, signature []byte) string {
		header, payload := good()
		header["alg"] = alg
		t1, _, _ := strings.Cut(token(t, pairs()["ES256"], header, payload), ".")
		_, rest, _ := strings.Cut(token(t, pairs()["ES256"], header, payload), ".")
		t2, _, _ := strings.Cut(rest, ".")
		if signature == nil && alg != "none" {
			mac := hmac.New(sha256.New, pairs()["ES256"].public) // the public key as if it were a secret
			mac.Write([]byte(t1 + "." + t2))
			signature = mac.Sum(nil)
		}
		return t1 + "." + t2 + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	first := contents["policy.rego"]
	for name, bad := range map[string]string{
		"none":                   unsecured("none", nil),
		"public key as a secret": unsecured("HS256", nil),
		"no signature":           unsecured("ES256", []byte{}),
		"stranger":               token(t, pairs()["stranger"], map[string]any{"alg": "ES256", "kid": "release"}, map[string]any{"files": listOf(t, contents)}),
		"unknown key":            forge(func(h, _ map[string]any) { h["kid"] = "other" }),
		"two names of keys":      forge(func(_, p map[string]any) { p["keyid"] = "other" }),
		"a number for a key":     forge(func(h, _ map[string]any) { h["kid"] = 1 }),
		"another algorithm":      forge(func(h, _ map[string]any) { h["alg"] = "ES384" }),
		"no algorithm":           forge(func(h, _ map[string]any) { delete(h, "alg") }),
		"critical extension":     forge(func(h, _ map[string]any) { h["crit"] = []string{"b64"}; h["b64"] = false }),
		"key of its own":         forge(func(h, _ map[string]any) { h["jwk"] = map[string]any{} }),
		"key from an address":    forge(func(h, _ map[string]any) { h["x5u"] = "https://example.org" }),
		"expiry":                 forge(func(_, p map[string]any) { p["exp"] = 4102444800 }),
		"not before":             forge(func(_, p map[string]any) { p["nbf"] = 1 }),
		"scope":                  forge(func(_, p map[string]any) { p["scope"] = "write" }),
		"no files":               forge(func(_, p map[string]any) { delete(p, "files") }),
		"files are no list":      forge(func(_, p map[string]any) { p["files"] = "all" }),
		"a file too few":         files(func(l []map[string]any) []map[string]any { return l[1:] }),
		"a file too many": files(func(l []map[string]any) []map[string]any {
			return append(l, map[string]any{"name": "deny.rego", "hash": l[0]["hash"], "algorithm": "SHA-256"})
		}),
		"a file twice":              files(func(l []map[string]any) []map[string]any { return append(l, l[0]) }),
		"a name that leads astray":  files(func(l []map[string]any) []map[string]any { l[0]["name"] = "../" + l[0]["name"].(string); return l }),
		"another hash":              files(func(l []map[string]any) []map[string]any { l[0]["hash"] = l[1]["hash"]; return l }),
		"half a hash":               files(func(l []map[string]any) []map[string]any { l[0]["hash"] = l[0]["hash"].(string)[:32]; return l }),
		"no hash":                   files(func(l []map[string]any) []map[string]any { l[0]["hash"] = ""; return l }),
		"no kind of hash":           files(func(l []map[string]any) []map[string]any { delete(l[0], "algorithm"); return l }),
		"two parts":                 "a.b",
		"nothing":                   "",
		"four parts":                forge(func(_, _ map[string]any) {}) + ".x",
		"header is null":            "bnVsbA." + strings.SplitN(forge(func(_, _ map[string]any) {}), ".", 2)[1],
		"header in other case only": forge(func(h, _ map[string]any) { h["ALG"] = h["alg"]; delete(h, "alg") }),
	} {
		err := verify(withToken(t, contents, bad))
		require.Equal(t, live.ReasonSignature, reasonOf(t, err), "%s: %v", name, err)
	}
	for _, weak := range []opabundle.HashingAlgorithm{opabundle.MD5, opabundle.SHA1, opabundle.SHA224, opabundle.SHA512224} {
		bad := files(func(l []map[string]any) []map[string]any {
			hasher, err := opabundle.NewSignatureHasher(weak)
			require.NoError(t, err)
			for _, f := range l {
				if f["name"] == "policy.rego" {
					sum, err := hasher.HashFile(first)
					require.NoError(t, err)
					f["hash"], f["algorithm"] = fmt.Sprintf("%x", sum), weak.String()
				}
			}
			return l
		})
		require.Equal(t, live.ReasonSignature, reasonOf(t, verify(withToken(t, contents, bad))), weak)
	}

	one := forge(func(_, _ map[string]any) {})
	for name, text := range map[string]any{
		"two tokens":   map[string]any{"signatures": []string{one, one}},
		"no tokens":    map[string]any{"signatures": []string{}},
		"plugin":       map[string]any{"signatures": []string{one}, "plugin": "lax"},
		"unknown key":  map[string]any{"signatures": []string{one}, "also": 1},
		"a list":       []string{one},
		"null":         nil,
		"no signature": map[string]any{},
	} {
		data, err := json.Marshal(text)
		require.NoError(t, err)
		all := maps.Clone(contents)
		all[live.SignatureFile] = data
		require.Equal(t, live.ReasonSignature, reasonOf(t, verify(all)), name)
		all[live.SignatureFile] = append(data, data...)
		require.Equal(t, live.ReasonSignature, reasonOf(t, verify(all)), name)
	}
	require.Equal(t, live.ReasonUnsigned, reasonOf(t, verify(contents)))
	require.Equal(t, live.ReasonUnsigned, reasonOf(t, verify(nil)))
}

// A verifier that the program registered with OPA for something else is not asked.
func TestNoVerifierOfOPAsRegistryIsAsked(t *testing.T) {
	require.NoError(t, opabundle.RegisterVerifier("lax", lax{t}))
	contents := plain()
	contents[live.SignatureFile] = []byte(`{"signatures":["a.b.c"],"plugin":"lax"}`)
	v, err := Verifier(release(t))
	require.NoError(t, err)
	_, err = v.Verify(filesOf(t, contents))
	require.Equal(t, live.ReasonSignature, reasonOf(t, err))
}

type lax struct{ t *testing.T }

func (l lax) VerifyBundleSignature(opabundle.SignaturesConfig, *opabundle.VerificationConfig) (map[string]opabundle.FileInfo, error) {
	l.t.Error("it was asked")
	return nil, nil
}

func TestScopesMustAgree(t *testing.T) {
	contents := plain()
	for _, c := range []struct {
		token any
		key   string
		ok    bool
	}{{nil, "", true}, {"policies", "policies", true}, {nil, "policies", false}, {"policies", "", false}, {"policies", "policy", false}} {
		payload := map[string]any{"files": listOf(t, contents)}
		if c.token != nil {
			payload["scope"] = c.token
		}
		v, err := Verifier(release(t).WithScope(c.key))
		require.NoError(t, err)
		_, err = v.Verify(filesOf(t, withToken(t, contents, token(t, pairs()["ES256"], map[string]any{"alg": "ES256"}, payload))))
		require.Equal(t, c.ok, err == nil, "%v", c)
	}
}

// Files that are signed well and still do not belong in a bundle.
func TestFilesThatAreRefused(t *testing.T) {
	v, err := Verifier(release(t))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		reason live.Reason
		change func(map[string][]byte)
	}{
		"no manifest":        {live.ReasonRevision, func(m map[string][]byte) { delete(m, ".manifest") }},
		"binary manifest":    {live.ReasonFiles, func(m map[string][]byte) { m[".manifest.pb"] = []byte{1} }},
		"second manifest":    {live.ReasonFiles, func(m map[string][]byte) { m["teams/.manifest"] = []byte("{}") }},
		"second signature":   {live.ReasonFiles, func(m map[string][]byte) { m["teams/.signatures.json"] = []byte("{}") }},
		"delta":              {live.ReasonFiles, func(m map[string][]byte) { m["patch.json"] = []byte("{}") }},
		"compiled":           {live.ReasonFiles, func(m map[string][]byte) { m["policy.wasm"] = []byte("x") }},
		"a plan":             {live.ReasonFiles, func(m map[string][]byte) { m["plan.json"] = []byte("{}") }},
		"compiled elsewhere": {live.ReasonRevision, func(m map[string][]byte) { m[".manifest"] = []byte(`{"revision":"1","wasm":[]}`) }},
	} {
		contents := plain()
		c.change(contents)
		signed := withToken(t, contents, token(t, pairs()["ES256"], map[string]any{"alg": "ES256"}, map[string]any{"files": listOf(t, contents)}))
		_, err := v.Verify(filesOf(t, signed))
		require.Equal(t, c.reason, reasonOf(t, err), name)
	}
	for name, text := range map[string]string{
		"YAML in JSON":      "a: b",
		"two documents":     `{} {}`,
		"endless numbers":   `{"a": .inf}`,
		"cut":               `{"a": `,
		"a mark in front":   "\xef\xbb\xbf{}",
		"deep, and deeper":  strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"nothing":           "",
		"a comment":         "{} # x",
		"not only newlines": "{}\n\x00",
	} {
		for _, file := range []string{"data.json", ".manifest"} {
			_, err := canonical(file, []byte(text))
			require.Error(t, err, name)
		}
	}
}

// Aliases that multiply must not fill the memory before the signature of a document is known to hold.
func TestYAMLThatMultiplies(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 10), ","))
	}
	_, err := canonical("data.yaml", []byte(bomb))
	require.Error(t, err)
	_, err = canonical("data.yaml", bytes.Repeat([]byte("a"), maxYAML+1))
	require.Error(t, err)
	_, err = canonical("data.yaml", []byte("a: [1, 2]"))
	require.NoError(t, err)
}

func TestTarballsThatAreRefused(t *testing.T) {
	contents := plain()
	delete(contents, "desks/.regal.yaml")
	signature, err := Sign(filesOf(t, contents), releaseSigning())
	require.NoError(t, err)
	contents[live.SignatureFile] = signature
	good := func() []entry { return entriesOf(contents) }
	file := func(name string, data []byte) entry { return entry{tar.Header{Name: name}, data} }
	link := func(kind byte, name, to string) entry {
		return entry{tar.Header{Name: name, Typeflag: kind, Linkname: to}, nil}
	}
	read := func(raw []byte) error {
		_, err := Read(bytes.NewReader(raw), release(t))
		return err
	}
	require.NoError(t, read(packed(t, good()...)), "the control")
	require.NoError(t, read(zipped(t, append(tarred(t, good()...), make([]byte, 10240)...))), "the control: padding")
	require.NoError(t, read(packed(t, append(good(), entry{tar.Header{Name: "teams/", Typeflag: tar.TypeDir}, nil})...)), "the control: a folder")

	zero := make([]byte, live.MaxBytes+1)
	many := good()
	for i := range live.MaxFiles {
		many = append(many, file(fmt.Sprintf("f%d", i), nil))
	}
	folders := good()
	for range 4*live.MaxFiles + 1 {
		folders = append(folders, entry{tar.Header{Name: "d/", Typeflag: tar.TypeDir}, nil})
	}
	for name, c := range map[string]struct {
		reason live.Reason
		raw    []byte
	}{
		"nothing":              {live.ReasonFiles, nil},
		"no gzip":              {live.ReasonFiles, tarred(t, good()...)},
		"no tar":               {live.ReasonFiles, zipped(t, []byte("hello"))},
		"empty tar":            {live.ReasonUnsigned, packed(t)},
		"extra file":           {live.ReasonSignature, packed(t, append(good(), file("permit.rego", []byte(rego)))...)},
		"missing file":         {live.ReasonSignature, packed(t, good()[:len(good())-1]...)},
		"same file twice":      {live.ReasonFiles, packed(t, append(good(), good()[2])...)},
		"twice under two":      {live.ReasonFiles, packed(t, append(good(), file("./policy.rego", []byte(rego)))...)},
		"twice with slash":     {live.ReasonFiles, packed(t, append(good(), file("/policy.rego", []byte(rego)))...)},
		"file is a folder too": {live.ReasonFiles, packed(t, append(good(), file("policy.rego/x", nil))...)},
		"upwards":              {live.ReasonFiles, packed(t, append(good(), file("../policy.rego", nil))...)},
		"upwards inside":       {live.ReasonFiles, packed(t, append(good(), file("a/../../policy.rego", nil))...)},
		"doubly rooted":        {live.ReasonFiles, packed(t, append(good(), file("//etc/x", nil))...)},
		"backslash":            {live.ReasonFiles, packed(t, append(good(), file(`..\x`, nil))...)},
		"no name":              {live.ReasonFiles, packed(t, append(good(), file(".", []byte("x")))...)},
		"symbolic link":        {live.ReasonFiles, packed(t, append(good(), link(tar.TypeSymlink, "x.rego", "policy.rego"))...)},
		"hard link":            {live.ReasonFiles, packed(t, append(good(), link(tar.TypeLink, "x.rego", "policy.rego"))...)},
		"device":               {live.ReasonFiles, packed(t, append(good(), link(tar.TypeChar, "x", ""))...)},
		"pipe":                 {live.ReasonFiles, packed(t, append(good(), link(tar.TypeFifo, "x", ""))...)},
		"bytes behind":         {live.ReasonFiles, append(packed(t, good()...), 0)},
		"second gzip":          {live.ReasonFiles, append(packed(t, good()...), packed(t, file("x", nil))...)},
		"second gzip, empty":   {live.ReasonFiles, append(packed(t, good()...), zipped(t, nil)...)},
		"second tar":           {live.ReasonFiles, zipped(t, append(tarred(t, good()...), tarred(t, file("x", nil))...))},
		"bomb":                 {live.ReasonSize, packed(t, append(good(), file("zero", zero))...)},
		"bomb of padding":      {live.ReasonFiles, zipped(t, append(tarred(t, good()...), make([]byte, maxUnpacked)...))},
		"many files":           {live.ReasonSize, packed(t, many...)},
		"many folders":         {live.ReasonSize, packed(t, folders...)},
		"large":                {live.ReasonSize, zero},
	} {
		err := read(c.raw)
		require.Equal(t, c.reason, reasonOf(t, err), "%s: %v", name, err)
		var e *live.Error
		require.ErrorAs(t, err, &e)
		if c.reason != live.ReasonSize || name != "large" {
			require.Regexp(t, `^sha256:[0-9a-f]{64}$`, e.Digest, name)
		}
	}
}

func TestRevisions(t *testing.T) {
	for text, want := range map[string]uint64{
		"1": 1, "17": 17, "20260504103000": 20260504103000, "9223372036854775807": 1<<63 - 1,
		"1970-01-01T00:00:01Z": 1e9, "2026-05-04T10:30:00Z": 1777890600_000000000, "2026-05-04T12:30:00.5+02:00": 1777890600_500000000,
		"0": 0, "00": 0, "01": 0, "+1": 0, "-1": 0, " 1": 0, "1 ": 0, "1.0": 0, "1e3": 0, "0x10": 0, "1_000": 0, "": 0, "٣": 0,
		"9223372036854775808": 0, "v1": 0, "2026-05-04": 0, "2026-05-04T10:30:00": 0, "2026-05-04 10:30:00Z": 0, "2026-13-04T10:30:00Z": 0,
		"1970-01-01T00:00:00Z": 0, "1969-12-31T23:59:59Z": 0, "2262-04-12T00:00:00Z": 0, "9999-12-31T23:59:59Z": 0, "2026-05-04t10:30:00z": 0,
		"2026-05-04T10:30:00,5Z": 0, "2026-05-04T1:30:00Z": 0, "3f2a9c1": 0, "main": 0,
	} {
		got, ok := parseRevision(text)
		require.Equal(t, want != 0, ok, "%q", text)
		if ok {
			require.Equal(t, want, got, "%q", text)
		}
	}
	for _, manifest := range []string{"", "null", "[]", "{}", `{"Revision":"1"}`, `{"revision":1}`, `{"revision":null}`, `{"revision":""}`, `{"revision":["1"]}`} {
		_, err := revisionOf([]byte(manifest))
		require.Equal(t, live.ReasonRevision, reasonOf(t, err), manifest)
	}
}
