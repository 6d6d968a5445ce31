package steady_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// mark stands in the text of a policy just before the place of a problem.
const mark = "«"

// marked takes the marks out of a text, and says their lines and columns.
func marked(text string) (plain string, places [][2]int) {
	for {
		before, after, found := strings.Cut(text, mark)
		if !found {
			return text, places
		}
		line := strings.Count(before, "\n")
		places = append(places, [2]int{line + 1, len(before) - strings.LastIndex(before, "\n")})
		text = before + after
	}
}

// TestPolicies checks each row of the table, and asks OPA whether it is right: nothing that is accepted gains by
// leaving something out, and what is refused does gain, where the row says so.
func TestPolicies(t *testing.T) {
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			text, places := marked(header + strings.TrimSpace(row.policy) + "\n")
			c, err := compile(map[string]string{"a.rego": text})
			require.NoError(t, err, text)
			problems := steady.Check(c, spec(t))
			if row.code == "" {
				require.Empty(t, problems, text)
			}
			require.Len(t, problems, len(places), "%v\n%s", problems, text)
			for i, p := range problems {
				assert.Equal(t, row.code, p.Code, p.String())
				assert.Equal(t, places[i], [2]int{p.Line, p.Column}, p.String())
				assert.Equal(t, "a.rego", p.File)
				assert.Contains(t, p.Message, row.says)
			}
			gains := harm(t, c, 150)
			switch {
			case row.code == "":
				assert.Empty(t, gains, text)
			case row.careful:
			case row.code == steady.CodeFails || row.code == steady.CodeConflict:
				assert.Equal(t, "an error", gains, "control: what is refused does fail")
			default:
				assert.Contains(t, harm(t, c, 5_000), "contains", "control: what is refused does gain")
			}
		})
	}
}

// TestOldNotIsRefused: without the import, not does not hold where what it asks is absent.
func TestOldNotIsRefused(t *testing.T) {
	text, places := marked("package purposebound\n\ndeny contains {\"rule\": \"r\", \"category\": \"*\"} if «not input.facts.days < 3\n")
	c, err := compile(map[string]string{"a.rego": text})
	require.NoError(t, err)
	problems := steady.Check(c, spec(t))
	require.NotEmpty(t, problems)
	assert.Equal(t, steady.CodeForm, problems[0].Code)
	assert.Equal(t, places[0], [2]int{problems[0].Line, problems[0].Column})
	assert.Contains(t, problems[0].Message, "import rego.v2")
	assert.Contains(t, harm(t, c, 5_000), "deny", "control: the old not does gain")
}

// TestSpecsThatAreNotUnderstood are problems, never silence.
func TestSpecsThatAreNotUnderstood(t *testing.T) {
	require.NotEmpty(t, steady.Check(nil, spec(t)))
	require.NotEmpty(t, steady.Check(&ast.Compiler{}, spec(t)))
	failed := ast.NewCompiler()
	failed.Compile(map[string]*ast.Module{"a.rego": ast.MustParseModule("package a\n\nx if y")})
	require.True(t, failed.Failed())
	require.NotEmpty(t, steady.Check(failed, spec(t)))

	c, err := compile(map[string]string{"a.rego": header + `permit contains {"rule": "r", "category": "*"} if input.facts.flag`})
	require.NoError(t, err)
	own := spec(t)
	own.Entrypoints = map[string]steady.Direction{"data.purposebound.permit": 0}
	require.NotEmpty(t, steady.Check(c, own), "no direction")
	for _, path := range []string{"", "data", "permit", "data.purposebound[x]", "input.permit", "data.a.b("} {
		own.Entrypoints = map[string]steady.Direction{path: steady.Shrinks}
		require.NotEmpty(t, steady.Check(c, own), path)
	}
	own.Entrypoints = map[string]steady.Direction{"data.purposebound": steady.Shrinks}
	require.NotEmpty(t, steady.Check(c, own), "a package is no rule")
	own.Entrypoints = map[string]steady.Direction{"data.purposebound.nosuch": steady.Shrinks}
	require.Empty(t, steady.Check(c, own), "an entrypoint without a rule decides nothing")
	own = spec(t)
	own.Facts = map[string]steady.Kind{"flag": 0}
	require.NotEmpty(t, steady.Check(c, own), "a fact without a kind")
	own.Facts, own.Data = facts, nil
	require.Empty(t, steady.Check(c, own), "no base documents")
}

// harm says what some request gains by stating less, or that an evaluation fails; empty when neither was seen.
func harm(t *testing.T, c *ast.Compiler, tries int) string {
	eval := evaluator(t, c)
	d := newDice(42)
	for range tries {
		in := d.request()
		before, err1 := eval(in)
		after, err2 := eval(d.less(in))
		if err1 != nil || err2 != nil {
			return "an error"
		}
		if g := gained(before, after); g != "" {
			return g
		}
	}
	return ""
}
