package check_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
)

// BenchmarkRun checks 1,000 rules against a register of 100 activities with 5 actions, 200 purposes, 20 recipients and 300 categories.
func BenchmarkRun(b *testing.B) {
	reg := register(b, func(s *purpose.Spec) {
		for i := range 300 {
			s.Categories = append(s.Categories, purpose.Category{Key: fmt.Sprintf("file.c%d", i)})
		}
		for i := range 200 {
			s.Purposes = append(s.Purposes, purpose.Purpose{Key: fmt.Sprintf("work.p%d", i)})
		}
		for i := range 20 {
			s.Recipients = append(s.Recipients, purpose.Recipient{Key: fmt.Sprintf("r%d", i), Kind: purpose.SeparateController, Countries: []string{"DK"}})
		}
		for i := range 100 {
			a := purpose.Activity{Key: fmt.Sprintf("a%d", i), Clause: "3", Purposes: []string{fmt.Sprintf("work.p%d", 2*i), fmt.Sprintf("work.p%d", 2*i+1)},
				Capacities: []string{"lessee"}, Categories: []string{"file", "contact"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"rule"}}
			for j := range 20 {
				a.Recipients = append(a.Recipients, purpose.Grant{Recipient: fmt.Sprintf("r%d", j)})
			}
			s.Activities = append(s.Activities, a)
		}
	})
	var list []celpolicy.Rule
	for i := range 1_000 {
		r := celpolicy.Rule{ID: fmt.Sprintf("rule-%d", i), Effect: policy.EffectPermit, Purposes: []string{fmt.Sprintf("work.p%d", i%200)}, Categories: []string{fmt.Sprintf("file.c%d", i%300)}}
		if i%5 == 0 {
			r.When = fmt.Sprintf(`facts.open && (action == "read" || recipient == "r%d")`, i%20)
		}
		list = append(list, r)
	}
	p := rules(b, reg, list...)
	for b.Loop() {
		require.NotEmpty(b, run(reg, p))
	}
}
