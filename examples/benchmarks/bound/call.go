package bound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Request is a question as a request.
func Request(q world.Question) (policy.Request, error) {
	var action purpose.Action
	err := action.UnmarshalText([]byte(q.Action))
	return policy.Request{Principal: policy.Principal{ID: q.Principal.ID, Roles: q.Principal.Roles}, Action: action, Purpose: q.Purpose,
		DataSubject: q.Person.ID}, err
}

// call decides about a plan, or about a struct where there is one.
type call struct {
	guard  *policy.Guard
	plan   *purpose.Plan
	record *First
	req    policy.Request
	fields []string
	d      policy.Decision

	asked int
	crowd []string        // whom it is about in turn
	facts []purpose.Facts // what is stated in turn
	roles [][]string      // as whom somebody asks in turn: with one role more, which no rule names
}

func (c *call) Run() (err error) {
	c.asked++
	if n := len(c.facts); n > 0 {
		c.req.Facts = c.facts[c.asked%n]
	}
	if n := len(c.roles); n > 0 {
		c.req.Principal.Roles = c.roles[c.asked%n]
	}
	if n := len(c.crowd); n > 0 {
		c.record.ID = c.crowd[c.asked%n]
	}
	if c.record != nil {
		c.d, err = policy.Decide(context.Background(), c.guard, c.req, c.record)
	} else {
		c.d, err = c.guard.DecidePlan(context.Background(), c.req, c.plan)
	}
	return err
}

func (c *call) Answer() world.Answer { return answer(c.fields, c.d.Reasons) }

func answer(fields []string, reasons func(string) []policy.Reason) (a world.Answer) {
	for i, f := range fields {
		for _, r := range reasons(f) {
			if code := codeOf(r.Code); a[i] == world.Permit || code < a[i] {
				a[i] = code
			}
		}
	}
	return a
}

// codeOf finds the code that all contenders have for a reason.
func codeOf(c policy.Code) world.Code {
	switch {
	case c == policy.CodeRestricted:
		return world.Limited
	case c == policy.CodeNotCovered:
		return world.NotCovered
	case c == policy.CodeAction:
		return world.NoAction
	case c == policy.CodeCapacity, strings.HasPrefix(string(c), "basis."):
		return world.NoBasis
	case c == policy.CodePolicyDeny:
		return world.Ban
	case c == policy.CodePolicyPermit:
		return world.NoNeed
	}
	return world.NoPurpose
}

// explain is call with an explanation.
type explain struct {
	call
	e *policy.Explanation
}

func (c *explain) Run() (err error) {
	c.e, err = policy.Explain(context.Background(), c.guard, c.req, c.record)
	return err
}

func (c *explain) Answer() world.Answer {
	reasons := map[string][]policy.Reason{}
	for _, f := range c.e.Fields {
		reasons[f.Field] = f.Reasons
		if f.Result == "permit" {
			reasons[f.Field] = nil
		}
	}
	return answer(c.fields, func(f string) []policy.Reason { return reasons[f] })
}

// First is the first record of every world, as a struct.
type First struct {
	ID  string `subject:"id"`
	F00 string `personal:"c0.f0"`
	F01 string `personal:"c0.f1"`
	F02 string `personal:"c0.f2"`
	F03 string `personal:"c0.f3"`
	F04 string `personal:"c0.f4"`
	F05 string `personal:"c0.f5"`
	F06 string `personal:"c0.f6"`
	F07 string `personal:"c0.f7"`
	F08 string `personal:"c0.f8"`
	F09 string `personal:"c0.f9"`
	F10 string `personal:"c1.f0"`
	F11 string `personal:"c1.f1"`
	F12 string `personal:"c1.f2"`
	F13 string `personal:"c1.f3"`
	F14 string `personal:"c1.f4"`
	F15 string `personal:"c1.f5"`
	F16 string `personal:"c1.f6"`
	F17 string `personal:"c1.f7"`
	F18 string `personal:"c1.f8"`
	F19 string `personal:"c1.f9"`
}

var errOther = errors.New("bound: only the first record has a struct")

// Held is a guard with the plans of all records. It makes calls.
type Held struct {
	Guard *policy.Guard
	w     *world.World
	facts purpose.Facts
	plans []*purpose.Plan
	form  form
	crowd []string
}

// Ask implements world.Loaded.
func (h *Held) Ask(q world.Question) (world.Call, error) {
	req, err := Request(q)
	if err != nil {
		return nil, fmt.Errorf("bound: %s: %w", q.Name, err)
	}
	req.Facts = h.facts
	c := call{guard: h.Guard, req: req, plan: h.plans[q.Record], fields: h.w.Records[q.Record].Fields}
	if h.form == plans {
		return &c, nil
	}
	if q.Record != 0 {
		return nil, errOther
	}
	c.record, c.req.DataSubject = &First{ID: q.Person.ID}, ""
	switch {
	case h.form == others && q.Person == world.Customer:
		c.crowd = h.crowd
	case h.form == varied:
		c.facts = variants(h.facts)
	case h.form == changing:
		for i := range many {
			c.roles = append(c.roles, append(slices.Clone(c.req.Principal.Roles), fmt.Sprintf("other-%d", i)))
		}
	}
	if h.form == explained {
		return &explain{call: c}, nil
	}
	return &c, nil
}
