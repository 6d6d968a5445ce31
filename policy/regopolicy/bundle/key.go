package bundle

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	opabundle "github.com/open-policy-agent/opa/v1/bundle"
)

// Key checks signatures. The zero Key checks none.
type Key struct {
	id, algorithm, material, scope string
}

// MinSecret is the length in bytes of the shortest secret; MinRSA that of the shortest RSA key in bits.
const (
	MinSecret = 32
	MinRSA    = 2048
)

var (
	publicAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	secretAlgorithms = []string{"HS256", "HS384", "HS512"}
)

// PublicKey is a key in PEM form, of the type PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE (whose dates and issuer are not
// checked), for one algorithm: RS256, PS256, ES256 and their like, or EdDSA. The id is what tokens name as kid.
func PublicKey(id, algorithm string, text []byte) (Key, error) {
	if err := checkID(id); err != nil {
		return Key{}, err
	}
	if !slices.Contains(publicAlgorithms, algorithm) {
		return Key{}, fmt.Errorf("bundle: key %q: the algorithm is not one of %s", id, strings.Join(publicAlgorithms, ", "))
	}
	block, rest := pem.Decode(text)
	if block == nil || len(strings.TrimSpace(string(rest))) > 0 || strings.TrimSpace(string(text[:strings.Index(string(text), "-----BEGIN")])) != "" {
		return Key{}, fmt.Errorf("bundle: key %q: this is not one block of PEM", id)
	}
	public, err := parsePublic(block)
	if err != nil {
		return Key{}, fmt.Errorf("bundle: key %q: %w", id, err)
	}
	if err := fits(public, algorithm); err != nil {
		return Key{}, fmt.Errorf("bundle: key %q: %w", id, err)
	}
	return Key{id: id, algorithm: algorithm, material: string(pem.EncodeToMemory(block))}, nil
}

// SharedSecret is a key that whoever verifies could sign with: HS256, HS384 or HS512.
func SharedSecret(id, algorithm string, secret []byte) (Key, error) {
	switch err := checkID(id); {
	case err != nil:
		return Key{}, err
	case !slices.Contains(secretAlgorithms, algorithm):
		return Key{}, fmt.Errorf("bundle: key %q: the algorithm is not one of %s", id, strings.Join(secretAlgorithms, ", "))
	case len(secret) < MinSecret:
		return Key{}, fmt.Errorf("bundle: key %q: the secret is shorter than %d bytes", id, MinSecret)
	case strings.Contains(string(secret), "-----BEGIN"):
		return Key{}, fmt.Errorf("bundle: key %q: a key in PEM form is no secret", id)
	}
	return Key{id: id, algorithm: algorithm, material: string(secret)}, nil
}

// WithScope makes the key good for tokens of one scope only. Without it, it is good for those that state none.
func (k Key) WithScope(scope string) Key {
	k.scope = scope
	return k
}

func (k Key) config() *opabundle.KeyConfig {
	return &opabundle.KeyConfig{Key: k.material, Algorithm: k.algorithm, Scope: k.scope}
}

// String names the key and keeps its material to itself.
func (k Key) String() string { return "bundle key " + k.id }

// Format names the key under every verb, so that no report shows a secret.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

func checkID(id string) error {
	if id == "" || len(id) > 128 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("bundle: a key needs an id of at most 128 printable ASCII characters without spaces")
	}
	return nil
}

// parsePublic reads no private key, though its public half would do: it has no business where policies are read.
func parsePublic(block *pem.Block) (public any, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var c *x509.Certificate
		if c, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = c.PublicKey
		}
	default:
		if strings.Contains(block.Type, "PRIVATE") {
			return nil, errors.New("this is a private key")
		}
		return nil, errors.New("this is no public key")
	}
	if err != nil {
		return nil, errors.New("the public key cannot be read")
	}
	return public, nil
}

// curves that the algorithms are defined for, by bits.
var curves = map[string]int{"ES256": 256, "ES384": 384, "ES512": 521}

func fits(public any, algorithm string) error {
	wrong := fmt.Errorf("the key is of no use for %s", algorithm)
	switch k := public.(type) {
	case *rsa.PublicKey:
		if algorithm[1:2] != "S" || algorithm[0] == 'E' {
			return wrong
		}
		if k.N.BitLen() < MinRSA {
			return fmt.Errorf("the RSA key is shorter than %d bits", MinRSA)
		}
	case *ecdsa.PublicKey:
		if curves[algorithm] != k.Curve.Params().BitSize {
			return wrong
		}
	case ed25519.PublicKey:
		if algorithm != "EdDSA" {
			return wrong
		}
	default:
		return wrong
	}
	return nil
}
