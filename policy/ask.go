package policy

import (
	"context"
	"reflect"

	"github.com/purposebound/purposebound/purpose"
)

// Decide decides about fields of a record, by path, without releasing or recording anything; no
// fields means all. A refusal is a Decision, not an error: errors are mistakes in the types
// (ErrBinding), or say why a denial came from elsewhere than a gate. With any error everything is denied.
func Decide[R any](ctx context.Context, g *Guard, req Request, record *R, fields ...string) (Decision, error) {
	return ask1(ctx, g, req, record, false, fields)
}

// Explain is Decide with everything that led to the answer, permitting policy rules included.
func Explain[R any](ctx context.Context, g *Guard, req Request, record *R, fields ...string) (*Explanation, error) {
	d, err := ask1(ctx, g, req, record, true, fields)
	return d.Explain(), err
}

func ask1[R any](ctx context.Context, g *Guard, req Request, record *R, explain bool, fields []string) (Decision, error) {
	if g == nil {
		return Decision{}, errNoGuard
	}
	plan, err := recordOf[R](g)
	if err != nil {
		return Decision{}, err
	}
	want, ok := wanted(plan, fields)
	t := g.targetOf(plan, want, reflect.ValueOf(record).Elem(), &req)
	return g.judge(ctx, &session{req: req, target: t, explain: explain}, ok)
}

// DecidePlan is Decide for a plan, of a schema or a type, without a record: it is about
// req.DataSubject alone.
func (g *Guard) DecidePlan(ctx context.Context, req Request, plan *purpose.Plan, fields ...string) (Decision, error) {
	return g.askPlan(ctx, req, plan, false, fields)
}

// ExplainPlan is Explain for a plan.
func (g *Guard) ExplainPlan(ctx context.Context, req Request, plan *purpose.Plan, fields ...string) (*Explanation, error) {
	d, err := g.askPlan(ctx, req, plan, true, fields)
	return d.Explain(), err
}

func (g *Guard) askPlan(ctx context.Context, req Request, plan *purpose.Plan, explain bool, fields []string) (Decision, error) {
	if g == nil {
		return Decision{}, errNoGuard
	}
	t, ok, err := g.targetOfPlan(&req, plan, fields)
	if err != nil {
		return Decision{}, err
	}
	return g.judge(ctx, &session{req: req, target: t, explain: explain}, ok)
}

// judge decides, or denies for a field that does not exist.
func (g *Guard) judge(ctx context.Context, s *session, known bool) (Decision, error) {
	if !known {
		var d Decision
		d.Action, d.RegisterDigest, d.PolicyDigest = s.req.Action, g.tables.reg.Digest(), g.policyDigest()
		g.refuse(&d, s, CodeFieldUnknown)
		return d, nil
	}
	return g.decide(ctx, s)
}

// targetOfPlan is about one person whom the request names.
func (g *Guard) targetOfPlan(req *Request, plan *purpose.Plan, fields []string) (t *target, known bool, err error) {
	if plan == nil || plan.Register != g.tables.reg {
		return nil, false, errForeignPlan
	}
	want, known := wanted(plan, fields)
	return &target{plan: plan, want: want, people: []identity{{0, req.DataSubject}}}, known, nil
}

// wanted turns paths into fields; none means all. ok is false when a path is unknown.
func wanted(plan *purpose.Plan, paths []string) (want purpose.FieldSet, ok bool) {
	if len(paths) == 0 {
		return purpose.AllFields(len(plan.Fields)), true
	}
	ok = true
	for _, p := range paths {
		i, found := plan.Index(p)
		ok = ok && found
		if found {
			want.Add(i)
		}
	}
	return want, ok
}
