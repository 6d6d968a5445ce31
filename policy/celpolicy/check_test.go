package celpolicy

import (
	"strings"
	"testing"

	"cel.dev/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// TestRulesInGoAreCheckedLikeThoseInFiles, with everything that is wrong in one error.
func TestRulesInGoAreCheckedLikeThoseInFiles(t *testing.T) {
	reg := register(t)
	long := make([]string, MaxEntries+1)
	for name, c := range map[string]struct {
		rule Rule
		want []string // paths and codes
	}{
		"nothing":        {Rule{}, []string{"rules[0].id rule.id", "rules[0].effect rule.effect"}},
		"unknown effect": {Rule{ID: "a", Effect: 9}, []string{"rules[a].effect rule.effect"}},
		"empty lists": {Rule{ID: "a", Effect: policy.EffectPermit, Actions: []purpose.Action{}, Roles: []string{}, Tasks: []string{}, Purposes: []string{}, Categories: []string{}, Recipients: []string{}},
			[]string{"rules[a].actions list.empty", "rules[a].roles list.empty", "rules[a].tasks list.empty", "rules[a].purposes list.empty", "rules[a].categories list.empty", "rules[a].recipients list.empty"}},
		"long lists":       {Rule{ID: "a", Effect: policy.EffectPermit, Purposes: long, Roles: long}, []string{"rules[a].roles list.size", "rules[a].purposes list.size"}},
		"unknown action":   {Rule{ID: "a", Effect: policy.EffectPermit, Actions: []purpose.Action{0, 77}}, []string{"rules[a].actions[0] value.invalid", "rules[a].actions[1] value.invalid"}},
		"misspelt":         {Rule{ID: "a", Effect: policy.EffectDeny, Purposes: []string{"Credit"}, Categories: []string{"contact.nam"}, Recipients: []string{""}}, []string{"rules[a].purposes[0] ref.unknown", "rules[a].categories[0] ref.unknown", "rules[a].recipients[0] ref.unknown"}},
		"permit with all":  {Rule{ID: "a", Effect: policy.EffectPermit, ExceptRoles: []string{"x"}, Mask: policy.YearOnly, Obligations: []string{"x"}}, []string{"rules[a].except_roles rule.selector", "rules[a].mask rule.mask", "rules[a].obligations rule.obligations"}},
		"deny with all":    {Rule{ID: "a", Effect: policy.EffectDeny, Roles: []string{"x"}, Tasks: []string{"x"}, Mask: policy.YearOnly}, []string{"rules[a].roles rule.selector", "rules[a].tasks rule.selector", "rules[a].mask rule.mask"}},
		"unknown mask":     {Rule{ID: "a", Effect: policy.EffectRedact, Mask: 200}, []string{"rules[a].mask rule.mask"}},
		"blank condition":  {Rule{ID: "a", Effect: policy.EffectPermit, When: " \n"}, []string{"rules[a].when when.syntax"}},
		"wrong conditions": {Rule{ID: "a", Effect: policy.EffectPermit, When: "x && y"}, []string{"rules[a].when when.type", "rules[a].when when.type"}},
	} {
		p, err := New(reg, "", c.rule)
		require.Nil(t, p, name)
		var got []string
		var problems Problems
		require.ErrorAs(t, err, &problems, name)
		for _, x := range problems {
			got = append(got, x.Path+" "+x.Code)
			assert.Empty(t, x.File)
			assert.Zero(t, x.Line)
		}
		assert.Equal(t, c.want, got, name)
	}
	_, err := New(reg, "", Rule{ID: "a", Effect: policy.EffectPermit}, Rule{ID: "a", Effect: policy.EffectDeny})
	assert.True(t, err.(Problems).Has("rule.duplicate"))
	_, err = New(reg, "A B", Rule{ID: "a", Effect: policy.EffectPermit})
	assert.True(t, err.(Problems).Has("policy.name"))
}

// TestConditionsAreChecked lists what is refused, and next to it what is not.
func TestConditionsAreChecked(t *testing.T) {
	s := spec()
	s.Facts = append(s.Facts, purpose.Fact{Key: "in.true", Type: purpose.Bool}, purpose.Fact{Key: "loan", Type: purpose.Text}, purpose.Fact{Key: "loan.until.x-y_z", Type: purpose.Bool})
	s.Datasets = []purpose.Dataset{{Key: "book", Role: purpose.AsController}}
	reg, err := purpose.Compile(s)
	require.NoError(t, err)
	for _, c := range []struct{ when, code string }{
		{`facts._in._true && facts.auth._2fa && facts.case_open`, ""},
		{`facts.loan == "a" && facts.loan.until > at && facts.loan.until.x_y_z`, ""},
		{`facts.loan.until.getFullYear() == 2026`, ""},
		{`facts.casE_open`, "when.fact"}, {`facts`, "when.fact"}, {`facts.loan.later`, "when.type"}, {`facts["case-open"]`, "when.fact"}, {`facts.case-open`, "when.fact"},
		{`facts.map(x, true)`, "when.fact"},
		{`purpose == "credit"`, ""}, {`purpose == "kredit"`, "when.value"}, {`"kredit" != purpose`, "when.value"}, {`purpose in ["credit", "support"]`, ""}, {`purpose in ["kredit"]`, "when.value"},
		{`purpose == "invoicing"`, "when.value"}, {`purpose.startsWith("invoicing.")`, ""},
		{`category == "finance.iban"`, ""}, {`category == "finance"`, "when.value"}, {`class == "special"`, ""}, {`class == "ordinry"`, "when.value"},
		{`action == "read"`, ""}, {`action == "reed"`, "when.value"}, {`recipient == "bureau" || recipient == ""`, ""}, {`recipient == "nobody"`, "when.value"},
		{`recipient_kind != "authority"`, ""}, {`recipient_kind == "police"`, "when.value"}, {`country == "SE"`, ""}, {`country == "se"`, "when.value"}, {`country in ["DK", "Sweden"]`, "when.value"},
		{`dataset == "book"`, ""}, {`dataset == "look"`, "when.value"}, {`notice == "v1"`, ""}, {`notice == "1"`, "when.value"}, {`organisation == "lender"`, ""}, {`organisation == "vendor"`, "when.value"},
		{`"lessee" in capacities`, ""}, {`"lesee" in capacities`, "when.value"}, {`facts.channel == "mail"`, ""}, {`facts.channel == "fax"`, "when.value"}, {`facts.note == "anything"`, ""},
		{`"x" in roles`, ""}, {`!("x" in roles)`, "when.direction"}, {`tasks.exists(t, t in roles)`, ""}, {`tasks.all(t, t == "a")`, "when.direction"},
		{`roles.exists(r, r == facts.note)`, ""}, {`facts.flags.all(f, f in roles)`, ""}, {`facts.flags.all(f, !(f in roles))`, "when.direction"},
		{`true`, ""}, {`1 == 1.0`, "when.type"}, {`1 < 2 && 1.5 < 2.5`, ""}, {`date >= "2026-01-01" && hour in [8, 9] && weekday != 7`, ""},
		{`at.getDayOfWeek() == 1 && at - duration("24h") < facts.loan.until`, ""}, {`at.getMilliseconds() >= 0 && duration("90s").getMinutes() == 1`, ""},
		{`[1, 2, 3].exists_one(x, x > 2) && {"a": 1}.all(k, k == "a") && size("abc") == 3 && "abc".contains("b") && "abc".endsWith("c")`, ""},
		{`facts.note.matches("^[a-z]{2,8}-[0-9]{4}$")`, ""}, {`matches(facts.note, "^a")`, ""}, {`facts.note.matches("(")`, "when.regex"}, {`facts.note.matches()`, "when.type"},
	} {
		_, err := New(reg, "", Rule{ID: "r", Effect: policy.EffectPermit, When: c.when})
		if c.code == "" {
			assert.NoError(t, err, c.when)
			continue
		}
		var problems Problems
		if assert.ErrorAs(t, err, &problems, c.when) {
			assert.Equal(t, c.code, problems[0].Code, "%s: %v", c.when, err)
		}
	}
}

// TestFactsThatConditionsCannotTellApartAreRefused, once a condition is there to tell them apart.
func TestFactsThatConditionsCannotTellApartAreRefused(t *testing.T) {
	s := spec()
	s.Facts = append(s.Facts, purpose.Fact{Key: "case_open", Type: purpose.Bool})
	reg, err := purpose.Compile(s)
	require.NoError(t, err)
	_, err = New(reg, "", Rule{ID: "r", Effect: policy.EffectPermit, When: `facts.auth._2fa`})
	assert.True(t, err.(Problems).Has("fact.name"))
	_, err = New(reg, "", Rule{ID: "r", Effect: policy.EffectPermit})
	assert.NoError(t, err)
}

// TestPatternSizesAreBoundsFromAbove of what the compiler makes.
func TestPatternSizesAreBoundsFromAbove(t *testing.T) {
	for _, pattern := range []string{"", "a", "abc", "a|b|cd", "[a-z]+x*y?", "(a{3}){4}", "a{0,9}", "a{5,}", "(?i)abc", "^a.b$", `\bx\B`, "(a|b)*(c|d)+", "(?:)", "a{0}", "((a+)+)+", `\p{L}+`} {
		n, err := patternSize(pattern)
		require.NoError(t, err)
		exact, err := types.RegexProgramSize(pattern)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, n, exact, pattern)
	}
	n, err := patternSize("(a{500}){2}")
	require.NoError(t, err)
	assert.Greater(t, n, MaxRegex)
	n, err = patternSize(strings.Repeat("a{0,900}", 500))
	require.NoError(t, err)
	assert.Equal(t, 10*MaxRegex+2, n, "it stops counting")
}
