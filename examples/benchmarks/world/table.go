package world

import (
	"fmt"
	"slices"
)

// Principals are all who ask.
var Principals = []Principal{
	{ID: "u-a", Roles: []string{"desk-a"}},
	{ID: "u-b", Roles: []string{"desk-b"}},
	{ID: "u-d", Roles: []string{"desk-d"}},
	{ID: "u-ab", Roles: []string{"desk-a", "desk-b"}},
	{ID: "u-supervisor", Roles: []string{Supervisor}},
	{ID: "u-auditor", Roles: []string{Auditor}},
	{ID: "u-head", Roles: []string{Auditor, Supervisor}},
	{ID: "u-guest", Roles: []string{"guest"}},
}

// Common is the question that is timed: a permitted read of all fields.
func Common() Question {
	return Question{Name: "common", Principal: Principals[0], Action: "read", Purpose: Purpose(0), Person: Customer}
}

// Table is the questions that all contenders answer alike before any is timed, those about records that the world has.
func (w *World) Table() []Question {
	all := []Question{Common()}
	add := func(who int, action, purpose string, record int, person Person) {
		if record < len(w.Records) {
			q := Question{Principal: Principals[who], Action: action, Purpose: purpose, Record: record, Person: person}
			q.Name = fmt.Sprintf("%02d %s %s %s of %s for %s", len(all), q.Principal.ID, action, w.Records[record].Name, person.ID, purpose)
			all = append(all, q)
		}
	}
	for who := range Principals { // who, on the common record
		for _, k := range []int{0, 1, 3} {
			add(who, "read", Purpose(k), 0, Customer)
		}
		add(who, "use", Purpose(0), 0, Customer)
	}
	for _, p := range []Person{Restricted, Former, Stranger} { // whose data
		add(0, "read", Purpose(0), 0, p)
		add(5, "use", Purpose(2), 0, p)
	}
	add(0, "store", Purpose(0), 0, Customer) // what is not foreseen
	add(4, "store", Purpose(1), 0, Stranger)
	add(0, "read", "p-unknown", 0, Customer)
	add(4, "read", "p-unknown", 0, Restricted)
	for _, who := range []int{4, 5, 6} { // what needs no rule of its own, and what the register does not cover
		add(who, "read", Purpose(len(w.Purposes)-1), 0, Customer)
	}
	for record := 1; record < 5; record++ { // other records: bans, actions, less need
		for _, who := range []int{0, 1, 4, 5, 6} {
			add(who, "read", Purpose(record), record, Customer)
			add(who, "use", Purpose(record+1), record, Customer)
		}
		add(0, "use", Purpose(record), record, Former)
	}
	last := len(w.Records) - 1
	for _, who := range []int{0, 4, 5} {
		add(who, "read", Purpose(last%len(w.Purposes)), last, Customer)
	}
	return slices.Clip(all)
}
