package purposebound_test

import (
	"context"
	"fmt"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

type Lessee struct {
	ID   string               `subject:"id"`
	IBAN sealed.Value[string] `personal:"finance.iban"`
}
type Debit struct{ IBAN string } // a view is the need to know: its fields leave the guard, and no others

func Example() {
	register := purpose.MustCompile(purpose.Spec{
		Controller: purpose.Controller{Name: "Acme", Country: "DK", Zone: "UTC"}, Notices: []purpose.Notice{{Version: "1", From: "2026-01-01"}},
		Purposes: []purpose.Purpose{{Key: "invoicing"}, {Key: "profiling"}}, Capacities: []purpose.Capacity{{Key: "customer"}},
		Categories: []purpose.Category{{Key: "finance.iban"}}, Events: []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}},
		Retention: []retention.Rule{{Key: "yearly", Clause: "5", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P1Y")}},
		Activities: []purpose.Activity{{Key: "billing", Clause: "2.3", Purposes: []string{"invoicing"}, Categories: []string{"finance"},
			Capacities: []string{"customer"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"yearly"}}}})
	ctx, ledger, lessee := context.Background(), basis.NewMemory(register.Vocabulary()), Lessee{ID: "4711", IBAN: sealed.Of("DK5000400440116243")}
	trail, err1 := filetrail.OpenTemp(filetrail.Options{})
	rules, err2 := celpolicy.New(register, "team", celpolicy.Rule{ID: "billing-reads", Effect: policy.EffectPermit, When: `"billing" in roles`})
	guard, err3 := policy.NewGuard(register, ledger, trail, rules)
	fmt.Println(err1, err2, err3, ledger.Record(ctx, basis.Event{DataSubject: "4711", Body: basis.Occurred{Event: "signed"}}))
	request := policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Purpose: "invoicing"}
	fmt.Println(policy.Read[Debit](ctx, guard, request, &lessee))
	fmt.Println(policy.Read[Debit](ctx, guard, request.For("profiling"), &lessee))
	// Output: <nil> <nil> <nil> <nil>
	// {DK5000400440116243} <nil>
	// {} policy: denied for profiling: purposebound_test.Lessee.IBAN: purpose.category: no activity of the purpose covers the category finance.iban
}
