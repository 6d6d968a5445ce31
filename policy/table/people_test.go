package table_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

// lease is the record of the tables in this file as a struct.
type lease struct {
	ID     string `subject:"id"`
	Name   string `personal:"contact.name"`
	IBAN   string `personal:"finance.iban"`
	Surety surety
}

type surety struct {
	ID     string `subject:"id"`
	Name   string `personal:"contact.name"`
	Income string `personal:"finance.income"`
}

var leaseFields = []table.Field{{Path: "Name", Category: "contact.name"}, {Path: "IBAN", Category: "finance.iban"},
	{Path: "Surety.Name", Category: "contact.name", DataSubject: "surety"}, {Path: "Surety.Income", Category: "finance.income", DataSubject: "surety"}}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// A table about two people is decided as a guard decides a struct that holds both. The guard's own answer about the struct is
// the oracle.
func TestPeopleAreDecidedAsInAStruct(t *testing.T) {
	reg := register(t)
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		c := table.Case{Name: "case", Now: noon, Expect: table.Expect{Outcome: table.Permitted}}
		if rapid.IntRange(0, 4).Draw(t, "parties") > 0 { // a lease and a guarantee to begin with
			c.Given = []table.Given{{ID: "lease", DataSubject: "ada", ValidAt: noon.AddDate(-2, 0, 0), Body: basis.Occurred{Event: "signed"}},
				{ID: "guarantee", DataSubject: "bob", ValidAt: noon.AddDate(-2, 0, 0), Body: basis.Occurred{Event: "vouched"}}}
		}
		for i, n := 0, rapid.IntRange(0, 3).Draw(t, "events"); i < n; i++ {
			c.Given = append(c.Given, table.Given{ID: fmt.Sprint("e", i),
				DataSubject: rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "who"),
				ValidAt:     noon.Add(-time.Duration(rapid.IntRange(1, 4000).Draw(t, "days")) * 24 * time.Hour),
				Body: rapid.SampledFrom([]basis.Body{basis.Occurred{Event: "signed"}, basis.Occurred{Event: "signed"}, basis.Occurred{Event: "ended"}, basis.Occurred{Event: "vouched"},
					basis.Occurred{Event: "vouched"}, basis.ConsentGiven{Scope: "mails", Quality: basis.GoodConsent()}, basis.ConsentWithdrawn{Scope: "mails"},
					basis.ObjectionRaised{Ground: basis.OwnSituation}, basis.ObjectionRaised{Ground: basis.Marketing},
					basis.RestrictionImposed{Reason: "unlawful", Categories: []string{"finance"}}, basis.RestrictionImposed{Reason: "unlawful"}}).Draw(t, "event")})
		}
		c.Request = table.Request{
			Principal:   table.Principal{ID: "u17", Organisation: "lessor", Roles: []string{rapid.SampledFrom([]string{"billing", "billing", "debtors", "debtors", "guest"}).Draw(t, "role")}},
			Purpose:     rapid.SampledFrom([]string{"lease.billing", "lease.billing", "lease.dunning", "lease.dunning", "lease.dunning", "mails", "statistics"}).Draw(t, "purpose"),
			Action:      rapid.SampledFrom([]purpose.Action{purpose.Read, purpose.Read, purpose.Read, purpose.Use, purpose.Use, purpose.Share, purpose.Decide}).Draw(t, "action"),
			DataSubject: "ada", DataSubjects: map[string]string{"surety": rapid.SampledFrom([]string{"bob", "bob", "ada"}).Draw(t, "surety")},
			Fields: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Name", "IBAN", "Surety.Name", "Surety.Income"}), 0, 4, rapid.ID[string]).Draw(t, "fields"),
			Facts:  map[string]purpose.Value{"instructed": purpose.BoolValue(rapid.IntRange(0, 4).Draw(t, "instructed") > 0)},
		}
		if c.Request.Action == purpose.Share {
			c.Request.Recipient = rapid.SampledFrom([]string{"bank", "bank", "office"}).Draw(t, "recipient")
		}
		if len(c.Request.Fields) == 0 {
			c.Request.Fields = nil
		}
		tab := &table.Table{Record: "lease", Fields: leaseFields, Cases: []table.Case{c}}
		got, err := table.Explain(t.Context(), reg, []policy.Decider{clerks{}}, tab, "case")
		if err != nil {
			t.Fatal(err)
		}
		want := inStruct(t, reg, &c)
		if a, b := normal(t, got), normal(t, want); a != b {
			t.Fatalf("together (-), in a struct (+):\n%s", gocmp.Diff(strings.Split(a, "\n"), strings.Split(b, "\n")))
		}
		seen[got.Outcome.String()]++
		if r, err := table.Run(t.Context(), reg, []policy.Decider{clerks{}}, []*table.Table{tab}); err != nil {
			t.Fatal(err)
		} else if text := r.Results[0].String(); strings.Contains(text, "release:") {
			t.Fatal(text)
		}
	})
	if testing.Short() {
		return // too few to meet every outcome
	}
	for _, outcome := range []string{"permitted", "partial", "denied"} {
		require.NotZero(t, seen[outcome], "%s: %v", outcome, seen)
	}
}

// inStruct is the guard's answer about the struct.
func inStruct(t *rapid.T, reg *purpose.Register, c *table.Case) *policy.Explanation {
	now := noon
	ledger := basis.NewMemory(reg.Vocabulary(), basis.WithClock(func() time.Time { return now }))
	events := slices.Clone(c.Given)
	slices.SortStableFunc(events, func(a, b table.Given) int { return a.ValidAt.Compare(b.ValidAt) })
	for _, g := range events {
		now = g.ValidAt
		if err := ledger.Record(t.Context(), basis.Event{ID: g.ID, DataSubject: g.DataSubject, ValidAt: g.ValidAt, Body: g.Body}); err != nil {
			t.Fatal(err)
		}
	}
	now = noon
	guard, err := policy.NewGuard(reg, ledger, audittest.NewRecorder(func() time.Time { return now }), clerks{},
		policy.WithClock(func() time.Time { return now }), policy.WithPolicyTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	r := &c.Request
	req := policy.Request{Principal: policy.Principal{ID: r.Principal.ID, Roles: r.Principal.Roles, Organisation: r.Principal.Organisation},
		Action: r.Action, Purpose: r.Purpose, Recipient: r.Recipient, Facts: purpose.Facts{{Fact: "instructed", Value: r.Facts["instructed"]}}}
	e, err := policy.Explain(t.Context(), guard, req, &lease{ID: "ada", Surety: surety{ID: r.DataSubjects["surety"]}}, r.Fields...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// normal is an explanation as text that does not depend on the order in which people were looked at.
func normal(t *rapid.T, e *policy.Explanation) string {
	c := *e
	c.Record = "lease"
	key := func(v any) string { return fmt.Sprintf("%+v", v) }
	c.Grounds = slices.Clone(e.Grounds)
	slices.SortFunc(c.Grounds, func(a, b policy.Ground) int { return cmp.Compare(key(a), key(b)) })
	c.Rejected = slices.Clone(e.Rejected)
	slices.SortFunc(c.Rejected, func(a, b policy.Rejected) int { return cmp.Compare(key(a), key(b)) })
	c.Fields = slices.Clone(e.Fields)
	for i := range c.Fields {
		c.Fields[i].Reasons = slices.Compact(slices.Clone(c.Fields[i].Reasons))
	}
	c.Gates = slices.Clone(e.Gates)
	for i := range c.Gates {
		c.Gates[i].Codes = slices.Sorted(slices.Values(c.Gates[i].Codes))
	}
	c.Rules = slices.Clone(e.Rules)
	for i := range c.Rules {
		c.Rules[i].Fields = slices.Sorted(slices.Values(c.Rules[i].Fields))
	}
	text, err := json.MarshalIndent(&c, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestATableAboutTwoPeople(t *testing.T) {
	text := with(t, one, "fields: [Name, IBAN]", "fields: [Name, Surety]")
	text = text[:strings.Index(text, "      outcome")] + `      permitted: [Name, Surety]
      grounds: [run-lease, run-guarantee]
`
	vouched := with(t, text, "  request:", "    - {kind: relationship.occurred, data_subject: bob, event: vouched, valid_at: 2024-02-01}\n  request:")
	r := run(t, vouched)
	require.True(t, r.OK(), "%s", r.Results[0].String())
	r = run(t, text)
	require.Contains(t, r.Results[0].String(), "permitted: expected Name, Surety, got Name\n", "the control: bob never vouched")

	_, err := table.Run(t.Context(), register(t), []policy.Decider{clerks{}}, []*table.Table{parse(t, with(t, vouched, "    data_subjects: {guarantor: bob}\n", ""))})
	require.ErrorContains(t, err, `the request states no data subject for "guarantor"`)
	missing := with(t, vouched, "    data_subjects: {guarantor: bob}\n", "")
	missing = missing[:strings.Index(missing, "      permitted")] + "      denied: {Surety: request.data-subject-missing}\n      permitted: [Name]\n"
	r = run(t, missing)
	require.True(t, r.OK(), "%s", r.Results[0].String())
}
