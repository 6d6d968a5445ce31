package retention_test

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Floor 0: the standard library and nothing else, and no clock.
func TestPackageImportsTheStandardLibraryOnly(t *testing.T) {
	outside := func(file string) (list []string) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
				list = append(list, path)
			}
		}
		return list
	}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	files := 0
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		files++
		assert.Empty(t, outside(name), name)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "time.Now", "%s must not read a clock", name)
	}
	assert.Greater(t, files, 10)
	assert.NotEmpty(t, outside("imports_test.go"), "the check can fail")
}
