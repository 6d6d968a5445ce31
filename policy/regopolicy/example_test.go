package regopolicy_test

import (
	"context"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Billing reads on a case that is open, and all but accounting see the last digits of an account.
func ExampleLoad() {
	register := purpose.MustCompile(lender)
	files := fstest.MapFS{"billing.rego": {Data: []byte(`package purposebound

import rego.v2

permit contains {"rule": "billing-reads", "category": "*"} if {
	"billing" in input.principal.roles
	input.facts["case-open"]
}

redact contains {"rule": "account-masked", "category": "finance.iban", "mask": "last-four"} if {
	not "accounting" in input.principal.roles
}
`)}}
	rules, err := regopolicy.Load(register, "need-to-know", files)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, open := range []bool{true, false} {
		fmt.Println(ask(register, rules, open))
	}
	// Output:
	// permits 2 of 2 fields, masks 1
	// permits 0 of 2 fields, masks 1
}

// What is wrong is reported at once, with its place.
func ExampleLoad_problems() {
	files := fstest.MapFS{"billing.rego": {Data: []byte(`package purposebound

import rego.v2

permit contains {"rule": "billing-reads", "category": "finances"} if {
	input.purpose == "invocing"
	not "trainee" in input.principal.roles
}
`)}}
	_, err := regopolicy.Load(purpose.MustCompile(lender), "need-to-know", files)
	problems, _ := err.(regopolicy.Problems)
	for _, p := range problems {
		fmt.Printf("%s:%d:%d %s\n", p.File, p.Line, p.Column, p.Code)
	}
	// Output:
	// billing.rego:5:55 ref.unknown
	// billing.rego:6:19 ref.unknown
	// billing.rego:7:19 steady.read
}

// Tests in Rego run in process.
func ExampleTest() {
	files := fstest.MapFS{
		"all.rego": {Data: []byte("package purposebound\n\nimport rego.v2\n\npermit contains {\"rule\": \"all-read\", \"category\": \"*\"} if input.action == \"read\"\n")},
		"all_test.rego": {Data: []byte("package purposebound_test\n\nimport rego.v2\n\ntest_read if {\n\tsome x in data.purposebound.permit with input as {\"action\": \"read\"}\n" +
			"\tx.rule == \"all-read\"\n}\n")},
	}
	report, err := regopolicy.Test(context.Background(), purpose.MustCompile(lender), files)
	covered, lines := report.Covered()
	fmt.Println(report.Passed(), report.Tests[0].Name, err)
	fmt.Println(covered == lines)
	// Output:
	// true data.purposebound_test.test_read <nil>
	// true
}

// ask shows what the guard does for applications.
func ask(register *purpose.Register, rules *regopolicy.Policy, open bool) string {
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
