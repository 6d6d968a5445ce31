package purpose_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

// A register in Go, and a struct bound to it.
func Example() {
	register, err := purpose.Compile(purpose.Spec{
		Controller: purpose.Controller{Name: "Lessor A/S", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2024-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "invoicing"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "finance.iban", Class: purpose.Confidential}},
		Capacities: []purpose.Capacity{{Key: "customer"}},
		Events:     []purpose.Event{{Key: "lease-ended", Relation: "lease", Stage: basis.Ended, Ends: []string{"customer"}}},
		Retention: []retention.Rule{{
			Key: "keep", Clause: "5", Ceiling: retention.MustPeriod("P1Y"),
			Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"lease-ended"}},
		}},
		Activities: []purpose.Activity{{
			Key: "invoice", Clause: "2.1", Purposes: []string{"invoicing"}, Capacities: []string{"customer"},
			Categories: []string{"contact", "finance.iban"}, Retention: []string{"keep"},
			Claims: []basis.Claim{{Basis: basis.Contract, Relation: "lease"}},
		}},
	})
	if err != nil {
		fmt.Println(err) // every problem, a line each
		return
	}

	type Lessee struct {
		ID   string               `subject:"id"`
		Name sealed.Value[string] `personal:"contact.name"`
		IBAN sealed.Value[string] `personal:"finance.iban" basis:"contract"`
	}
	plan, err := register.Bind(reflect.TypeFor[Lessee]())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range plan.Fields {
		fmt.Println(f.Path, "is", register.Categories().Key(f.Category)+",", f.Class)
	}
	_, version, _ := register.NoticeAt(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))
	fmt.Println("under notice", version)
	// Output:
	// Name is contact.name, ordinary
	// IBAN is finance.iban, confidential
	// under notice 1
}

// All that is wrong is reported at once, and where.
func ExampleCompile_problems() {
	_, err := purpose.Compile(purpose.Spec{
		Controller: purpose.Controller{Name: "Lessor A/S", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2024-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "newsletter", ConsentOnly: true}},
		Scopes:     []purpose.Scope{{Key: "mail", Purposes: []purpose.ScopedPurpose{{Purpose: "newsleter"}}}},
	})
	fmt.Println(err)
	// Output:
	// invalid register: 1 problem(s)
	// 	scopes[0].purposes[0].purpose: "newsleter" is not among the purposes; did you mean "newsletter"? (ref.unknown)
}
