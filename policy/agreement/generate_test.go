package agreement_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// dice makes random rules and requests.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 23))} }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// some is a random part of a list, in random order; nil in the other cases.
func some[T any](d dice, percent int, list ...T) []T {
	if !d.chance(percent) {
		return nil
	}
	list = slices.Clone(list)
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:1+d.IntN(len(list))]
}

var (
	actions = []purpose.Action{purpose.Collect, purpose.Read, purpose.Use, purpose.Share, purpose.Read, purpose.Share}
	leaves  = []string{"invoicing.dunning", "invoicing.billing", "credit", "support"}
	effects = []policy.Effect{policy.EffectPermit, policy.EffectPermit, policy.EffectPermit, policy.EffectDeny, policy.EffectRedact, policy.EffectOblige}
)

func (d dice) rules() []*rule {
	rules := make([]*rule, 2+d.IntN(6))
	for i := range rules {
		rules[i] = d.rule(i)
	}
	return rules
}

func (d dice) rule(i int) *rule {
	of := effects
	if i == 0 {
		of = of[:1] // a policy has a permit
	}
	r := &rule{id: fmt.Sprintf("r%d", i), effect: pick(d, of...), byField: d.chance(40), byLibrary: d.chance(30)}
	r.actions = some(d, 30, actions[:4]...)
	r.purposes = some(d, 30, append([]string{"invoicing"}, leaves...)...)
	r.categories = some(d, 40, "contact", "finance", "contact.name", "finance.iban", "national-id", "national-id.cpr")
	r.recipients = some(d, 15, "hausbank", "bureau")
	if r.narrows() {
		r.exceptRoles = some(d, 40, "billing", "clerk", "support", "dpo")
	} else {
		r.roles, r.tasks = some(d, 30, "billing", "clerk", "support", "dpo"), some(d, 10, "case-1", "case-2")
	}
	switch r.effect {
	case policy.EffectRedact:
		r.mask = pick(d, policy.Remove, policy.LastFour, policy.YearOnly, policy.Initials)
	case policy.EffectOblige:
		r.obligations = some(d, 100, "notify", "strip", "return")
	}
	if d.chance(60) {
		r.when = d.cond(!r.narrows(), 2)
	}
	return r
}

// cond is a condition that turns false, if at all, when something is left out of a list; its opposite where rising is false.
func (d dice) cond(rising bool, depth int) *cond {
	switch {
	case depth > 0 && d.chance(50):
		return &cond{op: pick(d, byte('&'), '|'), l: d.cond(rising, depth-1), r: d.cond(rising, depth-1)}
	case depth > 0 && d.chance(15):
		return &cond{op: '!', l: d.cond(!rising, depth-1)}
	}
	a := &cond{op: 'a', atom: pick(d, atoms...)}
	if a.atom.oneWay && !rising || !a.atom.oneWay && d.chance(30) {
		return &cond{op: '!', l: a}
	}
	return a
}

// request is one with any part of it missing, misspelt or of the wrong type.
func (d dice) request(p *purpose.Plan) *policy.Input {
	req := &policy.Request{Principal: policy.Principal{ID: pick(d, "u17", "u17", "u18", "somebody")}, Action: pick(d, actions...), Purpose: pick(d, leaves...), At: now, KnownAt: now}
	if d.chance(30) {
		req.At = now.Add(time.Duration(d.IntN(20*24*60)) * time.Minute)
	}
	in := &policy.Input{Request: req, Plan: p, Fields: purpose.FieldSet{uint64(1 + d.IntN(31))}, Explain: d.chance(30)}
	in.Purpose, _ = p.Register.Purposes().ID(req.Purpose)
	req.Principal.Roles = some(d, 80, "billing", "clerk", "support", "dpo", "Clerk", "dpo ")
	req.Principal.Tasks = some(d, 60, "case-1", "case-2", "case-3", "Case-1")
	req.Principal.Organisation = pick(d, "lender", "lender", "bureau", "Lender", "")
	req.Reviewer = pick(d, "u17", "u18", "U18", "")
	req.Dataset = pick(d, "main", "archive", "man", "")
	in.Notice = pick(d, "v2", "v2", "v1", "V2", "")
	in.Capacities = some(d, 80, "lessee", "guarantor", "lesse")
	if req.Action == purpose.Share {
		req.Recipient = pick(d, "hausbank", "bureau", "bureau", "hausbnk", "")
		in.Country = pick(d, "DK", "DK", "SE", "dk", "")
		in.RecipientKind = pick(d, purpose.SeparateController, purpose.Processor, 0)
	}
	for _, f := range d.facts() {
		if d.chance(75) {
			req.Facts = append(req.Facts, d.spoil(f))
		}
		if d.chance(3) {
			req.Facts = append(req.Facts, f)
		}
	}
	d.Shuffle(len(req.Facts), func(i, j int) { req.Facts[i], req.Facts[j] = req.Facts[j], req.Facts[i] })
	return in
}

func (d dice) facts() []purpose.NamedValue {
	return []purpose.NamedValue{
		purpose.Named("case-open", purpose.BoolValue(d.chance(50))), purpose.Named("auth.2fa", purpose.BoolValue(d.chance(50))),
		purpose.Named("channel", purpose.TextValue(pick(d, "phone", "mail", "Phone", ""))),
		purpose.Named("note", purpose.TextValue(pick(d, "v", "vvv", "vi", "x", "", "æ", strings.Repeat("v", 256), strings.Repeat("v", 257)))),
		purpose.Named("loan.days-late", purpose.IntValue(pick(d, int64(0), 29, 30, 31, -1, 1<<62, -1<<63))),
		purpose.Named("loan.until", purpose.InstantValue(pick(d, now, now.Add(1), now.Add(-1), june, june.Add(-1), now.AddDate(1, 0, 0).In(time.FixedZone("", 7200))))),
		purpose.Named("flags", purpose.TextsValue(pick(d, []string{"vip"}, []string{"old", "vip"}, []string{"old"}, []string{"VIP", ""}, slices.Repeat([]string{"vip"}, 64), slices.Repeat([]string{"vip"}, 65), []string{strings.Repeat("x", 257)})...)),
	}
}

// spoil misspells one fact in ten, and gives one in ten another type.
func (d dice) spoil(f purpose.NamedValue) purpose.NamedValue {
	switch d.IntN(20) {
	case 0:
		return purpose.Named(pick(d, strings.ToUpper(f.Fact), strings.ReplaceAll(f.Fact, "-", "_"), f.Fact+" ", "facts."+f.Fact), f.Value)
	case 1:
		return purpose.Named(f.Fact, pick(d, purpose.TextValue("true"), purpose.TextValue("30"), purpose.IntValue(30), purpose.BoolValue(true), purpose.TextsValue("phone"), purpose.InstantValue(june)))
	}
	return f
}
