package policy

import (
	"context"
	"reflect"
	"time"
	"unsafe"

	"github.com/purposebound/purposebound/purpose"
)

// Decide decides about fields of a record, by path, without releasing or recording anything; no
// fields means all. A refusal is a Decision, not an error: errors are mistakes in the types
// (ErrBinding), or say why a denial came from elsewhere than a gate. With any error everything is denied.
func Decide[R any](ctx context.Context, g *Guard, req Request, record *R, fields ...string) (d Decision, err error) {
	err = ask1(ctx, g, &req, record, false, fields, &d)
	return d, err
}

// Explain is Decide with everything that led to the answer, permitting policy rules included.
func Explain[R any](ctx context.Context, g *Guard, req Request, record *R, fields ...string) (*Explanation, error) {
	var d Decision
	err := ask1(ctx, g, &req, record, true, fields, &d)
	return d.Explain(), err
}

// ExplainView is Explain for the fields of a view.
func ExplainView[V, R any](ctx context.Context, g *Guard, req Request, record *R) (*Explanation, error) {
	if !g.made() {
		return (&Decision{}).Explain(), errNoGuard
	}
	p, err := projectionOf[V, R](g)
	if err != nil {
		return (&Decision{}).Explain(), err
	}
	d := Decision{plan: p.plan}
	return Explain(ctx, g, req, record, d.names(p.want)...)
}

// ask1 is about one record; what comes of it goes to d.
func ask1[R any](ctx context.Context, g *Guard, req *Request, record *R, explain bool, fields []string, d *Decision) error {
	if !g.made() {
		return errNoGuard
	}
	b, err := recordOf[R](g)
	if err != nil {
		return err
	}
	want, ok := wanted(b.cases, fields)
	var l glance
	if ok && g.observer == nil && g.concluded(ctx, req, b.cases, &want, b.whose(unsafe.Pointer(record), req.DataSubject), explain, d, &l) {
		return nil
	}
	e, s := g.begin(req)
	defer g.end(e)
	s.explain, s.glance = explain, l
	s.target.find(b.cases, want, reflect.ValueOf(record).Elem(), req.DataSubject)
	err = g.judge(ctx, e, s, ok)
	*d = e.decision
	return err
}

// DecidePlan is Decide for a plan, of a schema or a type, without a record: it is about
// req.DataSubject alone.
func (g *Guard) DecidePlan(ctx context.Context, req Request, plan *purpose.Plan, fields ...string) (d Decision, err error) {
	err = g.askPlan(ctx, &req, plan, false, fields, &d)
	return d, err
}

// ExplainPlan is Explain for a plan.
func (g *Guard) ExplainPlan(ctx context.Context, req Request, plan *purpose.Plan, fields ...string) (*Explanation, error) {
	var d Decision
	err := g.askPlan(ctx, &req, plan, true, fields, &d)
	return d.Explain(), err
}

func (g *Guard) askPlan(ctx context.Context, req *Request, plan *purpose.Plan, explain bool, fields []string, d *Decision) error {
	if !g.made() {
		return errNoGuard
	}
	if plan == nil || plan.Register != g.tables.reg {
		return errForeignPlan
	}
	cases := g.tables.forPlan(plan)
	want, ok := wanted(cases, fields)
	var l glance
	if ok && g.observer == nil && g.concluded(ctx, req, cases, &want, req.DataSubject, explain, d, &l) {
		return nil
	}
	e, s := g.begin(req)
	defer g.end(e)
	s.explain, s.glance = explain, l
	s.target.plan, s.target.cases, s.target.want = plan, cases, want
	s.target.people = append(s.target.people, identity{0, req.DataSubject})
	err := g.judge(ctx, e, s, ok)
	*d = e.decision
	return err
}

// judge decides, or denies for a field that does not exist; the decision is the evaluation's.
func (g *Guard) judge(ctx context.Context, e *evaluation, s *session, fieldsKnown bool) (err error) {
	d := &e.decision
	if g.observer != nil {
		defer g.tell(ctx, OperationDecide, s, d, &err, time.Now())
	}
	if !fieldsKnown {
		now := s.req.At
		if now.IsZero() {
			now = g.now()
		}
		d.Action, d.RegisterDigest, d.PolicyDigest = knownAction(s.req.Action), g.tables.reg.Digest(), g.policyDigest()
		d.Purpose, d.At, d.screened = known(g.tables.reg.Purposes(), s.req.Purpose), now, true
		g.refuse(d, s, CodeFieldUnknown)
		return nil
	}
	return g.run(ctx, s, e, d)
}

// wanted turns paths into fields; none means all. ok is false when a path is unknown.
func wanted(cases *planCases, paths []string) (want purpose.FieldSet, ok bool) {
	if len(paths) == 0 {
		return cases.all, true
	}
	ok = true
	for _, p := range paths {
		i, found := cases.plan.Index(p)
		ok = ok && found
		if found {
			want.Add(i)
		}
	}
	return want, ok
}
