package celpolicy

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// ahead is the prospect of reading for invoicing.billing, unless changed.
func ahead(t testing.TB, pl *purpose.Plan, change ...func(*policy.Prospect)) policy.Prospect {
	t.Helper()
	p := policy.Prospect{Action: purpose.Read, Plan: pl}
	p.Purpose, _ = pl.Register.Purposes().ID("invoicing.billing")
	for _, c := range change {
		c(&p)
	}
	return p
}

func shareWith(recipient, country string) func(*policy.Prospect) {
	return func(p *policy.Prospect) { p.Action, p.Recipient, p.Country = purpose.Share, recipient, country }
}

func TestForesee(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	all := []string{"name", "mail", "iban", "income", "cpr"}
	permit := func(r Rule) Rule {
		r.ID, r.Effect = "r", policy.EffectPermit
		return r
	}
	for name, c := range map[string]struct {
		rule   Rule
		change func(*policy.Prospect)
		permit []string
	}{
		"nothing selected":          {permit(Rule{}), nil, all},
		"whoever asks":              {permit(Rule{Roles: []string{"x"}, Tasks: []string{"y"}}), nil, all},
		"the action":                {permit(Rule{Actions: []purpose.Action{purpose.Read}}), nil, all},
		"another action":            {permit(Rule{Actions: []purpose.Action{purpose.Use}}), nil, nil},
		"a purpose above":           {permit(Rule{Purposes: []string{"invoicing"}}), nil, all},
		"another purpose":           {permit(Rule{Purposes: []string{"credit"}}), nil, nil},
		"some categories":           {permit(Rule{Categories: []string{"finance"}}), nil, []string{"iban", "income"}},
		"a recipient, while read":   {permit(Rule{Recipients: []string{"bureau"}}), nil, nil},
		"the recipient":             {permit(Rule{Recipients: []string{"bureau"}}), shareWith("bureau", "DK"), all},
		"another recipient":         {permit(Rule{Recipients: []string{"bureau"}}), shareWith("hausbank", "DK"), nil},
		"a constant":                {permit(Rule{When: `false`}), nil, nil},
		"the truth":                 {permit(Rule{When: `true`}), nil, all},
		"a fact":                    {permit(Rule{When: `facts.case_open`}), nil, all},
		"a fact, and never":         {permit(Rule{When: `facts.case_open && action == "use"`}), nil, nil},
		"never, and a fact":         {permit(Rule{When: `action == "use" && facts.case_open`}), nil, nil},
		"a fact or never":           {permit(Rule{When: `facts.case_open || action == "use"`}), nil, all},
		"not a fact":                {permit(Rule{When: `!facts.case_open`}), nil, all},
		"a list of purposes":        {permit(Rule{When: `purpose in ["credit", "support"]`}), nil, nil},
		"categories by name":        {permit(Rule{When: `category.startsWith("contact.") && facts.case_open`}), nil, []string{"name", "mail"}},
		"a class":                   {permit(Rule{When: `class == "confidential" || category == "contact.name"`}), nil, []string{"name", "cpr"}},
		"names of fields may vary":  {permit(Rule{When: `field == "street"`}), nil, all},
		"nothing is shared":         {permit(Rule{When: `recipient == "" && country == "" && recipient_kind == ""`}), nil, all},
		"somebody receives":         {permit(Rule{When: `recipient != ""`}), nil, nil},
		"the kind":                  {permit(Rule{When: `recipient_kind == "processor"`}), shareWith("bureau", "DK"), nil},
		"the right kind":            {permit(Rule{When: `recipient_kind == "controller"`}), shareWith("bureau", "DK"), all},
		"another country":           {permit(Rule{When: `country == "SE"`}), shareWith("bureau", "DK"), nil},
		"a country that is open":    {permit(Rule{When: `country == "SE"`}), shareWith("bureau", ""), all},
		"a loop over what is open":  {permit(Rule{When: `facts.flags.exists(f, f == "x") && tasks.exists(t, t == "x")`}), nil, all},
		"a loop, and never":         {permit(Rule{When: `roles.exists(r, r == "x" && action == "use")`}), nil, all},
		"a choice by what is known": {permit(Rule{When: `action == "use" ? true : purpose == "credit"`}), nil, nil},
		"a choice by what is open":  {permit(Rule{When: `hour < 8 ? false : true`}), nil, all},
		"an error":                  {permit(Rule{When: `1 / (size(action) - 4) == 1`}), nil, all},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change == nil {
				c.change = func(*policy.Prospect) {}
			}
			reach, err := mustNew(t, reg, c.rule).Foresee(context.Background(), ahead(t, pl, c.change))
			require.NoError(t, err)
			assert.ElementsMatch(t, c.permit, names(pl, reach.Permit))
			assert.Equal(t, len(c.permit) > 0, slices.Equal(reach.Rules, []string{"r"}), "%v", reach.Rules)
		})
	}
}

// TestForeseeDenials: what is denied to everybody is not seen, what is denied to some is.
func TestForeseeDenials(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	for name, c := range map[string]struct {
		deny  Rule
		seen  int
		meets bool
	}{
		"all":            {Rule{}, 0, true},
		"a category":     {Rule{Categories: []string{"contact"}}, 3, true},
		"but for a role": {Rule{ExceptRoles: []string{"x"}}, 5, true},
		"by a constant":  {Rule{When: `action == "read"`}, 0, true},
		"by a field":     {Rule{When: `category == "contact.name"`}, 4, true},
		"by a fact":      {Rule{When: `facts.case_open`}, 5, true},
		"fact or not":    {Rule{When: `facts.case_open || action == "read"`}, 0, true},
		"never":          {Rule{When: `action == "use"`}, 5, false},
		"never, if told": {Rule{When: `action == "use" && facts.case_open`}, 5, true}, // it denies those who do not say
		"elsewhere":      {Rule{Purposes: []string{"credit"}}, 5, false},
		"with somebody":  {Rule{Recipients: []string{"bureau"}}, 5, false},
	} {
		c.deny.ID, c.deny.Effect = "a-denies", policy.EffectDeny
		p := mustNew(t, reg, Rule{ID: "permits", Effect: policy.EffectPermit}, c.deny)
		reach, err := p.Foresee(context.Background(), ahead(t, pl))
		require.NoError(t, err, name)
		assert.Equal(t, c.seen, reach.Permit.Len(), name)
		assert.Equal(t, c.meets, slices.Contains(reach.Rules, "a-denies"), name)
	}
}

// TestForeseeSortsRules, those for all purposes among those for some.
func TestForeseeSortsRules(t *testing.T) {
	reg := register(t)
	p := mustNew(t, reg, Rule{ID: "b", Effect: policy.EffectPermit}, Rule{ID: "c", Effect: policy.EffectPermit, Purposes: []string{"invoicing"}},
		Rule{ID: "a", Effect: policy.EffectPermit, Purposes: []string{"invoicing"}}, Rule{ID: "d", Effect: policy.EffectDeny})
	reach, err := p.Foresee(context.Background(), ahead(t, plan(t, reg)))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c", "d"}, reach.Rules)
}

func TestForeseeRefusesWhatIsNoProspect(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	p := mustNew(t, reg, Rule{ID: "r", Effect: policy.EffectPermit})
	for name, change := range map[string]func(*policy.Prospect){
		"no plan":             func(x *policy.Prospect) { x.Plan = nil },
		"no action":           func(x *policy.Prospect) { x.Action = 0 },
		"unknown action":      func(x *policy.Prospect) { x.Action = purpose.Decide + 1 },
		"a purpose above":     func(x *policy.Prospect) { x.Purpose, _ = reg.Purposes().ID("invoicing") },
		"unknown purpose":     func(x *policy.Prospect) { x.Purpose = 1 << 20 },
		"share with nobody":   shareWith("", ""),
		"share with stranger": shareWith("stranger", "DK"),
		"read with recipient": func(x *policy.Prospect) { x.Recipient = "bureau" },
		"read with country":   func(x *policy.Prospect) { x.Country = "DK" },
	} {
		reach, err := p.Foresee(context.Background(), ahead(t, pl, change))
		require.ErrorIs(t, err, errInput, name)
		require.Zero(t, reach, name)
	}
	_, err := p.Foresee(context.Background(), ahead(t, pl))
	require.NoError(t, err, "the control")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = p.Foresee(ctx, ahead(t, pl))
	require.ErrorIs(t, err, context.Canceled)
}

// TestForeseeNeverSaysTooLittle on generated policies: whatever a request is permitted, and whichever rule it meets,
// was foreseen. With the negative control that a policy which forgets what is open does say too little.
func TestForeseeNeverSaysTooLittle(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	policies := 300
	if testing.Short() {
		policies = 40
	}
	narrow, met, caught := 0, 0, 0
	for seed := range uint64(policies) {
		d := newDice(seed + 1<<48)
		rules := plain(d.rules())
		p, blunt := mustNew(t, reg, rules...), mustNew(t, reg, rules...)
		for i := range blunt.vars { // takes the empty request for all that is asked
			blunt.vars[i].foreseen = true
		}
		for range 20 {
			in := d.request(t, pl)
			if in.Request.Action == purpose.Share && in.Request.Recipient == "" {
				continue
			}
			in.Explain = true
			prospect := policy.Prospect{Action: in.Request.Action, Purpose: in.Purpose, Recipient: in.Request.Recipient, Country: in.Country, Plan: pl}
			reach, err := p.Foresee(context.Background(), prospect)
			require.NoError(t, err)
			v := decide(t, p, in)
			seen := v.Permit.Without(v.Deny)
			require.True(t, seen.Without(reach.Permit).Empty(), "seed %d: %v\n%+v\n%+v", seed, names(pl, seen.Without(reach.Permit)), in.Request, rules)
			for _, h := range v.Hits {
				require.Contains(t, reach.Rules, h.Rule, "seed %d: %+v\n%+v", seed, in.Request, rules)
				met++
			}
			narrow += len(rules) - len(reach.Rules)
			short, err := blunt.Foresee(context.Background(), prospect)
			require.NoError(t, err)
			if !seen.Without(short.Permit).Empty() {
				caught++
			}
		}
	}
	assert.Greater(t, met, policies)
	assert.Greater(t, narrow, policies, "it does rule out")
	assert.Greater(t, caught, 0, "control: a forecast that takes what is open for absent is caught")
}

func TestRulesAreListed(t *testing.T) {
	p := mustNew(t, register(t),
		Rule{ID: "b", Effect: policy.EffectDeny, File: "x.yaml", Line: 7},
		Rule{ID: "a", Effect: policy.EffectPermit},
		Rule{ID: "c", Effect: policy.EffectOblige, Obligations: []string{"tell"}})
	assert.Equal(t, []policy.Rule{
		{ID: "a", Effect: policy.EffectPermit}, {ID: "b", Effect: policy.EffectDeny, File: "x.yaml", Line: 7}, {ID: "c", Effect: policy.EffectOblige},
	}, p.Rules())
}
