package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/check"
)

// TestSubcommandsAreWhole: each has a name of its own, a summary, help and examples of itself.
func TestSubcommandsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands() {
		assert.False(t, seen[c.name], c.name)
		seen[c.name] = true
		assert.NotEmpty(t, c.summary, c.name)
		assert.NotEmpty(t, c.about, c.name)
		require.NotNil(t, c.run, c.name)
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitFine, run(append(strings.Fields(c.name), "--help"), nil, &stdout, &stderr), c.name)
		assert.Empty(t, stderr.String(), c.name)
		help := stdout.String()
		assert.Contains(t, help, "\n  -json\n", c.name)
		_, examples, _ := strings.Cut(help, "Examples:\n")
		assert.Contains(t, examples, "\n  purposebound "+c.name+" ", c.name)
		word, _, _ := strings.Cut(c.name, " ") // one script for those that share their first word
		script, err := os.ReadFile(filepath.Join("testdata", "script", word+".txtar"))
		require.NoError(t, err, "every subcommand has a script")
		assert.Contains(t, string(script), "exits 0 "+c.name)
	}
}

// TestColoursOnATerminalOnly: never in a file or a buffer, with NO_COLOR, or where the terminal is dumb.
func TestColoursOnATerminalOnly(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as a terminal is
	require.NoError(t, err)
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer file.Close()
	assert.True(t, coloured(terminal))
	assert.Equal(t, red+"x"+plain, (&env{stdout: terminal}).paint(red, "x"))
	assert.False(t, coloured(file))
	assert.False(t, coloured(&bytes.Buffer{}))
	assert.Equal(t, "x", (&env{stdout: file}).paint(red, "x"))
	t.Setenv("TERM", "dumb")
	assert.False(t, coloured(terminal))
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	assert.False(t, coloured(terminal))
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	for _, args := range [][]string{
		{"check", "-json", "testdata/world/register.yaml", "testdata/world/policies"},
		{"check", "testdata/world/register.yaml", "--json", "testdata/world/policies"},
		{"check", "testdata/world/register.yaml", "testdata/world/policies", "-json=true"},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitFine, run(args, nil, &stdout, &stderr), "%v: %s", args, stderr.String())
		assert.True(t, strings.HasPrefix(stdout.String(), "{"), args)
	}
}

func TestPoliciesAreNamedByTheirDirectories(t *testing.T) {
	for dir, want := range map[string]string{
		"policies": "policies", "a/Need to Know": "need-to-know", "rules_v2": "rules-v2", "2024": "policy", "æøå": "policy", "x/../y": "y", "tmp123456789": "policy",
	} {
		assert.Equal(t, want, nameOf(dir), dir)
	}
	list, err := sources([]directory{{path: "testdata/world/policies"}, {path: "testdata/world/policies"}, {"policies", "testdata/world/rego"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"policies", "policies-2", "policies-3"}, []string{list[0].name, list[1].name, list[2].name})
}

func TestSummariesCount(t *testing.T) {
	assert.Equal(t, "1 error, 1 warning, 2 notes",
		count([]check.Finding{{}, {Severity: check.Note}, {Severity: check.Warning}, {Severity: check.Note}}).String())
}

// TestPlaces: a path leads to its node, and one that goes too far to the last that is there.
func TestPlaces(t *testing.T) {
	p := placesOf([]byte("a:\n  - x: 1\n  - y: [1, 2]\n"))
	for path, want := range map[string][2]int{
		"": {1, 1}, "a": {2, 3}, "a[0]": {2, 5}, "a[0].x": {2, 8}, "a[1].y[1]": {3, 12}, "a[1].y[7]": {3, 8}, "b[0]": {1, 1}, "a[-1]": {2, 3},
	} {
		line, column := p.of(path)
		assert.Equal(t, want, [2]int{line, column}, path)
	}
	line, column := placesOf([]byte("a: [")).of("a")
	assert.Equal(t, [2]int{1, 1}, [2]int{line, column})
}
