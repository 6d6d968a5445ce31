package bundle_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"testing/fstest"

	"github.com/purposebound/purposebound/policy/regopolicy/bundle"
)

// The team that releases policies writes and signs; a service reads with the public key.
func ExampleRead() {
	private, public := newKeys()
	files := fstest.MapFS{
		".manifest":  {Data: []byte(`{"revision": "2026-05-04T10:30:00Z"}`)},
		"rules.yaml": {Data: []byte("rules:\n  - id: billing-reads\n    effect: permit\n")},
	}
	var tarball bytes.Buffer
	if err := bundle.Write(&tarball, files, bundle.SigningKey{ID: "release-2026", Algorithm: "ES256", PEM: private}); err != nil {
		fmt.Println(err)
		return
	}

	key, err := bundle.PublicKey("release-2026", "ES256", public)
	if err != nil {
		fmt.Println(err)
		return
	}
	snapshot, err := bundle.Read(bytes.NewReader(tarball.Bytes()), key)
	fmt.Println(snapshot.Signer, snapshot.Revision, err)

	_, err = bundle.Read(&tarball)
	fmt.Println(err)
	// Output:
	// release-2026 1777890600000000000 <nil>
	// bundle: verifying needs a key
}

func newKeys() (private, public []byte) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil
	}
	secret, _ := x509.MarshalPKCS8PrivateKey(key)
	open, _ := x509.MarshalPKIXPublicKey(key.Public())
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open})
}
