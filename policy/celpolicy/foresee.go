package celpolicy

import (
	"context"
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Rules lists the rules in the order of their ids.
func (p *Policy) Rules() []policy.Rule {
	list := make([]policy.Rule, len(p.rules))
	for i := range p.rules {
		r := &p.rules[i]
		list[i] = policy.Rule{ID: r.id, Effect: r.effect, File: r.file, Line: r.line}
	}
	return list
}

// Foresee says what the rules could do with a prospect, whoever asks, whenever, and whatever is stated. A condition
// is judged by the action, purpose, recipient, country, category and class alone: a rule is out of reach where they
// make it false, unless it narrows and mentions what a request may leave out. The names of the plan's fields say nothing, so that a plan of bare categories will do. Fields
// that a rule denies in any case are never seen.
func (p *Policy) Foresee(ctx context.Context, ahead policy.Prospect) (reach policy.Reach, err error) {
	defer func() {
		if r := recover(); r != nil {
			reach, err = policy.Reach{}, errBroke
		}
	}()
	req := policy.Request{Action: ahead.Action, Purpose: p.reg.Purposes().Key(ahead.Purpose), Recipient: ahead.Recipient}
	kind, known := p.kinds[ahead.Recipient]
	in := policy.Input{Request: &req, Plan: ahead.Plan, Purpose: ahead.Purpose, RecipientKind: kind, Country: ahead.Country}
	if ctx == nil || !p.fits(&in) || known != (ahead.Action == purpose.Share) || !known && ahead.Recipient+ahead.Country != "" {
		return reach, errInput
	}
	in.Fields = purpose.AllFields(len(ahead.Plan.Fields))
	d := decision{ctx: ctx, p: p, in: &in, view: p.viewOf(ahead.Plan), frame: p.pool.Get().(*frame)}
	d.frame.in, d.frame.view, d.frame.ahead = &in, d.view, true
	defer d.frame.release()
	var denied purpose.FieldSet
	for _, list := range [...][]uint32{p.everywhere, p.only[ahead.Purpose]} {
		for _, i := range list {
			r := &p.rules[i]
			could, must := d.foresee(i)
			if could.Empty() {
				continue
			}
			reach.Rules = append(reach.Rules, r.id)
			switch r.effect {
			case policy.EffectPermit:
				reach.Permit = reach.Permit.Or(could)
			case policy.EffectDeny:
				denied = denied.Or(must)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return policy.Reach{}, err
	}
	reach.Permit = reach.Permit.Without(denied)
	slices.Sort(reach.Rules)
	return reach, nil
}

// foresee finds the fields to which a rule could apply, and those to which it applies for everybody.
func (d *decision) foresee(i uint32) (could, must purpose.FieldSet) {
	r := &d.p.rules[i]
	fields := d.view.selected[i].And(d.in.Fields)
	if fields.Empty() || !r.concerns(d.in.Request) {
		return could, must
	}
	could, must = fields, fields
	if r.when != nil {
		met, unsure := d.evaluate(r.when, fields)
		could, must = met.Or(unsure), met
		if r.effect != policy.EffectPermit && d.p.leavesOut(r.when) {
			could = fields
		}
	}
	if r.roles != nil || r.tasks != nil || r.except != nil {
		must = purpose.FieldSet{}
	}
	return could, must
}

// leavesOut reports whether a request may lack something that a condition mentions: what narrows then applies.
func (p *Policy) leavesOut(c *condition) bool {
	return slices.ContainsFunc(c.slots, func(slot int) bool { return !p.vars[slot].foreseen })
}

// kindsOf is the kind of each recipient of a register.
func kindsOf(spec *purpose.Spec) map[string]purpose.RecipientKind {
	kinds := make(map[string]purpose.RecipientKind, len(spec.Recipients))
	for i := range spec.Recipients {
		kinds[spec.Recipients[i].Key] = spec.Recipients[i].Kind
	}
	return kinds
}
