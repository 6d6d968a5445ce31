package regopolicy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/open-policy-agent/opa/v1/version"

	"github.com/purposebound/purposebound/purpose"
)

// digest is the hash of the engine, the register and every file that decides, the shipped library's included.
func digest(register *purpose.Register, modules, documents []source) string {
	h := sha256.New()
	write(h, "regopolicy 1", version.Version, register.Digest())
	for _, list := range [][]source{modules, documents} {
		write(h, fmt.Sprint(len(list)))
		for _, s := range list {
			write(h, s.name, string(s.text))
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// write adds texts with their lengths, so that no two lists of texts are the same to the hash.
func write(h hash.Hash, texts ...string) {
	for _, s := range texts {
		fmt.Fprintf(h, "%d\n%s", len(s), s)
	}
}
