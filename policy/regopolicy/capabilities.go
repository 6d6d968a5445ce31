package regopolicy

import (
	"encoding/json"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// forTests may be called by test modules besides.
var forTests = []string{"internal.test_case"}

// Capabilities is the allow-list as an OPA capabilities document: what "opa check --capabilities" and
// "opa test --capabilities" then refuse is what Load refuses.
func Capabilities() []byte {
	text, err := json.MarshalIndent(struct {
		*ast.Capabilities
		AllowNet []string `json:"allow_net"` // written although it is empty: left out it would allow every host
	}{capabilities(nil), []string{}}, "", "  ")
	if err != nil {
		return nil // cannot be: the document has texts, lists and types only
	}
	return append(text, '\n')
}

// capabilities is the allow-list with more functions added.
//
// What is allowed answers from its arguments alone, cannot fail on arguments that the rules are checked for, takes time
// and memory that grow no faster than they do, and grows nothing when it is called again and again.
func capabilities(more []string) *ast.Capabilities {
	allowed := append(steady.Builtins(), more...)
	all := ast.CapabilitiesForThisVersion()
	c := &ast.Capabilities{
		FutureKeywords: all.FutureKeywords,
		Features:       []string{ast.FeatureRegoV1, ast.FeatureRegoV2Import, ast.FeatureRegoV2, ast.FeatureKeywordsInRefs},
		AllowNet:       []string{}, // nil would allow every host
	}
	for _, b := range all.Builtins {
		if slices.Contains(allowed, b.Name) && !b.Nondeterministic {
			c.Builtins = append(c.Builtins, b)
		}
	}
	return c
}
