package regopolicy

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Foresee says what the policy could do with a prospect, by evaluating each rule as far as the prospect goes. Where the
// engine cannot tell within bounds the rule is taken to apply.
func (p *Policy) Foresee(ctx context.Context, prospect policy.Prospect) (reach policy.Reach, err error) {
	defer func() {
		if r := recover(); r != nil {
			reach, err = policy.Reach{}, ErrEngine
		}
	}()
	if ctx == nil || !p.foreseeable(prospect) {
		return policy.Reach{}, ErrInput
	}
	// While it looks ahead the engine writes to terms that it was given, with what they were before: so it is given terms
	// that no evaluation reads, and looks ahead once at a time.
	if p, err = p.twin(); err != nil {
		return policy.Reach{}, ErrEngine
	}
	if err := p.enter(ctx); err != nil {
		return policy.Reach{}, err
	}
	defer func() { <-p.flights }()
	f := &foresight{Policy: p, ctx: ctx, prospect: prospect, view: p.viewOf(prospect.Plan), monotone: p.monotone()}
	rules := map[string]bool{}
	var denied purpose.FieldSet
	for i := range p.defs {
		d := &p.defs[i]
		may, always, err := f.apply(d, f.view.all)
		if err != nil {
			return policy.Reach{}, err
		}
		if may.Empty() {
			continue
		}
		rules[d.id] = true
		switch d.effect {
		case policy.EffectPermit:
			reach.Permit = reach.Permit.Or(may)
		case policy.EffectDeny:
			if always, err = f.whatever(d, always); err != nil {
				return policy.Reach{}, err
			}
			denied = denied.Or(always)
		}
	}
	reach.Permit = reach.Permit.Without(denied)
	reach.Rules = slices.Sorted(maps.Keys(rules))
	return reach, nil
}

func (p *Policy) foreseeable(x policy.Prospect) bool {
	return x.Plan != nil && x.Plan.Register != nil && (x.Plan.Register == p.reg || x.Plan.Register.Digest() == p.reg.Digest()) &&
		x.Action > 0 && x.Action <= purpose.Decide && p.reg.Purposes().Leaf(x.Purpose)
}

// foresight is one call of Foresee.
type foresight struct {
	*Policy
	ctx      context.Context
	prospect policy.Prospect
	view     *view
	monotone bool // asking for more fields never makes a rule apply less
}

// apply finds the fields that a rule may reach, and those that it reaches whatever is not known, when these fields are requested.
func (f *foresight) apply(d *definition, requested purpose.FieldSet) (may, always purpose.FieldSet, err error) {
	if err := f.ctx.Err(); err != nil {
		return may, always, err
	}
	answer := ast.VarTerm("answer")
	body := slices.Clip(d.rule.Body)
	body = append(body, ast.Equality.Expr(answer, d.rule.Head.Key))
	for i, e := range body {
		body[i] = e.Copy()
		body[i].Index = i
	}
	m := newMeter(f.ctx, maxForesee)
	m.end = time.Time{} // steps alone, so that the outcome is always the same
	found, _, failed := f.newQuery(body, &m).WithInput(ast.NewTerm(f.input(requested))).WithUnknowns(f.unknowns()).
		WithTime(time.Unix(0, 0)).WithPartialNamespace("foreseen").PartialRun(f.ctx)
	if failed != nil {
		if err := f.ctx.Err(); err != nil {
			return may, always, err
		}
		return f.head(d, nil), always, nil
	}
	for _, q := range found {
		fields := f.head(d, answerIn(q, answer))
		may = may.Or(fields)
		if len(q) == 1 && f.monotone {
			always = always.Or(fields)
		}
	}
	return may, always, nil
}

// whatever keeps those fields that a denial reaches even where nothing else is requested.
func (f *foresight) whatever(d *definition, fields purpose.FieldSet) (kept purpose.FieldSet, err error) {
	for i := range fields.All {
		var alone purpose.FieldSet
		alone.Add(i)
		_, always, err := f.apply(d, alone)
		if err != nil {
			return purpose.FieldSet{}, err
		}
		kept = kept.Or(always.And(alone))
	}
	return kept, nil
}

// answerIn finds the answer of a query that is left over, nil if it is not known.
func answerIn(q ast.Body, answer *ast.Term) ast.Object {
	for _, e := range q {
		if !e.IsEquality() || e.Negated {
			continue
		}
		for i := range 2 {
			if o, isObject := e.Operand(1 - i).Value.(ast.Object); isObject && e.Operand(i).Equal(answer) {
				return o
			}
		}
	}
	return nil
}

// head are the fields that an answer names, all where that is not known.
func (f *foresight) head(d *definition, o ast.Object) purpose.FieldSet {
	if d.effect == policy.EffectOblige {
		return f.view.all
	}
	a := answer{category: d.category}
	if a.category == "" {
		if o == nil || !f.text(o, f.terms.category, &a.category) && !f.text(o, f.terms.field, &a.field) {
			return f.view.all
		}
	}
	x := decoder{Policy: f.Policy, in: &policy.Input{Plan: f.prospect.Plan}, view: f.view}
	fields, ok := x.fieldsOf(&a)
	if !ok {
		return purpose.FieldSet{} // such an answer denies
	}
	return fields
}

// text reads a text of an answer if it is known.
func (f *foresight) text(o ast.Object, key *ast.Term, to *string) bool {
	t := o.Get(key)
	if t == nil {
		return false
	}
	s, isText := t.Value.(ast.String)
	*to = string(s)
	return isText
}

// input is what the prospect says.
func (f *foresight) input(requested purpose.FieldSet) ast.Value {
	t, x := f.terms, &f.prospect
	p := t.purposeOf(f.reg.Purposes(), x.Purpose)
	items := []item{{t.action, t.actions[x.Action]}, {t.purpose, p.leaf}, {t.purposes, p.line}, {t.fields, f.view.requested(requested)}}
	if x.Action == purpose.Share && x.Recipient != "" {
		parts := with(nil, t.key, t.stated(x.Recipient))
		spec := f.reg.Spec()
		for i := range spec.Recipients {
			if spec.Recipients[i].Key == x.Recipient {
				parts = with(parts, t.kind, t.kinds[spec.Recipients[i].Kind])
			}
		}
		parts = with(parts, t.country, t.stated(x.Country))
		items = append(items, item{t.recipient, ast.NewTerm(ast.NewObject(parts...))})
	}
	return ast.NewObject(items...)
}

// unknowns are the parts of the input that the prospect does not say.
func (f *foresight) unknowns() (list []*ast.Term) {
	t, x := f.terms, &f.prospect
	add := func(path ...*ast.Term) {
		list = append(list, ast.NewTerm(append(ast.Ref{ast.InputRootDocument}, path...)))
	}
	for _, section := range []*ast.Term{t.principal, t.facts, t.time, t.capacities, t.notice, t.dataset, t.reviewer} {
		add(section)
	}
	if x.Action == purpose.Share {
		switch {
		case x.Recipient == "":
			add(t.recipient)
		case x.Country == "":
			add(t.recipient, t.country)
		}
	}
	if !f.monotone {
		add(t.fields)
	}
	return list
}
