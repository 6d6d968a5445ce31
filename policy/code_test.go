package policy_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

var update = flag.Bool("update", false, "rewrite generated files")

// constants lists the string constants of a type in a file.
func constants(t *testing.T, file, typ string) (values []string) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == typ && len(v.Values) == 1 {
				if lit, ok := v.Values[0].(*ast.BasicLit); ok {
					s, err := strconv.Unquote(lit.Value)
					require.NoError(t, err)
					values = append(values, s)
				}
			}
		}
		return true
	})
	return values
}

func TestEveryReasonCodeIsListedWithItsGateAndText(t *testing.T) {
	declared := constants(t, "code.go", "Code")
	require.Greater(t, len(declared), 70)
	listed := map[policy.Code]bool{}
	for _, c := range policy.Codes() {
		listed[c] = true
		require.NotEmpty(t, c.Text(), c)
		gate, _, found := strings.Cut(string(c), ".")
		require.True(t, found)
		require.Equal(t, gate, c.Gate().String(), "the first word of a code is its gate")
	}
	require.Len(t, listed, len(declared))
	for _, c := range declared {
		require.True(t, listed[policy.Code(c)], c)
	}
	require.False(t, listed["basis.consent-mising"], "the control: an unknown code is not listed")
	require.Empty(t, policy.Code("basis.consent-mising").Text())
}

func TestEveryCodeOfAClaimHasAReason(t *testing.T) {
	codes := constants(t, "../basis/claim.go", "Code")
	require.Greater(t, len(codes), 15)
	for _, c := range codes {
		if c != "" {
			require.NotEmpty(t, policy.Code("basis."+c).Text(), c)
		}
	}
}

func TestReasonPageIsCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Reason codes\n\nGenerated from code_table.go by `go test ./policy -run ReasonPage -update`. The list is closed: codes are added, never renamed.\n")
	b.WriteString("A code marked *request* says that the request contradicts itself or the register; the others say what is missing or forbidden.\n")
	gate := ""
	for _, c := range policy.Codes() {
		if g := c.Gate().String(); g != gate {
			gate = g
			fmt.Fprintf(&b, "\n## %s\n\n| code | meaning | |\n|---|---|---|\n", gate)
		}
		mark := ""
		if c.Malformed() {
			mark = "*request*"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c, strings.ReplaceAll(c.Text(), "%s", "…"), mark)
	}
	if *update {
		require.NoError(t, os.WriteFile("reasons.md", []byte(b.String()), 0o644))
	}
	page, err := os.ReadFile("reasons.md")
	require.NoError(t, err)
	require.True(t, b.String() == string(page), "reasons.md is stale: run this test with -update")
}
