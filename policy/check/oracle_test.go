package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
)

// combination is one thing that the register allows, in plain texts.
type combination struct{ activity, action, purpose, recipient, category string }

// under is written without the register's trees.
func under(key string, nodes []string) bool {
	return nodes == nil || slices.ContainsFunc(nodes, func(n string) bool { return key == n || strings.HasPrefix(key, n+".") })
}

// allowed spells out what spec allows, by hand.
func allowed() (list []combination) {
	for _, p := range []string{"invoicing.billing", "invoicing.dunning"} {
		for _, c := range []string{"contact.mail", "contact.name", "finance.iban"} {
			for _, a := range []string{"collect", "read", "use", "store"} {
				list = append(list, combination{"bill", a, p, "", c})
			}
			if c != "contact.mail" {
				list = append(list, combination{"bill", "share", p, "hausbank", c})
			}
			if c != "finance.iban" {
				list = append(list, combination{"bill", "share", p, "bureau", c})
			}
		}
	}
	for _, c := range []string{"contact.name", "finance.iban", "finance.income"} {
		list = append(list, combination{"rate", "read", "credit", "", c}, combination{"rate", "share", "credit", "bureau", c})
	}
	return list
}

// selects is what a rule's selectors mean.
func selects(r *celpolicy.Rule, x combination) bool {
	acts := r.Actions == nil
	for _, a := range r.Actions {
		acts = acts || a.String() == x.action
	}
	return acts && under(x.purpose, r.Purposes) && under(x.category, r.Categories) && (r.Recipients == nil || slices.Contains(r.Recipients, x.recipient))
}

func some(t *rapid.T, label string, list ...string) []string {
	if rapid.IntRange(0, 2).Draw(t, label+"?") > 0 {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(list), 1, 2, rapid.ID).Draw(t, label)
}

func drawRule(t *rapid.T, i int) celpolicy.Rule {
	r := celpolicy.Rule{ID: fmt.Sprintf("r%d", i), Effect: policy.EffectPermit}
	if rapid.IntRange(0, 4).Draw(t, "deny") == 0 {
		r.Effect = policy.EffectDeny
	}
	for _, a := range some(t, "actions", "collect", "read", "use", "store", "share") {
		var x purpose.Action
		_ = x.UnmarshalText([]byte(a))
		r.Actions = append(r.Actions, x)
	}
	r.Purposes = some(t, "purposes", "invoicing", "invoicing.billing", "invoicing.dunning", "credit")
	r.Categories = some(t, "categories", "contact", "contact.name", "contact.mail", "finance", "finance.iban", "finance.income")
	r.Recipients = some(t, "recipients", "hausbank", "bureau")
	return r
}

// TestGapsAreExactlyWhatNoRulePermits: spread out again, the findings are what brute force over every combination finds,
// each once, however they were put together; so are the rules that never apply.
func TestGapsAreExactlyWhatNoRulePermits(t *testing.T) {
	reg := register(t)
	everything := allowed()
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		var list []celpolicy.Rule
		for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
			list = append(list, drawRule(t, i))
		}
		p, err := celpolicy.New(reg, "team", list...)
		require.NoError(t, err)

		dead, useless := map[combination]int{}, map[string]bool{}
		for _, x := range everything {
			permitted, denied := false, false
			for i := range list {
				if selects(&list[i], x) {
					permitted = permitted || list[i].Effect == policy.EffectPermit
					denied = denied || list[i].Effect == policy.EffectDeny
				}
			}
			if !permitted || denied {
				dead[x] = 1
			}
		}
		for i := range list {
			if !slices.ContainsFunc(everything, func(x combination) bool { return selects(&list[i], x) }) {
				useless[list[i].ID] = true
			}
		}

		found, idle := map[combination]int{}, map[string]bool{}
		for _, f := range run(reg, p) {
			seen[f.Code]++
			if f.Code == "rule.never" {
				idle[f.Rule] = true
				continue
			}
			require.NotNil(t, f.Gap, f.String())
			for _, x := range everything {
				acts := slices.ContainsFunc(f.Gap.Actions, func(a purpose.Action) bool { return a.String() == x.action })
				if x.activity == f.Gap.Activity && acts && slices.Contains(f.Gap.Purposes, x.purpose) &&
					(x.recipient == "" || slices.Contains(f.Gap.Recipients, x.recipient)) && under(x.category, f.Gap.Categories) {
					found[x]++
				}
			}
		}
		require.Equal(t, dead, found)
		require.Equal(t, useless, idle)
		require.Equal(t, texts(run(reg, p)), texts(run(reg, p)))
	})
	if testing.Short() {
		return // too few policies are drawn for every finding to come up
	}
	for _, code := range []string{"rule.never", "activity.never", "purpose.never", "recipient.never", "category.never", "field.never"} {
		assert.Positive(t, seen[code], "control: %s was generated", code)
	}
}

// TestTheOrderOfRulesDoesNotMatter to what is found, and neither does that of other policies to one's own findings.
func TestTheOrderOfRulesDoesNotMatter(t *testing.T) {
	reg := register(t)
	rapid.Check(t, func(t *rapid.T) {
		list := []celpolicy.Rule{drawRule(t, 0), drawRule(t, 1), drawRule(t, 2)}
		turned := slices.Clone(list)
		slices.Reverse(turned)
		one, err := celpolicy.New(reg, "team", list...)
		require.NoError(t, err)
		two, err := celpolicy.New(reg, "team", turned...)
		require.NoError(t, err)
		require.Equal(t, run(reg, one), run(reg, two))
	})
}

func TestFindingsHaveOneForm(t *testing.T) {
	f := check.Finding{Code: "a.b", Severity: check.Warning, Message: "what", File: "f.yaml", Line: 3, Column: 5, Path: "activities[0]"}
	assert.Equal(t, "f.yaml:3:5: warning: activities[0]: what (a.b)", f.String())
	f.Column = 0
	assert.Equal(t, "f.yaml:3: warning: activities[0]: what (a.b)", f.String())
	f.Clause = "4.2"
	assert.Equal(t, "f.yaml:3: warning: activities[0]: what [4.2] (a.b)", f.String())
	assert.Equal(t, "error: what (a.b)", check.Finding{Code: "a.b", Message: "what"}.String(), "the zero severity is an error")
	assert.Equal(t, "error", check.Severity(9).String())
	_, ok := check.Worst(nil)
	assert.False(t, ok)
}
