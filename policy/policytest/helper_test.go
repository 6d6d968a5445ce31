package policytest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/policytest"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lender is the register of the tests.
func lender(t testing.TB) *purpose.Register {
	t.Helper()
	reg, err := purpose.Compile(lenderSpec())
	require.NoError(t, err)
	return reg
}

func lenderSpec() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen", Key: "lender"},
		Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "billing"}, {Key: "credit"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.mail"}, {Key: "finance.iban"}, {Key: "finance.income"}},
		Capacities: []purpose.Capacity{{Key: "borrower"}, {Key: "guarantor"}},
		Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"borrower"}}, {Key: "vouched", Gives: []string{"guarantor"}}},
		Facts: []purpose.Fact{{Key: "assigned", Type: purpose.Bool}, {Key: "channel", Type: purpose.Text}, {Key: "days", Type: purpose.Int},
			{Key: "since", Type: purpose.Instant}, {Key: "flags", Type: purpose.TextList}},
		Recipients: []purpose.Recipient{{Key: "bank", Kind: purpose.SeparateController, Countries: []string{"DK", "SE"}}},
		Retention:  []retention.Rule{{Key: "rule", Clause: "1", Anchor: retention.After("signed"), Ceiling: retention.MustPeriod("P50Y")}},
		Activities: []purpose.Activity{{Key: "lend", Clause: "2.1", Purposes: []string{"billing", "credit"}, Capacities: []string{"borrower", "guarantor"},
			Categories: []string{"contact", "finance"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"rule"},
			Obligations: []string{"tell"}, Recipients: []purpose.Grant{{Recipient: "bank"}}}},
	}
}

func setting(t testing.TB) policytest.Setting {
	return policytest.Setting{Register: lender(t), Roles: []string{"clerk", "auditor"}, Tasks: []string{"case-7"}}
}

const ownDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// sound keeps the contract. Clerks who are assigned, and auditors, see everything; incomes are shared by nobody; accounts are
// masked for all but auditors.
type sound struct{}

var ownRules = []policy.Rule{{ID: "auditors", Effect: policy.EffectPermit, Line: 1}, {ID: "clerks", Effect: policy.EffectPermit, Line: 2},
	{ID: "incomes", Effect: policy.EffectDeny, Line: 3}, {ID: "mask", Effect: policy.EffectRedact, Line: 4}}

func (sound) Name() string         { return "sound" }
func (sound) Digest() string       { return ownDigest }
func (sound) Rules() []policy.Rule { return slices.Clone(ownRules) }

func whole(in *policy.Input) bool {
	return in != nil && in.Request != nil && in.Plan != nil && in.Plan.Register != nil && in.Request.Action >= purpose.Collect &&
		in.Request.Action <= purpose.Decide && in.Plan.Register.Purposes().Leaf(in.Purpose)
}

func of(in *policy.Input, category string) (fs purpose.FieldSet) {
	for i := range in.Fields.All {
		if in.Plan.Register.Categories().Key(in.Plan.Fields[i].Category) == category {
			fs.Add(i)
		}
	}
	return fs
}

func (sound) Decide(ctx context.Context, in *policy.Input) (policy.Verdict, error) {
	v := policy.Verdict{Digest: ownDigest}
	if ctx == nil || !whole(in) {
		return v, nil
	}
	hit := func(i int, fs purpose.FieldSet) {
		if r := ownRules[i]; !fs.Empty() && (in.Explain || r.Effect != policy.EffectPermit) {
			v.Hits = append(v.Hits, policy.Hit{Rule: r.ID, Effect: r.Effect, Fields: fs, Line: r.Line})
		}
	}
	assigned, _ := in.Request.Facts.Lookup("assigned")
	roles := in.Request.Principal.Roles
	if slices.Contains(roles, "auditor") {
		v.Permit = in.Fields
		hit(0, in.Fields)
	}
	if slices.Contains(roles, "clerk") && assigned.Bool() {
		v.Permit = in.Fields
		hit(1, in.Fields)
	}
	if in.Request.Action == purpose.Share {
		v.Deny = of(in, "finance.income")
		hit(2, v.Deny)
	}
	if iban := of(in, "finance.iban"); !slices.Contains(roles, "auditor") && !iban.Empty() {
		v.Redactions, v.Obligations = []policy.Redaction{{Fields: iban, Mask: policy.LastFour}}, []string{"care"}
		hit(3, iban)
	}
	v.Lasting = true
	return v, ctx.Err()
}

func (s sound) Foresee(_ context.Context, p policy.Prospect) (policy.Reach, error) {
	r := policy.Reach{Permit: purpose.AllFields(len(p.Plan.Fields)), Rules: []string{"auditors", "clerks", "mask"}}
	if p.Action == purpose.Share {
		r.Rules = []string{"auditors", "clerks", "incomes", "mask"}
	}
	return r, nil
}
