package agreement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// now is the instant of most requests, a Monday, 10:30 in Copenhagen.
var now = time.Date(2026, 5, 4, 8, 30, 0, 0, time.UTC)

// spec is a register of a lender with one fact of each type.
func spec() purpose.Spec {
	period := retention.MustPeriod("P5Y")
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen", Key: "lender"},
		Notices:    []purpose.Notice{{Version: "v1", From: "2020-01-01"}, {Version: "v2", From: "2026-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "invoicing.dunning"}, {Key: "invoicing.billing"}, {Key: "credit"}, {Key: "support"}},
		Categories: []purpose.Category{
			{Key: "contact.name"}, {Key: "contact.mail"}, {Key: "finance.iban"}, {Key: "finance.income"}, {Key: "national-id.cpr", Class: purpose.Confidential},
		},
		Capacities: []purpose.Capacity{{Key: "lessee"}, {Key: "guarantor"}},
		Events:     []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"lessee"}}},
		Datasets:   []purpose.Dataset{{Key: "main", Role: purpose.AsController}, {Key: "archive", Role: purpose.AsController}},
		Facts: []purpose.Fact{
			{Key: "case-open", Type: purpose.Bool}, {Key: "channel", Type: purpose.Text, Values: []string{"phone", "mail"}},
			{Key: "loan.days-late", Type: purpose.Int}, {Key: "loan.until", Type: purpose.Instant}, {Key: "flags", Type: purpose.TextList},
			{Key: "note", Type: purpose.Text}, {Key: "auth.2fa", Type: purpose.Bool},
		},
		Recipients: []purpose.Recipient{
			{Key: "hausbank", Kind: purpose.SeparateController, Countries: []string{"DK"}}, {Key: "bureau", Kind: purpose.SeparateController, Countries: []string{"DK", "SE"}},
		},
		Retention: []retention.Rule{{Key: "rule", Clause: "1", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"signed"}}, Ceiling: period}},
		Activities: []purpose.Activity{{
			Key: "all", Clause: "1", Purposes: []string{"invoicing", "credit", "support"}, Capacities: []string{"lessee", "guarantor"},
			Categories: []string{"contact", "finance", "national-id"}, Claims: []basis.Claim{{Basis: basis.Contract, Stages: []basis.Stage{basis.Active}}}, Retention: []string{"rule"},
			Recipients: []purpose.Grant{{Recipient: "hausbank", Categories: []string{"contact", "finance"}}, {Recipient: "bureau", Categories: []string{"contact", "finance"}}},
		}},
	}
}

func register(t testing.TB) *purpose.Register {
	t.Helper()
	reg, err := purpose.Compile(spec())
	require.NoError(t, err)
	return reg
}

var schema = purpose.Schema{Name: "lessee", Fields: []purpose.SchemaField{
	{Name: "name", Tags: purpose.Tags{Personal: "contact.name"}}, {Name: "mail", Tags: purpose.Tags{Personal: "contact.mail"}},
	{Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}}, {Name: "income", Tags: purpose.Tags{Personal: "finance.income"}},
	{Name: "cpr", Tags: purpose.Tags{Personal: "national-id.cpr"}},
}}

func plan(t testing.TB, reg *purpose.Register) *purpose.Plan {
	t.Helper()
	p, err := reg.BindSchema(schema)
	require.NoError(t, err)
	return p
}
