package oracle_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// canaryForms are the ways in which a canary could be written down: as it is, in hex, in base64 wherever it begins, and as
// a digest of any of the values that the tests put into records and requests.
var canaryForms = sync.OnceValue(func() map[string]string {
	forms := map[string]string{"raw": canary, "hex": hex.EncodeToString([]byte(canary)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(canary)))}
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + canary + "\x00\x00\x00"))
		forms[fmt.Sprint("base64 behind ", before)] = text[(before*8+5)/6 : (before+len(canary))*8/6]
	}
	for _, tail := range []string{"", " Name", "@example.org", " extra", " tag", " note", " plate", "-u1"} {
		b := []byte(canary + tail)
		sum256, sum1, sum5 := sha256.Sum256(b), sha1.Sum(b), md5.Sum(b)
		for name, sum := range map[string][]byte{"sha256": sum256[:], "sha1": sum1[:], "md5": sum5[:]} {
			forms[name+" hex of "+tail] = hex.EncodeToString(sum)
			forms[name+" base64 of "+tail] = base64.RawStdEncoding.EncodeToString(sum)
			forms[name+" base64url of "+tail] = base64.RawURLEncoding.EncodeToString(sum)
		}
	}
	return forms
})

// canaryIn names a form in which a text holds a canary; empty if there is none.
func canaryIn(text string) (form string, at int) {
	for name, f := range canaryForms() {
		if i := strings.Index(text, f); i >= 0 {
			return name, i
		}
	}
	return "", -1
}

// noCanary asserts that a text holds no value of any record or request.
func noCanary(t *testing.T, what, text string) {
	t.Helper()
	if form, i := canaryIn(text); form != "" {
		assert.Fail(t, "a value leaked", "%s, %s: ...%s", what, form, text[max(0, i-60):min(len(text), i+40)])
	}
}

// The control: whatever form a canary takes, in the middle of something else, it is seen.
func TestCanariesAreSeenInEveryForm(t *testing.T) {
	for name, form := range canaryForms() {
		found, _ := canaryIn(`{"x":"` + form + `"}`)
		assert.NotEmpty(t, found, name)
	}
	for before := range 9 {
		text := strings.Repeat("x", before) + canary + " Name"
		found, _ := canaryIn(base64.URLEncoding.EncodeToString([]byte(text)))
		assert.NotEmpty(t, found, "base64 of %q", text)
	}
	found, _ := canaryIn("C A N A R Y")
	assert.Empty(t, found)
}
