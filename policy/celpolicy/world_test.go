package celpolicy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// dice makes random rules and requests.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 17))} }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// some is a random part of a list, in random order; nil in most cases.
func (d dice) some(percent int, list ...string) []string {
	if !d.chance(percent) {
		return nil
	}
	list = slices.Clone(list)
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:1+d.IntN(len(list))]
}

var (
	worldRoles  = []string{"billing", "clerk", "support", "dpo"}
	worldTasks  = []string{"case-1", "case-2", "case-3"}
	worldLeaves = []string{"invoicing.dunning", "invoicing.billing", "credit", "support"}
)

// answer of a condition: whether it holds, or that it failed.
type answer struct{ yes, failed bool }

// atom is a part of a condition with its meaning, written without CEL.
type atom struct {
	text  string
	field bool // speaks of one field
	mean  func(r *policy.Request, category string) answer
}

// fact makes an atom about a declared fact.
func factAtom(text, key string, holds func(purpose.Value) bool) atom {
	return atom{text: text, mean: func(r *policy.Request, _ string) answer {
		for _, f := range r.Facts {
			if f.Fact == key {
				return answer{yes: holds(f.Value)}
			}
		}
		return answer{failed: true}
	}}
}

func textAtom(text string, of func(*policy.Request) string, onlyShared bool, holds func(string) bool) atom {
	return atom{text: text, mean: func(r *policy.Request, _ string) answer {
		s := of(r)
		return answer{yes: holds(s), failed: s == "" && (!onlyShared || r.Action == purpose.Share)}
	}}
}

// steady atoms never mention roles or tasks.
var steady = []atom{
	factAtom(`facts.case_open`, "case-open", func(v purpose.Value) bool { return v.Bool() }),
	factAtom(`facts.auth._2fa == false`, "auth.2fa", func(v purpose.Value) bool { return !v.Bool() }),
	factAtom(`facts.channel == "phone"`, "channel", func(v purpose.Value) bool { return v.Text() == "phone" }),
	factAtom(`facts.loan.days_late >= 30`, "loan.days-late", func(v purpose.Value) bool { return v.Int() >= 30 }),
	factAtom(`facts.loan.until > at`, "loan.until", func(v purpose.Value) bool { return v.Instant().After(now) }),
	factAtom(`"vip" in facts.flags`, "flags", func(v purpose.Value) bool { return slices.Contains(v.Texts(), "vip") }),
	factAtom(`facts.flags.all(f, f.startsWith("v"))`, "flags", func(v purpose.Value) bool {
		return !slices.ContainsFunc(v.Texts(), func(s string) bool { return !strings.HasPrefix(s, "v") })
	}),
	textAtom(`purpose == "credit"`, func(r *policy.Request) string { return r.Purpose }, false, func(s string) bool { return s == "credit" }),
	textAtom(`recipient != "bureau"`, func(r *policy.Request) string { return r.Recipient }, true, func(s string) bool { return s != "bureau" }),
	textAtom(`organisation == "lender"`, func(r *policy.Request) string { return r.Principal.Organisation }, false, func(s string) bool { return s == "lender" }),
	textAtom(`principal == "u17"`, func(r *policy.Request) string { return r.Principal.ID }, false, func(s string) bool { return s == "u17" }),
	textAtom(`reviewer != principal`, func(r *policy.Request) string {
		if r.Principal.ID == "" {
			return ""
		}
		return r.Reviewer
	}, false, func(s string) bool { return s != "u17" }),
	textAtom(`minute == 30`, func(*policy.Request) string { return "30" }, false, func(s string) bool { return s == "30" }),
	textAtom(`action in ["read", "share"]`, func(r *policy.Request) string { return r.Action.String() }, false, func(s string) bool { return s == "read" || s == "share" }),
	{text: `category.startsWith("finance.")`, field: true, mean: func(_ *policy.Request, c string) answer {
		return answer{yes: strings.HasPrefix(c, "finance.")}
	}},
	{text: `class == "confidential"`, field: true, mean: func(_ *policy.Request, c string) answer {
		return answer{yes: c == "national-id.cpr"}
	}},
}

// rising atoms turn false, if at all, when a role or task is left out.
var rising = []atom{
	{text: `"clerk" in roles`, mean: func(r *policy.Request, _ string) answer {
		return answer{yes: slices.Contains(r.Principal.Roles, "clerk")}
	}},
	{text: `tasks.exists(t, t != "case-1")`, mean: func(r *policy.Request, _ string) answer {
		return answer{yes: slices.ContainsFunc(r.Principal.Tasks, func(s string) bool { return s != "case-1" })}
	}},
	{text: `["dpo", "support"].exists(x, x in roles)`, mean: func(r *policy.Request, _ string) answer {
		return answer{yes: slices.Contains(r.Principal.Roles, "dpo") || slices.Contains(r.Principal.Roles, "support")}
	}},
}

func not(a atom) atom {
	return atom{text: "!(" + a.text + ")", field: a.field, mean: func(r *policy.Request, c string) answer {
		x := a.mean(r, c)
		x.yes = !x.yes
		return x
	}}
}

// join is two atoms under && or ||. Whatever is mentioned must be stated: a failed side fails both.
func join(a, b atom, and bool) atom {
	op := " || "
	if and {
		op = " && "
	}
	return atom{text: "(" + a.text + op + b.text + ")", field: a.field || b.field, mean: func(r *policy.Request, c string) answer {
		x, y := a.mean(r, c), b.mean(r, c)
		return answer{yes: and && x.yes && y.yes || !and && (x.yes || y.yes), failed: x.failed || y.failed}
	}}
}

// condition makes one that a rule of the effect may have.
func (d dice) condition(e policy.Effect, depth int) atom {
	switch {
	case depth > 0 && d.chance(50):
		return join(d.condition(e, depth-1), d.condition(e, depth-1), d.chance(50))
	case d.chance(25) && e == policy.EffectPermit:
		return pick(d, rising)
	case d.chance(25):
		return not(pick(d, rising)).only(e)
	}
	a := pick(d, steady)
	if d.chance(30) {
		a = not(a)
	}
	return a
}

// only turns a falling atom into one that a permit rule may have.
func (a atom) only(e policy.Effect) atom {
	if e == policy.EffectPermit {
		return not(a)
	}
	return a
}

// worldRule is a rule with the meaning of its condition.
type worldRule struct {
	Rule
	when *atom
}

func (d dice) rule(i int) worldRule {
	r := worldRule{Rule: Rule{ID: fmt.Sprintf("r%d", i), Effect: pick(d, []policy.Effect{policy.EffectPermit, policy.EffectPermit, policy.EffectPermit, policy.EffectDeny, policy.EffectRedact, policy.EffectOblige})}}
	for _, a := range d.some(40, "1", "2", "3", "4", "5", "6") {
		r.Actions = append(r.Actions, purpose.Action(a[0]-'0'))
	}
	r.Purposes = d.some(40, append([]string{"invoicing"}, worldLeaves...)...)
	r.Categories = d.some(50, "contact", "finance", "contact.name", "finance.iban", "national-id", "national-id.cpr")
	r.Recipients = d.some(20, "hausbank", "bureau")
	if r.Effect == policy.EffectPermit {
		r.Roles, r.Tasks = d.some(40, worldRoles...), d.some(20, worldTasks...)
	} else {
		r.ExceptRoles = d.some(40, worldRoles...)
	}
	switch r.Effect {
	case policy.EffectRedact:
		r.Mask = policy.Mask(d.IntN(4))
	case policy.EffectOblige:
		r.Obligations = d.some(100, "notify", "strip", "return")
	}
	if d.chance(50) {
		a := d.condition(r.Effect, 2)
		r.when, r.When = &a, a.text
	}
	return r
}

func (d dice) rules() []worldRule {
	rules := make([]worldRule, 1+d.IntN(8))
	for i := range rules {
		rules[i] = d.rule(i)
	}
	return rules
}

func plain(rules []worldRule) []Rule {
	list := make([]Rule, len(rules))
	for i := range rules {
		list[i] = rules[i].Rule
	}
	return list
}

// request makes an input with any part of it missing.
func (d dice) request(t testing.TB, p *purpose.Plan) *policy.Input {
	return ask(t, p, func(in *policy.Input) {
		r := in.Request
		r.Action, r.Purpose = purpose.Action(1+d.IntN(6)), pick(d, worldLeaves)
		r.Principal.Roles, r.Principal.Tasks = d.some(90, worldRoles...), d.some(60, worldTasks...)
		if d.chance(80) {
			r.Principal.Organisation = pick(d, []string{"lender", "bureau"})
		}
		if d.chance(70) {
			r.Reviewer = pick(d, []string{"u17", "u18"})
		}
		if r.Action == purpose.Share && d.chance(90) {
			r.Recipient = pick(d, []string{"hausbank", "bureau"})
			in.RecipientKind, in.Country = purpose.SeparateController, "DK"
		}
		for _, f := range []struct {
			key string
			v   purpose.Value
		}{
			{"case-open", purpose.BoolValue(d.chance(50))}, {"auth.2fa", purpose.BoolValue(d.chance(50))}, {"channel", purpose.TextValue(pick(d, []string{"phone", "mail"}))},
			{"loan.days-late", purpose.IntValue(int64(d.IntN(60)))}, {"loan.until", purpose.InstantValue(now.AddDate(0, d.IntN(5)-2, 1))},
			{"flags", purpose.TextsValue(d.some(80, "vip", "void", "old")...)},
		} {
			if d.chance(75) {
				fact(f.key, f.v)(in)
			}
		}
		in.Fields = purpose.FieldSet{uint64(1 + d.IntN(31))}
		in.Explain = d.chance(20)
	})
}
