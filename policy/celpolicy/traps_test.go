package celpolicy

import (
	"context"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"github.com/davecgh/go-spew/spew"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// naive evaluates an expression as CEL does by itself, over a map: the negative control of each trap.
func naive(t *testing.T, expression string, vars map[string]any) (any, error) {
	t.Helper()
	env, err := cel.NewEnv(cel.Variable("facts.case_open", cel.BoolType), cel.Variable("facts.note", cel.StringType), cel.Variable("facts.loan.days_late", cel.IntType),
		cel.Variable("facts.flags", cel.ListType(cel.StringType)), cel.Variable("roles", cel.ListType(cel.StringType)), cel.Variable("purpose", cel.StringType))
	require.NoError(t, err)
	ast, iss := env.Compile(expression)
	require.NoError(t, iss.Err())
	program, err := env.Program(ast)
	require.NoError(t, err)
	out, _, err := program.Eval(vars)
	if err != nil {
		return nil, err
	}
	return out.Value(), nil
}

// TestWhatIsNotStatedIsNotAbsorbed: CEL answers true without looking at the missing side.
func TestWhatIsNotStatedIsNotAbsorbed(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for _, when := range []string{
		`purpose == "invoicing.billing" || facts.case_open`,
		`facts.case_open || purpose == "invoicing.billing"`,
		`!(facts.case_open && purpose == "credit")`,
		`[true, facts.case_open].exists(x, x)`,
		`purpose == "invoicing.billing" ? true : facts.case_open`,
	} {
		if strings.HasPrefix(when, "[") {
			_, err := naive(t, when, map[string]any{"purpose": "invoicing.billing"})
			require.Error(t, err, "CEL itself refuses lists with a missing element")
		} else {
			yes, err := naive(t, when, map[string]any{"purpose": "invoicing.billing"})
			require.NoError(t, err)
			require.Equal(t, true, yes, "control: CEL absorbs what is missing in %s", when)
		}
		v := decide(t, mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: when}), ask(t, pl))
		assert.True(t, v.Permit.Empty(), when)
		v = decide(t, mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: when}), ask(t, pl, fact("case-open", purpose.False())))
		assert.Equal(t, 5, v.Permit.Len(), "control: permitted once it is stated")
	}
}

// TestAFailedConditionOfANarrowingRuleDenies, whatever the rule would have done.
func TestAFailedConditionOfANarrowingRuleDenies(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for name, r := range map[string]Rule{
		"deny":   {Effect: policy.EffectDeny},
		"redact": {Effect: policy.EffectRedact, Mask: policy.LastFour},
		"oblige": {Effect: policy.EffectOblige, Obligations: []string{"notify"}},
	} {
		for how, when := range map[string]string{
			"missing":   `facts.case_open`,
			"absorbed":  `purpose == "credit" && facts.case_open`,
			"error":     `facts.loan.days_late / 0 > 1`,
			"overflow":  `facts.loan.days_late * 9223372036854775807 > 1`,
			"index":     `facts.flags[7] == "x"`,
			"key":       `{"a": true}[facts.note]`,
			"timestamp": `timestamp(facts.note) > at`,
			"no org":    `organisation == "bureau"`,
			"no data":   `dataset == dataset`,
			"long text": `facts.channel == "phone"`,
		} {
			r := r
			r.ID, r.When, r.Categories = "careful", when, []string{"finance"}
			in := ask(t, pl, fact("loan.days-late", purpose.IntValue(3)), fact("flags", purpose.TextsValue("a")), fact("note", purpose.TextValue("b")),
				fact("channel", purpose.TextValue(strings.Repeat("x", 300))))
			v := decide(t, mustNew(t, reg, r), in)
			assert.ElementsMatch(t, []string{"iban", "income"}, names(pl, v.Deny), "%s %s", name, how)
			assert.Empty(t, v.Redactions, "%s %s", name, how)
			assert.Empty(t, v.Obligations, "%s %s", name, how)
			require.Len(t, v.Hits, 1, "%s %s", name, how)
			assert.Equal(t, policy.EffectDeny, v.Hits[0].Effect)
			assert.Equal(t, "careful", v.Hits[0].Rule)
			assert.Equal(t, v.Deny, v.Hits[0].Fields)

			r.Effect, r.Mask, r.Obligations = policy.EffectPermit, 0, nil
			v = decide(t, mustNew(t, reg, r), in)
			assert.True(t, v.Permit.Empty() && v.Deny.Empty() && v.Hits == nil, "permit %s", how)
		}
		r.ID, r.When = "careful", `facts.case_open`
		v := decide(t, mustNew(t, reg, r), ask(t, pl, fact("case-open", purpose.False())))
		assert.True(t, v.Deny.Empty() && v.Hits == nil, "control: %s: a condition that is false does nothing", name)
	}
}

// TestOnlyTheFieldsThatFailAreDenied for conditions that speak of one field.
func TestOnlyTheFieldsThatFailAreDenied(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectRedact, Mask: policy.LastFour, When: `{"iban": true, "name": true, "mail": false}[field]`})
	v := decide(t, p, ask(t, pl))
	require.Len(t, v.Redactions, 1)
	assert.ElementsMatch(t, []string{"iban", "name"}, names(pl, v.Redactions[0].Fields))
	assert.ElementsMatch(t, []string{"income", "cpr"}, names(pl, v.Deny))
}

// TestWrongTypesAreNotStated: a fact of another type than declared, one stated twice, or one without a value.
func TestWrongTypesAreNotStated(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	permits := func(when string, facts ...func(*policy.Input)) bool {
		v := decide(t, mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: when}), ask(t, pl, facts...))
		return !v.Permit.Empty()
	}
	for when, good := range map[string]purpose.Value{
		`facts.case_open || true`: purpose.True(), `facts.note != "x"`: purpose.TextValue("y"), `facts.loan.days_late > 1`: purpose.IntValue(2),
		`facts.loan.until < at`: purpose.InstantValue(now.Add(-time.Hour)), `!("a" in facts.flags)`: purpose.TextsValue("b"), `facts.auth._2fa`: purpose.True(),
	} {
		key := map[string]string{"c": "case-open", "n": "note", "l": "loan.days-late", "!": "flags", "a": "auth.2fa"}[strings.TrimPrefix(when, "facts.")[:1]]
		if strings.Contains(when, "until") {
			key = "loan.until"
		}
		assert.True(t, permits(when, fact(key, good)), "control: %s", when)
		assert.False(t, permits(when), "missing: %s", when)
		assert.False(t, permits(when, fact(key, good), fact(key, good)), "twice: %s", when)
		assert.False(t, permits(when, fact(key, purpose.Value{})), "none: %s", when)
		for _, wrong := range []purpose.Value{purpose.True(), purpose.TextValue("true"), purpose.IntValue(5), purpose.InstantValue(now.Add(-time.Hour)), purpose.TextsValue("q")} {
			if wrong.Type() != good.Type() {
				assert.False(t, permits(when, fact(key, wrong)), "%s as %s", when, wrong.Type())
			}
		}
	}
	assert.False(t, permits(`facts.loan.until < at`, fact("loan.until", purpose.InstantValue(time.Time{}))), "the zero instant is none")
	many := make([]string, maxList+1)
	assert.False(t, permits(`!("a" in facts.flags)`, fact("flags", purpose.TextsValue(many...))), "too long a list")
	assert.True(t, permits(`!("a" in facts.flags)`, fact("flags", purpose.TextsValue(many[1:]...))), "control: the longest list")
	assert.False(t, permits(`!("a" in facts.flags)`, fact("flags", purpose.TextsValue(strings.Repeat("x", maxText+1)))), "too long a text in a list")
	assert.True(t, permits(`!("a" in facts.flags)`, fact("flags", purpose.TextsValue(strings.Repeat("x", maxText)))), "control: the longest text")
}

// TestErrorsQuoteNothing: CEL's own errors do.
func TestErrorsQuoteNothing(t *testing.T) {
	const canary = "123-45-6789"
	_, err := naive(t, `{"a": true}[facts.note]`, map[string]any{"facts.note": canary})
	require.ErrorContains(t, err, canary, "control: CEL quotes what it was given")
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, When: `{"a": true}[facts.note]`})
	v, err := p.Decide(context.Background(), ask(t, plan(t, reg), fact("note", purpose.TextValue(canary))))
	require.NoError(t, err)
	assert.NotContains(t, spew.Sdump(v), canary)
	assert.Equal(t, 5, v.Deny.Len())
}

// TestPanicsAreAnError without their text.
func TestPanicsAreAnError(t *testing.T) {
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, When: `facts.case_open`}, Rule{ID: "s", Effect: policy.EffectPermit})
	p.vars[0].value = nil // a call of it panics
	v, err := p.Decide(context.Background(), ask(t, plan(t, reg)))
	require.Equal(t, errBroke, err)
	assert.True(t, v.Permit.Empty())

	q := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, When: `facts.case_open`}, Rule{ID: "s", Effect: policy.EffectPermit})
	q.rules[0].when.slots = nil // the variable is first asked for by CEL, which makes an error of the panic
	q.vars[0].value = nil
	v, err = q.Decide(context.Background(), ask(t, plan(t, reg)))
	require.NoError(t, err)
	assert.Equal(t, 5, v.Deny.Len())
}

// TestTimeIsTheInputs: local calendar values follow the controller's zone, whatever the machine's clock says.
func TestTimeIsTheInputs(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for at, when := range map[string]string{
		"2026-05-04T08:30:00Z":      `date == "2026-05-04" && hour == 10 && minute == 30 && weekday == 1 && at.getHours() == 8`,
		"2026-05-03T22:30:00Z":      `date == "2026-05-04" && hour == 0 && weekday == 1`,
		"2026-05-03T21:30:00Z":      `date == "2026-05-03" && hour == 23 && weekday == 7`,
		"2026-12-31T23:30:00Z":      `date == "2027-01-01" && hour == 0 && weekday == 5`,
		"2026-05-04T08:30:00+09:00": `date == "2026-05-04" && hour == 1 && at.getHours() == 23`,
	} {
		instant, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: when})
		for range 2 {
			v := decide(t, p, ask(t, pl, func(in *policy.Input) { in.Request.At = instant }))
			assert.Equal(t, 5, v.Permit.Len(), "%s %s", at, when)
		}
	}
	for _, when := range []string{`at > timestamp("2000-01-01T00:00:00Z") || true`, `hour >= 0`, `minute >= 0`, `weekday >= 0`, `date != "x"`} {
		v := decide(t, mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: when}), ask(t, pl, func(in *policy.Input) { in.Request.At = time.Time{} }))
		assert.True(t, v.Permit.Empty(), when)
	}
}

// TestRequestMetadata: each variable says what the input says, and nothing where that is missing.
func TestRequestMetadata(t *testing.T) {
	s := spec()
	s.Datasets = []purpose.Dataset{{Key: "book", Role: purpose.AsController}}
	reg, err := purpose.Compile(s)
	require.NoError(t, err)
	pl := plan(t, reg)
	in := func() *policy.Input {
		return ask(t, pl, func(in *policy.Input) {
			in.Request.Action, in.Request.Recipient, in.RecipientKind, in.Country = purpose.Share, "bureau", purpose.SeparateController, "SE"
			in.Request.Reviewer = "u18"
			in.Request.Dataset, in.Request.Principal.Organisation, in.Request.Principal.Tasks = "book", "lender", []string{"case-1"}
		})
	}
	for _, c := range []struct {
		when string
		drop func(*policy.Input)
	}{
		{`purpose == "invoicing.billing"`, nil},
		{`action == "share"`, nil},
		{`recipient == "bureau"`, func(in *policy.Input) { in.Request.Recipient = "" }},
		{`recipient_kind == "controller"`, func(in *policy.Input) { in.RecipientKind = 0 }},
		{`country == "SE"`, func(in *policy.Input) { in.Country = "" }},
		{`country in ["DK", "SE"]`, func(in *policy.Input) { in.Country = "" }},
		{`dataset == "book"`, func(in *policy.Input) { in.Request.Dataset = "" }},
		{`organisation == "lender"`, func(in *policy.Input) { in.Request.Principal.Organisation = "" }},
		{`principal == "u17"`, func(in *policy.Input) { in.Request.Principal.ID = "" }},
		{`reviewer == "u18"`, func(in *policy.Input) { in.Request.Reviewer = "" }},
		{`reviewer != principal`, func(in *policy.Input) { in.Request.Principal.ID = "" }},
		{`notice == "v2"`, func(in *policy.Input) { in.Notice = "" }},
		{`"billing" in roles`, func(in *policy.Input) { in.Request.Principal.Roles = nil }},
		{`tasks.exists(t, t.startsWith("case-"))`, func(in *policy.Input) { in.Request.Principal.Tasks = nil }},
		{`capacities == ["lessee"]`, func(in *policy.Input) { in.Capacities = nil }},
		{`category != "finance.iban" || field == "iban"`, nil},
		{`class in ["ordinary", "confidential"]`, nil},
	} {
		p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: c.when})
		v := decide(t, p, in())
		assert.Equal(t, 5, v.Permit.Len(), c.when)
		if c.drop != nil {
			less := in()
			c.drop(less)
			v = decide(t, p, less)
			assert.True(t, v.Permit.Empty(), c.when)
		}
	}
	nothing := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: `recipient == "" && recipient_kind == "" && country == ""`})
	v := decide(t, nothing, ask(t, pl))
	assert.Equal(t, 5, v.Permit.Len(), "nothing is shared")
}

// TestLongConditionsStop: what no bound was proven for stops with the context or at its limit.
func TestLongConditionsStop(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	heavy := `facts.flags.exists(a, facts.flags.exists(b, a + b == "never" && a.contains(b)))`
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, When: heavy})
	require.False(t, p.Immediate())
	require.True(t, p.rules[0].when.limited)
	full := make([]string, maxList)
	for i := range full {
		full[i] = strings.Repeat("x", maxText)
	}
	v := decide(t, p, ask(t, pl, fact("flags", purpose.TextsValue(full...))))
	assert.Equal(t, 5, v.Deny.Len(), "the limit on costs was met")
	v = decide(t, p, ask(t, pl, fact("flags", purpose.TextsValue("a", "b"))))
	assert.True(t, v.Deny.Empty(), "control: it answers for short lists")

	slow := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, When: heavy})
	ctx, cancel := context.WithCancel(context.Background())
	slow.vars[0].value = func(*frame) ref.Val { cancel(); return texts(full) } // ends while the condition runs
	_, err := slow.Decide(ctx, ask(t, pl))
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, When: `"a" in facts.flags`}).Immediate(), "control: proven")
}
