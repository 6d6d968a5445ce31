package purposevet_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/purposebound/purposebound/purpose/purposevet"
)

// root of the module: the records of the tests are held to the real packages.
const root = "../.."

func suite(names ...string) []string {
	for i, n := range names {
		names[i] = "./purpose/purposevet/testdata/src/" + n
	}
	return names
}

// Every rule has a package in which each line that breaks it says so, and what it must leave alone stands beside it. Package blind has what the
// documentation says that the analyzer does not see, and no finding. The keys that are misspelt in package tag come out right.
func TestEveryRuleReportsItsLinesAndNoOther(t *testing.T) {
	results := analysistest.RunWithSuggestedFixes(t, root, purposevet.New(), suite("whole", "read", "store", "storetest", "directive", "tag", "register", "request",
		"discard", "valuer", "convert", "launder", "launder/names", "keep", "keep/views", "blind")...)
	require.NotEmpty(t, results)
}
