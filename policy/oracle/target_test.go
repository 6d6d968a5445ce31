package oracle_test

import (
	"context"
	"fmt"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// Records of the shapes that services have: one person, nobody named, a second person by role, people in
// nested structs, lists and maps.
type (
	lessee struct {
		ID     string               `subject:"id"`
		Name   sealed.Value[string] `personal:"contact.name"`
		Email  string               `personal:"contact.email"`
		City   string               `personal:"address.city"`
		Income int64                `personal:"finance.income"`
		IBAN   sealed.Value[string] `personal:"finance.iban"`
		Score  float64              `personal:"finance.score"`
		CPR    sealed.Value[string] `personal:"ids.cpr"`
		Health string               `personal:"health.note"`
		Crimes []string             `personal:"crime.record"`
		Friend any                  `personal:"social.friend"`
		Visits int                  `personal:"meta.stat"`
		Plate  string               `personal:"-"`
	}
	lead struct {
		Name   string `personal:"contact.name" purpose:"marketing,service"`
		Email  string `personal:"contact.email" basis:"consent"`
		City   string `personal:"address.city" retention:"tag-rule"`
		Income int64  `personal:"finance.income" purpose:"service,risk.score" basis:"contract,legal-obligation,public-task" retention:"tag-rule,needed"`
		Street string `personal:"address.street" purpose:"legal.aml,risk" basis:"legitimate-interests,vital-interests"`
	}
	loan struct {
		ID              string               `subject:"id"`
		Name            sealed.Value[string] `personal:"contact.name"`
		Income          int64                `personal:"finance.income" basis:"contract,consent"`
		GuarantorID     sealed.Value[string] `subject:"guarantor.id"`
		GuarantorName   string               `personal:"contact.name" subject:"guarantor"`
		GuarantorIncome int64                `personal:"finance.income" subject:"guarantor" retention:"tag-rule"`
		OwnerID         string               `personal:"ids.cpr" subject:"owner.id"`
		OwnerCity       string               `personal:"address.city" subject:"owner"`
	}
	household struct {
		Key     int64 `subject:"id"`
		Home    home
		Members []member
		Spouse  *member
		Others  map[string]member
	}
	home struct {
		City   string  `personal:"address.city"`
		Street *string `personal:"address.street"`
	}
	member struct {
		ID     string               `subject:"id"`
		Name   string               `personal:"contact.name"`
		CPR    sealed.Value[string] `personal:"ids.cpr"`
		Health []string             `personal:"health.note"`
	}
)

// field is what the oracle knows of a tagged field.
type field struct {
	path, category string
	purposes       []string
	bases          []basis.Basis
	rules          []string
	role           int // index of target.roles
}

// role is whom fields are about.
type role struct {
	ids    []string // "" where the record does not say
	absent bool     // the record has nobody of the role
	byAsk  bool     // the request names the person
}

// target is what a request is about, as the oracle sees it and as the guard is asked.
type target struct {
	name    string
	fields  []field
	roles   []role
	nilled  bool
	release bool // through ReadMap: recorded, now, and its action is not the request's
	ask     func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (policy.Decision, error)
	explain func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (*policy.Explanation, error)
}

func lesseeFields() []field {
	return []field{{path: "Name", category: "contact.name"}, {path: "Email", category: "contact.email"}, {path: "City", category: "address.city"},
		{path: "Income", category: "finance.income"}, {path: "IBAN", category: "finance.iban"}, {path: "Score", category: "finance.score"},
		{path: "CPR", category: "ids.cpr"}, {path: "Health", category: "health.note"}, {path: "Crimes", category: "crime.record"},
		{path: "Friend", category: "social.friend"}, {path: "Visits", category: "meta.stat"}}
}

func leadFields() []field {
	return []field{{path: "Name", category: "contact.name", purposes: []string{"marketing", "service"}},
		{path: "Email", category: "contact.email", bases: []basis.Basis{basis.Consent}},
		{path: "City", category: "address.city", rules: []string{"tag-rule"}},
		{path: "Income", category: "finance.income", purposes: []string{"service", "risk.score"}, rules: []string{"tag-rule", "needed"},
			bases: []basis.Basis{basis.Contract, basis.LegalObligation, basis.PublicTask}},
		{path: "Street", category: "address.street", purposes: []string{"legal.aml", "risk"}, bases: []basis.Basis{basis.LegitimateInterests, basis.VitalInterests}}}
}

func loanFields() []field {
	return []field{{path: "Name", category: "contact.name"}, {path: "Income", category: "finance.income", bases: []basis.Basis{basis.Contract, basis.Consent}},
		{path: "GuarantorName", category: "contact.name", role: 1}, {path: "GuarantorIncome", category: "finance.income", role: 1, rules: []string{"tag-rule"}},
		{path: "OwnerID", category: "ids.cpr", role: 2}, {path: "OwnerCity", category: "address.city", role: 2}}
}

func householdFields() []field {
	fs := []field{{path: "Home.City", category: "address.city"}, {path: "Home.Street", category: "address.street"}}
	for i, at := range []string{"Members[]", "Spouse", "Others[]"} {
		fs = append(fs, field{path: at + ".Name", category: "contact.name", role: i + 1}, field{path: at + ".CPR", category: "ids.cpr", role: i + 1},
			field{path: at + ".Health", category: "health.note", role: i + 1})
	}
	return fs
}

// recordTarget asks about a struct.
func recordTarget[R any](name string, record *R, fields []field, roles ...role) *target {
	return &target{name: name, fields: fields, roles: roles, nilled: record == nil,
		ask: func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (policy.Decision, error) {
			return policy.Decide(ctx, g, req, record, fields...)
		},
		explain: func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (*policy.Explanation, error) {
			return policy.Explain(ctx, g, req, record, fields...)
		}}
}

// someone is one of the people; now and then the record does not say who.
func someone(d dice) string {
	if d.chance(0.03) {
		return ""
	}
	if d.chance(0.05) {
		return "nobody"
	}
	return pick(d, people[:len(people)-1]...)
}

// generateTarget is a random record or schema.
func generateTarget(d dice, who string) *target {
	switch d.IntN(10) {
	case 0, 1, 2:
		if d.chance(0.01) {
			return recordTarget[lessee]("lessee", nil, lesseeFields(), role{ids: []string{}})
		}
		return recordTarget("lessee", &lessee{ID: who, Name: sealed.Of("x"), Friend: 3}, lesseeFields(), role{ids: []string{who}})
	case 3:
		return recordTarget("lead", &lead{}, leadFields(), role{byAsk: true})
	case 4, 5:
		guarantor := someone(d)
		l := &loan{ID: who, GuarantorID: sealed.Of(guarantor), OwnerID: someone(d)}
		return recordTarget("loan", l, loanFields(), role{ids: []string{who}}, role{ids: []string{guarantor}}, role{ids: []string{l.OwnerID}})
	case 6, 7:
		return householdTarget(d)
	}
	return schemaTarget(d, who)
}

func householdTarget(d dice) *target {
	h := &household{Key: pick(d, int64(17), 42, 42, 17, 17, 0)}
	roles := []role{{ids: []string{fmt.Sprint(h.Key)}}, {absent: true}, {absent: true}, {absent: true}}
	if h.Key == 0 {
		roles[0].ids = []string{""}
	}
	join := func(i int, m member) { roles[i] = role{ids: append(roles[i].ids, m.ID)} }
	for range d.IntN(3) {
		h.Members = append(h.Members, member{ID: someone(d)})
		join(1, h.Members[len(h.Members)-1])
	}
	if d.chance(0.6) {
		h.Spouse = &member{ID: someone(d)}
		join(2, *h.Spouse)
	}
	if d.chance(0.4) {
		h.Others = map[string]member{"a": {ID: someone(d)}, "b": {ID: someone(d)}}
		join(3, h.Others["a"])
		join(3, h.Others["b"])
	}
	return recordTarget("household", h, householdFields(), roles...)
}

// schemaTarget asks about a map with random tags, half the time by releasing it.
func schemaTarget(d dice, who string) *target {
	t := &target{name: "schema", roles: []role{{byAsk: true}}, release: d.chance(0.5)}
	s := purpose.Schema{Name: "row"}
	record := map[string]any{}
	identify := func(name, person, id string, r int) {
		s.Fields = append(s.Fields, purpose.SchemaField{Name: name, Tags: purpose.Tags{DataSubject: person}})
		if t.release {
			record[name] = id
			t.roles[r] = role{ids: []string{id}}
		} else {
			t.roles[r] = role{ids: []string{""}, byAsk: r == 0} // a plan alone is about the request's person
		}
	}
	if d.chance(0.7) {
		identify("id", "id", who, 0)
	}
	if d.chance(0.4) {
		t.roles = append(t.roles, role{})
		identify("guarantor", "guarantor.id", someone(d), 1)
	}
	for i := range d.between(1, 8) {
		f := field{path: fmt.Sprintf("f%d", i), category: pick(d, categories...), purposes: maybe(d, 0.15, 1, 3, "service", "marketing", "marketing.email", "legal", "risk"),
			bases: maybe(d, 0.15, 2, 4, basis.Consent, basis.Contract, basis.LegalObligation, basis.VitalInterests, basis.PublicTask, basis.LegitimateInterests),
			rules: maybe(d, 0.1, 1, 2, tagRule, "needed", "general"), role: d.IntN(len(t.roles))}
		tags := purpose.Tags{Personal: f.category, Purposes: f.purposes, Bases: f.bases, Retention: f.rules}
		if f.role > 0 {
			tags.DataSubject = "guarantor"
		}
		s.Fields = append(s.Fields, purpose.SchemaField{Name: f.path, Tags: tags})
		t.fields = append(t.fields, f)
		record[f.path] = "value"
	}
	bind := boundBy(s)
	t.explain = func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (*policy.Explanation, error) {
		return g.ExplainPlan(ctx, req, bind(g), fields...)
	}
	t.ask = func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (policy.Decision, error) {
		return g.DecidePlan(ctx, req, bind(g), fields...)
	}
	if t.release {
		t.ask = func(ctx context.Context, g *policy.Guard, req policy.Request, fields []string) (policy.Decision, error) {
			return askMap(ctx, g, req, bind(g), record, fields)
		}
	}
	return t
}

// boundBy binds a schema to the register of whichever guard asks, once for each in turn.
func boundBy(s purpose.Schema) func(*policy.Guard) *purpose.Plan {
	var last *policy.Guard
	var plan *purpose.Plan
	return func(g *policy.Guard) *purpose.Plan {
		if g != last {
			p, err := g.Schema(s)
			if err != nil {
				panic(err)
			}
			last, plan = g, p
		}
		return plan
	}
}
