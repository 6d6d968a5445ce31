package regopolicy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// byOPA decides as "opa eval" would: default parser and compiler, the input by way of JSON, one query for each set.
func byOPA(t testing.TB, p *Policy, theirs *ast.Compiler, in *policy.Input) policy.Verdict {
	t.Helper()
	p.reads = needs{"*": true}.reads()
	for k, f := range wordsOf(p.reg).facts {
		p.facts[k] = f.Type
	}
	plain, err := ast.JSON((&builder{p, in, p.viewOf(in.Plan)}).build())
	require.NoError(t, err)
	b, err := json.Marshal(plain)
	require.NoError(t, err)
	var input any
	require.NoError(t, json.Unmarshal(b, &input))
	answers := topdown.QueryResult{}
	for _, name := range entrypoints {
		rs, err := rego.New(rego.Query("data.purposebound."+name), rego.Compiler(theirs), rego.Input(input)).Eval(t.Context())
		require.NoError(t, err)
		answers[ast.Var(name)] = ast.SetTerm()
		if len(rs) == 0 {
			continue
		}
		v, err := ast.InterfaceToValue(rs[0].Expressions[0].Value)
		require.NoError(t, err)
		set := ast.NewSet()
		v.(*ast.Array).Foreach(set.Add)
		answers[ast.Var(name)] = ast.NewTerm(set)
	}
	d := decoder{Policy: p, in: in, view: p.viewOf(in.Plan), verdict: policy.Verdict{Digest: p.digest}}
	require.NoError(t, d.decode(answers))
	return d.verdict
}

// TestTheToolsOfOPAAgree: the same files decide alike under OPA's own defaults, for random policies and requests.
func TestTheToolsOfOPAAgree(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	same := func(text string, in, theirs *policy.Input) (agree, permits bool) {
		p := mustLoad(t, reg, text)
		opa, err := ast.CompileModules(map[string]string{"policy.rego": header + text})
		require.NoError(t, err)
		v := decide(t, p, in)
		v.Lasting, v.Until = false, time.Time{} // of which OPA knows nothing
		return assert.ObjectsAreEqual(v, byOPA(t, p, opa, theirs)), !v.Permit.Empty()
	}
	rapid.Check(t, func(r *rapid.T) {
		text, in := randomPolicy(r), randomRequest(r, pl, t)
		if agree, _ := same(text, in, in); !agree {
			r.Fatalf("differs for %+v\n%s", in.Request, text)
		}
	})

	// The control: some are permitted, and another request is decided otherwise.
	permitted, differ := 0, 0
	policies := rapid.Custom(randomPolicy)
	requests := rapid.Custom(func(r *rapid.T) *policy.Input { return randomRequest(r, pl, t) })
	for i := range 20 {
		in := requests.Example(i)
		agree, permits := same(policies.Example(i), in, other(in))
		if !agree {
			differ++
		}
		if permits {
			permitted++
		}
	}
	assert.Greater(t, permitted, 3)
	assert.Greater(t, differ, 3)
}

// other is a request for another purpose, with nothing stated.
func other(in *policy.Input) *policy.Input {
	own, req := *in, *in.Request
	own.Request = &req
	req.Facts, req.Principal.Roles = nil, nil
	req.Purpose = "support"
	own.Purpose, _ = in.Plan.Register.Purposes().ID("support")
	return &own
}

// less lists the inputs that arise when one thing is left out of in.
func less(in *policy.Input) map[string]*policy.Input {
	all := map[string]*policy.Input{}
	drop := func(what string, change func(*policy.Input)) {
		own, req := *in, *in.Request
		own.Request = &req
		change(&own)
		all[what] = &own
	}
	without := func(list []string, i int) []string { return slices.Delete(slices.Clone(list), i, i+1) }
	for i := range in.Request.Facts {
		drop("fact "+in.Request.Facts[i].Fact, func(x *policy.Input) { x.Request.Facts = slices.Delete(slices.Clone(x.Request.Facts), i, i+1) })
	}
	for i, r := range in.Request.Principal.Roles {
		drop("role "+r, func(x *policy.Input) { x.Request.Principal.Roles = without(x.Request.Principal.Roles, i) })
	}
	for i, r := range in.Request.Principal.Tasks {
		drop("task "+r, func(x *policy.Input) { x.Request.Principal.Tasks = without(x.Request.Principal.Tasks, i) })
	}
	for i, c := range in.Capacities {
		drop("capacity "+c, func(x *policy.Input) { x.Capacities = without(x.Capacities, i) })
	}
	drop("facts", func(x *policy.Input) { x.Request.Facts = nil })
	drop("organisation", func(x *policy.Input) { x.Request.Principal.Organisation = "" })
	drop("dataset", func(x *policy.Input) { x.Request.Dataset = "" })
	drop("reviewer", func(x *policy.Input) { x.Request.Reviewer = "" })
	drop("recipient", func(x *policy.Input) { x.Request.Recipient = "" })
	drop("kind", func(x *policy.Input) { x.RecipientKind = 0 })
	drop("country", func(x *policy.Input) { x.Country = "" })
	drop("notice", func(x *policy.Input) { x.Notice = "" })
	return all
}

// gains reports whether a verdict lets through, shows or demands what another does not.
func gains(before, after policy.Verdict) bool {
	lets := func(v policy.Verdict) purpose.FieldSet { return v.Permit.Without(v.Deny) }
	if !lets(after).Without(lets(before)).Empty() {
		return true
	}
	for _, r := range before.Redactions {
		var kept purpose.FieldSet
		for _, x := range after.Redactions {
			if x.Mask == r.Mask {
				kept = x.Fields
			}
		}
		if !r.Fields.And(lets(after)).Without(kept).Empty() {
			return true
		}
	}
	for _, o := range before.Obligations {
		if !lets(after).Empty() && !slices.Contains(after.Obligations, o) {
			return true
		}
	}
	return false
}

// TestNothingLeftOutPermits, for random policies and requests.
func TestNothingLeftOutPermits(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	cases := 0
	rapid.Check(t, func(r *rapid.T) {
		text := randomPolicy(r)
		p, err := Load(reg, "test", files(text))
		if err != nil {
			return
		}
		in := randomRequest(r, pl, t)
		before := decide(t, p, in)
		for what, x := range less(in) {
			cases++
			if gains(before, decide(t, p, x)) {
				r.Fatalf("gains without %s:\n%s", what, text)
			}
		}
	})
	assert.Greater(t, cases, 100)

	// The control: the same conditions in the wrong place, with that check left out.
	gained := 0
	turned := rapid.Custom(func(r *rapid.T) string { return randomRules(r, narrowBodies, permitBodies) })
	requests := rapid.Custom(func(r *rapid.T) *policy.Input { return randomRequest(r, pl, t) })
	for i := range 25 {
		p := unchecked(t, reg, turned.Example(i))
		for k := range 4 {
			in := requests.Example(4*i + k)
			before := decide(t, p, in)
			for _, x := range less(in) {
				if gains(before, decide(t, p, x)) {
					gained++
				}
			}
		}
	}
	t.Logf("%d gains in the control", gained)
	assert.Greater(t, gained, 5, "control")
}

// unchecked is a policy that may permit what is left out.
func unchecked(t testing.TB, reg *purpose.Register, text string) *Policy {
	t.Helper()
	var problems Problems
	all := readAll(files(text), &problems)
	l := check(reg, all, &problems)
	for _, x := range problems {
		require.True(t, strings.HasPrefix(x.Code, "steady."), x.String())
	}
	p, err := l.policy(reg, "unchecked")
	require.NoError(t, err)
	return p
}
