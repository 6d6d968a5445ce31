package celpolicy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

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
		drop("fact "+in.Request.Facts[i].Fact, func(x *policy.Input) {
			x.Request.Facts = slices.Delete(slices.Clone(x.Request.Facts), i, i+1)
		})
	}
	for i, r := range in.Request.Principal.Roles {
		drop("role "+r, func(x *policy.Input) { x.Request.Principal.Roles = without(x.Request.Principal.Roles, i) })
	}
	for i, r := range in.Request.Principal.Tasks {
		drop("task "+r, func(x *policy.Input) { x.Request.Principal.Tasks = without(x.Request.Principal.Tasks, i) })
	}
	drop("facts", func(x *policy.Input) { x.Request.Facts = nil })
	drop("roles", func(x *policy.Input) { x.Request.Principal.Roles = nil })
	drop("tasks", func(x *policy.Input) { x.Request.Principal.Tasks = nil })
	drop("principal", func(x *policy.Input) { x.Request.Principal.ID = "" })
	drop("reviewer", func(x *policy.Input) { x.Request.Reviewer = "" })
	drop("organisation", func(x *policy.Input) { x.Request.Principal.Organisation = "" })
	drop("recipient", func(x *policy.Input) { x.Request.Recipient = "" })
	drop("kind", func(x *policy.Input) { x.RecipientKind = 0 })
	drop("country", func(x *policy.Input) { x.Country = "" })
	drop("notice", func(x *policy.Input) { x.Notice = "" })
	return all
}

// gained names what a request gains over another, empty when nothing.
func gained(pl *purpose.Plan, before, after policy.Verdict) string {
	b, a := said(pl, before), said(pl, after)
	obliges := func(v policy.Verdict, i int) (rules []string) {
		for _, h := range v.Hits {
			if h.Effect == policy.EffectOblige && h.Fields.Has(i) {
				rules = append(rules, h.Rule)
			}
		}
		return rules
	}
	for f := range a.permit {
		i, _ := pl.Index(f)
		switch {
		case a.deny[f]:
		case !b.permit[f] || b.deny[f]:
			return "permits " + f
		case slices.ContainsFunc(b.masks[f], func(m policy.Mask) bool { return !slices.Contains(a.masks[f], m) }):
			return "unmasks " + f
		case slices.ContainsFunc(obliges(before, i), func(r string) bool { return !slices.Contains(obliges(after, i), r) }):
			return "frees of an obligation"
		}
	}
	return ""
}

// TestLeavingOutNeverPermits on generated policies and requests: no fact, role, task or anything else that
// is dropped turns a field from not permitted to permitted, from masked to plain, or ends an obligation.
func TestLeavingOutNeverPermits(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	policies := 400
	if testing.Short() {
		policies = 40
	}
	lost := 0
	for seed := range uint64(policies) {
		d := newDice(seed + 1<<32)
		rules := plain(d.rules())
		p := mustNew(t, reg, rules...)
		for range 20 {
			in := d.request(t, pl)
			in.Explain = true // obligations are told by field in explanations only
			before := decide(t, p, in)
			for what, in := range less(in) {
				after := decide(t, p, in)
				require.Empty(t, gained(pl, before, after), "seed %d, without %s: %+v\nrules: %+v", seed, what, in.Request, rules)
				if gained(pl, after, before) != "" {
					lost++
				}
			}
		}
	}
	assert.Greater(t, lost, policies, "control: leaving out does take away")
}

// TestRulesThatWouldGainAreRefused, and behind the back of the check they do gain.
func TestRulesThatWouldGainAreRefused(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	permit := Rule{ID: "all", Effect: policy.EffectPermit}
	for name, c := range map[string]struct {
		rule  Rule
		spoil func(*rule)
	}{
		"deny by role":      {Rule{Effect: policy.EffectDeny, Roles: []string{"clerk"}}, func(r *rule) { r.roles = []string{"clerk"} }},
		"deny by task":      {Rule{Effect: policy.EffectDeny, Tasks: []string{"case-1"}}, func(r *rule) { r.tasks = []string{"case-1"} }},
		"redact by role":    {Rule{Effect: policy.EffectRedact, Roles: []string{"clerk"}}, func(r *rule) { r.roles = []string{"clerk"} }},
		"redact by task":    {Rule{Effect: policy.EffectRedact, Tasks: []string{"case-1"}}, func(r *rule) { r.tasks = []string{"case-1"} }},
		"oblige by role":    {Rule{Effect: policy.EffectOblige, Obligations: []string{"x"}, Roles: []string{"clerk"}}, func(r *rule) { r.roles = []string{"clerk"} }},
		"permit by absence": {Rule{Effect: policy.EffectPermit, ExceptRoles: []string{"clerk"}}, func(r *rule) { r.except = []string{"clerk"} }},
	} {
		c.rule.ID = "r"
		_, err := New(reg, "", permit, c.rule)
		var problems Problems
		require.ErrorAs(t, err, &problems, name)
		assert.True(t, problems.Has("rule.selector"), name)

		c.rule.Roles, c.rule.Tasks, c.rule.ExceptRoles = nil, nil, nil
		rules := []Rule{permit, c.rule}
		if c.rule.Effect == policy.EffectPermit {
			rules = rules[1:]
		}
		p := mustNew(t, reg, rules...)
		c.spoil(&p.rules[len(rules)-1])
		in := ask(t, pl, func(in *policy.Input) {
			in.Explain, in.Request.Principal.Roles, in.Request.Principal.Tasks = true, []string{"clerk", "billing"}, []string{"case-1"}
		})
		gains := ""
		for _, fewer := range less(in) {
			gains += gained(pl, decide(t, p, in), decide(t, p, fewer))
		}
		assert.NotEmpty(t, gains, "control: %s", name)
	}
}

// direct makes any expression over roles and tasks, steady in direction or not.
func (d dice) direct(depth int) string {
	if depth == 0 {
		return pick(d, []string{
			`"a" in roles`, `"b" in roles`, `"c" in tasks`, `roles.exists(r, r == "a")`, `roles.exists(r, r != "a")`, `tasks.all(t, t == "c")`, `roles.all(r, r in tasks)`,
			`roles.exists(r, r in tasks)`, `roles.exists(r, !(r in tasks))`, `["a", "c"].all(x, x in roles || x in tasks)`, `["a", "b"].exists(x, x in roles)`, `size(roles) > 1`,
			`roles == tasks`, `roles[0] == "a"`, `roles.exists_one(r, r == "a")`, `roles.filter(r, r == "a").size() > 0`, `roles.map(r, r + "x").exists(r, r == "ax")`,
			`"a" in (roles + tasks)`, `facts.loan.days_late / 0 == 1`, `facts.case_open`, `facts.flags[3] == "x"`, `purpose == "credit"`, `roles.exists(r, tasks.exists(t, t == r))`,
			`roles.exists(r, tasks.all(t, t == r))`, `tasks.all(t, !(t in roles))`, `roles.exists(r, facts.flags[3] == r)`, `"a" in (facts.case_open ? roles : tasks)`,
		})
	}
	x, y := d.direct(depth-1), d.direct(d.IntN(depth))
	switch d.IntN(5) {
	case 0:
		return "!(" + x + ")"
	case 1:
		return "(" + x + " && " + y + ")"
	case 2:
		return "(" + x + " || " + y + ")"
	case 3:
		return "(" + pick(d, []string{"facts.case_open", d.direct(0)}) + " ? " + x + " : " + y + ")"
	}
	return x
}

// TestDirectionsThatAreAcceptedAreSteady: over all parts of a set of roles and tasks, a condition
// that is accepted for a permit rule never begins to hold when one is left out, and one for a denial never ends.
func TestDirectionsThatAreAcceptedAreSteady(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	n := 3_000
	if testing.Short() {
		n = 300
	}
	accepted, refused, moved := map[policy.Effect]int{}, 0, 0
	for seed := range uint64(n) {
		d := newDice(seed + 1<<40)
		text := d.direct(d.IntN(4))
		for _, effect := range []policy.Effect{policy.EffectPermit, policy.EffectDeny} {
			p, err := New(reg, "", Rule{ID: "r", Effect: effect, When: text})
			if err != nil {
				require.Contains(t, err.Error(), "when.", text)
				refused += strings.Count(err.Error(), "when.direction")
				continue
			}
			accepted[effect]++
			holds := func(mask int) bool {
				in := ask(t, pl, fact("loan.days-late", purpose.IntValue(1)), fact("case-open", purpose.BoolValue(seed%2 == 0)), fact("flags", purpose.TextsValue("x")))
				for i, s := range []string{"a", "b", "c"} {
					if mask&(1<<i) != 0 {
						in.Request.Principal.Roles = append(in.Request.Principal.Roles[:len(in.Request.Principal.Roles):len(in.Request.Principal.Roles)], s)
					}
					if mask&(8<<i) != 0 {
						in.Request.Principal.Tasks = append(in.Request.Principal.Tasks, s)
					}
				}
				in.Request.Principal.Roles = in.Request.Principal.Roles[1:] // without billing
				v := decide(t, p, in)
				return !v.Permit.Empty() || effect == policy.EffectDeny && v.Deny.Empty()
			}
			var open [64]bool
			for mask := range open {
				open[mask] = holds(mask)
			}
			for mask := range open {
				for bit := 1; bit < 64; bit <<= 1 {
					if mask&bit != 0 {
						require.False(t, open[mask&^bit] && !open[mask], "%s %s: %06b lets through what %06b does not", effect, text, mask&^bit, mask)
						if open[mask] != open[mask&^bit] {
							moved++
						}
					}
				}
			}
		}
	}
	assert.Greater(t, accepted[policy.EffectPermit], n/20)
	assert.Greater(t, accepted[policy.EffectDeny], n/20)
	assert.Greater(t, refused, n/4)
	assert.Greater(t, moved, n, "control: accepted conditions do depend on roles and tasks")
}
