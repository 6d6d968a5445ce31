package celpolicy

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

var everyField = []string{"name", "mail", "iban", "income", "cpr"}

// TestSelectorsPickWhatTheyName has for each selector a request that it picks and one that it does not.
func TestSelectorsPickWhatTheyName(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	share := func(to string) func(*policy.Input) {
		return func(in *policy.Input) { in.Request.Action, in.Request.Recipient = purpose.Share, to }
	}
	for _, c := range []struct {
		name   string
		rule   Rule
		change func(*policy.Input)
		want   []string
	}{
		{"no selector", Rule{}, nil, everyField},
		{"action", Rule{Actions: []purpose.Action{purpose.Read, purpose.Use}}, nil, everyField},
		{"other action", Rule{Actions: []purpose.Action{purpose.Share}}, nil, nil},
		{"role", Rule{Roles: []string{"clerk", "billing"}}, nil, everyField},
		{"other role", Rule{Roles: []string{"clerk"}}, nil, nil},
		{"one of several roles", Rule{Roles: []string{"clerk"}}, func(in *policy.Input) { in.Request.Principal.Roles = []string{"a", "clerk"} }, everyField},
		{"part of a role's name", Rule{Roles: []string{"bill"}}, nil, nil},
		{"task", Rule{Tasks: []string{"case-1"}}, func(in *policy.Input) { in.Request.Principal.Tasks = []string{"case-1"} }, everyField},
		{"no task", Rule{Tasks: []string{"case-1"}}, nil, nil},
		{"leaf purpose", Rule{Purposes: []string{"invoicing.billing"}}, nil, everyField},
		{"purpose node", Rule{Purposes: []string{"invoicing"}}, nil, everyField},
		{"sibling purpose", Rule{Purposes: []string{"invoicing.dunning"}}, nil, nil},
		{"other purpose", Rule{Purposes: []string{"credit", "support"}}, nil, nil},
		{"leaf category", Rule{Categories: []string{"finance.iban"}}, nil, []string{"iban"}},
		{"category nodes", Rule{Categories: []string{"national-id", "contact"}}, nil, []string{"name", "mail", "cpr"}},
		{"node and its leaf", Rule{Categories: []string{"finance.iban", "finance"}}, nil, []string{"iban", "income"}},
		{"recipient", Rule{Recipients: []string{"hausbank"}}, share("hausbank"), everyField},
		{"other recipient", Rule{Recipients: []string{"hausbank"}}, share("bureau"), nil},
		{"recipient not said", Rule{Recipients: []string{"hausbank"}}, share(""), nil},
		{"nothing shared", Rule{Recipients: []string{"hausbank"}}, nil, nil},
		{"fields asked for", Rule{}, func(in *policy.Input) { in.Fields = purpose.FieldSet{0b101} }, []string{"name", "iban"}},
		{"condition met", Rule{When: `facts.case_open`}, fact("case-open", purpose.True()), everyField},
		{"condition not met", Rule{When: `facts.case_open`}, fact("case-open", purpose.False()), nil},
		{"condition by field", Rule{When: `category.startsWith("finance.") && field != "iban"`}, nil, []string{"income"}},
		{"condition by class", Rule{When: `class == "confidential"`}, nil, []string{"cpr"}},
		{"all of them", Rule{Actions: []purpose.Action{purpose.Share}, Roles: []string{"billing"}, Purposes: []string{"invoicing"}, Categories: []string{"contact"},
			Recipients: []string{"bureau"}, When: `recipient == "bureau"`}, share("bureau"), []string{"name", "mail"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := ask(t, pl, func(in *policy.Input) {
				if c.change != nil {
					c.change(in)
				}
			})
			c.rule.ID, c.rule.Effect = "r", policy.EffectPermit
			v := decide(t, mustNew(t, reg, c.rule), in)
			assert.ElementsMatch(t, c.want, names(pl, v.Permit))
			assert.Empty(t, v.Hits, "permits are listed in explanations only")
			assert.True(t, v.Deny.Empty())
			if c.rule.Tasks == nil && c.rule.Roles == nil { // the same selectors, narrowing
				c.rule.Effect = policy.EffectDeny
				v = decide(t, mustNew(t, reg, c.rule), in)
				want := c.want
				if c.name == "recipient not said" {
					want = everyField // what narrows applies while in doubt
				}
				assert.ElementsMatch(t, want, names(pl, v.Deny))
				assert.True(t, v.Permit.Empty())
			}
		})
	}
}

func TestExceptRolesReachAllButTheirHolders(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectDeny, ExceptRoles: []string{"clerk", "dpo"}})
	for roles, denied := range map[string]bool{"clerk": false, "dpo": false, "billing": true, "": true} {
		v := decide(t, p, ask(t, pl, func(in *policy.Input) { in.Request.Principal.Roles = []string{roles} }))
		assert.Equal(t, denied, !v.Deny.Empty(), roles)
	}
	v := decide(t, p, ask(t, pl, func(in *policy.Input) { in.Request.Principal.Roles = nil }))
	assert.False(t, v.Deny.Empty(), "no role at all")
}

func TestEffects(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := mustNew(t, reg,
		Rule{ID: "d-permit", Effect: policy.EffectPermit, File: "a.yaml", Line: 3},
		Rule{ID: "a-deny", Effect: policy.EffectDeny, Categories: []string{"national-id"}, File: "a.yaml", Line: 9},
		Rule{ID: "c-mask", Effect: policy.EffectRedact, Categories: []string{"finance"}, Mask: policy.LastFour},
		Rule{ID: "b-mask", Effect: policy.EffectRedact, Categories: []string{"contact.name"}, Mask: policy.Initials},
		Rule{ID: "e-mask", Effect: policy.EffectRedact, Categories: []string{"contact.mail"}, Mask: policy.LastFour},
		Rule{ID: "f-oblige", Effect: policy.EffectOblige, Obligations: []string{"notify", "log.access"}},
		Rule{ID: "g-oblige", Effect: policy.EffectOblige, Obligations: []string{"notify"}, Purposes: []string{"invoicing"}},
		Rule{ID: "h-oblige", Effect: policy.EffectOblige, Obligations: []string{"never"}, Purposes: []string{"credit"}},
	)
	v := decide(t, p, ask(t, pl))
	assert.ElementsMatch(t, everyField, names(pl, v.Permit))
	assert.ElementsMatch(t, []string{"cpr"}, names(pl, v.Deny))
	require.Len(t, v.Redactions, 2)
	assert.Equal(t, policy.LastFour, v.Redactions[0].Mask)
	assert.ElementsMatch(t, []string{"iban", "income", "mail"}, names(pl, v.Redactions[0].Fields))
	assert.Equal(t, policy.Initials, v.Redactions[1].Mask)
	assert.ElementsMatch(t, []string{"name"}, names(pl, v.Redactions[1].Fields))
	assert.Equal(t, []string{"log.access", "notify"}, v.Obligations)

	hits := func(v policy.Verdict) (list []string) {
		for _, h := range v.Hits {
			list = append(list, h.Rule+" "+h.Effect.String())
		}
		slices.Sort(list)
		return list
	}
	assert.Equal(t, []string{"a-deny deny", "b-mask redact", "c-mask redact", "e-mask redact"}, hits(v))
	deny := v.Hits[slices.IndexFunc(v.Hits, func(h policy.Hit) bool { return h.Rule == "a-deny" })]
	assert.Equal(t, "a.yaml", deny.File)
	assert.Equal(t, 9, deny.Line)
	assert.Equal(t, []string{"cpr"}, names(pl, deny.Fields))

	v = decide(t, p, ask(t, pl, func(in *policy.Input) { in.Explain = true }))
	assert.Equal(t, []string{"a-deny deny", "b-mask redact", "c-mask redact", "d-permit permit", "e-mask redact", "f-oblige oblige", "g-oblige oblige"}, hits(v))
}

func TestInputOfAnotherRegisterIsAnError(t *testing.T) {
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit})
	other := spec()
	other.Purposes = other.Purposes[:3]
	other.Activities[0].Purposes = []string{"invoicing", "credit"}
	strange, err := purpose.Compile(other)
	require.NoError(t, err)
	same := register(t) // another copy of the same register
	good := func() *policy.Input { return ask(t, plan(t, reg)) }
	for name, in := range map[string]*policy.Input{
		"nil":              nil,
		"no request":       {Plan: plan(t, reg)},
		"no plan":          ask(t, plan(t, reg), func(in *policy.Input) { in.Request.Purpose = "credit" }),
		"plan of nothing":  {Request: good().Request, Plan: &purpose.Plan{}},
		"strange register": ask(t, plan(t, strange)),
		"other purpose":    ask(t, plan(t, reg)),
		"far purpose":      ask(t, plan(t, reg)),
		"purpose node":     ask(t, plan(t, reg), func(in *policy.Input) { in.Request.Purpose = "invoicing" }),
		"no action":        ask(t, plan(t, reg), func(in *policy.Input) { in.Request.Action = 0 }),
		"no such action":   ask(t, plan(t, reg), func(in *policy.Input) { in.Request.Action = 77 }),
	} {
		switch name {
		case "no plan":
			in.Plan = nil
		case "other purpose":
			in.Purpose++
		case "far purpose":
			in.Purpose = 1 << 30
		}
		v, err := p.Decide(context.Background(), in)
		require.ErrorIs(t, err, errInput, name)
		assert.True(t, v.Permit.Empty(), name)
	}
	v, err := p.Decide(context.Background(), ask(t, plan(t, same)))
	require.NoError(t, err)
	assert.Equal(t, 5, v.Permit.Len())
}

func TestAnEndedContextIsAnError(t *testing.T) {
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit, When: `purpose == "credit" || true`})
	ctx, cancel := context.WithCancel(context.Background())
	_, err := p.Decide(ctx, ask(t, plan(t, reg)))
	require.NoError(t, err)
	cancel()
	v, err := p.Decide(ctx, ask(t, plan(t, reg)))
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, v.Permit.Empty())
	ctx, cancel = context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	_, err = p.Decide(ctx, ask(t, plan(t, reg)))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSelectorsPermitWithoutAllocating(t *testing.T) {
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "a", Effect: policy.EffectPermit, Roles: []string{"billing"}, Purposes: []string{"invoicing"}, Categories: []string{"contact", "finance"}},
		Rule{ID: "b", Effect: policy.EffectDeny, ExceptRoles: []string{"billing"}})
	in := ask(t, plan(t, reg))
	ctx := context.Background()
	assert.Zero(t, testing.AllocsPerRun(100, func() { p.Decide(ctx, in) }))
	conditional := mustNew(t, reg, Rule{ID: "a", Effect: policy.EffectPermit, When: `date != "" && "billing" in roles`})
	assert.NotZero(t, testing.AllocsPerRun(100, func() { conditional.Decide(ctx, in) }), "the measure sees allocations")
}

// TestViewsAreBounded makes more plans than are kept: all are answered, the memory of the rest is let go.
func TestViewsAreBounded(t *testing.T) {
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "a", Effect: policy.EffectPermit, Categories: []string{"contact"}})
	for range maxPlans + 10 {
		v := decide(t, p, ask(t, plan(t, reg)))
		require.Equal(t, 2, v.Permit.Len())
	}
	kept := 0
	p.plans.Range(func(any, any) bool { kept++; return true })
	assert.Equal(t, maxPlans, kept)
}

func TestDigestNamesWhatTheRulesSay(t *testing.T) {
	reg := register(t)
	a := Rule{ID: "a", Effect: policy.EffectPermit, Roles: []string{"x", "y"}, When: "facts.case_open"}
	b := Rule{ID: "b", Effect: policy.EffectRedact, Mask: policy.YearOnly}
	base := mustNew(t, reg, a, b).Digest()
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, base)

	swapped := a
	swapped.Roles, swapped.File, swapped.Line, swapped.When = []string{"y", "x"}, "f.yaml", 7, " facts.case_open\n"
	assert.Equal(t, base, mustNew(t, reg, b, swapped).Digest(), "order, place and layout say nothing")

	for name, change := range map[string]func(*Rule, *Rule){
		"id":         func(a, _ *Rule) { a.ID = "c" },
		"role":       func(a, _ *Rule) { a.Roles = []string{"x"} },
		"task":       func(a, _ *Rule) { a.Tasks = []string{"x"} },
		"when":       func(a, _ *Rule) { a.When = "facts.auth._2fa" },
		"action":     func(a, _ *Rule) { a.Actions = []purpose.Action{purpose.Use} },
		"purpose":    func(a, _ *Rule) { a.Purposes = []string{"credit"} },
		"category":   func(a, _ *Rule) { a.Categories = []string{"contact"} },
		"recipient":  func(a, _ *Rule) { a.Recipients = []string{"bureau"} },
		"mask":       func(_, b *Rule) { b.Mask = policy.LastFour },
		"exception":  func(_, b *Rule) { b.ExceptRoles = []string{"x"} },
		"effect":     func(_, b *Rule) { b.Effect, b.Mask = policy.EffectDeny, 0 },
		"obligation": func(_, b *Rule) { b.Effect, b.Mask, b.Obligations = policy.EffectOblige, 0, []string{"x"} },
	} {
		x, y := a, b
		change(&x, &y)
		assert.NotEqual(t, base, mustNew(t, reg, x, y).Digest(), name)
	}
	s := spec()
	s.Controller.Name = "Another"
	other, err := purpose.Compile(s)
	require.NoError(t, err)
	assert.NotEqual(t, base, mustNew(t, other, a, b).Digest(), "register")
}
