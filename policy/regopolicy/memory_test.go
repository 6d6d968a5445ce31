package regopolicy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// attentive is a policy that takes note of all that a verdict may be remembered for: each attribute obliges to something else.
func attentive(t testing.TB, reg *purpose.Register) *Policy {
	var b strings.Builder
	b.WriteString("permit contains {\"rule\": \"all\", \"category\": \"*\"} if input.action == \"read\"\n")
	for i, body := range []string{
		`input.action == "share"`, `input.purpose == "credit"`, `"invoicing" in input.purposes`, `input.notice == "v2"`, `startswith(input.dataset, "m")`,
		`input.principal.organisation == "lender"`, `input.principal.country == "SE"`, `"billing" in input.principal.roles`, `"clerk" in input.principal.roles`,
		`"lessee" in input.capacities`, `input.recipient.key == "hausbank"`, `input.recipient.kind == "controller"`, `input.recipient.country == "DK"`,
		`input.facts["case-open"]`, `input.facts["auth.2fa"] == false`, `input.time.hour < 12`, `input.time.minute == 30`, `input.time.weekday == 1`,
		`input.time.date == "2026-05-04"`,
	} {
		if i < 14 {
			fmt.Fprintf(&b, "\nobligations contains {\"rule\": \"r%d\", \"obligation\": \"o%d\"} if {\n\t%s\n}\n", i, i, body)
			continue
		}
		fmt.Fprintf(&b, "\ndeny contains {\"rule\": \"r%d\", \"category\": \"contact\"} if {\n\t%s\n}\n", i, body)
	}
	b.WriteString("\nredact contains {\"rule\": \"each\", \"field\": n, \"mask\": \"year\"} if {\n\tsome n, f in input.fields\n\tf.class == \"confidential\"\n}\n")
	p := unchecked(t, reg, b.String())
	require.NotNil(t, p.memory)
	return p
}

// changes are requests that differ in one thing.
var changes = map[string]func(*policy.Input){
	"nothing":   func(*policy.Input) {},
	"action":    func(in *policy.Input) { in.Request.Action = purpose.Use },
	"purpose":   func(in *policy.Input) { in.Request.Purpose = "credit" },
	"purposes":  func(in *policy.Input) { in.Request.Purpose = "invoicing.dunning" },
	"notice":    func(in *policy.Input) { in.Notice = "v1" },
	"dataset":   func(in *policy.Input) { in.Request.Dataset = "main" },
	"belongs":   func(in *policy.Input) { in.Request.Principal.Organisation = "lender" },
	"country":   func(in *policy.Input) { in.Request.Principal.Country = "SE" },
	"role":      func(in *policy.Input) { in.Request.Principal.Roles = []string{"clerk"} },
	"roles":     func(in *policy.Input) { in.Request.Principal.Roles = []string{"clerk", "billing"} },
	"no role":   func(in *policy.Input) { in.Request.Principal.Roles = nil },
	"roles run": func(in *policy.Input) { in.Request.Principal.Roles = []string{"clerkbilling"} },
	"capacity":  func(in *policy.Input) { in.Capacities = []string{"guarantor"} },
	"shared":    func(in *policy.Input) { in.Request.Action = purpose.Share },
	"roles cut": func(in *policy.Input) { in.Request.Principal.Roles = []string{"clerkb", "illing"} },
	"sharing":   func(in *policy.Input) { in.Request.Action, in.Request.Recipient = purpose.Share, "bureau" },
	"recipient": func(in *policy.Input) { in.Request.Action, in.Request.Recipient = purpose.Share, "hausbank" },
	"kind": func(in *policy.Input) {
		in.Request.Action, in.RecipientKind = purpose.Share, purpose.SeparateController
	},
	"abroad":  func(in *policy.Input) { in.Request.Action, in.Country = purpose.Share, "DK" },
	"fact":    fact("case-open", purpose.True()),
	"other":   fact("auth.2fa", purpose.False()),
	"true":    fact("auth.2fa", purpose.True()),
	"no type": fact("auth.2fa", purpose.TextValue("false")),
	"unread":  fact("note", purpose.TextValue(canary)),
	"hour":    func(in *policy.Input) { in.Request.At = now.Add(3 * time.Hour) },
	"minute":  func(in *policy.Input) { in.Request.At = now.Add(time.Minute) },
	"day":     func(in *policy.Input) { in.Request.At = now.AddDate(0, 0, 1) },
	"week":    func(in *policy.Input) { in.Request.At = now.AddDate(0, 0, 7) },
	"second":  func(in *policy.Input) { in.Request.At = now.Add(time.Second) },
	"fields":  func(in *policy.Input) { in.Fields = purpose.FieldSet{0b10001} },
	"explain": func(in *policy.Input) { in.Explain = true },
	"person":  func(in *policy.Input) { in.Request.Principal.ID = canary },
	"twice": func(in *policy.Input) {
		fact("case-open", purpose.True())(in)
		fact("case-open", purpose.True())(in)
	},
	"many facts": func(in *policy.Input) {
		for range maxList {
			fact("note", purpose.TextValue("x"))(in)
		}
		fact("case-open", purpose.True())(in)
	},
}

// TestWhatIsRememberedIsWhatIsDecided, for requests that differ in one thing or two, in any order.
func TestWhatIsRememberedIsWhatIsDecided(t *testing.T) {
	reg := register(t)
	plans := []*purpose.Plan{plan(t, reg), turned(t, reg)}
	p, plain := attentive(t, reg), attentive(t, reg)
	plain.memory = nil
	names, hits, verdicts := sorted(changes), 0, map[string]bool{}
	ctx, cancel := context.WithTimeout(t.Context(), watchdog) // so that steps alone count
	defer cancel()
	same := func(t require.TestingT, in *policy.Input, what ...any) {
		if _, ok := p.memory.recall(p.question(nil, in, p.viewOf(in.Plan))); ok {
			hits++
		}
		want, err := plain.Decide(ctx, in)
		require.NoError(t, err)
		verdicts[fmt.Sprint(want)] = true
		for range 3 { // seen, remembered, recalled
			v, err := p.Decide(ctx, in)
			require.NoError(t, err)
			require.Equal(t, want, v, what...)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		one, two := rapid.SampledFrom(names).Draw(r, "one"), rapid.SampledFrom(names).Draw(r, "two")
		same(r, ask(t, rapid.SampledFrom(plans).Draw(r, "plan"), changes[one], changes[two]))
	})
	for _, one := range names { // each after each
		for _, two := range names {
			for i, change := range []string{one, two, two} {
				same(t, ask(t, plans[i/2], changes[change]), "%s after %s", two, one)
			}
		}
	}
	assert.Greater(t, hits, 1000, "control")
	assert.Greater(t, len(verdicts), 10, "control")
	for _, part := range []string{"hour == 10", "minute == 30", "weekday == 1", "date == \"2026-05-04\""} {
		text := "permit contains {\"rule\": \"a\", \"category\": \"*\"} if input.time." + part
		p, plain := mustLoad(t, reg, text), mustLoad(t, reg, text)
		plain.memory = nil
		for _, change := range names {
			in := ask(t, plans[0], changes[change])
			for range 3 {
				require.Equal(t, decide(t, plain, in), decide(t, p, in), "%s: %s", part, change)
			}
		}
	}
}

// turned is the plan with its fields in another order.
func turned(t testing.TB, reg *purpose.Register) *purpose.Plan {
	fields := []purpose.SchemaField{{Name: "cpr", Tags: purpose.Tags{Personal: "national-id.cpr"}}}
	for _, name := range []string{"mail", "name"} {
		fields = append(fields, purpose.SchemaField{Name: name, Tags: purpose.Tags{Personal: "contact." + name}})
	}
	for _, name := range []string{"income", "iban"} {
		fields = append(fields, purpose.SchemaField{Name: name, Tags: purpose.Tags{Personal: "finance." + name}})
	}
	p, err := reg.BindSchema(purpose.Schema{Name: "turned", Fields: fields})
	require.NoError(t, err)
	return p
}

func sorted(m map[string]func(*policy.Input)) (names []string) {
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// TestQuestionsDifferWhereInputsDo: what the builder tells apart is asked differently, and so is what is read beside it.
func TestQuestionsDifferWhereInputsDo(t *testing.T) {
	reg := register(t)
	p := attentive(t, reg)
	plans := []*purpose.Plan{plan(t, reg), turned(t, reg)}
	names, same := sorted(changes), 0
	check := func(a, b *policy.Input) bool {
		built := func(in *policy.Input) string {
			return fmt.Sprint((&builder{p, in, p.viewOf(in.Plan)}).build(), in.Fields, in.Explain, slices.Index(plans, in.Plan))
		}
		asked := func(in *policy.Input) string { return string(p.question(nil, in, p.viewOf(in.Plan))) }
		alike := asked(a) == asked(b)
		if alike {
			same++
		}
		return asked(a) != "" && (!alike || built(a) == built(b))
	}
	for _, one := range names {
		for _, two := range names {
			for _, other := range plans {
				assert.True(t, check(ask(t, plans[0], changes[one]), ask(t, other, changes[two])), "%s, %s", one, two)
			}
		}
	}
	assert.Greater(t, same, len(names), "control: some are asked in the same way")
	rapid.Check(t, func(r *rapid.T) {
		draw := func(name string) *policy.Input {
			return ask(t, rapid.SampledFrom(plans).Draw(r, name+" plan"), changes[rapid.SampledFrom(names).Draw(r, name)], changes[rapid.SampledFrom(names).Draw(r, name+" too")])
		}
		a, b := draw("a"), draw("b")
		require.True(r, check(a, b))
	})
}

// TestNothingOfAPersonIsRemembered: not where rules read it, and not what rules do not read.
func TestNothingOfAPersonIsRemembered(t *testing.T) {
	reg := register(t)
	for _, body := range []string{`input.principal.id == "u1"`, `"t" in input.principal.tasks`, `input.reviewer == "u2"`, `input.facts.note == "x"`,
		`input.facts["loan.days-late"] > 3`, `"a" in input.facts.flags`, `input.facts["loan.until"] > "2026"`, `input.time.at > "2026"`} {
		p := mustLoad(t, reg, "permit contains {\"rule\": \"a\", \"category\": \"*\"} if "+body)
		assert.Nil(t, p.memory, body)
	}
	p, pl := attentive(t, reg), plan(t, reg)
	in := ask(t, pl, changes["person"], changes["unread"], func(in *policy.Input) {
		in.Request.DataSubject, in.Request.Reviewer, in.Request.Principal.Tasks = canary, canary, []string{canary}
	})
	assert.NotContains(t, string(p.question(nil, in, p.viewOf(pl))), canary)
	for _, long := range []func(*policy.Input){
		func(in *policy.Input) { in.Request.Principal.Roles = slices.Repeat([]string{"role"}, maxQuestion) },
		func(in *policy.Input) { in.Request.Principal.Roles = []string{strings.Repeat("x", maxQuestion)} },
		func(in *policy.Input) {
			in.Request.Facts = slices.Repeat(purpose.Facts{purpose.Named("case-open", purpose.True())}, 1000)
		},
	} {
		assert.Empty(t, p.question(nil, ask(t, pl, long), p.viewOf(pl)), "too long")
	}
	p.kept.Store(maxPlans)
	another := plan(t, reg)
	assert.Empty(t, p.question(nil, ask(t, another), p.viewOf(another)), "a plan that is not kept")
}

// TestFailuresAreNotRemembered, and what the caller does to a verdict is not either.
func TestFailuresAreNotRemembered(t *testing.T) {
	reg := register(t)
	p, pl := mustLoad(t, reg, example), plan(t, reg)
	in := ask(t, pl)
	kept := func() (n int) {
		for i := range p.memory.slots {
			if p.memory.slots[i].kept.Load() != nil {
				n++
			}
		}
		return n
	}
	for after := range 40 {
		if _, err := p.Decide(&endsLater{Context: context.Background(), after: after}, in); err == nil {
			break
		}
		require.Zero(t, kept())
	}
	require.Zero(t, kept(), "one that came once is not kept")
	for range 2 {
		_, err := p.Decide(&endsLater{Context: context.Background(), after: 0}, in)
		require.Error(t, err)
		require.Zero(t, kept())
	}
	decide(t, p, in)
	require.Equal(t, 1, kept(), "control")
	want := decide(t, p, in)
	for range 2 {
		v := decide(t, p, in)
		clear(v.Redactions)
		clear(v.Obligations)
		clear(v.Hits)
		assert.NotEqual(t, want, v)
	}
	assert.Equal(t, want, decide(t, p, in))
}
