package bundle

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/live"
)

// testdata/opa was made by the OPA 1.22.0 command as doc.go tells; the private key was thrown away.
func TestWhatTheOPACommandMadeIsAccepted(t *testing.T) {
	text, err := os.ReadFile("testdata/opa/key.pub")
	require.NoError(t, err)
	key, err := PublicKey("release-2026", "ES256", text)
	require.NoError(t, err)
	v, err := Verifier(key)
	require.NoError(t, err)
	dir, err := live.Directory("testdata/opa/policies", v)
	require.NoError(t, err)
	tarball, err := File("testdata/opa/policy.tar.gz", key)
	require.NoError(t, err)
	for source, names := range map[live.Source][]string{
		dir:     {".manifest", "policy.rego", "rules.yaml", "teams/data.json"},
		tarball: {".manifest", "data.json", "policy.rego"}, // it merges data and leaves other files out
	} {
		s, err := source.Fetch(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 17, s.Revision)
		require.Equal(t, "release-2026", s.Signer)
		require.Equal(t, names, slices.Sorted(maps.Keys(s.Files.Contents())))
	}
}
