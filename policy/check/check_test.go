package check_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
)

func TestNothingToFind(t *testing.T) {
	reg := register(t)
	assert.Empty(t, texts(run(reg)), "no policies: nothing is said of what they permit")
	assert.Empty(t, texts(run(reg, rules(t, reg, all))))
}

func TestRulesThatNeverApply(t *testing.T) {
	for name, c := range map[string]struct {
		rule  celpolicy.Rule
		never bool
	}{
		"everything":               {celpolicy.Rule{}, false},
		"a pair that is covered":   {celpolicy.Rule{Purposes: []string{"credit"}, Categories: []string{"finance.income"}}, false},
		"a pair that is not":       {celpolicy.Rule{Purposes: []string{"credit"}, Categories: []string{"contact.mail"}}, true},
		"an action":                {celpolicy.Rule{Purposes: []string{"credit"}, Actions: []purpose.Action{purpose.Store}}, true},
		"an action of the default": {celpolicy.Rule{Purposes: []string{"invoicing"}, Actions: []purpose.Action{purpose.Store}}, false},
		"what nobody decides":      {celpolicy.Rule{Actions: []purpose.Action{purpose.Decide}}, true},
		"a recipient":              {celpolicy.Rule{Recipients: []string{"bureau"}}, false},
		"of another purpose":       {celpolicy.Rule{Recipients: []string{"hausbank"}, Purposes: []string{"credit"}}, true},
		"beyond the grant":         {celpolicy.Rule{Recipients: []string{"hausbank"}, Categories: []string{"contact.mail"}}, true},
		"one of two countries":     {celpolicy.Rule{When: `country == "SE"`}, false},
		"no country of it":         {celpolicy.Rule{When: `country == "NO"`}, true},
		"constant":                 {celpolicy.Rule{When: `false`}, true},
		"contradiction":            {celpolicy.Rule{Purposes: []string{"credit"}, When: `facts.open && purpose == "invoicing.billing"`}, true},
	} {
		t.Run(name, func(t *testing.T) {
			reg := register(t)
			c.rule.ID, c.rule.Effect, c.rule.File, c.rule.Line = "suspect", policy.EffectPermit, "rules.yaml", 7
			findings := run(reg, rules(t, reg, all, c.rule))
			if !c.never {
				assert.Empty(t, texts(findings))
				return
			}
			assert.Equal(t, []check.Finding{{Code: "rule.never", Severity: check.Warning, Policy: "team", Rule: "suspect", File: "rules.yaml", Line: 7,
				Message: "no activity of the register covers what the rule suspect selects: it never applies"}}, findings)
		})
	}
}

func TestWhatNoPolicyPermits(t *testing.T) {
	permit := func(id string, r celpolicy.Rule) celpolicy.Rule {
		r.ID, r.Effect = id, policy.EffectPermit
		return r
	}
	credit := permit("credit", celpolicy.Rule{Purposes: []string{"credit"}})
	for name, c := range map[string]struct {
		rules []celpolicy.Rule
		want  []string
	}{
		"an activity": {[]celpolicy.Rule{credit},
			[]string{"warning: activities[0]: no policy ever permits anything of the activity bill [1] (activity.never)"}},
		"a purpose": {[]celpolicy.Rule{credit, permit("a", celpolicy.Rule{Purposes: []string{"invoicing.billing"}})},
			[]string{"warning: activities[0]: no policy ever permits anything of the activity bill for invoicing.dunning [1] (purpose.never)"}},
		"a recipient": {[]celpolicy.Rule{credit, permit("a", celpolicy.Rule{When: `recipient != "hausbank"`})},
			[]string{"warning: activities[0].recipients[0]: no policy ever lets hausbank have anything of the activity bill [1.1] (recipient.never)"}},
		"a category": {[]celpolicy.Rule{credit, permit("a", celpolicy.Rule{Categories: []string{"contact.name", "finance"}})},
			[]string{"warning: activities[0]: nobody can ever see contact.mail for the activity bill [1] (category.never)"}},
		"a category that is denied": {[]celpolicy.Rule{all, {ID: "no", Effect: policy.EffectDeny, Categories: []string{"contact.mail"}}},
			[]string{"warning: activities[0]: nobody can ever see contact.mail for the activity bill [1] (category.never)"}},
		"an action for some purposes": {[]celpolicy.Rule{credit, permit("a", celpolicy.Rule{Purposes: []string{"invoicing.billing"}}),
			permit("b", celpolicy.Rule{Purposes: []string{"invoicing.dunning"}, Actions: []purpose.Action{purpose.Read, purpose.Share}})},
			[]string{"note: activities[0]: no policy ever permits to collect, use, store contact, finance.iban for invoicing.dunning, which the activity bill allows [1] (field.never)"}},
		"some fields with a recipient": {[]celpolicy.Rule{permit("a", celpolicy.Rule{When: `recipient != "bureau" || purpose != "credit" || category == "contact.name"`})},
			[]string{"note: activities[1].recipients[0]: no policy ever permits to share finance with bureau for credit, which the activity rate allows [2] (field.never)"}},
		"recipients are kept apart": {[]celpolicy.Rule{credit, permit("a", celpolicy.Rule{Purposes: []string{"invoicing"},
			When: `recipient == "" || recipient == "hausbank" && (category == "finance.iban" || purpose == "invoicing.billing") || recipient == "bureau" && category == "contact.mail"`})},
			[]string{"note: activities[0].recipients[1]: no policy ever permits to share contact.name with bureau for invoicing.billing, invoicing.dunning, which the activity bill allows [1] (field.never)",
				"note: activities[0].recipients[0]: no policy ever permits to share contact.name with hausbank for invoicing.dunning, which the activity bill allows [1.1] (field.never)"}},
		"one country is enough": {[]celpolicy.Rule{permit("a", celpolicy.Rule{When: `country != "SE"`})}, []string{}},
		"whatever who asks":     {[]celpolicy.Rule{permit("a", celpolicy.Rule{Roles: []string{"nobody"}, When: `facts.open`})}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			reg := register(t)
			findings := run(reg, rules(t, reg, c.rules...))
			assert.Equal(t, c.want, texts(findings))
			for _, f := range findings {
				require.NotNil(t, f.Gap)
				assert.NotEmpty(t, f.Clause)
			}
		})
	}
}

// TestTwoPoliciesAddUp: what either permits is permitted.
func TestTwoPoliciesAddUp(t *testing.T) {
	reg := register(t)
	one := rules(t, reg, celpolicy.Rule{ID: "a", Effect: policy.EffectPermit, Purposes: []string{"credit"}})
	two := rules(t, reg, celpolicy.Rule{ID: "b", Effect: policy.EffectPermit, Purposes: []string{"invoicing"}})
	assert.Len(t, run(reg, one), 1)
	assert.Len(t, run(reg, two), 1)
	assert.Empty(t, run(reg, one, two))
}

// TestWhatTheRegisterClosesIsNoGap: a lock, a prohibition or an agreement needs no rule to keep it shut.
func TestWhatTheRegisterClosesIsNoGap(t *testing.T) {
	law := func(s *purpose.Spec) { s.Laws = []purpose.Law{{Key: "act"}} }
	for name, change := range map[string]func(*purpose.Spec){
		"nothing": nil,
		"lock": func(s *purpose.Spec) {
			law(s)
			s.Locks = []purpose.Lock{{Key: "l", Categories: []string{"contact.mail"}, Purposes: []string{"credit"}, Law: "act"}}
		},
		"prohibition": func(s *purpose.Spec) {
			s.Prohibited = []purpose.Prohibition{{Key: "p", Categories: []string{"contact.mail"}, Clause: "3"}}
		},
		"prohibition elsewhere": func(s *purpose.Spec) {
			s.Prohibited = []purpose.Prohibition{{Key: "p", Categories: []string{"contact.mail"}, Purposes: []string{"credit"}, Clause: "3"}}
		},
		"prohibition unless": func(s *purpose.Spec) {
			s.Prohibited = []purpose.Prohibition{{Key: "p", Categories: []string{"contact.mail"}, Unless: []purpose.Condition{{Fact: "open"}}, Clause: "3"}}
		},
		"prohibition of some actions": func(s *purpose.Spec) {
			s.Prohibited = []purpose.Prohibition{{Key: "p", Categories: []string{"contact.mail"}, Actions: []purpose.Action{purpose.Read}, Clause: "3"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if change == nil {
				change = func(*purpose.Spec) {}
			}
			reg := register(t, change)
			p := rules(t, reg, celpolicy.Rule{ID: "a", Effect: policy.EffectPermit, When: `category != "contact.mail"`})
			dead := 0
			for _, f := range run(reg, p) {
				if f.Code == "category.never" {
					dead++
					if name == "prohibition of some actions" {
						assert.NotContains(t, f.Gap.Actions, purpose.Read)
					}
				}
			}
			closed := name == "lock" || name == "prohibition"
			assert.Equal(t, closed, dead == 0)
		})
	}
}

func TestAgreementsInstruct(t *testing.T) {
	for name, c := range map[string]struct {
		agreement purpose.Agreement
		want      []string
	}{
		"to all":          {purpose.Agreement{}, []string{"finance.iban"}},
		"about names":     {purpose.Agreement{Categories: []string{"contact"}}, nil},
		"about accounts":  {purpose.Agreement{Categories: []string{"finance"}}, []string{"finance.iban"}},
		"for one purpose": {purpose.Agreement{Purposes: []string{"invoicing.dunning"}}, []string{"finance.iban"}},
	} {
		reg := register(t, func(s *purpose.Spec) {
			c.agreement.Reference, c.agreement.From = "a", "2020-01-01"
			s.Recipients[0].Kind, s.Recipients[0].Agreement = purpose.Processor, &c.agreement
		})
		p := rules(t, reg, celpolicy.Rule{ID: "a", Effect: policy.EffectPermit, When: `recipient != "hausbank" || category == "contact.name"`})
		var gaps []string
		for _, f := range run(reg, p) {
			if f.Gap != nil {
				require.Equal(t, []string{"hausbank"}, f.Gap.Recipients, name)
				assert.Equal(t, name == "for one purpose", len(f.Gap.Purposes) == 1, name)
				gaps = append(gaps, f.Gap.Categories...)
			}
		}
		assert.Equal(t, c.want, gaps, name)
	}
}

func TestAssumptionsAreNotes(t *testing.T) {
	reg := register(t, func(s *purpose.Spec) {
		s.Activities[0].Assumed, s.Activities[0].Note = true, "said by nobody"
		s.Activities[1].Claims = []basis.Claim{{Basis: basis.Contract, Assumed: true, Note: "it is a contract"}}
		s.Recipients[1].Assumed, s.Recipients[1].Note, s.Recipients[1].Clause = true, "from the web page", "7.1"
		s.Retention[0].Assumed, s.Retention[0].Note = true, "as usual"
		s.Facts = append(s.Facts, purpose.Fact{Key: "spare", Type: purpose.Bool})
		s.Sources = []purpose.Source{{Key: "rumour", Clause: "8"}}
	})
	findings := run(reg, rules(t, reg, all))
	assert.ElementsMatch(t, []string{
		"note: activities[0]: bill is assumed: said by nobody [1] (assumed)",
		"note: activities[1].claims[0]: rate contract is assumed: it is a contract [2] (assumed)",
		"note: recipients[1]: bureau is assumed: from the web page [7.1] (assumed)",
		"note: retention[0]: rule is assumed: as usual [9] (assumed)",
		`note: facts[1]: nothing refers to "spare" (register.unused)`,
		`warning: sources[0]: nothing refers to "rumour" [8] (register.unused)`,
	}, texts(findings))
	for _, f := range findings {
		if !strings.HasPrefix(f.Path, "facts") {
			assert.NotEmpty(t, f.Clause, f.Path)
		}
	}
	assert.Len(t, findings, len(reg.Advice()), "all that the register advises of")
}

func TestManyCategoriesTakeSeveralRecords(t *testing.T) {
	reg := register(t, func(s *purpose.Spec) {
		for i := range 600 {
			s.Categories = append(s.Categories, purpose.Category{Key: fmt.Sprintf("contact.extra-%d", i)})
		}
	})
	p := rules(t, reg, celpolicy.Rule{ID: "a", Effect: policy.EffectPermit, When: `category != "contact.extra-599" && category != "contact.extra-0"`})
	findings := run(reg, p)
	require.Equal(t, []string{"category.never"}, codes(findings))
	assert.Equal(t, []string{"contact.extra-0", "contact.extra-599"}, findings[0].Gap.Categories)
}

func TestFindingsAsJSON(t *testing.T) {
	reg := register(t)
	findings := run(reg, rules(t, reg, celpolicy.Rule{ID: "a", Effect: policy.EffectPermit, Purposes: []string{"credit"}}, celpolicy.Rule{ID: "b", Effect: policy.EffectDeny, When: "false", File: "x.yaml", Line: 3}))
	text, err := json.MarshalIndent(findings, "", " ")
	require.NoError(t, err)
	assert.JSONEq(t, `[
 {"code": "activity.never", "severity": "warning", "message": "no policy ever permits anything of the activity bill", "path": "activities[0]", "clause": "1",
  "gap": {"activity": "bill", "actions": ["collect", "read", "use", "store", "share"], "purposes": ["invoicing.billing", "invoicing.dunning"], "recipients": ["bureau", "hausbank"], "categories": ["contact", "finance.iban"]}},
 {"code": "rule.never", "severity": "warning", "message": "no activity of the register covers what the rule b selects: it never applies", "file": "x.yaml", "line": 3, "policy": "team", "rule": "b"}
]`, string(text))
	var back []check.Finding
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, findings, back)
	require.Error(t, json.Unmarshal([]byte(`[{"severity":"fatal"}]`), &back))
}
