package regopolicy

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// TestTheDigestIsOfAllThatDecides and of nothing else.
func TestTheDigestIsOfAllThatDecides(t *testing.T) {
	reg := register(t)
	base := func() fstest.MapFS {
		all := files(one, "helper if input.action == \"use\"")
		all["data.json"] = &fstest.MapFile{Data: []byte(`{"a": 1}`)}
		return all
	}
	digestOf := func(r *purpose.Register, all fstest.MapFS) string {
		p, err := Load(r, "test", all)
		require.NoError(t, err)
		require.Regexp(t, "^sha256:[0-9a-f]{64}$", p.Digest())
		return p.Digest()
	}
	want := digestOf(reg, base())
	for name, change := range map[string]func(fstest.MapFS){
		"a comment": func(all fstest.MapFS) { all["policy1.rego"].Data = append(all["policy1.rego"].Data, "\n# x\n"...) },
		"a name":    func(all fstest.MapFS) { all["other.rego"] = all["policy1.rego"]; delete(all, "policy1.rego") },
		"data":      func(all fstest.MapFS) { all["data.json"].Data = []byte(`{"a": 2}`) },
		"more data": func(all fstest.MapFS) { all["b/data.json"] = &fstest.MapFile{Data: []byte(`{}`)} },
	} {
		all := base()
		change(all)
		assert.NotEqual(t, want, digestOf(reg, all), name)
	}
	other := spec()
	other.Controller.Name = "Another"
	assert.NotEqual(t, want, digestOf(purpose.MustCompile(other), base()), "the register")
	all := base()
	all["x_test.rego"] = &fstest.MapFile{Data: []byte("nonsense")}
	all["README.md"] = &fstest.MapFile{Data: []byte("nonsense")}
	assert.Equal(t, want, digestOf(reg, all), "what does not decide")
}

// TestRulesAreListed by id, with where they stand.
func TestRulesAreListed(t *testing.T) {
	p := mustLoad(t, register(t), example)
	assert.Equal(t, []policy.Rule{
		{ID: "account-masked", Effect: policy.EffectRedact, File: "policy0.rego", Line: 21},
		{ID: "billing-reads", Effect: policy.EffectPermit, File: "policy0.rego", Line: 7},
		{ID: "no-ids-abroad", Effect: policy.EffectDeny, File: "policy0.rego", Line: 15},
		{ID: "open-case", Effect: policy.EffectPermit, File: "policy0.rego", Line: 13},
		{ID: "tell", Effect: policy.EffectOblige, File: "policy0.rego", Line: 25},
	}, p.Rules())
}

// TestCapabilitiesAreFew: nothing that reaches out, draws lots, knows the time, reads schemas or grows what it is given.
func TestCapabilitiesAreFew(t *testing.T) {
	caps, err := ast.LoadCapabilitiesJSON(strings.NewReader(string(Capabilities())))
	require.NoError(t, err)
	var names []string
	for _, b := range caps.Builtins {
		names = append(names, b.Name)
		assert.False(t, b.Nondeterministic, b.Name)
		for _, prefix := range []string{"http.", "net.", "rand.", "opa.", "io.", "crypto.", "json.", "yaml.", "graphql.", "providers.", "rego.", "bits.", "units.", "uuid.", "numbers.", "array.", "walk", "trace", "glob."} {
			assert.False(t, strings.HasPrefix(b.Name, prefix), b.Name)
		}
	}
	for _, name := range []string{"mul", "sprintf", "concat", "replace", "strings.replace_n", "strings.render_template", "internal.template_string", "to_number",
		"time.now_ns", "product", "object.union_n", "internal.print", "print", "base64.encode", "div", "rem"} {
		assert.NotContains(t, names, name)
	}
	for _, name := range []string{"eq", "equal", "internal.member_2", "count", "startswith"} {
		assert.Contains(t, names, name, "control")
	}
	assert.NotNil(t, caps.AllowNet, "nil would be any host")
	assert.Empty(t, caps.AllowNet)
	assert.NotContains(t, caps.Features, ast.FeatureTemplateStrings)
	assert.True(t, strings.Contains(string(Capabilities()), `"allow_net": []`))
	require.True(t, json.Valid(Capabilities()))

	m, err := ast.ParseModuleWithOpts("p.rego", header+example, ast.ParserOptions{Capabilities: caps})
	require.NoError(t, err, "a policy is read under them")
	c := ast.NewCompiler().WithCapabilities(caps).WithStrict(true)
	c.Compile(map[string]*ast.Module{"p.rego": m})
	assert.Empty(t, c.Errors)
}

// TestOnePolicyServesManyGoroutines: each gets the answers that it would get alone, while plans come and go.
func TestOnePolicyServesManyGoroutines(t *testing.T) {
	reg := register(t)
	text := rapid.Custom(randomPolicy).Example(7) + example
	shared, alone := mustLoad(t, reg, text), mustLoad(t, reg, text)
	pl := plan(t, reg)
	requests := rapid.Custom(func(r *rapid.T) *policy.Input { return randomRequest(r, pl, t) })
	var inputs []*policy.Input
	var want []policy.Verdict
	for i := range 40 {
		in := requests.Example(i)
		inputs = append(inputs, in)
		want = append(want, decide(t, alone, in))
	}
	reach, err := alone.Foresee(t.Context(), prospect(pl))
	require.NoError(t, err)
	var group sync.WaitGroup
	for g := range 12 {
		own := plan(t, reg)
		group.Go(func() {
			for i := range inputs {
				n := (i + g) % len(inputs)
				in := *inputs[n]
				if i%2 == 0 {
					in.Plan = own
				}
				v, err := shared.Decide(t.Context(), &in)
				assert.NoError(t, err)
				assert.Equal(t, want[n], v)
				if i%5 == 0 {
					r, err := shared.Foresee(t.Context(), prospect(pl))
					assert.NoError(t, err)
					assert.Equal(t, reach, r)
				}
			}
		})
	}
	group.Wait()
	assert.Empty(t, shared.flights)
}

// TestPlansAndSubsetsThatAreKeptAreFew: what comes and goes without end is not kept.
func TestPlansAndSubsetsThatAreKeptAreFew(t *testing.T) {
	reg := register(t)
	p := mustLoad(t, reg, example)
	pl := plan(t, reg)
	for i := range 32 {
		in := ask(t, pl)
		in.Fields = purpose.FieldSet{uint64(i)}
		decide(t, p, in)
	}
	v := p.viewOf(pl)
	assert.LessOrEqual(t, int(v.kept.Load()), maxSubsets)
	p.kept.Store(maxPlans)
	before := 0
	p.plans.Range(func(any, any) bool { before++; return true })
	other := plan(t, reg)
	assert.Equal(t, decide(t, p, ask(t, pl)), decide(t, p, ask(t, other)))
	after := 0
	p.plans.Range(func(any, any) bool { after++; return true })
	assert.Equal(t, before, after)
	v.kept.Store(maxSubsets)
	assert.Equal(t, 0, v.requested(purpose.FieldSet{0b11}).Value.Compare(v.requested(purpose.FieldSet{0b11}).Value))
}

// TestProblemsAreFew, however much is wrong.
func TestProblemsAreFew(t *testing.T) {
	var problems Problems
	for range 2 * maxProblems {
		problems.file("f", "x", "y")
	}
	assert.Len(t, problems, maxProblems)
	assert.True(t, problems.Has("problems.more"))
	assert.True(t, slices.IsSortedFunc(problems.sorted(), func(a, b purpose.Problem) int { return strings.Compare(a.File, b.File) }))
}
