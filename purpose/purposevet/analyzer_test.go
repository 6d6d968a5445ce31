package purposevet_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
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

// Every rule has a package in which each line that breaks it says so, and what it must leave alone stands beside it.
func TestEveryRuleReportsItsLinesAndNoOther(t *testing.T) {
	results := analysistest.Run(t, root, purposevet.New(), suite("whole", "read", "store", "storetest", "directive", "register", "request", "discard", "valuer", "convert",
		"launder", "launder/names", "keep", "keep/views")...)
	require.NotEmpty(t, results)
}

// What the package documentation says it does not see: reflection, unsafe, interfaces, function values, encoders of one's own.
func TestBlindSpots(t *testing.T) {
	for _, r := range analysistest.Run(t, root, purposevet.New(), suite("blind")...) {
		require.Empty(t, r.Action.Diagnostics)
	}
}

func TestAMisspeltKeyHasAFix(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, root, purposevet.New(), suite("tag")...)
}

func TestTheFlagNamesARegister(t *testing.T) {
	a := flags(t, "register", "testdata/register.yaml")
	analysistest.Run(t, root, a, suite("flagged")...)
}

func flags(t *testing.T, pairs ...string) *analysis.Analyzer {
	a := purposevet.New()
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(t, a.Flags.Set(pairs[i], pairs[i+1]))
	}
	return a
}
