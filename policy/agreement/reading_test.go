package agreement_test

import (
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// outcome is what is said about one request, by field name.
type outcome struct {
	permit, deny map[string]bool
	masks        map[string][]policy.Mask
	obligations  []string
	hits         map[string]bool // "rule effect field", of deny and redact
}

func nothing() outcome {
	return outcome{map[string]bool{}, map[string]bool{}, map[string][]policy.Mask{}, nil, map[string]bool{}}
}

// sorted is an outcome with its lists in order.
func (o outcome) sorted() outcome {
	for f := range o.masks {
		slices.Sort(o.masks[f])
		o.masks[f] = slices.Compact(o.masks[f])
	}
	slices.Sort(o.obligations)
	o.obligations = slices.Compact(o.obligations)
	return o
}

// shown is what becomes of an outcome: the masks of fields that are let through.
func (o outcome) shown() map[string][]policy.Mask {
	shown := map[string][]policy.Mask{}
	for f := range o.permit {
		if !o.deny[f] {
			shown[f] = o.masks[f]
		}
	}
	return shown
}

// said is a verdict as an outcome.
func said(p *purpose.Plan, v policy.Verdict) outcome {
	o := nothing()
	each := func(fs purpose.FieldSet, f func(path string)) {
		for i := range fs.All {
			f(p.Fields[i].Path)
		}
	}
	each(v.Permit, func(f string) { o.permit[f] = true })
	each(v.Deny, func(f string) { o.deny[f] = true })
	for _, r := range v.Redactions {
		each(r.Fields, func(f string) { o.masks[f] = append(o.masks[f], r.Mask) })
	}
	o.obligations = append(o.obligations, v.Obligations...)
	for _, h := range v.Hits {
		if h.Effect == policy.EffectDeny || h.Effect == policy.EffectRedact {
			each(h.Fields, func(f string) { o.hits[h.Rule+" "+h.Effect.String()+" "+f] = true })
		}
	}
	return o.sorted()
}

// engine tells which way of treating doubt a reading takes.
type engine uint8

const (
	cel  engine = iota // a rule in doubt denies, and does nothing else
	rego               // it denies, and applies as well
)

// read answers by going through all rules for each field, on the texts alone.
func read(rules []*rule, in *policy.Input, by engine) outcome {
	o := nothing()
	for _, r := range rules {
		if !r.selects(in.Request) {
			continue
		}
		for i := range in.Plan.Fields {
			category := in.Plan.Register.Categories().Key(in.Plan.Fields[i].Category)
			if !in.Fields.Has(i) || !node(r.categories, category) {
				continue
			}
			yes, stated := r.when.eval(in, i)
			o.apply(r, in.Plan.Fields[i].Path, yes && stated, !stated, by)
		}
	}
	return o.sorted()
}

func (o *outcome) apply(r *rule, field string, yes, doubt bool, by engine) {
	narrows := r.narrows()
	if doubt && narrows {
		o.deny[field] = true
		o.hits[r.id+" deny "+field] = true
	}
	if !yes && !(doubt && narrows && by == rego) {
		return
	}
	switch r.effect {
	case policy.EffectPermit:
		o.permit[field] = true
	case policy.EffectDeny:
		o.deny[field] = true
		o.hits[r.id+" deny "+field] = true
	case policy.EffectRedact:
		o.masks[field] = append(o.masks[field], r.mask)
		o.hits[r.id+" redact "+field] = true
	case policy.EffectOblige:
		o.obligations = append(o.obligations, r.obligations...)
	}
}

// node reports whether a key is one of the nodes or below one; nil is all.
func node(nodes []string, key string) bool {
	return nodes == nil || slices.ContainsFunc(nodes, func(n string) bool { return key == n || strings.HasPrefix(key, n+".") })
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// selects tests everything but categories and the condition.
func (r *rule) selects(req *policy.Request) bool {
	switch {
	case r.actions != nil && !slices.Contains(r.actions, req.Action), !node(r.purposes, req.Purpose):
		return false
	case r.roles != nil && !common(r.roles, req.Principal.Roles), r.tasks != nil && !common(r.tasks, req.Principal.Tasks):
		return false
	case common(r.exceptRoles, req.Principal.Roles):
		return false
	}
	unknown := r.narrows() && req.Action == purpose.Share && req.Recipient == "" // it may be any
	return r.recipients == nil || unknown || slices.Contains(r.recipients, req.Recipient)
}

// eval is what a condition says. Whatever it mentions must be stated.
func (c *cond) eval(in *policy.Input, field int) (yes, stated bool) {
	if c == nil {
		return true, true
	}
	if c.op == 'a' {
		return c.atom.mean(in, field)
	}
	yes, stated = c.l.eval(in, field)
	if c.op == '!' {
		return !yes, stated
	}
	y, s := c.r.eval(in, field)
	if c.op == '&' {
		return yes && y, stated && s
	}
	return yes || y, stated && s
}
