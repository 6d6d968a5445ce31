package regopolicy

import (
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// view is what one plan looks like to policies. Its terms are shared by all evaluations.
type view struct {
	number  uint64         // of those that are kept; zero: the others
	fields  [][2]*ast.Term // path and attributes
	byPath  map[string]int
	all     purpose.FieldSet
	subsets sync.Map // purpose.FieldSet -> *ast.Term
	kept    atomic.Int32
}

// viewOf finds or makes the view of a plan. Beyond maxPlans a view is made for each decision.
func (p *Policy) viewOf(plan *purpose.Plan) *view {
	if v, ok := p.plans.Load(plan); ok {
		return v.(*view)
	}
	v := &view{fields: make([][2]*ast.Term, len(plan.Fields)), byPath: make(map[string]int, len(plan.Fields)), all: purpose.AllFields(len(plan.Fields))}
	for i := range plan.Fields {
		f := &plan.Fields[i]
		v.byPath[f.Path] = i
		v.fields[i] = ast.Item(ast.StringTerm(f.Path), p.terms.fieldTerm(p.reg.Categories(), f))
	}
	if p.kept.Add(1) > maxPlans {
		p.kept.Add(-1)
		return v
	}
	v.number = p.views.Add(1)
	if first, raced := p.plans.LoadOrStore(plan, v); raced {
		p.kept.Add(-1)
		return first.(*view)
	}
	return v
}

// ancestors are a key and what is above it.
func ancestors(key string) *ast.Array {
	var list []*ast.Term
	for k := key; k != ""; k = purpose.Parent(k) {
		list = append(list, ast.StringTerm(k))
	}
	return ast.NewArray(list...)
}

// requested is the object of the requested fields. Those that are asked for often are kept.
func (v *view) requested(fields purpose.FieldSet) *ast.Term {
	if t, ok := v.subsets.Load(fields); ok {
		return t.(*ast.Term)
	}
	items := make([][2]*ast.Term, 0, fields.Len())
	for i := range fields.All {
		items = append(items, v.fields[i])
	}
	o := ast.NewObject(items...)
	t := ast.NewTerm(o)
	o.Foreach(func(*ast.Term, *ast.Term) {}) // sorts the keys, once for all who read it
	if v.kept.Add(1) > maxSubsets {
		v.kept.Add(-1)
		return t
	}
	if first, raced := v.subsets.LoadOrStore(fields, t); raced {
		v.kept.Add(-1)
		return first.(*ast.Term)
	}
	return t
}
