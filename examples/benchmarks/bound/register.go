// Package bound is purposebound as a contender: a register, a ledger with four people, and rules of need to know as
// selectors, with conditions in CEL, or in Rego.
package bound

import (
	"context"
	"errors"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Spec is the register of a world.
func Spec(w *world.World) (purpose.Spec, error) {
	s := purpose.Spec{
		Controller: purpose.Controller{Name: "Measure", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01"}},
		Capacities: []purpose.Capacity{{Key: "customer"}},
		Events: []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}},
			{Key: "ended", Stage: basis.Ended}},
		Facts: []purpose.Fact{{Key: "channel", Type: purpose.Text, Values: []string{"phone", "mail", "branch"}},
			{Key: "case-open", Type: purpose.Bool}, {Key: "days-late", Type: purpose.Int}},
		Retention: []retention.Rule{{Key: "five-years", Clause: "5", Anchor: retention.After("ended"), Ceiling: retention.MustPeriod("P5Y")}},
	}
	for _, p := range w.Purposes {
		s.Purposes = append(s.Purposes, purpose.Purpose{Key: p})
	}
	for _, r := range w.Records {
		for _, c := range r.Categories {
			s.Categories = append(s.Categories, purpose.Category{Key: c})
		}
	}
	for _, a := range w.Activities {
		actions, err := actionsOf(a.Actions)
		if err != nil {
			return s, err
		}
		s.Activities = append(s.Activities, purpose.Activity{Key: a.Key, Clause: "2", Purposes: a.Purposes, Categories: []string{a.Group},
			Actions: actions, Capacities: []string{"customer"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"five-years"}})
	}
	return s, nil
}

func actionsOf(names []string) (all []purpose.Action, err error) {
	for _, n := range names {
		var a purpose.Action
		err = errors.Join(err, a.UnmarshalText([]byte(n)))
		all = append(all, a)
	}
	return all, err
}

// people puts who questions are about on record.
func people(ledger *basis.Memory) error {
	since := time.Now().Add(-48 * time.Hour)
	happened := func(who world.Person, b basis.Body) basis.Event {
		since = since.Add(time.Hour)
		return basis.Event{DataSubject: who.ID, ValidAt: since, Body: b}
	}
	return ledger.Record(context.Background(),
		happened(world.Customer, basis.Occurred{Event: "signed"}),
		happened(world.Restricted, basis.Occurred{Event: "signed"}),
		happened(world.Restricted, basis.RestrictionImposed{Reason: "accuracy-contested"}),
		happened(world.Former, basis.Occurred{Event: "signed"}),
		happened(world.Former, basis.Occurred{Event: "ended"}))
}

// Forgets is a trail that costs nothing and answers at once, so that releasing can be measured apart from writing.
type Forgets struct{}

func (Forgets) Append(context.Context, []audit.Event) error { return nil }
func (Forgets) Head(context.Context) (audit.Head, error)    { return audit.Head{}, nil }
func (Forgets) Close() error                                { return nil }

// Prompt says that nobody need wait apart for it.
func (Forgets) Prompt() bool { return true }

// Rules makes the policies of a world.
type Rules func(*purpose.Register, *world.World) ([]policy.Decider, error)

// Guard is a guard over a world, with the rules that rules makes of it, and its ledger.
func Guard(w *world.World, rules Rules, trail audit.Trail) (*policy.Guard, *basis.Memory, error) {
	spec, err := Spec(w)
	if err != nil {
		return nil, nil, err
	}
	register, err := purpose.Compile(spec)
	if err != nil {
		return nil, nil, err
	}
	return Enforce(register, w, rules, trail)
}

// Enforce is Guard for a register that is compiled.
func Enforce(register *purpose.Register, w *world.World, rules Rules, trail audit.Trail) (*policy.Guard, *basis.Memory, error) {
	ledger := basis.NewMemory(register.Vocabulary())
	if err := people(ledger); err != nil {
		return nil, nil, err
	}
	deciders, err := rules(register, w)
	if err != nil {
		return nil, nil, err
	}
	g, err := policy.NewGuard(register, ledger, trail, deciders[0], policy.WithPolicies(deciders[1:]...),
		policy.WithPolicyTimeout(time.Minute)) // a busy machine is measured, not refused
	return g, ledger, err
}
