package regopolicy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// allEffects has a rule "one" in each set, its answers computed.
const allEffects = one + `
permit contains {"rule": "two", "field": n} if some n, _ in input.fields

deny contains {"rule": "one", "category": "national-id"} if not input.recipient.country == "DK"

deny contains {"rule": "two", "field": n} if some n, _ in input.fields

redact contains {"rule": "one", "category": "contact", "mask": m} if m := masks[_]

redact contains {"rule": "two", "field": n, "mask": "year"} if some n, _ in input.fields

obligations contains {"rule": "one", "obligation": o} if o := masks[_]

masks := ["remove", "last-four"]
`

// decodeText decodes answers written as Rego terms.
func decodeText(t testing.TB, p *Policy, in *policy.Input, texts map[string]string) (policy.Verdict, error) {
	t.Helper()
	answers := topdown.QueryResult{}
	for _, name := range entrypoints {
		answers[ast.Var(name)] = ast.SetTerm()
	}
	for name, text := range texts {
		term, err := ast.ParseTerm(text)
		require.NoError(t, err, text)
		answers[ast.Var(name)] = term
	}
	d := decoder{Policy: p, in: in, view: p.viewOf(in.Plan)}
	err := d.decode(answers)
	return d.verdict, err
}

// TestAnswersOfOneFormOnly: everything else is an error, and with it no answer at all.
func TestAnswersOfOneFormOnly(t *testing.T) {
	reg := register(t)
	p, in := mustLoad(t, reg, allEffects), ask(t, plan(t, reg))
	for set, texts := range map[string][]string{
		"permit": {
			`true`, `"one"`, `[]`, `{}`, `{"one"}`, `{1}`, `{null}`, `{{"rule": "one"}}`, `[{"rule": "one", "category": "*"}]`,
			`{{"rule": "one", "category": "contact", "field": "iban"}}`, `{{"rule": "one", "category": "contact", "mask": "remove"}}`,
			`{{"rule": "one", "category": "contact", "more": 1}}`, `{{"rule": "none", "category": "contact"}}`, `{{"rule": 1, "category": "contact"}}`,
			`{{"rule": "one", "category": 1}}`, `{{"rule": "one", "category": ""}}`, `{{"rule": "one", "category": "contacts"}}`,
			`{{"rule": "one", "field": "nosuch"}}`, `{{"rule": "one", "field": ""}}`, `{{"rule": "one", "field": ["iban"]}}`, `{{"rule": "", "category": "*"}}`,
			`{{"rule": "one", "category": "*"}, {"rule": "one", "category": "nothing"}}`, `{{"category": "*"}}`, `{{"rule": "one", "category": null, "field": "iban"}}`,
		},
		"deny":   {`{{"rule": "two", "field": "nosuch"}}`, `{{"rule": "one", "obligation": "x"}}`, `false`},
		"redact": {`{{"rule": "two", "field": "iban"}}`, `{{"rule": "one", "category": "contact", "mask": "blur"}}`, `{{"rule": "one", "category": "contact", "mask": 1}}`, `{{"rule": "one", "category": "contact", "mask": ""}}`, `{{"rule": "one", "category": "finance", "mask": "remove"}}`},
		"obligations": {
			`{{"rule": "one", "obligation": "Not A Key"}}`, `{{"rule": "one", "obligation": 1}}`, `{{"rule": "one", "category": "*"}}`,
			`{{"rule": "one", "obligation": "x", "category": "*"}}`, set17(),
		},
	} {
		for _, text := range texts {
			_, err := decodeText(t, p, in, map[string]string{set: text})
			assert.ErrorIs(t, err, ErrAnswer, "%s %s", set, text)
		}
	}
	d := decoder{Policy: p, in: in, view: p.viewOf(in.Plan)}
	assert.ErrorIs(t, d.decode(topdown.QueryResult{}), ErrAnswer, "a set that is missing")
	many := ast.NewSet()
	for i := range maxElements + 1 {
		many.Add(ast.IntNumberTerm(i))
	}
	assert.ErrorIs(t, d.decode(topdown.QueryResult{"permit": ast.NewTerm(many)}), ErrAnswer)

	v, err := decodeText(t, p, in, map[string]string{
		"permit": `{{"rule": "one", "category": "*"}, {"rule": "two", "field": "iban"}}`, "deny": `{{"rule": "two", "field": "iban"}}`,
		"redact": `{{"rule": "one", "category": "contact", "mask": "last-four"}}`, "obligations": `{{"rule": "one", "obligation": "x"}}`,
	})
	require.NoError(t, err, "control")
	assert.Equal(t, 5, v.Permit.Len())
	assert.Equal(t, []string{"iban"}, pathsOf(in.Plan, v.Deny))
	assert.Equal(t, []string{"x"}, v.Obligations)
}

// set17 has more obligations than an answer may have.
func set17() string {
	var list []string
	for i := range maxObligations + 1 {
		list = append(list, fmt.Sprintf(`{"rule": "one", "obligation": "o%d"}`, i))
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// TestAnswersReachRequestedFieldsOnly.
func TestAnswersReachRequestedFieldsOnly(t *testing.T) {
	reg := register(t)
	p, in := mustLoad(t, reg, allEffects), ask(t, plan(t, reg))
	in.Fields = purpose.FieldSet{0b00111} // name, mail, iban
	in.Explain = true
	v, err := decodeText(t, p, in, map[string]string{
		"permit": `{{"rule": "one", "category": "*"}}`, "deny": `{{"rule": "one", "category": "national-id"}, {"rule": "two", "field": "income"}}`,
		"redact": `{{"rule": "two", "field": "cpr", "mask": "year"}, {"rule": "two", "field": "iban", "mask": "year"}}`, "obligations": `{{"rule": "one", "obligation": "x"}}`,
	})
	require.NoError(t, err)
	assert.Equal(t, in.Fields, v.Permit)
	assert.True(t, v.Deny.Empty())
	require.Len(t, v.Redactions, 1)
	assert.Equal(t, []string{"iban"}, pathsOf(in.Plan, v.Redactions[0].Fields))
	var effects []policy.Effect
	for _, h := range v.Hits {
		effects = append(effects, h.Effect)
		assert.Equal(t, "policy0.rego", h.File)
		assert.True(t, h.Line >= 6, h.Line)
	}
	assert.Equal(t, []policy.Effect{policy.EffectPermit, policy.EffectRedact, policy.EffectOblige}, effects, "rules that reach nothing are not listed")
}

// TestHitsSayWhichDefinition: one id in several places, told apart by what they write out.
func TestHitsSayWhichDefinition(t *testing.T) {
	reg := register(t)
	p, in := mustLoad(t, reg, `permit contains {"rule": "same", "category": "contact"} if input.action == "read"

permit contains {"rule": "same", "category": "finance"} if input.action == "read"
`, `permit contains {"rule": "same", "category": "finance"} if input.action == "read"`), ask(t, plan(t, reg), func(in *policy.Input) { in.Explain = true })
	v := decide(t, p, in)
	require.Len(t, v.Hits, 2)
	assert.Equal(t, []string{"name", "mail"}, pathsOf(in.Plan, v.Hits[0].Fields))
	assert.Equal(t, 6, v.Hits[0].Line)
	assert.Equal(t, []string{"iban", "income"}, pathsOf(in.Plan, v.Hits[1].Fields))
	assert.Equal(t, 8, v.Hits[1].Line, "the first of two that say the same")
	rules := p.Rules()
	require.Len(t, rules, 3)
	assert.Equal(t, policy.Rule{ID: "same", Effect: policy.EffectPermit, File: "policy1.rego", Line: 6}, rules[2])
}

// FuzzAnswers: any term is an error or a verdict within what was asked, and one wrong answer spoils the others.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{
		`{{"rule": "one", "category": "*"}}`, `{{"rule": "two", "field": "iban"}}`, `{{"rule": "one", "category": "contact", "mask": "remove"}}`,
		`{{"rule": "one", "obligation": "x"}}`, `{1, "a", {}}`, `set()`, `null`, `{{"rule": "one", "category": {"a"}}}`, `{{"rule": "two", "field": "iban", "mask": "year"}}`,
	} {
		f.Add(text)
	}
	reg := register(f)
	p, in := mustLoad(f, reg, allEffects), ask(f, plan(f, reg))
	in.Fields, in.Explain = purpose.FieldSet{0b01101}, true
	f.Fuzz(func(t *testing.T, text string) {
		if line, deep := tooDeep([]byte(text)); deep || line > 0 {
			return
		}
		term, err := ast.ParseTerm(text)
		if err != nil || !term.IsGround() {
			return
		}
		for _, name := range entrypoints {
			d := decoder{Policy: p, in: in, view: p.viewOf(in.Plan)}
			answers := topdown.QueryResult{}
			for _, other := range entrypoints {
				answers[ast.Var(other)] = ast.SetTerm()
			}
			answers[ast.Var(name)] = term
			if err := d.decode(answers); err != nil {
				if err != ErrAnswer { //nolint:errorlint // exactly this one
					t.Fatalf("%s %s: %v", name, text, err)
				}
				continue
			}
			v := d.verdict
			fields := v.Permit.Or(v.Deny)
			for _, r := range v.Redactions {
				fields = fields.Or(r.Fields)
			}
			if !fields.Without(in.Fields).Empty() {
				t.Fatalf("%s %s: reaches fields that were not asked for", name, text)
			}
			set, isSet := term.Value.(ast.Set)
			if !isSet {
				t.Fatalf("%s %s is no set", name, text)
			}
			wrong := set.Union(ast.NewSet(ast.StringTerm("wrong")))
			answers[ast.Var(name)] = ast.NewTerm(wrong)
			again := decoder{Policy: p, in: in, view: p.viewOf(in.Plan)}
			if again.decode(answers) == nil {
				t.Fatalf("%s %s: one wrong answer is overlooked", name, text)
			}
			if !slices.IsSortedFunc(v.Redactions, func(a, b policy.Redaction) int { return int(a.Mask) - int(b.Mask) }) {
				t.Fatal("masks are not in order")
			}
		}
	})
}
