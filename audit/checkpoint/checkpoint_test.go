package checkpoint_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
)

func TestCheckpointsAreSignedNotes(t *testing.T) {
	signer, verifier := keys(t, "acme.example/key")
	root := audit.HashLine([]byte("any"))
	c := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: 42, Root: root}}
	signed, err := c.Sign(signer)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(signed), origin+"\n42\n"))
	n, err := note.Open(signed, note.VerifierList(verifier))
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(n.Text, "\n"))

	back, err := checkpoint.Open(signed, origin, note.VerifierList(verifier))
	require.NoError(t, err)
	assert.Equal(t, c, back)
	back, err = checkpoint.Unverified(signed)
	require.NoError(t, err)
	assert.Equal(t, c, back)
}

func TestOneOfSeveralKeysIsEnough(t *testing.T) {
	oldKey, oldVerifier := keys(t, "acme.example/2025")
	newKey, newVerifier := keys(t, "acme.example/2026")
	signed, err := checkpoint.Checkpoint{Origin: origin}.Sign(oldKey, newKey)
	require.NoError(t, err)
	for _, v := range []note.Verifiers{note.VerifierList(oldVerifier), note.VerifierList(newVerifier), note.VerifierList(oldVerifier, newVerifier)} {
		_, err := checkpoint.Open(signed, origin, v)
		assert.NoError(t, err)
	}
}

func TestWhatIsNotSignedDoesNotOpen(t *testing.T) {
	signer, verifier := keys(t, "acme.example/key")
	stranger, other := keys(t, "acme.example/key")
	known := note.VerifierList(verifier)
	c := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: 42}}
	good, err := c.Sign(signer)
	require.NoError(t, err)
	foreign, err := c.Sign(stranger)
	require.NoError(t, err)
	raw := func(text string) []byte {
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		require.NoError(t, err)
		return signed
	}
	hash := strings.Repeat("A", 43) + "="
	for name, c := range map[string]struct {
		signed []byte
		v      note.Verifiers
		want   error
	}{
		"unknown key":       {foreign, known, checkpoint.ErrUnsigned},
		"other verifier":    {good, note.VerifierList(other), checkpoint.ErrUnsigned},
		"no verifier":       {good, note.VerifierList(), checkpoint.ErrUnsigned},
		"nil verifiers":     {good, nil, checkpoint.ErrUnsigned},
		"nothing":           {nil, known, checkpoint.ErrMalformed},
		"too long":          {append(good, make([]byte, 1<<20)...), known, checkpoint.ErrMalformed},
		"other stream":      {raw(origin + "2\n42\n" + hash + "\n"), known, checkpoint.ErrMalformed},
		"two lines":         {raw(origin + "\n42\n"), known, checkpoint.ErrMalformed},
		"leading zero":      {raw(origin + "\n042\n" + hash + "\n"), known, checkpoint.ErrMalformed},
		"plus":              {raw(origin + "\n+42\n" + hash + "\n"), known, checkpoint.ErrMalformed},
		"negative":          {raw(origin + "\n-1\n" + hash + "\n"), known, checkpoint.ErrMalformed},
		"huge":              {raw(origin + "\n9223372036854775807\n" + hash + "\n"), known, checkpoint.ErrMalformed},
		"short hash":        {raw(origin + "\n42\nAAAA\n"), known, checkpoint.ErrMalformed},
		"loose base64":      {raw(origin + "\n42\n" + strings.Repeat("A", 42) + "B=\n"), known, checkpoint.ErrMalformed},
		"url base64":        {raw(origin + "\n42\n" + strings.Repeat("_", 43) + "=\n"), known, checkpoint.ErrMalformed},
		"empty extension":   {raw(origin + "\n42\n" + hash + "\n\nmore\n"), known, checkpoint.ErrMalformed},
		"verifier panics":   {good, panics{}, nil},
		"text without note": {[]byte(origin + "\n42\n" + hash + "\n"), known, checkpoint.ErrMalformed},
	} {
		_, err := checkpoint.Open(c.signed, origin, c.v)
		require.Error(t, err, name)
		if c.want != nil {
			assert.ErrorIs(t, err, c.want, name)
		}
	}
	_, err = checkpoint.Open(raw(origin+"\n42\n"+hash+"\nextension\n"), origin, known)
	assert.NoError(t, err, "extensions are opaque")

	for at := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[at] ^= 1 << bit
			_, err := checkpoint.Open(bad, origin, known)
			require.True(t, err != nil || at == len(good)-slack, "byte %d, bit %d", at, bit)
		}
	}
}

// slack is where, from the end of a signed note, the base64 of its signature has bits that mean nothing.
const slack = len("A=\n")

type panics struct{}

func (panics) Verifier(string, uint32) (note.Verifier, error) { panic("canary") }
func (panics) Name() string                                   { return "acme.example/key" }
func (panics) KeyHash() uint32                                { return 7 }
func (panics) Sign([]byte) ([]byte, error)                    { panic("canary") }

func TestSignRefuses(t *testing.T) {
	signer, _ := keys(t, "acme.example/key")
	c := checkpoint.Checkpoint{Origin: origin}
	_, err := c.Sign()
	assert.Error(t, err)
	_, err = c.Sign(panics{})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "canary")
	for _, bad := range []string{"", "a b", "a\nb", "a+b", strings.Repeat("a", 300), "\xff"} {
		_, err = checkpoint.Checkpoint{Origin: bad}.Sign(signer)
		assert.ErrorIs(t, err, checkpoint.ErrMalformed, "%q", bad)
		_, err = checkpoint.Origin(bad, "stream")
		assert.ErrorIs(t, err, checkpoint.ErrMalformed, "%q", bad)
	}
	got, err := checkpoint.Origin(operator, "recorder")
	require.NoError(t, err)
	assert.Equal(t, origin, got)
}

func FuzzOpen(f *testing.F) {
	signer, verifier := keys(f, "acme.example/key")
	good, err := checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: 3}}.Sign(signer)
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(origin + "\n1\nAAAA\n\n— a b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := checkpoint.Unverified(b)
		opened, failed := checkpoint.Open(b, c.Origin, note.VerifierList(verifier))
		if failed == nil {
			require.NoError(t, err, "what opens is kept by an anchor")
			require.Equal(t, c, opened)
		} else {
			require.True(t, errors.Is(failed, checkpoint.ErrMalformed) || errors.Is(failed, checkpoint.ErrUnsigned))
		}
	})
}
