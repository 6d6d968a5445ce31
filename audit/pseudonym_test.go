package audit_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

func keyed(t testing.TB, key []byte, epoch string) *audit.KeyedHMAC {
	k, err := audit.NewKeyedHMAC(key, epoch)
	require.NoError(t, err)
	return k
}

func TestKeyedHMACIsTwoTruncatedHMACs(t *testing.T) {
	sum := func(key []byte, msg string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(msg))
		return m.Sum(nil)
	}
	k := keyed(t, secret, "2026")
	for class, lead := range map[audit.Class]string{audit.DataSubject: "ds-\x01", audit.Principal: "pr-\x02"} {
		mac := sum(sum(secret, "purposebound alias v1\x002026"), lead[3:]+"canary@example.com")
		want := lead[:3] + strings.TrimRight(strings.ToLower(base32.StdEncoding.EncodeToString(mac[:16])), "=")
		got, err := k.Alias(t.Context(), class, "canary@example.com")
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

// What a key remembers of the uses that it was derived for mixes none of them up, whoever asks at the same time, and however
// many there are.
func TestSumsOfManyUsesAndCallersStayApart(t *testing.T) {
	key, err := audit.NewKey("2026", secret)
	require.NoError(t, err)
	sum := func(key []byte, msg string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(msg))
		return m.Sum(nil)
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 200 {
				use, id := fmt.Sprint("use", (i+j)%20), strings.Repeat(fmt.Sprint(i, j), 1+j%400)
				got, err := key.Sum(use, audit.DataSubject, id)
				assert.NoError(t, err)
				assert.Equal(t, sum(sum(secret, "purposebound "+use+" v1\x002026"), "\x01"+id), got[:])
			}
		})
	}
	wg.Wait()
}

// Only who waits for nobody says so: keys from elsewhere may take long.
func TestPseudonymsFromKeysInMemoryAreImmediate(t *testing.T) {
	assert.True(t, keyed(t, secret, "2026").Immediate())
	keys, err := audit.NewKeys(newKey(t, "2026"))
	require.NoError(t, err)
	for want, from := range map[bool]audit.KeySource{true: keys, false: source(func(context.Context, string) (audit.Key, error) {
		return newKey(t, "2026"), nil
	})} {
		k, err := audit.NewRotatingHMAC(from)
		require.NoError(t, err)
		assert.Equal(t, want, k.Immediate())
	}
	assert.True(t, new(audit.KeyedHMAC).Immediate(), "it refuses at once")
}

func TestAliasesDifferByIDClassEpochAndKey(t *testing.T) {
	seen := map[string]string{}
	other := []byte("0123456789abcdef0123456789abcdeF")
	for _, key := range [][]byte{secret, other} {
		for _, epoch := range []string{"1", "2026", "2027"} {
			k := keyed(t, key, epoch)
			for _, class := range []audit.Class{audit.DataSubject, audit.Principal} {
				for i := range 200 {
					id := fmt.Sprint(i)
					a, err := k.Alias(t.Context(), class, id)
					require.NoError(t, err)
					again, err := k.Alias(t.Context(), class, id)
					require.NoError(t, err)
					assert.Equal(t, a, again)
					bits := a[3:] // the prefix aside
					what := fmt.Sprint(string(key), epoch, class, id)
					assert.Empty(t, seen[bits], what)
					seen[bits] = what
				}
			}
		}
	}
}

func TestAnEventTakesAliasesOfItsOwnClassOnly(t *testing.T) {
	k := keyed(t, secret, "2026")
	person, err := k.Alias(t.Context(), audit.DataSubject, "010170-1234")
	require.NoError(t, err)
	staff, err := k.Alias(t.Context(), audit.Principal, "u17")
	require.NoError(t, err)
	e := read()
	e.DataSubjectRefs, e.PrincipalRef = []string{person}, staff
	assert.NoError(t, e.Validate())
	e.DataSubjectRefs, e.PrincipalRef = []string{staff}, staff
	assert.Error(t, e.Validate())
	e.DataSubjectRefs, e.PrincipalRef = []string{person}, person
	assert.Error(t, e.Validate())
}

// 26 letters of 5 bits are 130 bits: only aliases whose last two bits are zero stand for 128.
func TestAnAliasHasOneSpelling(t *testing.T) {
	accepted := ""
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789ABC-" {
		e := read()
		e.PrincipalRef = "pr-" + strings.Repeat("a", 25) + string(c)
		if e.Validate() == nil {
			accepted += string(c)
		}
	}
	assert.Equal(t, "aeimquy4", accepted)
}

func TestKeyedHMACRefuses(t *testing.T) {
	for _, key := range [][]byte{nil, {}, secret[:31]} {
		_, err := audit.NewKeyedHMAC(key, "2026")
		assert.Error(t, err)
	}
	for _, epoch := range []string{"", "20 26", "2026\x00"} {
		_, err := audit.NewKeyedHMAC(secret, epoch)
		assert.Error(t, err)
	}
	k := keyed(t, secret, "2026")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx   context.Context
		k     *audit.KeyedHMAC
		class audit.Class
		id    string
	}{
		{t.Context(), k, 0, "canary"}, {t.Context(), k, 3, "canary"}, {t.Context(), k, audit.DataSubject, ""},
		{ended, k, audit.DataSubject, "canary"}, {t.Context(), nil, audit.DataSubject, "canary"},
		{t.Context(), new(audit.KeyedHMAC), audit.DataSubject, "canary"},
	} {
		alias, err := c.k.Alias(c.ctx, c.class, c.id)
		assert.Empty(t, alias)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "canary")
	}
	assert.Empty(t, audit.Class(0).Alias([16]byte{}))
}

func TestKeyIsCopiedAndNotShown(t *testing.T) {
	key := []byte(strings.Clone(string(secret)))
	k := keyed(t, key, "2026")
	before, err := k.Alias(t.Context(), audit.DataSubject, "x")
	require.NoError(t, err)
	clear(key)
	after, err := k.Alias(t.Context(), audit.DataSubject, "x")
	require.NoError(t, err)
	assert.Equal(t, before, after)

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown := fmt.Sprintf(verb+" "+verb, k, *k)
		assert.NotContains(t, shown, string(secret))
		assert.NotContains(t, shown, hex.EncodeToString(secret)[:16])
		assert.NotContains(t, shown, "48 49 50 51")
	}
}
