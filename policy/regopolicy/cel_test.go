package regopolicy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
)

// randomCELRules are rules of selectors, with a condition here and there.
func randomCELRules(t *rapid.T) (rules []celpolicy.Rule) {
	some := func(name string, of ...string) []string {
		list := rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID).Draw(t, name)
		if len(list) == 0 {
			return nil
		}
		return list
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		r := celpolicy.Rule{ID: fmt.Sprintf("r%d", i), Effect: rapid.SampledFrom([]policy.Effect{policy.EffectPermit, policy.EffectPermit, policy.EffectDeny, policy.EffectRedact, policy.EffectOblige}).Draw(t, "effect")}
		if i == 0 {
			r.Effect = policy.EffectPermit
		}
		r.Actions = rapid.SampledFrom([][]purpose.Action{nil, {purpose.Read}, {purpose.Read, purpose.Share}}).Draw(t, "actions")
		r.Purposes = some("purposes", "invoicing", "invoicing.billing", "credit", "support")
		roles := some("roles", "clerk", "billing", "dpo")
		if r.Effect == policy.EffectPermit {
			r.Roles, r.Recipients = roles, some("recipients", "bureau", "hausbank")
			r.When = rapid.SampledFrom([]string{"", "facts.case_open", "facts.loan.days_late > 3", `facts.channel == "mail"`, "hour >= 8"}).Draw(t, "when")
		} else {
			r.ExceptRoles = roles
		}
		switch r.Effect {
		case policy.EffectRedact:
			r.Mask = rapid.SampledFrom([]policy.Mask{policy.Remove, policy.LastFour, policy.Initials}).Draw(t, "mask")
		case policy.EffectOblige:
			r.Obligations = []string{"tell"}
		}
		if r.Effect != policy.EffectOblige {
			r.Categories = some("categories", "contact", "contact.name", "finance", "finance.iban", "national-id")
		}
		rules = append(rules, r)
	}
	return rules
}

// inRego writes the same rules as a module.
func inRego(rules []celpolicy.Rule) string {
	set := func(list []string) string { return `{"` + strings.Join(list, `", "`) + `"}` }
	var b strings.Builder
	for _, r := range rules {
		var body []string
		add := func(list []string, format string) {
			if list != nil {
				body = append(body, fmt.Sprintf(format, set(list)))
			}
		}
		var actions []string
		for _, a := range r.Actions {
			actions = append(actions, a.String())
		}
		add(actions, "input.action in %s")
		add(r.Purposes, "some p in input.purposes\n\tp in %s")
		add(r.Roles, "some r in input.principal.roles\n\tr in %s")
		add(r.Recipients, "input.recipient.key in %s")
		if r.ExceptRoles != nil {
			body = append(body, "not excepted_"+r.ID)
			fmt.Fprintf(&b, "excepted_%s if {\n\tsome r in input.principal.roles\n\tr in %s\n}\n\n", r.ID, set(r.ExceptRoles))
		}
		if when := (map[string]string{"facts.case_open": `input.facts["case-open"]`, "facts.loan.days_late > 3": `input.facts["loan.days-late"] > 3`,
			`facts.channel == "mail"`: `input.facts.channel == "mail"`, "hour >= 8": "input.time.hour >= 8"})[r.When]; when != "" {
			body = append(body, when)
		}
		body = append(body, "input.principal.id")
		categories := r.Categories
		if categories == nil {
			categories = []string{everything}
		}
		name, more := entrypoints[r.Effect-1], ""
		if r.Effect == policy.EffectRedact {
			more = fmt.Sprintf(`, "mask": %q`, r.Mask)
		}
		for _, c := range categories {
			head := fmt.Sprintf(`"category": %q%s`, c, more)
			if r.Effect == policy.EffectOblige {
				head = `"obligation": "tell"`
			}
			fmt.Fprintf(&b, "%s contains {\"rule\": %q, %s} if {\n\t%s\n}\n\n", name, r.ID, head, strings.Join(body, "\n\t"))
		}
	}
	return b.String()
}

// TestRegoAndCELAgree on rules that both can say.
func TestRegoAndCELAgree(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	verdicts := func(rules []celpolicy.Rule, in *policy.Input) (rego, cel policy.Verdict) {
		c, err := celpolicy.New(reg, "cel", rules...)
		require.NoError(t, err)
		cel, err = c.Decide(t.Context(), in)
		require.NoError(t, err)
		rego = decide(t, mustLoad(t, reg, inRego(rules)), in)
		for _, v := range []*policy.Verdict{&rego, &cel} { // each engine knows in its own way how long a verdict lasts
			v.Digest, v.Hits, v.Lasting, v.Until = "", nil, false, time.Time{}
		}
		return rego, cel
	}
	rapid.Check(t, func(r *rapid.T) {
		rules, in := randomCELRules(r), randomRequest(r, pl, t)
		rego, cel := verdicts(rules, in)
		if !assert.ObjectsAreEqual(cel, rego) {
			r.Fatalf("CEL %+v\nRego %+v\n%s", cel, rego, inRego(rules))
		}
	})

	// The control: decisions differ from each other.
	all := map[string]bool{}
	rules := rapid.Custom(randomCELRules)
	requests := rapid.Custom(func(r *rapid.T) *policy.Input { return randomRequest(r, pl, t) })
	for i := range 20 {
		rego, _ := verdicts(rules.Example(i), requests.Example(i))
		all[fmt.Sprintf("%+v", rego)] = true
	}
	assert.Greater(t, len(all), 5)
}
