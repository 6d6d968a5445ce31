package table_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// lessor is the register of most tests: a lease on contract, mails on consent, statistics on an interest, one recipient at
// home, one abroad and one authority.
func lessor() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Key: "lessor", Name: "Lessor", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2024-01-01", ObjectionClause: "4.6"}},
		Purposes: []purpose.Purpose{{Key: "lease.billing"}, {Key: "lease.dunning"}, {Key: "mails", Marketing: true, ConsentOnly: true},
			{Key: "statistics"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.mail"}, {Key: "finance.iban"}, {Key: "finance.income"}, {Key: "secret"}},
		Capacities: []purpose.Capacity{{Key: "lessee"}, {Key: "guarantor"}},
		Events: []purpose.Event{{Key: "signed", Relation: "lease", Stage: basis.Active, Gives: []string{"lessee"}},
			{Key: "ended", Relation: "lease", Stage: basis.Ended}, {Key: "vouched", Relation: "guarantee", Stage: basis.Active, Gives: []string{"guarantor"}}},
		Facts: []purpose.Fact{{Key: "instructed", Type: purpose.Bool}, {Key: "channel", Type: purpose.Text, Values: []string{"phone", "NO"}},
			{Key: "count", Type: purpose.Int}, {Key: "since", Type: purpose.Instant}, {Key: "ways", Type: purpose.TextList, Values: []string{"a", "b"}}},
		Sources:     []purpose.Source{{Key: "person"}, {Key: "bureau"}},
		Laws:        []purpose.Law{{Key: "books"}},
		Assessments: []purpose.Assessment{{Key: "lia", Reference: "LIA/1", Purposes: []string{"statistics"}, From: "2024-01-01"}},
		Scopes:      []purpose.Scope{{Key: "mails", Purposes: []purpose.ScopedPurpose{{Purpose: "mails"}}}},
		Recipients: []purpose.Recipient{{Key: "bank", Kind: purpose.SeparateController, Countries: []string{"DK"}},
			{Key: "desk", Kind: purpose.Processor, Countries: []string{"DK", "IN"}, Clause: "3.2",
				Agreement:  &purpose.Agreement{Reference: "A/1", From: "2024-01-01", Ledger: true},
				Safeguards: []purpose.Safeguard{{Mechanism: purpose.SCC, Countries: []string{"IN"}, Reference: "SCC"}}},
			{Key: "office", Kind: purpose.Authority, Countries: []string{"DK"}, Statute: true, Clause: "3.3"}},
		Transfers: purpose.Transfers{Mechanisms: []purpose.Mechanism{purpose.SCC}},
		Retention: []retention.Rule{
			{Key: "five-years", Clause: "5", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Ceiling: retention.MustPeriod("P5Y")},
			{Key: "vouching", Clause: "5", Anchor: retention.After("vouched"), Ceiling: retention.MustPeriod("P9Y")}},
		Prohibited: []purpose.Prohibition{{Key: "no-secrets", Categories: []string{"secret"}, Clause: "9.9"}},
		Activities: []purpose.Activity{
			{Key: "run-lease", Purposes: []string{"lease"}, Capacities: []string{"lessee"}, Categories: []string{"contact", "finance.iban"}, Clause: "2.1",
				Claims:    []basis.Claim{{Basis: basis.Contract, Relation: "lease", Stages: []basis.Stage{basis.Active, basis.Ended}}},
				Retention: []string{"five-years"}, Obligations: []string{"tell"}, Sources: []string{"person"},
				Conditions: []purpose.Condition{{Fact: "instructed"}},
				Recipients: []purpose.Grant{{Recipient: "bank", Categories: []string{"contact.name", "finance.iban"}}, {Recipient: "desk"}, {Recipient: "office"}}},
			{Key: "run-guarantee", Purposes: []string{"lease"}, Capacities: []string{"guarantor"}, Categories: []string{"contact", "finance.income"}, Clause: "2.2",
				Claims: []basis.Claim{{Basis: basis.Contract, Relation: "guarantee"}}, Retention: []string{"vouching"}},
			{Key: "mail", Purposes: []string{"mails"}, Capacities: []string{"lessee"}, Categories: []string{"contact"}, Clause: "2.3",
				Claims: []basis.Claim{{Basis: basis.Consent, Scope: "mails"}}, Retention: []string{"five-years"}},
			{Key: "count", Purposes: []string{"statistics"}, Capacities: []string{"lessee"}, Categories: []string{"finance.iban", "secret"}, Clause: "2.4",
				Claims:    []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "better service", Assessment: "lia"}},
				Retention: []string{"five-years"}},
		},
	}
}

func register(t testing.TB) *purpose.Register {
	t.Helper()
	reg, err := purpose.Compile(lessor())
	require.NoError(t, err)
	return reg
}

// clerks is a policy in Go: billing may all but dun, debtors may dun, accounts are masked for all but auditors, and nobody
// shares incomes.
type clerks struct{}

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func (clerks) Name() string    { return "clerks" }
func (clerks) Digest() string  { return digest }
func (clerks) Immediate() bool { return true }

func (clerks) Rules() []policy.Rule {
	return []policy.Rule{
		{ID: "billing", Effect: policy.EffectPermit, File: "clerks.go", Line: 1}, {ID: "debtors", Effect: policy.EffectPermit, File: "clerks.go", Line: 2},
		{ID: "incomes", Effect: policy.EffectDeny, File: "clerks.go", Line: 3}, {ID: "mask", Effect: policy.EffectRedact, File: "clerks.go", Line: 4},
	}
}

func (c clerks) Decide(_ context.Context, in *policy.Input) (policy.Verdict, error) {
	v := policy.Verdict{Digest: digest}
	of := func(category string) (fs purpose.FieldSet) {
		for i := range in.Fields.All {
			if in.Plan.Register.Categories().Key(in.Plan.Fields[i].Category) == category {
				fs.Add(i)
			}
		}
		return fs
	}
	hit := func(i int, fs purpose.FieldSet) {
		if r := c.Rules()[i]; !fs.Empty() && (in.Explain || r.Effect != policy.EffectPermit) {
			v.Hits = append(v.Hits, policy.Hit{Rule: r.ID, Effect: r.Effect, Fields: fs, File: r.File, Line: r.Line})
		}
	}
	roles := in.Request.Principal.Roles
	if slices.Contains(roles, "billing") && in.Request.Purpose != "lease.dunning" {
		v.Permit = in.Fields
		hit(0, in.Fields)
	}
	if slices.Contains(roles, "debtors") && in.Request.Purpose == "lease.dunning" && slices.Contains(in.Capacities, "lessee") {
		v.Permit = v.Permit.Or(in.Fields)
		hit(1, in.Fields)
	}
	if in.Request.Action == purpose.Share {
		v.Deny = of("finance.income")
		hit(2, v.Deny)
	}
	if iban := of("finance.iban"); !slices.Contains(roles, "auditor") && !iban.Empty() {
		v.Redactions = []policy.Redaction{{Fields: iban, Mask: policy.LastFour}}
		v.Obligations = []string{"handle-with-care"}
		hit(3, iban)
	}
	return v, nil
}

// one is a table with one case, in words that tests change. The case passes.
const one = `title: Leases
record: lease
fields:
  Name: contact.name
  IBAN: {category: finance.iban, bases: [contract]}
  Surety: {category: contact.name, data_subject: guarantor}
defaults:
  now: 2026-05-04T09:00:00+02:00
  given:
    - {id: lease, kind: relationship.occurred, event: signed, valid_at: 2024-02-01}
  request:
    principal: {id: u17, roles: [billing], organisation: lessor}
    action: read
    purpose: lease.billing
    data_subject: ada
    data_subjects: {guarantor: bob}
    fields: [Name, IBAN]
    facts: {instructed: true}
cases:
  - name: billing reads
    expect:
      outcome: permitted
      permitted: [Name, IBAN]
      grounds: [run-lease]
      basis: contract
      clause: 2.1
      redacted: {IBAN: last-four}
      obligations: [handle-with-care, tell]
      person_decides: false
`

// parse reads a table that has nothing wrong with its form.
func parse(t testing.TB, text string) *table.Table {
	t.Helper()
	tab, err := table.Parse("leases.yaml", []byte(text))
	require.NoError(t, err)
	return tab
}

// with replaces one part of a text.
func with(t testing.TB, text, old, new string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(text, old), old)
	return strings.Replace(text, old, new, 1)
}

// run decides the cases of a text.
func run(t testing.TB, text string, options ...table.Option) *table.Report {
	t.Helper()
	r, err := table.Run(context.Background(), register(t), []policy.Decider{clerks{}}, []*table.Table{parse(t, text)}, options...)
	require.NoError(t, err)
	return r
}
