package celpolicy_test

import (
	"context"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// One rule, written in Go: billing reads on a case that is open.
func ExampleNew() {
	register := purpose.MustCompile(lender)

	rules, err := celpolicy.New(register, "need-to-know", celpolicy.Rule{ID: "billing-reads", Effect: policy.EffectPermit, Roles: []string{"billing"}, When: "facts.case_open"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, open := range []bool{true, false} {
		fmt.Println(ask(register, rules, open))
	}
	// Output:
	// permits 2 of 2 fields, masks 0
	// permits 0 of 2 fields, masks 0
}

// The same from a file, with a mask for everybody but billing. What is wrong is reported at once, with its place.
func ExampleLoad() {
	register := purpose.MustCompile(lender)
	files := fstest.MapFS{"rules.yaml": {Data: []byte(`
rules:
  - id: staff-reads
    effect: permit
    actions: [read]
    purposes: [invoicing]
  - id: mask-iban
    effect: redact
    categories: [finance.iban]
    except_roles: [accounting]
    mask: last-four
`)}}
	rules, err := celpolicy.Load(register, "need-to-know", files)
	fmt.Println(ask(register, rules, true), err)

	files["rules.yaml"].Data = []byte("rules:\n  - id: a\n    effect: permit\n    purposes: [invocing]\n    when: facts.case_opened\n")
	_, err = celpolicy.Load(register, "need-to-know", files)
	fmt.Println(err)
	// Output:
	// permits 2 of 2 fields, masks 1 <nil>
	// invalid policy: 2 problem(s)
	// 	rules.yaml:4:16: rules[a].purposes[0]: "invocing" is not among the purposes of the register (ref.unknown)
	// 	rules.yaml:5:11: rules[a].when: facts.case_opened is no fact that the register declares (when.fact)
}

// ask shows what the guard does for applications.
func ask(register *purpose.Register, rules *celpolicy.Policy, open bool) string {
	plan, err := register.BindSchema(purpose.Schema{Name: "lessee", Fields: []purpose.SchemaField{
		{Name: "name", Tags: purpose.Tags{Personal: "contact.name"}}, {Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}},
	}})
	if err != nil {
		return err.Error()
	}
	id, _ := register.Purposes().ID("invoicing")
	verdict, err := rules.Decide(context.Background(), &policy.Input{
		Request: &policy.Request{Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Action: purpose.Read, Purpose: "invoicing",
			Facts: purpose.Facts{purpose.Named("case-open", purpose.BoolValue(open))}, At: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)},
		Plan: plan, Purpose: id, Fields: purpose.AllFields(2), Notice: "v1",
	})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("permits %d of 2 fields, masks %d", verdict.Permit.Len(), len(verdict.Redactions))
}

var lender = purpose.Spec{
	Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen"},
	Notices:    []purpose.Notice{{Version: "v1", From: "2026-01-01"}},
	Purposes:   []purpose.Purpose{{Key: "invoicing"}},
	Categories: []purpose.Category{{Key: "contact.name"}, {Key: "finance.iban"}},
	Capacities: []purpose.Capacity{{Key: "lessee"}},
	Facts:      []purpose.Fact{{Key: "case-open", Type: purpose.Bool}},
	Retention: []retention.Rule{{Key: "five-years", Clause: "3", Ceiling: retention.MustPeriod("P5Y"),
		Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{purpose.EventCollected}}}},
	Activities: []purpose.Activity{{Key: "billing", Clause: "2", Purposes: []string{"invoicing"}, Capacities: []string{"lessee"},
		Categories: []string{"contact", "finance"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"five-years"}}},
}
