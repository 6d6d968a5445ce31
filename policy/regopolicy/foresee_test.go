package regopolicy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// prospect reads for invoicing.billing, unless changed.
func prospect(pl *purpose.Plan, change ...func(*policy.Prospect)) policy.Prospect {
	id, _ := pl.Register.Purposes().ID("invoicing.billing")
	x := policy.Prospect{Action: purpose.Read, Purpose: id, Plan: pl}
	for _, c := range change {
		c(&x)
	}
	return x
}

func sharing(recipient, country string) func(*policy.Prospect) {
	return func(x *policy.Prospect) { x.Action, x.Recipient, x.Country = purpose.Share, recipient, country }
}

// TestForeseeSaysHowFarRulesReach: what the prospect decides is decided, all else may be.
func TestForeseeSaysHowFarRulesReach(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	all := []string{"name", "mail", "iban", "income", "cpr"}
	for name, c := range map[string]struct {
		text   string
		change func(*policy.Prospect)
		fields []string
		rules  []string
	}{
		"a role":           {text: `permit contains {"rule": "a", "category": "contact"} if "clerk" in input.principal.roles`, fields: all[:2], rules: []string{"a"}},
		"another purpose":  {text: `permit contains {"rule": "a", "category": "contact"} if input.purpose == "credit"`},
		"above":            {text: `permit contains {"rule": "a", "category": "*"} if "invoicing" in input.purposes`, fields: all, rules: []string{"a"}},
		"another action":   {text: `permit contains {"rule": "a", "category": "*"} if input.action == "share"`},
		"both":             {text: `permit contains {"rule": "a", "category": "*"} if { input.action == "share"; input.facts["case-open"] }`},
		"fields":           {text: `permit contains {"rule": "a", "field": n} if { some n, f in input.fields; f.class == "ordinary"; input.facts["case-open"] }`, fields: all[:4], rules: []string{"a"}},
		"no such category": {text: one + `permit contains {"rule": "b", "category": "finance.income"} if input.purpose == "credit"`, fields: all, rules: []string{"one"}},
		"never met":        {text: `permit contains {"rule": "a", "category": "*"} if { input.action == "read"; input.action == "use" }`},
		"always denied":    {text: one + `deny contains {"rule": "b", "category": "finance"} if not input.purpose == "credit"`, fields: []string{"name", "mail", "cpr"}, rules: []string{"b", "one"}},
		"denied by field":  {text: one + `deny contains {"rule": "b", "field": n} if { some n, f in input.fields; f.class == "confidential" }`, fields: all[:4], rules: []string{"b", "one"}},
		"perhaps denied":   {text: one + `deny contains {"rule": "b", "category": "finance"} if not input.facts["case-open"]`, fields: all, rules: []string{"b", "one"}},
		"denied beside":    {text: one + `deny contains {"rule": "b", "category": "finance"} if input.fields.cpr`, fields: all, rules: []string{"b", "one"}},
		"denied alone":     {text: one + `deny contains {"rule": "b", "category": "finance"} if count(input.fields) == 1`, fields: all, rules: []string{"b", "one"}},
		"permitted alone":  {text: `permit contains {"rule": "a", "category": "*"} if count(input.fields) == 1`, fields: all, rules: []string{"a"}},
		"without another":  {text: `permit contains {"rule": "a", "category": "*"} if not input.fields.cpr`, fields: all, rules: []string{"a"}},
		"for every field":  {text: `permit contains {"rule": "a", "category": "*"} if every f in input.fields { f.class == "ordinary" }`, fields: all, rules: []string{"a"}},
		"by a helper":      {text: "permit contains {\"rule\": \"a\", \"category\": \"*\"} if not secret\n\nsecret if input.fields.cpr", fields: all, rules: []string{"a"}},
		"counted":          {text: "permit contains {\"rule\": \"a\", \"category\": \"*\"} if count(secret) == 0\n\nsecret contains n if input.fields[n].class == \"confidential\"", fields: all, rules: []string{"a"}},
		"recipient":        {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.key == "hausbank"`, change: sharing("hausbank", "DK"), fields: all, rules: []string{"a"}},
		"other recipient":  {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.key == "bureau"`, change: sharing("hausbank", "DK")},
		"any recipient":    {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.key == "bureau"`, change: sharing("", ""), fields: all, rules: []string{"a"}},
		"any country":      {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.country == "SE"`, change: sharing("bureau", ""), fields: all, rules: []string{"a"}},
		"other country":    {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.country == "SE"`, change: sharing("bureau", "DK")},
		"kind":             {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.kind == "processor"`, change: sharing("bureau", "DK")},
		"nobody":           {text: `permit contains {"rule": "a", "category": "*"} if input.recipient.key == "bureau"`},
		"abroad":           {text: one + `deny contains {"rule": "b", "category": "*"} if { input.action == "share"; not input.recipient.country == "DK" }`, change: sharing("bureau", "SE"), rules: []string{"b"}},
		"by a function": {text: "permit contains {\"rule\": \"a\", \"field\": n} if { some n, _ in input.fields; needed(n) }\n\nneeded(n) if { \"finance\" in input.fields[n].within; \"clerk\" in input.principal.roles }",
			fields: all[2:4], rules: []string{"a"}},
		"by a function never": {text: "permit contains {\"rule\": \"a\", \"category\": \"*\"} if needed\n\nneeded if { input.purpose == \"credit\"; \"clerk\" in input.principal.roles }"},
		"masks and duties": {text: one + "redact contains {\"rule\": \"b\", \"category\": \"finance\", \"mask\": \"year\"} if not input.facts[\"case-open\"]\n\n" +
			`obligations contains {"rule": "c", "obligation": "x"} if input.purpose == "credit"`, fields: all, rules: []string{"b", "one"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := prospect(pl)
			if c.change != nil {
				c.change(&x)
			}
			reach, err := mustLoad(t, reg, c.text).Foresee(t.Context(), x)
			require.NoError(t, err)
			assert.ElementsMatch(t, c.fields, pathsOf(pl, reach.Permit))
			assert.ElementsMatch(t, c.rules, reach.Rules)
		})
	}
}

// TestForeseeNeedsAProspect of the policy's register.
func TestForeseeNeedsAProspect(t *testing.T) {
	reg := register(t)
	p, pl := mustLoad(t, reg, one), plan(t, reg)
	for name, change := range map[string]func(*policy.Prospect){
		"no plan":   func(x *policy.Prospect) { x.Plan = nil },
		"no action": func(x *policy.Prospect) { x.Action = 0 },
		"no leaf":   func(x *policy.Prospect) { x.Purpose, _ = reg.Purposes().ID("invoicing") },
	} {
		_, err := p.Foresee(t.Context(), prospect(pl, change))
		assert.ErrorIs(t, err, ErrInput, name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Foresee(ctx, prospect(pl))
	assert.ErrorIs(t, err, context.Canceled)
}

// TestForeseeSaysTooMuchWhereItCannotTell: a rule that is too much work may apply.
func TestForeseeSaysTooMuchWhereItCannotTell(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	conditions := ""
	for range 9 {
		conditions += "\tsome _, _ in input.fields\n"
	}
	p := mustLoad(t, reg, "permit contains {\"rule\": \"a\", \"category\": \"contact\"} if {\n\tinput.facts[\"case-open\"]\n"+conditions+"\tinput.purpose == \"credit\"\n}")
	reach, err := p.Foresee(t.Context(), prospect(pl))
	require.NoError(t, err)
	assert.Equal(t, []string{"name", "mail"}, pathsOf(pl, reach.Permit))
	assert.Equal(t, []string{"a"}, reach.Rules)
}

// bodies of random rules that permit, and that narrow. %d is the number of the rule.
var (
	permitBodies = []string{
		`"clerk" in input.principal.roles`, `"invoicing" in input.purposes`, `input.purpose == "credit"`, `input.action == "read"`, `input.action in {"read", "share"}`,
		`input.facts["case-open"]`, `input.facts["loan.days-late"] > 3`, `input.facts.channel == "mail"`, `"vip" in input.facts.flags`, `input.time.hour < 12`,
		`not input.purpose == "credit"`, `not input.time.weekday == 7`, `input.recipient.key == "bureau"`, `input.recipient.country == "SE"`, `input.recipient.kind == "controller"`,
		`not input.fields.cpr`, `count(input.fields) == 1`, `count(input.fields) > 2`, `every f in input.fields { f.class == "ordinary" }`, `input.fields.iban`,
		`input.fields.iban.class == "ordinary"`, `"lessee" in input.capacities`, `input.notice == "v2"`, `count(secret) == 0`, `ordinary("mail")`, `not ordinary("cpr")`, `"iban" in secret`,
		`count({n | some n, f in input.fields; f.class == "ordinary"}) < 3`, `mine`, `input.principal.id == "u17"`, `{n | some n, _ in input.fields} == {"iban"}`, `{"iban"} == {n | input.fields[n]}`,
	}
	narrowBodies = []string{
		`not "clerk" in input.principal.roles`, `"invoicing" in input.purposes`, `not input.purpose == "credit"`, `input.action == "share"`, `not input.facts["case-open"]`,
		`not input.facts["loan.days-late"] < 3`, `not input.facts.channel == "mail"`, `input.time.hour < 12`, `not input.recipient.key == "bureau"`, `not input.recipient.country == "SE"`,
		`not input.fields.cpr`, `count(input.fields) == 1`, `count(input.fields) > 2`, `every f in input.fields { f.class == "ordinary" }`, `input.fields.iban`,
		`not "lessee" in input.capacities`, `not input.notice == "v2"`, `count(secret) == 0`, `ordinary("mail")`, `not ordinary("cpr")`, `"iban" in secret`, `not mine`, `not input.dataset`,
		`{"iban"} == {n | input.fields[n]}`,
	}
)

const helpers = `
secret contains n if input.fields[n].class == "confidential"

secret contains n if {
	some n, f in input.fields
	"finance" in f.within
}

ordinary(name) if input.fields[name].class == "ordinary"

mine if {
	input.facts["auth.2fa"]
	"case-1" in input.principal.tasks
}
`

func randomPolicy(t *rapid.T) string { return randomRules(t, permitBodies, narrowBodies) }

func randomRules(t *rapid.T, permit, narrow []string) string {
	var b strings.Builder
	b.WriteString(helpers)
	heads := []string{`"category": "contact"`, `"category": "*"`, `"category": "finance.iban"`, `"category": "national-id"`, `"field": n`}
	for i := range rapid.IntRange(1, 7).Draw(t, "rules") {
		set := rapid.SampledFrom([]string{"permit", "permit", "deny", "deny", "redact", "obligations"}).Draw(t, "set")
		if i == 0 {
			set = "permit"
		}
		list := narrow
		if set == "permit" {
			list = permit
		}
		head, body := rapid.SampledFrom(heads).Draw(t, "head"), ""
		switch set {
		case "redact":
			head += `, "mask": "year"`
		case "obligations":
			head = `"obligation": "tell"`
		}
		if strings.Contains(head, `"field"`) {
			body = "\tsome n, f in input.fields\n\tf.class == \"" + rapid.SampledFrom([]string{"ordinary", "confidential"}).Draw(t, "class") + "\"\n"
		}
		for _, x := range rapid.SliceOfN(rapid.SampledFrom(list), 1, 2).Draw(t, "body") {
			body += "\t" + x + "\n"
		}
		fmt.Fprintf(&b, "\n%s contains {\"rule\": \"r%d\", %s} if {\n%s}\n", set, i, head, body)
	}
	return b.String()
}

func randomRequest(t *rapid.T, pl *purpose.Plan, tb testing.TB) *policy.Input {
	chance := func(name string) bool { return rapid.Bool().Draw(t, name) }
	return ask(tb, pl, func(in *policy.Input) {
		r := in.Request
		r.Action = rapid.SampledFrom([]purpose.Action{purpose.Read, purpose.Share, purpose.Use}).Draw(t, "action")
		r.Purpose = rapid.SampledFrom([]string{"invoicing.billing", "credit"}).Draw(t, "purpose")
		r.Principal.Roles = rapid.SampledFrom([][]string{nil, {"clerk"}, {"billing", "clerk"}}).Draw(t, "roles")
		r.Principal.Tasks = rapid.SampledFrom([][]string{nil, {"case-1"}}).Draw(t, "tasks")
		r.At = now.AddDate(0, 0, rapid.IntRange(0, 7).Draw(t, "day"))
		if r.Action == purpose.Share {
			r.Recipient, in.RecipientKind = rapid.SampledFrom([]string{"bureau", "hausbank"}).Draw(t, "recipient"), purpose.SeparateController
			in.Country = rapid.SampledFrom([]string{"SE", "DK"}).Draw(t, "country")
		}
		in.Capacities = rapid.SampledFrom([][]string{nil, {"lessee"}}).Draw(t, "capacities")
		in.Notice = rapid.SampledFrom([]string{"", "v1", "v2"}).Draw(t, "notice")
		for _, f := range append(allFacts, fact("auth.2fa", purpose.True()), fact("case-open", purpose.True())) {
			if chance("fact") {
				f(in)
			}
		}
		in.Fields = purpose.FieldSet{uint64(rapid.IntRange(1, 31).Draw(t, "fields"))}
		in.Explain = true
	})
}

// underestimates says what a request met that was not foreseen, empty for nothing.
func underestimates(tb testing.TB, p *Policy, in *policy.Input, broad bool) string {
	x := policy.Prospect{Action: in.Request.Action, Purpose: in.Purpose, Recipient: in.Request.Recipient, Country: in.Country, Plan: in.Plan}
	if broad {
		x.Country = ""
	}
	reach, err := p.Foresee(tb.Context(), x)
	require.NoError(tb, err)
	v := decide(tb, p, in)
	if more := v.Permit.Without(v.Deny).Without(reach.Permit); !more.Empty() {
		return fmt.Sprintf("sees %v", pathsOf(in.Plan, more))
	}
	for _, h := range v.Hits {
		if !slices.Contains(reach.Rules, h.Rule) {
			return "meets " + h.Rule
		}
	}
	return ""
}

// TestNothingHappensThatWasNotForeseen, for random policies and requests.
func TestNothingHappensThatWasNotForeseen(t *testing.T) {
	reg := register(t)
	pl := plan(t, reg)
	rapid.Check(t, func(r *rapid.T) {
		text := randomPolicy(r)
		p := mustLoad(t, reg, text)
		for range 3 {
			in := randomRequest(r, pl, t)
			if what := underestimates(t, p, in, rapid.Bool().Draw(r, "broad")); what != "" {
				r.Fatalf("%s\n%+v\n%s", what, in.Request, text)
			}
		}
	})

	// The control: as if asking for more fields never mattered.
	reached, broken := 0, 0
	policies := rapid.Custom(randomPolicy)
	requests := rapid.Custom(func(r *rapid.T) *policy.Input { return randomRequest(r, pl, t) })
	for i := range 25 {
		bent := mustLoad(t, reg, policies.Example(i))
		twin, err := bent.twin()
		require.NoError(t, err)
		twin.once.Do(func() { twin.fieldsGrow = true })
		for k := range 4 {
			in := requests.Example(4*i + k)
			if v := decide(t, bent, in); !v.Permit.Empty() {
				reached++
			}
			if underestimates(t, bent, in, false) != "" {
				broken++
			}
		}
	}
	assert.Greater(t, reached, 10)
	assert.Greater(t, broken, 3)
}
