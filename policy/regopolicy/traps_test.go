package regopolicy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/davecgh/go-spew/spew"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

const canary = "CANARY-010190-1234"

// naive evaluates a query over a module as rego does by itself: the negative control of each trap.
func naive(t *testing.T, module, query string, input map[string]any) (rego.ResultSet, error) {
	t.Helper()
	q, err := rego.New(rego.Query(query), rego.Module("m.rego", module)).PrepareForEval(context.Background())
	require.NoError(t, err)
	return q.Eval(context.Background(), rego.EvalInput(input))
}

func answersOf(t *testing.T, rs rego.ResultSet) []any {
	t.Helper()
	require.Len(t, rs, 1)
	return rs[0].Expressions[0].Value.([]any)
}

// TestNegationOfWhatIsAbsentHolds: without import rego.v2 a refusal vanishes with the fact that it asks for.
func TestNegationOfWhatIsAbsentHolds(t *testing.T) {
	const rule = "deny contains {\"rule\": \"late\", \"category\": \"*\"} if not input.facts[\"loan.until\"] >= \"2026\"\n"
	rs, err := naive(t, "package purposebound\n\n"+rule, "data.purposebound.deny", map[string]any{"facts": map[string]any{}})
	require.NoError(t, err)
	require.Empty(t, answersOf(t, rs), "control: the classic negation of a missing fact is false")
	reg := register(t)
	pl := plan(t, reg)
	p := mustLoad(t, reg, one+rule)
	assert.Equal(t, 5, decide(t, p, ask(t, pl)).Deny.Len())
	v := decide(t, p, ask(t, pl, fact("loan.until", purpose.InstantValue(now))))
	assert.True(t, v.Deny.Empty(), "control: stated")
	assert.NotEmpty(t, problemsOf(t, reg, oneFile("package purposebound\n\n"+one+rule)), "the import cannot be left out")
}

// TestAFailingFunctionIsNoMissingRefusal: by itself the engine drops the rule whose function fails.
func TestAFailingFunctionIsNoMissingRefusal(t *testing.T) {
	const rule = "deny contains {\"rule\": \"late\", \"category\": \"*\"} if not time.parse_rfc3339_ns(input.note) > 0\n"
	rs, err := naive(t, "package purposebound\n\nimport rego.v2\n\ndeny contains {\"rule\": \"late\"} if time.parse_rfc3339_ns(input.note) != 0\n", "data.purposebound.deny", map[string]any{"note": canary})
	require.NoError(t, err)
	require.Empty(t, answersOf(t, rs), "control: the failure is not seen")
	reg := register(t)
	list := problemsOf(t, reg, files(one+strings.ReplaceAll(rule, "input.note", "input.facts.note")))
	assert.Contains(t, strings.Join(list, "\n"), "steady.fails", "a function that may fail is refused")

	p := mustLoad(t, reg, one)
	breakWith(t, p, "deny contains {\"rule\": \"one\", \"category\": \"*\"} if time.parse_rfc3339_ns(input.facts.note) != 0\n")
	p.facts["note"], p.reads.facts = purpose.Text, true
	in := ask(t, plan(t, reg), fact("note", purpose.TextValue(canary)))
	v, err := p.Decide(t.Context(), in)
	assert.ErrorIs(t, err, ErrEngine, "and would be an error")
	assert.Equal(t, policy.Verdict{Digest: p.Digest()}, v)
	assert.NotContains(t, fmt.Sprintf("%v %+v", err, spew.Sdump(err)), canary)
}

// breakWith adds rules to a policy of one rule that Load would refuse.
func breakWith(t testing.TB, p *Policy, text string) {
	t.Helper()
	m, err := ast.ParseModule("broken.rego", header+one+text)
	require.NoError(t, err)
	p.compiler = ast.NewCompiler()
	p.compiler.Compile(map[string]*ast.Module{"broken.rego": m})
	require.Empty(t, p.compiler.Errors)
	effects := map[string]policy.Effect{"deny": policy.EffectDeny, "redact": policy.EffectRedact, "obligations": policy.EffectOblige}
	for _, r := range m.Rules {
		e, found := effects[string(r.Head.Name)]
		if !found || p.byID[e]["one"] != nil {
			continue
		}
		p.defs = append(p.defs, definition{effect: e, id: "one", rule: r})
		p.byID[e]["one"] = []int{len(p.defs) - 1}
		p.sets = append(p.sets, set{e, ast.Var(r.Head.Name)})
		p.query = append(p.query, ast.Equality.Expr(ast.NewTerm(rootPackage.Append(ast.StringTerm(string(r.Head.Name)))), ast.VarTerm(string(r.Head.Name))))
	}
	for i := range p.query {
		p.query[i].Index = i
	}
	p.memory = nil
	p.immediate = looksOf(p) <= maxLooks
}

// TestAnEndedContextIsSeen before and after: the engine itself evaluates although it has ended.
func TestAnEndedContextIsSeen(t *testing.T) {
	reg := register(t)
	p, in := mustLoad(t, reg, one), ask(t, plan(t, reg))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q, err := rego.New(rego.Query("x := 1")).PrepareForEval(context.Background())
	require.NoError(t, err)
	rs, err := q.Eval(ctx, rego.EvalExternalCancel(topdown.NewCancel()))
	require.NoError(t, err)
	require.NotEmpty(t, rs, "control")

	v, err := p.Decide(ctx, in)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, policy.Verdict{Digest: p.Digest()}, v)

	late := &endsLater{Context: t.Context(), after: 3}
	v, err = p.Decide(late, in)
	assert.ErrorIs(t, err, context.DeadlineExceeded, "ends while the rules are evaluated")
	assert.True(t, v.Permit.Empty())
}

// endsLater is a context that has ended after it was asked some times.
type endsLater struct {
	context.Context
	after int
}

func (c *endsLater) Err() error {
	if c.after--; c.after < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestEvaluationsWaitForEachOther, and not longer than their context.
func TestEvaluationsWaitForEachOther(t *testing.T) {
	reg := register(t)
	p, in := mustLoad(t, reg, one), ask(t, plan(t, reg))
	for range maxConcurrent {
		p.flights <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := p.Decide(ctx, in)
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("does not wait: %v", err)
	case <-time.After(10 * time.Millisecond):
	}
	cancel()
	assert.ErrorIs(t, <-done, context.Canceled)
	<-p.flights
	_, err := p.Decide(t.Context(), in)
	assert.NoError(t, err, "control: one has ended")
	assert.Len(t, p.flights, maxConcurrent-1, "and left")
}

// TestAPanicIsAnError of the engine.
func TestAPanicIsAnError(t *testing.T) {
	reg := register(t)
	p, in := mustLoad(t, reg, one), ask(t, plan(t, reg))
	p.terms = nil
	v, err := p.Decide(t.Context(), in)
	assert.ErrorIs(t, err, ErrEngine)
	assert.Equal(t, policy.Verdict{Digest: p.Digest()}, v)
	assert.Empty(t, p.flights, "the place is given back")
	p.twin = func() (*Policy, error) { return p, nil }
	_, err = p.Foresee(t.Context(), policy.Prospect{Action: purpose.Read, Purpose: in.Purpose, Plan: in.Plan})
	assert.ErrorIs(t, err, ErrEngine)
}

// TestLongEvaluationsEnd by their steps, whatever the machine.
func TestLongEvaluationsEnd(t *testing.T) {
	reg := register(t)
	p := mustLoad(t, reg, one)
	breakWith(t, p, `deny contains {"rule": "one", "category": "*"} if {
	some a in input.principal.roles
	some b in input.principal.roles
	some c in input.principal.roles
	some d in input.principal.roles
	count({a, b, c, d}) == 5
}`)
	p.reads = needs{"*": true}.reads()
	in := ask(t, plan(t, reg), func(in *policy.Input) {
		in.Request.Principal.Roles = nil
		for i := range maxList {
			in.Request.Principal.Roles = append(in.Request.Principal.Roles, fmt.Sprintf("%s-%d", canary, i))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	v, err := p.Decide(ctx, in)
	assert.ErrorIs(t, err, ErrLimit)
	assert.True(t, v.Permit.Empty())
	_, err = p.Decide(t.Context(), in)
	assert.ErrorIs(t, err, ErrLimit, "also where the context never ends")
	in.Request.Principal.Roles = in.Request.Principal.Roles[:3]
	_, err = p.Decide(ctx, in)
	assert.NoError(t, err, "control: a few are fine")
}

// TestNoErrorQuotesTheRequest: whatever fails, the canary stays inside.
func TestNoErrorQuotesTheRequest(t *testing.T) {
	reg := register(t)
	reasons := map[error][]string{}
	for name, rule := range map[string]string{
		"conflict": "x := input.principal.id\n\nx := input.facts.note\n\ndeny contains {\"rule\": \"one\", \"category\": \"*\"} if x == \"a\"",
		"builtin":  "deny contains {\"rule\": \"one\", \"category\": \"*\"} if time.parse_duration_ns(input.facts.note) > 0",
		"number":   "deny contains {\"rule\": \"one\", \"category\": \"*\"} if to_number(input.facts.note) > 0",
		"answer":   "deny contains {\"rule\": \"one\", \"field\": input.facts.note}",
		"rule":     "deny contains {\"rule\": input.facts.note, \"category\": \"*\"}",
		"category": "deny contains {\"rule\": \"one\", \"category\": input.facts.note}",
		"mask":     "redact contains {\"rule\": \"one\", \"category\": \"*\", \"mask\": input.facts.note}",
		"duty":     "obligations contains {\"rule\": \"one\", \"obligation\": input.facts.note}",
	} {
		p := mustLoad(t, reg, one)
		breakWith(t, p, rule)
		p.facts["note"], p.reads = purpose.Text, needs{"*": true}.reads()
		in := ask(t, plan(t, reg), fact("note", purpose.TextValue(canary)), func(in *policy.Input) { in.Request.Principal.ID = canary + "!" })
		v, err := p.Decide(t.Context(), in)
		require.Error(t, err, name)
		require.Nil(t, errors.Unwrap(err), "nothing is wrapped: %s", name)
		reasons[err] = append(reasons[err], name)
		assert.NotContains(t, spew.Sdump(err)+err.Error()+spew.Sdump(v), canary, name)
		assert.Equal(t, policy.Verdict{Digest: p.Digest()}, v, name)
	}
	assert.ElementsMatch(t, []string{"conflict", "builtin", "number"}, reasons[ErrEngine])
	assert.ElementsMatch(t, []string{"answer", "rule", "category", "mask", "duty"}, reasons[ErrAnswer])
}
