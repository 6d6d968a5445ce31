package regopolicy

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// TestImmediateIsWhatIsShort: what ordinary policies do is, and what could take long is not.
func TestImmediateIsWhatIsShort(t *testing.T) {
	reg := register(t)
	deny := func(body string) string {
		return one + "\ndeny contains {\"rule\": \"a\", \"category\": \"*\"} if {\n\t" + body + "\n}\n"
	}
	rows := func(n int) map[string]string {
		return map[string]string{"data.json": `{"t": [` + strings.Repeat(`"a",`, n-1) + `"a"]}`}
	}
	for name, c := range map[string]struct {
		text  string
		files map[string]string
		short bool
	}{
		"one":                   {one, nil, true},
		"an example":            {example, nil, true},
		"a need to know":        {needToKnow, nil, true},
		"helpers":               {deny("h(\"read\")") + "h(x) if x == k\n\nk := \"use\" if input.action == \"read\"\n", nil, true},
		"each field":            {deny("some n, f in input.fields\n\t\"contact\" in f.within\n\tn == \"never\""), nil, true},
		"above each field":      {deny("some n, f in input.fields\n\tsome c in f.within\n\tc == \"contact\"\n\tn == \"never\""), nil, true},
		"every purpose":         {deny("every p in input.purposes { p != \"credit\" }"), nil, true},
		"a few patterns":        {deny("regex.match(\"^a+$\", input.action)"), nil, true},
		"a small table":         {deny("some a in data.t\n\tsome b in data.t\n\ta == input.action\n\tb == input.action"), rows(10), true},
		"a member":              {deny("input.action in {" + strings.Repeat(`"use", `, 200) + `"share"}`), nil, true},
		"working hours":         {"import data.purposebound.lib\n\n" + deny("not lib.working_hours(lib.workdays, [8, 30], [17, 0])"), nil, true},
		"roles":                 {"import data.purposebound.lib\n\n" + deny("not lib.has_any_role({\"a\", \"b\"})"), nil, true},
		"a rule per purpose":    {one + roleRules("invoicing.billing", 1) + roleRules("credit", 20) + roleRules("support", 20), nil, true},
		"many patterns":         {deny(strings.Repeat("regex.match(\"^a+$\", input.action)\n\t", 20)), nil, false},
		"many for one purpose":  {one + roleRules("credit", 200), nil, false},
		"pairs of fields":       {deny("some a, _ in input.fields\n\tsome b, _ in input.fields\n\ta < b\n\tb == \"never\""), nil, false},
		"fields and their keys": {deny("some a, f in input.fields\n\tsome k, v in f\n\tsome x in v\n\tx == a"), nil, false},
		"a pattern per field":   {deny("some n, _ in input.fields\n\tregex.match(\"^a+$\", n)"), nil, false},
		"a large table":         {deny("some a in data.t\n\ta == input.action"), rows(400), false},
		"a large table asked":   {deny("\"b\" in data.t"), rows(400), false},
		"a comprehension":       {deny("count([n | some n, _ in input.fields]) == 999"), nil, false},
		"all fields at once":    {deny("count(input.fields) == 999"), nil, false},
		"the fields compared":   {deny("x := input.fields\n\tx == input.fields\n\tinput.action == \"use\""), nil, false},
		"every in every":        {deny("not p") + "p if {\n\tevery a, _ in input.fields {\n\t\tevery b, _ in input.fields { a != \"x\"; b != \"x\" }\n\t}\n}\n", nil, false},
		"a cascade":             {one + chain(40), nil, false},
		"a wide set":            {deny("input.action in {" + wideSet(400) + "}"), nil, false},
		"lists in lists":        {deny("x0 := [input.action, input.purpose]\n\t" + twice(12) + "count(x12) == 3"), nil, false},
	} {
		all := files(c.text)
		for f, text := range c.files {
			all[f] = &fstest.MapFile{Data: []byte(text)}
		}
		p, err := Load(reg, "", all)
		if err != nil { // then nobody asks it
			assert.False(t, c.short, "%s: %v", name, err)
			p = mustLoad(t, reg, one)
			breakWith(t, p, strings.TrimPrefix(c.text, one))
		}
		assert.Equal(t, c.short, p.Immediate(), name)
	}
}

// roleRules are rules for a purpose that go through the roles.
func roleRules(purpose string, n int) string {
	return strings.Repeat(fmt.Sprintf(`
permit contains {"rule": "r", "category": "*"} if {
	input.purpose == %q
	some role in input.principal.roles
	role in {"a", "b"}
}
`, purpose), n)
}

// wideSet is a list of so many different texts.
func wideSet(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%q", strings.Repeat("x", i)))
	}
	return strings.Join(list, ", ")
}

// twice are lists that each hold the one before twice.
func twice(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "x%d := [x%d, x%d]\n\t", i+1, i, i)
	}
	return b.String()
}

// wide is the largest request that there can be.
func wide(t testing.TB) (*purpose.Register, *policy.Input) {
	reg := purpose.MustCompile(hostileSpec())
	return reg, hostileInput(t, reg)
}

// stepsOf counts the steps of an evaluation.
func stepsOf(p *Policy, in *policy.Input) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e := p.newEvaluation()
	_ = e.run(ctx, p, in, p.viewOf(in.Plan))
	return maxSteps - e.meter.left
}

// loops are what a body may do; # is a number of its own.
var loops = []string{
	"some a#, f# in input.fields; a# != \"x\"", "some f# in input.fields; some c# in f#.within; c# != \"x\"",
	"some r# in input.principal.roles; r# != \"x\"", "some t# in {\"x\", \"y\", \"z\"}; t# != \"q\"",
	"some s# in names; s# != \"x\"", "names[n#]", "not near(\"x\")", "near(input.principal.roles[#])",
	"every q# in input.principal.tasks { q# != \"x\" }", "some p# in input.purposes; not p# in {\"x\"}",
	"some k#, v# in input.facts; v# != k#", "input.facts[k#]", "l# := [input.action, input.purpose]; some m# in l#; far(m#)",
	"not every_field", "input.fields[_].class == \"ordinary\"", "kinds[input.fields[_].class]", "o# := kinds[z#]; z# != \"x\"",
	"some w# in few; w# == input.fields[_].category", "far(few[_])", "between(2, 3)",
}

const loopHelpers = `
names contains r if some r in input.principal.roles

names contains "y" if input.action == "read"

near(x) if {
	some r in input.principal.roles
	r == x
}

far(x) if {
	some y in few
	near(y)
	x != y
}

else if x == "q"

few := ["a", "b", "c"]

kinds := {"ordinary": 1, "special": 2}

every_field if every f in input.fields["f1"].within { f != "x" }

between(a, b) if {
	a < b
	input.time.hour >= a
}

between(_, b) if b == 3
`

// TestNoEvaluationNeedsMoreThanItsToll, whatever loops are in each other, on the largest request.
func TestNoEvaluationNeedsMoreThanItsToll(t *testing.T) {
	reg, in := wide(t)
	base := mustLoad(t, reg, one)
	bounded, close := 0, 0
	check := func(r *rapid.T) {
		var body []string
		for i := range rapid.IntRange(1, 4).Draw(r, "lines") {
			body = append(body, "\t"+strings.ReplaceAll(rapid.SampledFrom(loops).Draw(r, "line"), "#", strconv.Itoa(i)))
		}
		text := "deny contains {\"rule\": \"one\", \"category\": \"*\"} if {\n" + strings.Join(body, "\n") + "\n}\n" + loopHelpers
		own := &Policy{reg: reg, terms: base.terms, compiler: base.compiler, defs: base.defs, query: base.query[:1:1], sets: base.sets[:1:1], store: base.store, txn: base.txn, facts: map[string]purpose.Type{}}
		own.byID = base.byID
		own.byID[policy.EffectDeny] = map[string][]int{}
		breakWith(t, own, text)
		own.reads = needs{"*": true}.reads()
		for k, f := range wordsOf(reg).facts {
			own.facts[k] = f.Type
		}
		looks := looksOf(own)
		if math.IsNaN(looks) || math.IsInf(looks, 0) {
			return
		}
		bounded++
		steps := float64(stepsOf(own, in))
		if steps > looks/30 {
			close++
		}
		if steps > looks {
			r.Fatalf("%.0f steps, the toll is %.0f looks:\n%s", steps, looks, text)
		}
	}
	rapid.Check(t, check)
	t.Logf("%d bounded, %d close to it", bounded, close)
	if !testing.Short() {
		assert.Greater(t, bounded, 20, "control")
		assert.Greater(t, close, 3, "control")
	}
}

// looksOf is the toll of a policy that breakWith made.
func looksOf(p *Policy) float64 {
	var defs []definition
	for _, r := range p.compiler.Modules["broken.rego"].Rules {
		if name := string(r.Head.Name); name == "deny" || name == "redact" || name == "obligations" {
			defs = append(defs, definition{rule: r})
		}
	}
	return (&compiled{compiler: p.compiler}).looks(defs, wordsOf(p.reg), ast.NewObject())
}

// TestImmediatePoliciesHoldUpNobody: those of the hostile corpus that are Immediate, and some that nearly were not, end where they
// are called, long before the guard's time is over.
func TestImmediatePoliciesHoldUpNobody(t *testing.T) {
	reg, in := wide(t)
	policies := map[string]*Policy{}
	for _, h := range hostilePolicies() {
		if h.forced {
			continue
		}
		if p, err := Load(reg, "", h.fsOf()); err == nil && p.Immediate() {
			policies[h.name] = p
		}
	}
	require.Greater(t, len(policies), 5)
	for body, n := range map[string]int{
		"some n, f in input.fields\n\t\"x\" in f.within":                               28,
		"some r in input.principal.roles\n\tr in {\"x\", \"y\"}":                       120,
		"some r in input.principal.roles\n\tsome s in input.principal.tasks\n\tr != s": 1,
		"regex.match(\"(a?){60}c$\", input.facts.note)":                                9,
	} {
		p := mustLoad(t, reg, one)
		breakWith(t, p, strings.Repeat("deny contains {\"rule\": \"one\", \"category\": \"*\"} if {\n\t"+body+"\n}\n\n", n))
		assert.Greater(t, looksOf(p), maxLooks/2., "%d x %s", n, body)
		assert.True(t, p.Immediate(), "%d x %s", n, body)
		p.reads = needs{"*": true}.reads()
		p.facts = map[string]purpose.Type{"note": purpose.Text}
		policies[body] = p
	}
	for name, p := range policies {
		p.memory = nil
		fastest := time.Hour
		for range tries {
			began := time.Now()
			_, _ = p.Decide(context.Background(), in)
			fastest = min(fastest, time.Since(began))
		}
		assert.Less(t, fastest, deadline/5, name)
		if testing.Verbose() {
			t.Log(name, fastest)
		}
	}
}
