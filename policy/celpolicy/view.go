package celpolicy

import (
	"slices"
	"unsafe"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/purpose"
)

// view is what the rules mean for one plan.
type view struct {
	plan     *purpose.Plan
	selected []purpose.FieldSet // by rule: the fields of its categories
	fields   []fieldValues
}

// fieldValues are the variables that speak of one field.
type fieldValues struct{ path, category, class ref.Val }

// viewOf finds or makes the view of a plan. Beyond maxPlans a view is made for each decision.
func (p *Policy) viewOf(plan *purpose.Plan) *view {
	near := &p.near[uintptr(unsafe.Pointer(plan))>>7%uintptr(len(p.near))]
	if v := near.Load(); v != nil && v.plan == plan {
		return v
	}
	if v, ok := p.plans.Load(plan); ok {
		near.Store(v.(*view))
		return v.(*view)
	}
	v := &view{plan: plan, selected: make([]purpose.FieldSet, len(p.rules)), fields: make([]fieldValues, len(plan.Fields))}
	tree := p.reg.Categories()
	for i := range p.rules {
		for f := range plan.Fields {
			if within(tree, plan.Fields[f].Category, p.rules[i].categories) {
				v.selected[i].Add(f)
			}
		}
	}
	for i := range plan.Fields {
		f := &plan.Fields[i]
		v.fields[i] = fieldValues{bounded(f.Path), bounded(tree.Key(f.Category)), types.String(f.Class.String())}
	}
	if p.kept.Add(1) > maxPlans {
		p.kept.Add(-1)
		return v
	}
	if first, raced := p.plans.LoadOrStore(plan, v); raced {
		p.kept.Add(-1)
		return first.(*view)
	}
	return v
}

// within reports whether a category lies in one of the subtrees; nil is the whole tree.
func within(tree *purpose.Tree, category purpose.ID, nodes []purpose.ID) bool {
	if nodes == nil {
		return true
	}
	i, found := slices.BinarySearch(nodes, category)
	return found || i > 0 && tree.Within(category, nodes[i-1])
}
