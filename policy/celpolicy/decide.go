package celpolicy

import (
	"context"
	"errors"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// rule is a checked Rule. Selectors that select all are nil or 0.
type rule struct {
	id                   string
	effect               policy.Effect
	mask                 policy.Mask
	actions              uint8 // bit a: purpose.Action a
	roles, tasks, except []string
	purposes, categories []purpose.ID // disjoint subtrees, in order
	recipients           []string
	obligations          []string
	when                 *condition
	file                 string
	line                 int
}

var (
	errInput = errors.New("celpolicy: the input is not complete, or of another register")
	errBroke = errors.New("celpolicy: internal error")
)

// Decide answers for all fields of a request. Errors never quote what was asked.
func (p *Policy) Decide(ctx context.Context, in *policy.Input) (v policy.Verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = policy.Verdict{Digest: p.digest}, errBroke
		}
	}()
	v.Digest = p.digest
	if ctx == nil || !p.fits(in) {
		return v, errInput
	}
	d := decision{ctx: ctx, p: p, in: in, view: p.viewOf(in.Plan), lasts: always}
	for _, i := range p.everywhere {
		d.apply(&v, i)
	}
	for _, i := range p.only[in.Purpose] {
		d.apply(&v, i)
	}
	if d.frame != nil {
		d.frame.release()
	}
	if v.Lasting = d.lasts != never; d.lasts == minute {
		v.Until = in.Request.At.Truncate(time.Minute).Add(time.Minute)
	}
	slices.Sort(v.Obligations)
	v.Obligations = slices.Compact(v.Obligations)
	if err := ctx.Err(); err != nil {
		return policy.Verdict{Digest: p.digest}, err
	}
	return v, nil
}

// fits reports whether the input is whole and speaks of the policy's register.
func (p *Policy) fits(in *policy.Input) bool {
	if in == nil || in.Request == nil || in.Plan == nil || in.Plan.Register == nil || in.Request.Action == 0 || in.Request.Action > purpose.Decide {
		return false
	}
	if in.Plan.Register != p.reg && in.Plan.Register.Digest() != p.reg.Digest() {
		return false
	}
	tree := p.reg.Purposes()
	return tree.Leaf(in.Purpose) && tree.Key(in.Purpose) == in.Request.Purpose
}

// decision is what Decide works with.
type decision struct {
	ctx   context.Context
	p     *Policy
	in    *policy.Input
	view  *view
	frame *frame // nil until a condition needs it

	lasts lasting // the verdict
}

// apply adds what one rule says.
func (d *decision) apply(v *policy.Verdict, i uint32) {
	r := &d.p.rules[i]
	fields := d.view.selected[i].And(d.in.Fields)
	if fields.Empty() {
		return
	}
	if r.tasks != nil {
		d.lasts = never
	}
	if !r.selects(d.in) {
		return
	}
	met, failed := fields, purpose.FieldSet{}
	if r.when != nil {
		d.lasts = min(d.lasts, r.when.lasts)
		met, failed = d.evaluate(r.when, fields)
	}
	switch r.effect {
	case policy.EffectPermit:
		v.Permit = v.Permit.Or(met)
		d.hit(v, r, r.effect, met, d.in.Explain)
		return
	case policy.EffectDeny:
		failed, met = failed.Or(met), purpose.FieldSet{}
	case policy.EffectRedact:
		v.Redactions = mask(v.Redactions, r.mask, met)
		d.hit(v, r, r.effect, met, true)
	case policy.EffectOblige:
		if !met.Empty() {
			v.Obligations = append(v.Obligations, r.obligations...)
		}
		d.hit(v, r, r.effect, met, d.in.Explain)
	default:
		failed = fields
	}
	v.Deny = v.Deny.Or(failed)
	d.hit(v, r, policy.EffectDeny, failed, true)
}

// hit lists a rule that matched.
func (d *decision) hit(v *policy.Verdict, r *rule, e policy.Effect, fields purpose.FieldSet, wanted bool) {
	if wanted && !fields.Empty() {
		v.Hits = append(v.Hits, policy.Hit{Rule: r.id, Effect: e, Fields: fields, File: r.file, Line: r.line})
	}
}

// mask adds fields to those that a mask covers; masks stay in order.
func mask(list []policy.Redaction, m policy.Mask, fields purpose.FieldSet) []policy.Redaction {
	if fields.Empty() {
		return list
	}
	i, found := slices.BinarySearchFunc(list, m, func(r policy.Redaction, m policy.Mask) int { return int(r.Mask) - int(m) })
	if !found {
		list = slices.Insert(list, i, policy.Redaction{Mask: m})
	}
	list[i].Fields = list[i].Fields.Or(fields)
	return list
}

// selects tests everything but purposes, categories and the condition.
func (r *rule) selects(in *policy.Input) bool {
	req := in.Request
	if r.roles != nil && !meet(r.roles, req.Principal.Roles) || r.tasks != nil && !meet(r.tasks, req.Principal.Tasks) {
		return false
	}
	if r.except != nil && meet(r.except, req.Principal.Roles) {
		return false
	}
	return r.concerns(req)
}

// concerns tests what is done and who receives.
func (r *rule) concerns(req *policy.Request) bool {
	if r.actions != 0 && r.actions&(1<<req.Action) == 0 {
		return false
	}
	if r.recipients == nil || slices.Contains(r.recipients, req.Recipient) {
		return true
	}
	// A rule that narrows applies while it is not known who receives.
	return r.effect != policy.EffectPermit && req.Recipient == "" && req.Action == purpose.Share
}

// meet reports whether two lists have a name in common.
func meet(a, b []string) bool {
	for _, s := range b {
		if slices.Contains(a, s) {
			return true
		}
	}
	return false
}

// evaluate runs a condition, for each field if it speaks of fields. failed are the fields for which it has no answer.
func (d *decision) evaluate(c *condition, fields purpose.FieldSet) (met, failed purpose.FieldSet) {
	if d.frame == nil {
		d.frame = d.p.pool.Get().(*frame)
		d.frame.in, d.frame.view = d.in, d.view
	}
	if !c.perField {
		switch yes, ok := d.run(c); {
		case !ok:
			return purpose.FieldSet{}, fields
		case yes:
			return fields, purpose.FieldSet{}
		}
		return purpose.FieldSet{}, purpose.FieldSet{}
	}
	for i := range fields.All {
		d.frame.field = i
		if yes, ok := d.run(c); !ok {
			failed.Add(i)
		} else if yes {
			met.Add(i)
		}
	}
	return met, failed
}

// run evaluates a condition once. ok is false when something that it mentions is not stated, when it
// meets an error, and when time is up.
func (d *decision) run(c *condition) (yes, ok bool) {
	if d.ctx.Err() != nil {
		d.lasts = never
		return false, false
	}
	for _, slot := range c.slots {
		if d.frame.value(slot) == unstated {
			return false, false
		}
	}
	var out ref.Val
	var err error
	if c.limited {
		out, err = d.limited(c)
	} else {
		out, _, err = c.program.Eval(d.frame)
	}
	b, isBool := out.(types.Bool)
	return err == nil && isBool && bool(b), err == nil && isBool
}

// longest that a condition without a proven bound runs where the context has no end of its own.
const longest = 250 * time.Millisecond

func (d *decision) limited(c *condition) (ref.Val, error) {
	ctx := d.ctx
	if _, ends := ctx.Deadline(); !ends {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, longest)
		defer cancel()
	}
	out, _, err := c.program.ContextEval(ctx, d.frame)
	return out, err
}
