package regopolicy

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// decoder turns what an evaluation found into a verdict. It accepts one form; anything else is an error.
type decoder struct {
	*Policy
	in      *policy.Input
	view    *view
	verdict policy.Verdict
	hits    []hit
	room    [4]hit // for the first of them
}

// hit is a definition with the fields that it reached.
type hit struct {
	def    int
	fields purpose.FieldSet
}

func (d *decoder) decode(answers topdown.QueryResult) error {
	d.hits = d.room[:0]
	for i := range d.sets {
		s := &d.sets[i]
		t := answers[s.answer]
		if t == nil {
			return ErrAnswer
		}
		found, isSet := t.Value.(ast.Set)
		if !isSet || found.Len() > maxElements {
			return ErrAnswer
		}
		for _, x := range found.Slice() {
			if !d.element(s.effect, x) {
				return ErrAnswer
			}
		}
	}
	d.report()
	v := &d.verdict
	slices.Sort(v.Obligations)
	v.Obligations = slices.Compact(v.Obligations)
	if len(v.Obligations) > maxObligations {
		return ErrAnswer
	}
	return nil
}

// answer is an element of a set.
type answer struct{ rule, field, category, mask, obligation string }

// element takes in one answer; false where it is not of the form.
func (d *decoder) element(e policy.Effect, t *ast.Term) bool {
	o, isObject := t.Value.(ast.Object)
	if !isObject {
		return false
	}
	a, ok := d.read(e, o)
	if !ok {
		return false
	}
	def, ok := d.definitionOf(e, &a)
	if !ok {
		return false
	}
	requested := d.in.Fields.And(d.view.all)
	fields, ok := requested, true
	if e != policy.EffectOblige {
		fields, ok = d.fieldsOf(&a)
		fields = fields.And(requested)
	}
	if !ok {
		return false
	}
	v := &d.verdict
	switch e {
	case policy.EffectPermit:
		v.Permit = v.Permit.Or(fields)
	case policy.EffectDeny:
		v.Deny = v.Deny.Or(fields)
	case policy.EffectRedact:
		var m policy.Mask
		if m.UnmarshalText([]byte(a.mask)) != nil {
			return false
		}
		v.Redactions = mask(v.Redactions, m, fields)
	case policy.EffectOblige:
		if !purpose.ValidKey(a.obligation) {
			return false
		}
		v.Obligations = append(v.Obligations, a.obligation)
	default:
		return false
	}
	d.hit(def, fields)
	return true
}

// read takes an answer apart. It has the keys of its effect and no others, each with a text.
func (d *decoder) read(e policy.Effect, o ast.Object) (a answer, ok bool) {
	n := 0
	text := func(key *ast.Term, to *string) bool {
		t := o.Get(key)
		if t == nil {
			return false
		}
		s, isText := t.Value.(ast.String)
		if isText && s != "" {
			*to = string(s)
			n++
		}
		return true
	}
	t := d.terms
	text(t.rule, &a.rule)
	switch e {
	case policy.EffectOblige:
		text(t.obligation, &a.obligation)
		return a, n == 2 && o.Len() == 2
	case policy.EffectRedact:
		text(t.mask, &a.mask)
		if !text(t.category, &a.category) {
			text(t.field, &a.field)
		}
		return a, n == 3 && o.Len() == 3
	}
	if !text(t.category, &a.category) {
		text(t.field, &a.field)
	}
	return a, n == 2 && o.Len() == 2
}

// definitionOf finds a definition that the answer can be of: the first, where several say the same.
func (d *decoder) definitionOf(e policy.Effect, a *answer) (int, bool) {
	for _, i := range d.byID[e][a.rule] {
		x := &d.defs[i]
		if fitsText(x.category, a.category) && fitsText(x.mask, a.mask) && fitsText(x.obligation, a.obligation) {
			return i, true
		}
	}
	return 0, false
}

func fitsText(written, found string) bool { return written == "" || written == found }

// fieldsOf are the fields that an answer names; false for a field or category that there is not.
func (d *decoder) fieldsOf(a *answer) (fields purpose.FieldSet, ok bool) {
	if a.field != "" {
		i, known := d.view.byPath[a.field]
		if known {
			fields.Add(i)
		}
		return fields, known
	}
	if a.category == everything {
		return d.view.all, true
	}
	tree := d.reg.Categories()
	node, known := tree.ID(a.category)
	if known {
		fields = within(d.in.Plan, tree, node)
	}
	return fields, known
}

// within are the fields of a plan in a subtree of categories.
func within(plan *purpose.Plan, tree *purpose.Tree, node purpose.ID) (fields purpose.FieldSet) {
	for i := range plan.Fields {
		if tree.Within(plan.Fields[i].Category, node) {
			fields.Add(i)
		}
	}
	return fields
}

// hit adds fields to those that a definition reached.
func (d *decoder) hit(def int, fields purpose.FieldSet) {
	for i := range d.hits {
		if d.hits[i].def == def {
			d.hits[i].fields = d.hits[i].fields.Or(fields)
			return
		}
	}
	d.hits = append(d.hits, hit{def, fields})
}

// report lists the rules that matched, in the order of effects and ids. Those that permit or oblige are listed when asked for.
func (d *decoder) report() {
	slices.SortFunc(d.hits, func(a, b hit) int { return a.def - b.def })
	for _, h := range d.hits {
		x := &d.defs[h.def]
		if h.fields.Empty() || !d.in.Explain && (x.effect == policy.EffectPermit || x.effect == policy.EffectOblige) {
			continue
		}
		d.verdict.Hits = append(d.verdict.Hits, policy.Hit{Rule: x.id, Effect: x.effect, Fields: h.fields, File: x.file, Line: x.line})
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
