package steady_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// sets are the entrypoints and what becomes of them when a request states less.
var sets = map[string]steady.Direction{"permit": steady.Shrinks, "deny": steady.Grows, "redact": steady.Grows, "obligations": steady.Grows}

var facts = map[string]steady.Kind{
	"flag": steady.Bool, "days": steady.Number, "note": steady.Text, "tags": steady.Texts, "until": steady.Instant, "case-open": steady.Bool,
}

// base documents of the tests.
const baseDocument = `{
	"partners": {"p0": ["DK", "SE"], "p1": []}, "limits": {"p0": 3, "p1": 10}, "mixed": ["x", 3],
	"open": {"p0": true, "p1": false}, "names": ["note-a", "b"], "purposebound": {"taken": {"v": 1}}
}`

// compile gives the rules of modules as Load does, or the error.
func compile(modules map[string]string) (*ast.Compiler, error) {
	parsed := map[string]*ast.Module{}
	for name, text := range modules {
		m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
		if err != nil {
			return nil, err
		}
		parsed[name] = m
	}
	c := ast.NewCompiler().WithStrict(true).WithUseTypeCheckAnnotations(true)
	if c.Compile(parsed); c.Failed() {
		return nil, c.Errors
	}
	return c, nil
}

func document(t testing.TB, text string) ast.Object {
	v, err := ast.ValueFromReader(strings.NewReader(text))
	require.NoError(t, err)
	o, ok := v.(ast.Object)
	require.True(t, ok)
	return o
}

// spec is what policies of package purposebound are held to.
func spec(t testing.TB) steady.Spec {
	s := steady.Spec{Entrypoints: map[string]steady.Direction{}, Facts: facts, Data: document(t, baseDocument)}
	for name, d := range sets {
		s.Entrypoints["data.purposebound."+name] = d
	}
	return s
}

const header = "package purposebound\n\nimport rego.v2\n\n"

// input of a request, as the tests build and diminish it.
type input map[string]any

func (in input) clone() input {
	text, _ := json.Marshal(in)
	var own input
	_ = json.Unmarshal(text, &own)
	return own
}

// answers of one evaluation: the elements of each set.
type answers map[string]map[string]bool

// evaluator of a policy on the tests' base documents.
func evaluator(t testing.TB, c *ast.Compiler) func(input) (answers, error) {
	var base map[string]any
	require.NoError(t, json.Unmarshal([]byte(baseDocument), &base))
	var queries []string
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		if ref := ast.MustParseRef("data.purposebound." + name); len(c.GetRulesExact(ref)) > 0 {
			queries = append(queries, fmt.Sprintf("%s = data.purposebound.%[1]s", name))
		}
	}
	q, err := rego.New(rego.Query(strings.Join(queries, "; ")), rego.Compiler(c), rego.Store(inmem.NewFromObject(base)),
		rego.StrictBuiltinErrors(true)).PrepareForEval(t.Context())
	require.NoError(t, err)
	return func(in input) (answers, error) {
		rs, err := q.Eval(t.Context(), rego.EvalInput(map[string]any(in)))
		if err != nil {
			return nil, err
		}
		got := answers{}
		for _, r := range rs {
			for name, v := range r.Bindings {
				got[name] = map[string]bool{}
				list, ok := v.([]any)
				require.True(t, ok, "%s is no set", name)
				for _, element := range list {
					text, err := json.Marshal(element)
					require.NoError(t, err)
					got[name][string(text)] = true
				}
			}
		}
		return got, nil
	}
}

// gained names what a request gains over another, empty when nothing.
func gained(before, after answers) string {
	for name, d := range sets {
		less, more := after[name], before[name]
		if d == steady.Grows {
			less, more = more, less
		}
		for element := range less {
			if !more[element] {
				return name + " contains " + element
			}
		}
	}
	return ""
}
