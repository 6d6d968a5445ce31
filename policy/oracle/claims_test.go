package oracle_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// TestEveryClaimCodeHasItsReason reads the codes of package basis out of its source: each has a reason of its own.
func TestEveryClaimCodeHasItsReason(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../basis/claim.go", nil, 0)
	require.NoError(t, err)
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		if text != "" {
			found++
			assert.NotEmpty(t, policy.Code("basis."+text).Text(), text)
			assert.Equal(t, policy.GateBasis, policy.Code("basis."+text).Gate())
		}
		return true
	})
	require.Greater(t, found, 15)
}

// TestClaimsThatLoadingRefuses stands for the reasons that no decision can give, because no register has such a claim.
func TestClaimsThatLoadingRefuses(t *testing.T) {
	for problem, claim := range map[string]basis.Claim{
		"claim.basis":      {},
		"claim.laws":       {Basis: basis.LegalObligation},
		"ref.unknown":      {Basis: basis.LegitimateInterests, Interest: "i", Assessment: "lia.moon"},
		"claim.interest":   {Basis: basis.LegitimateInterests, Assessment: "lia.moon"},
		"claim.assessment": {Basis: basis.LegitimateInterests, Interest: "i"},
		"claim.scope":      {Basis: basis.Consent},
	} {
		for _, inside := range []bool{false, true} {
			spec := houseSpec()
			if spec.Activities[0].Claims = []basis.Claim{claim}; inside {
				spec.Activities[0].Claims = []basis.Claim{{Basis: basis.Contract, All: []basis.Claim{claim}}}
			}
			_, err := purpose.Compile(spec)
			var ps purpose.Problems
			require.ErrorAs(t, err, &ps, problem)
			assert.True(t, ps.Has(problem), "%s: %v", problem, ps)
		}
	}
}
