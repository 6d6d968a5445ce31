package purposevet_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/purposebound/purposebound/purpose/purposevet"
)

// common are packages that, with all they import, print, encode, reflect and store in every way.
var common = strings.Fields(`database/sql encoding/gob encoding/xml expvar go/types html/template log/slog net/http/httptest
	github.com/google/go-cmp/cmp github.com/stretchr/testify/require go.yaml.in/yaml/v3 ./policy`)

// Nothing that knows nothing of personal data is reported, nor is what makes up the guard. PURPOSEBOUND_NIGHTLY=1 takes the whole standard library
// and every package that the module is built and tested with.
func TestPackagesOfOthersHaveNoFindings(t *testing.T) {
	patterns, least := common, 150
	if os.Getenv("PURPOSEBOUND_NIGHTLY") == "1" {
		const others = `{{if not .ForTest}}{{with .Module}}{{if not .Main}}{{$.ImportPath}}{{end}}{{end}}{{end}}`
		list := exec.Command("go", "list", "-deps", "-test", "-f", others, "./...")
		list.Dir = root
		out, err := list.Output()
		require.NoError(t, err)
		patterns, least = append(strings.Fields(string(out)), "std"), 600
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: root}, patterns...)
	require.NoError(t, err)
	graph, err := checker.Analyze([]*analysis.Analyzer{purposevet.New()}, pkgs, nil)
	require.NoError(t, err)
	n := 0
	for act := range graph.All() {
		if act.Analyzer.Name != "purposevet" {
			continue
		}
		n++
		assert.NoError(t, act.Err)
		for _, d := range act.Diagnostics {
			t.Errorf("%s: %s", act.Package.Fset.Position(d.Pos), d.Message)
		}
	}
	assert.Greater(t, n, least)
}
