package acceptance

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite COVERAGE.md")

// all are the cases of the notices and their siblings.
func all(t *testing.T) []Case {
	t.Helper()
	list, err := ReadDir("cases")
	require.NoError(t, err)
	more, err := ReadDir("siblings")
	require.NoError(t, err)
	return append(list, more...)
}

// TestCoverage: every operative clause is exercised by a permit and a refusal where both exist, and the table says so.
func TestCoverage(t *testing.T) {
	clauses, err := Cover(Notices(".."), all(t))
	require.NoError(t, err)
	for i := range clauses {
		assert.Empty(t, clauses[i].Missing(), "no case shows it of %s, and clauses.txt states no reason", clauses[i].ID)
		if clauses[i].Exempt == "/" {
			assert.Empty(t, append(clauses[i].Permits, clauses[i].Refuses...), "%s is said to have nothing to exercise", clauses[i].ID)
		}
	}
	var b bytes.Buffer
	require.NoError(t, WriteCoverage(&b, clauses))
	if *update {
		require.NoError(t, os.WriteFile("COVERAGE.md", b.Bytes(), 0o644))
	}
	want, err := os.ReadFile("COVERAGE.md")
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, b.Bytes()), "COVERAGE.md is stale: run with -update")
}

// TestCoverageFindsWhatIsMissing: without the cases of one clause, and without its refusals, the clause is reported.
func TestCoverageFindsWhatIsMissing(t *testing.T) {
	c := Clause{ID: "FX-2.1"}
	assert.Equal(t, "a permit and a refusal", c.Missing())
	c.Permits = []string{"FX-001"}
	assert.Equal(t, "a refusal", c.Missing())
	c.Exempt = "+"
	assert.Empty(t, c.Missing())
	list := []Case{{ID: "FX-X", Clause: "FX-9.9", Expect: Deny, Request: Object{"action": "read"}}}
	_, err := Cover(Notices(".."), list)
	assert.ErrorContains(t, err, "FX-9.9")
}
