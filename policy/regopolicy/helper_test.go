package regopolicy

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// spec is a small register of a lender: two trees, three recipients, one fact of each type.
func spec() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lender", Country: "DK", Zone: "Europe/Copenhagen", Key: "lender"},
		Notices:    []purpose.Notice{{Version: "v1", From: "2020-01-01"}, {Version: "v2", From: "2026-01-01"}},
		Purposes: []purpose.Purpose{
			{Key: "invoicing.dunning"}, {Key: "invoicing.billing"}, {Key: "credit"}, {Key: "support"},
		},
		Categories: []purpose.Category{
			{Key: "contact.name"}, {Key: "contact.mail"}, {Key: "finance.iban"}, {Key: "finance.income"},
			{Key: "national-id.cpr", Class: purpose.Confidential},
		},
		Capacities: []purpose.Capacity{{Key: "lessee"}, {Key: "guarantor"}},
		Laws:       []purpose.Law{{Key: "law"}},
		Facts: []purpose.Fact{
			{Key: "case-open", Type: purpose.Bool}, {Key: "channel", Type: purpose.Text, Values: []string{"phone", "mail"}},
			{Key: "loan.days-late", Type: purpose.Int}, {Key: "loan.until", Type: purpose.Instant}, {Key: "flags", Type: purpose.TextList},
			{Key: "note", Type: purpose.Text}, {Key: "auth.2fa", Type: purpose.Bool},
		},
		Recipients: []purpose.Recipient{
			{Key: "hausbank", Kind: purpose.SeparateController, Countries: []string{"DK"}},
			{Key: "bureau", Kind: purpose.SeparateController, Countries: []string{"DK", "SE"}},
		},
		Retention: []retention.Rule{{Key: "rule", Clause: "1", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{purpose.EventCollected}}, Ceiling: retention.MustPeriod("P5Y")}},
		Activities: []purpose.Activity{{
			Key: "all", Clause: "1", Purposes: []string{"invoicing", "credit", "support"}, Capacities: []string{"lessee", "guarantor"},
			Categories: []string{"contact", "finance", "national-id"},
			Claims:     []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"rule"},
		}},
	}
}

// now is the instant of test requests, a Monday, 10:30 in Copenhagen.
var now = time.Date(2026, 5, 4, 8, 30, 0, 0, time.UTC)

func register(t testing.TB) *purpose.Register {
	t.Helper()
	reg, err := purpose.Compile(spec())
	require.NoError(t, err)
	return reg
}

// plan has the fields name, mail, iban, income and cpr, in this order.
func plan(t testing.TB, reg *purpose.Register) *purpose.Plan {
	t.Helper()
	p, err := reg.BindSchema(purpose.Schema{Name: "lessee", Fields: []purpose.SchemaField{
		{Name: "name", Tags: purpose.Tags{Personal: "contact.name"}}, {Name: "mail", Tags: purpose.Tags{Personal: "contact.mail"}},
		{Name: "iban", Tags: purpose.Tags{Personal: "finance.iban"}}, {Name: "income", Tags: purpose.Tags{Personal: "finance.income"}},
		{Name: "cpr", Tags: purpose.Tags{Personal: "national-id.cpr"}},
	}})
	require.NoError(t, err)
	return p
}

// ask makes the input of a request: billing reads every field for invoicing.billing, unless changed.
func ask(t testing.TB, p *purpose.Plan, change ...func(*policy.Input)) *policy.Input {
	t.Helper()
	in := &policy.Input{
		Request: &policy.Request{
			Principal: policy.Principal{ID: "u17", Roles: []string{"billing"}}, Action: purpose.Read, Purpose: "invoicing.billing", At: now, KnownAt: now,
		},
		Plan: p, Fields: purpose.AllFields(len(p.Fields)), Notice: "v2", Capacities: []string{"lessee"},
	}
	for _, c := range change {
		c(in)
	}
	id, _ := p.Register.Purposes().ID(in.Request.Purpose)
	in.Purpose = id
	return in
}

func decide(t testing.TB, p *Policy, in *policy.Input) policy.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // so that steps alone count
	defer cancel()
	v, err := p.Decide(ctx, in)
	require.NoError(t, err)
	require.Equal(t, p.Digest(), v.Digest)
	return v
}

// pathsOf lists fields by name.
func pathsOf(p *purpose.Plan, fs purpose.FieldSet) []string {
	list := []string{}
	for i := range fs.All {
		list = append(list, p.Fields[i].Path)
	}
	return list
}

// files are modules in order, each with the package and imports that all need.
func files(texts ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i, text := range texts {
		all[fmt.Sprintf("policy%d.rego", i)] = &fstest.MapFile{Data: []byte(header + text)}
	}
	return all
}

// header is before the rules of test policies: five lines.
const header = `package purposebound

import rego.v2

# rules
`

func mustLoad(t testing.TB, reg *purpose.Register, texts ...string) *Policy {
	t.Helper()
	p, err := Load(reg, "test", files(texts...))
	require.NoError(t, err)
	return p
}

// problemsOf are the problems that loading finds, as texts.
func problemsOf(t testing.TB, reg *purpose.Register, all fs.FS) []string {
	t.Helper()
	p, err := Load(reg, "test", all)
	if err == nil {
		return nil
	}
	require.Nil(t, p)
	require.ErrorIs(t, err, ErrInvalid)
	var problems Problems
	require.ErrorAs(t, err, &problems)
	var list []string
	for _, x := range problems {
		list = append(list, x.String())
	}
	return list
}

func fact(key string, v purpose.Value) func(*policy.Input) {
	return func(in *policy.Input) { in.Request.Facts = append(in.Request.Facts, purpose.Named(key, v)) }
}

// large is a register with n categories, the first 20 of which a plan binds.
func large(t testing.TB, n int) (*purpose.Register, *purpose.Plan) {
	t.Helper()
	s := spec()
	var fields []purpose.SchemaField
	for i := range n {
		key := fmt.Sprintf("contact.extra-%d", i)
		s.Categories = append(s.Categories, purpose.Category{Key: key})
		s.Purposes = append(s.Purposes, purpose.Purpose{Key: fmt.Sprintf("support.case-%d", i)})
		if i < 20 {
			fields = append(fields, purpose.SchemaField{Name: fmt.Sprintf("f%d", i), Tags: purpose.Tags{Personal: key}})
		}
	}
	reg, err := purpose.Compile(s)
	require.NoError(t, err)
	p, err := reg.BindSchema(purpose.Schema{Name: "large", Fields: fields})
	require.NoError(t, err)
	return reg, p
}

// oneFile is a file system with one module.
type oneFile string

func (f oneFile) Open(name string) (fs.File, error) {
	return fstest.MapFS{"p.rego": {Data: []byte(f)}}.Open(name)
}
