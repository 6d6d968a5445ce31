package celpolicy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/davecgh/go-spew/spew"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// FuzzLoad: any text is a policy or a list of problems with places inside the text, and a policy answers.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"rules:\n  - id: a\n    effect: permit\n    roles: [billing]\n    when: facts.case_open\n",
		"rules: [{id: a, effect: redact, mask: year, when: 'category == \"finance.iban\"'}, {id: b, effect: oblige, obligations: [x]}]",
		"rules:\n - id: a\n   effect: deny\n   when: >-\n    facts.loan.days_late > 3\n     && wrong\n",
		"rules: &a [*a]", "rules:\n - {id: a, effect: permit, roles: []}\n", "? [a]\n: b\n", "%YAML 1.1\n---\nrules: []\n...\n", "\ufeffrules: []", "rules: \"\\x00\"",
	} {
		f.Add(text)
	}
	reg := register(f)
	in := hostileInput(f, plan(f, reg))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Load(reg, "", file(text))
		if err != nil {
			var problems Problems
			if p != nil || !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("no problems, or a policy beside them: %v", err)
			}
			lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 2
			for _, x := range problems {
				if x.Line < 0 || x.Line > lines+strings.Count(text, "\u2028")+strings.Count(text, "\u2029")+strings.Count(text, "\u0085") || x.Code == "" || x.Message == "" {
					t.Fatalf("%d lines, but a problem at %+v", lines, x)
				}
			}
			return
		}
		decideQuietly(t, p, in)
	})
}

// FuzzCondition: any expression is refused or answers without a panic and without quoting the input, and a
// permit and a denial on it never both let a field through that the other's failure would not.
func FuzzCondition(f *testing.F) {
	for _, text := range []string{
		`facts.case_open && "billing" in roles`, `facts.flags.exists(f, f == facts.note)`, `facts.loan.days_late / 0 > 1`, `{"a": true}[facts.note]`,
		`category.startsWith("finance.") || class == "confidential"`, `at.getHours() > 8 && hour < 17 && weekday in [1, 2, 3]`, `facts.note.matches("^[a-z]+$")`,
		`[1, 2].map(x, x * 2).filter(x, x > 1).size() == 2`, `timestamp("2026-01-01T00:00:00Z") + duration("1h") > at`, `facts.?x`, `a.b.c.d`, `!(!("x" in tasks))`,
	} {
		f.Add(text)
	}
	reg := register(f)
	in := hostileInput(f, plan(f, reg))
	f.Fuzz(func(t *testing.T, text string) {
		permit, err1 := New(reg, "", Rule{ID: "r", Effect: policy.EffectPermit, When: text})
		deny, err2 := New(reg, "", Rule{ID: "r", Effect: policy.EffectDeny, When: text})
		if err1 == nil {
			decideQuietly(t, permit, in)
		}
		if err2 == nil {
			decideQuietly(t, deny, in)
		}
		if err1 != nil || err2 != nil || text == "" {
			return
		}
		yes, no := decideQuietly(t, permit, in), decideQuietly(t, deny, in)
		if extra := yes.Permit.Without(no.Deny); !extra.Empty() {
			t.Fatalf("%q holds for %v as a permit and does not as a denial", text, extra)
		}
	})
}

// decideQuietly decides and looks for the canary in all that comes out.
func decideQuietly(t *testing.T, p *Policy, in *policy.Input) policy.Verdict {
	v, err := p.Decide(context.Background(), in)
	if err != nil {
		t.Fatalf("an input that fits is answered: %v", err)
	}
	if out := spew.Sdump(v) + fmt.Sprint(err); strings.Contains(out, canary) {
		t.Fatalf("the input leaks: %s", out)
	}
	if !v.Permit.Or(v.Deny).Without(purpose.AllFields(len(in.Plan.Fields))).Empty() {
		t.Fatal("answers for fields that were not asked for")
	}
	reach, err := p.Foresee(context.Background(), policy.Prospect{Action: in.Request.Action, Purpose: in.Purpose, Recipient: in.Request.Recipient, Country: in.Country, Plan: in.Plan})
	if err != nil {
		t.Fatalf("a prospect that fits is answered: %v", err)
	}
	if seen := v.Permit.Without(v.Deny).Without(reach.Permit); !seen.Empty() {
		t.Fatalf("permits %v, which nobody foresaw", seen)
	}
	for _, h := range v.Hits {
		if !slices.Contains(reach.Rules, h.Rule) {
			t.Fatalf("meets %s, which nobody foresaw", h.Rule)
		}
	}
	return v
}
