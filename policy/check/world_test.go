package check_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// spec is a register with two activities, three grants to two recipients and nothing to advise of.
func spec() purpose.Spec {
	contract := []basis.Claim{{Basis: basis.Contract}}
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "v1", From: "2020-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "invoicing.dunning"}, {Key: "invoicing.billing"}, {Key: "credit"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.mail"}, {Key: "finance.iban"}, {Key: "finance.income"}},
		Capacities: []purpose.Capacity{{Key: "lessee"}},
		Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"lessee"}}},
		Facts:      []purpose.Fact{{Key: "open", Type: purpose.Bool}},
		Recipients: []purpose.Recipient{
			{Key: "hausbank", Kind: purpose.SeparateController, Countries: []string{"DK"}},
			{Key: "bureau", Kind: purpose.SeparateController, Countries: []string{"DK", "SE"}},
		},
		Retention: []retention.Rule{{Key: "rule", Clause: "9", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P5Y")}},
		Activities: []purpose.Activity{
			{Key: "bill", Clause: "1", Purposes: []string{"invoicing"}, Capacities: []string{"lessee"}, Categories: []string{"contact", "finance.iban"},
				Conditions: []purpose.Condition{{Fact: "open"}},
				Recipients: []purpose.Grant{{Recipient: "hausbank", Categories: []string{"contact.name", "finance.iban"}, Clause: "1.1"}, {Recipient: "bureau", Categories: []string{"contact"}}}, Claims: contract, Retention: []string{"rule"}},
			{Key: "rate", Clause: "2", Purposes: []string{"credit"}, Capacities: []string{"lessee"}, Categories: []string{"contact.name", "finance"},
				Actions:    []purpose.Action{purpose.Read, purpose.Share},
				Recipients: []purpose.Grant{{Recipient: "bureau"}}, Claims: contract, Retention: []string{"rule"}},
		},
	}
}

func register(t testing.TB, change ...func(*purpose.Spec)) *purpose.Register {
	t.Helper()
	s := spec()
	for _, c := range change {
		c(&s)
	}
	reg, err := purpose.Compile(s)
	require.NoError(t, err)
	return reg
}

// all permits everything.
var all = celpolicy.Rule{ID: "all", Effect: policy.EffectPermit}

func rules(t testing.TB, reg *purpose.Register, rules ...celpolicy.Rule) policy.Decider {
	t.Helper()
	p, err := celpolicy.New(reg, "team", rules...)
	require.NoError(t, err)
	return p
}

func run(reg *purpose.Register, deciders ...policy.Decider) []check.Finding {
	return check.Run(context.Background(), reg, deciders...)
}

// texts are findings as they show.
func texts(findings []check.Finding) []string {
	list := []string{}
	for _, f := range findings {
		list = append(list, f.String())
	}
	return list
}

// mute hides what a policy can do beyond deciding.
type mute struct{ policy.Decider }

// vague lists its rules and does not foresee.
type vague struct {
	policy.Decider
	policy.Listed
}

// secret foresees and does not list.
type secret struct {
	policy.Decider
	policy.Foreseeing
}

// broken goes wrong in Foresee.
type broken struct {
	policy.Decider
	policy.Listed
	foresee func(context.Context, policy.Prospect) (policy.Reach, error)
}

func (b broken) Foresee(ctx context.Context, p policy.Prospect) (policy.Reach, error) {
	return b.foresee(ctx, p)
}
