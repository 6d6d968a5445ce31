package celpolicy

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// BenchmarkSelectors decides 20 fields on selectors alone, under registers of two sizes.
func BenchmarkSelectors(b *testing.B) {
	for _, n := range []int{20, 20_000} {
		b.Run(fmt.Sprintf("categories=%d", n), func(b *testing.B) {
			reg, plan := large(b, n)
			p := mustNew(b, reg,
				Rule{ID: "a", Effect: policy.EffectPermit, Actions: []purpose.Action{purpose.Read}, Roles: []string{"billing"}, Purposes: []string{"invoicing"}, Categories: []string{"contact"}},
				Rule{ID: "b", Effect: policy.EffectPermit, Roles: []string{"support"}, Purposes: []string{"support"}},
				Rule{ID: "c", Effect: policy.EffectDeny, ExceptRoles: []string{"billing", "support"}, Categories: []string{"national-id"}},
				Rule{ID: "d", Effect: policy.EffectDeny, Recipients: []string{"bureau"}},
			)
			in := ask(b, plan)
			v := decide(b, p, in)
			require.Equal(b, 20, v.Permit.Len())
			b.ReportAllocs()
			for b.Loop() {
				if v, err := p.Decide(context.Background(), in); err != nil || v.Permit.Empty() {
					b.Fatal("not permitted")
				}
			}
		})
	}
}

// BenchmarkConditions decides 20 fields with three conditions, once proven and once under limits.
func BenchmarkConditions(b *testing.B) {
	reg, plan := large(b, 20)
	for name, when := range map[string][3]string{
		"proven":  {`facts.case_open && hour >= 8`, `"billing" in roles`, `facts.loan.days_late > 30 || facts.channel == "phone"`},
		"field":   {`facts.case_open && category != "finance.iban"`, `"billing" in roles`, `facts.channel == "mail"`},
		"limited": {`facts.case_open && hour >= 8`, `roles.exists(r, tasks.exists(t, t == r))`, `facts.channel == "mail"`},
	} {
		b.Run(name, func(b *testing.B) {
			p := mustNew(b, reg, Rule{ID: "a", Effect: policy.EffectPermit, When: when[0]}, Rule{ID: "b", Effect: policy.EffectPermit, When: when[1]},
				Rule{ID: "c", Effect: policy.EffectPermit, When: when[2]})
			require.Equal(b, name != "limited", p.Immediate())
			in := ask(b, plan, fact("case-open", purpose.True()), fact("loan.days-late", purpose.IntValue(3)), fact("channel", purpose.TextValue("mail")))
			require.Equal(b, 20, func() int { v := decide(b, p, in); return v.Permit.Len() }())
			b.ReportAllocs()
			for b.Loop() {
				if v, err := p.Decide(context.Background(), in); err != nil || v.Permit.Empty() {
					b.Fatal("not permitted")
				}
			}
		})
	}
}

// BenchmarkNew loads a policy of ten conditions.
func BenchmarkNew(b *testing.B) {
	reg := register(b)
	rules := make([]Rule, 10)
	for i := range rules {
		rules[i] = Rule{ID: fmt.Sprintf("r%d", i), Effect: policy.EffectPermit, When: fmt.Sprintf("facts.loan.days_late > %d", i)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(reg, "", rules...); err != nil {
			b.Fatal(err)
		}
	}
}
