package purposebound_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The first snippet of the README is the example, as a program; the second is what it prints.
func TestReadmeShowsTheExample(t *testing.T) {
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(source), "\n"), 40, "a quick start that does not fit means an API that is too hard")
	program, output, found := strings.Cut(string(source), "\t// Output: ")
	require.True(t, found)
	program = strings.Replace(program, "package purposebound_test", "package main", 1)
	program = strings.Replace(program, "func Example() {", "func main() {", 1) + "}\n"
	output = strings.ReplaceAll(strings.TrimSuffix(output, "}\n"), "\t// ", "")
	output = strings.ReplaceAll(output, "purposebound_test.", "main.")

	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	snippets := strings.Split(string(readme), "```")
	require.Greater(t, len(snippets), 4)
	require.Equal(t, "go\n"+program, snippets[1], "README.md")
	require.Equal(t, "\n"+output, snippets[3], "README.md")
}
