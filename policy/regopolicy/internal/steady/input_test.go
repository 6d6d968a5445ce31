package steady_test

import "math/rand/v2"

type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func (d dice) one(in int) bool { return d.IntN(in) == 0 }

func (d dice) some(from ...string) []any {
	list := []any{}
	for _, s := range from {
		if d.one(2) {
			list = append(list, s)
		}
	}
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// request that states most of what it may.
func (d dice) request() input {
	fields := input{}
	for _, path := range d.some("A.x", "A.y", "B.z") {
		category := pick(d, "contact.name", "finance.iban", "health")
		fields[path.(string)] = input{"category": category, "within": []any{category, pick(d, "contact", "finance")}, "class": pick(d, "ordinary", "special")}
	}
	in := input{
		"action": pick(d, "read", "share"), "purpose": pick(d, "p0", "p1"), "purposes": []any{pick(d, "p0", "p1"), "top"},
		"time":   input{"at": pick(d, "2026-01-01T00:00:00.000000000Z", "2026-09-01T00:00:00.000000000Z"), "date": "2026-01-01", "hour": d.IntN(24), "minute": 5, "weekday": 1 + d.IntN(7)},
		"fields": fields, "facts": input{}, "principal": input{"id": "u17"}, "recipient": input{},
	}
	for _, a := range attributes {
		if !d.one(4) {
			a.within(in)[a.name] = a.value(d)
		}
	}
	return in.clone()
}

// attribute that a request may leave out.
type attribute struct {
	group, name string
	value       func(dice) any
}

func (a attribute) within(in input) map[string]any {
	if a.group == "" {
		return in
	}
	switch g := in[a.group].(type) {
	case input:
		return g
	case map[string]any:
		return g
	}
	return nil
}

func oneOf(values ...any) func(dice) any { return func(d dice) any { return pick(d, values...) } }

func someOf(values ...string) func(dice) any { return func(d dice) any { return d.some(values...) } }

var attributes = []attribute{
	{"", "notice", oneOf("1", "2")}, {"", "dataset", oneOf("crm", "loans")}, {"", "reviewer", oneOf("u17", "u18")}, {"", "capacities", someOf("customer", "guarantor")},
	{"principal", "roles", someOf("a", "b", "c")}, {"principal", "tasks", someOf("a", "t")}, {"principal", "organisation", oneOf("acme", "bank")}, {"principal", "country", oneOf("DK", "US")},
	{"recipient", "key", oneOf("bank", "court")}, {"recipient", "kind", oneOf("processor", "controller")}, {"recipient", "country", oneOf("DK", "SE", "US")},
	{"facts", "flag", oneOf(true, false)}, {"facts", "days", oneOf(0, 1, 3, 40)}, {"facts", "note", oneOf("a", "b", "note-a")}, {"facts", "tags", someOf("a", "b", "x")},
	{"facts", "until", oneOf("2026-06-01T00:00:00.000000000Z", "2025-06-01T00:00:00.000000000Z")}, {"facts", "case-open", oneOf(true, false)},
}

// less is a request with one or more things left out of in: attributes, groups of them, entries of lists.
func (d dice) less(in input) input {
	own := in.clone()
	for range 1 + d.IntN(3) {
		a := pick(d, attributes...)
		g := a.within(own)
		list, isList := g[a.name].([]any)
		switch {
		case g == nil:
		case d.one(12) && a.group != "" && a.group != "principal":
			delete(own, a.group)
		case isList && len(list) > 0 && !d.one(4):
			i := d.IntN(len(list))
			g[a.name] = append(append([]any{}, list[:i]...), list[i+1:]...)
		default:
			delete(g, a.name)
		}
	}
	return own
}
