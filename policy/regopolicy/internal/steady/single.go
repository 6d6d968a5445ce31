package steady

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// heads reports rules that could have two values at once, or that a base document would contradict: their
// evaluation would fail.
func (k *checker) heads(h hit) {
	if k.single[h.rules[0]] {
		return
	}
	k.single[h.rules[0]] = true
	for _, r := range h.rules {
		where := at(r.Head.Location, r.Location)
		ref := r.Ref()
		if h.isSet() != (r.Head.RuleKind() == ast.MultiValue) || h.isTable() == ref.IsGround() && !h.isSet() && !h.isFunction() ||
			!ref.IsGround() && (h.isSet() || h.isFunction() || !ref[:len(ref)-1].IsGround()) {
			k.report(CodeForm, where, "this head is not understood: a rule is one value, one set (contains), one function, or a table with one key")
		}
		if k.covered(r) {
			k.report(CodeConflict, where, fmt.Sprintf("a base document has a value at or above %s: rename one", r.Ref()))
		}
	}
	if h.isSet() {
		return
	}
	var own []*ast.Rule
	for _, r := range h.rules {
		if !r.Default {
			own = append(own, r)
		}
	}
	if sameConstant(own) {
		return
	}
	if len(own) > 1 && !disjoint(own) {
		k.report(CodeConflict, at(own[1].Head.Location, own[1].Location), fmt.Sprintf("%s has definitions with different values, which fails where two hold: "+
			"give each the same constant, use one with else, or look the value up in an object", own[1].Ref()))
	}
	for _, r := range own {
		for e := r; e != nil; e = e.Else {
			if !k.valueFollows(r, e) {
				k.report(CodeConflict, at(e.Head.Location, e.Location), fmt.Sprintf("%s may have several values at once, which fails: "+
					"its value follows from more than its arguments, add contains to make it a set", e.Ref()))
			}
		}
	}
}

// covered reports whether a base document lies at the path of a rule, or a value that is no object above it.
func (k *checker) covered(r *ast.Rule) bool {
	if k.spec.Data == nil {
		return false
	}
	var v ast.Value = k.spec.Data
	for _, key := range r.Ref().GroundPrefix()[1:] {
		o, isObject := v.(ast.Object)
		if !isObject {
			return true
		}
		below := o.Get(key)
		if below == nil {
			return false
		}
		v = below.Value
	}
	return true
}

// sameConstant reports whether all values are the same constant.
func sameConstant(rules []*ast.Rule) bool {
	var first *ast.Term
	for _, r := range rules {
		for ; r != nil; r = r.Else {
			if first == nil {
				first = r.Head.Value
			}
			if !ast.IsConstant(r.Head.Value.Value) || !r.Head.Value.Equal(first) {
				return false
			}
		}
	}
	return true
}

// disjoint reports whether the arguments, or keys, of rules differ in a constant.
func disjoint(rules []*ast.Rule) bool {
	for i := range rules[0].Head.Args {
		if distinct(rules, func(r *ast.Rule) *ast.Term {
			if i < len(r.Head.Args) {
				return r.Head.Args[i]
			}
			return nil
		}) {
			return true
		}
	}
	return false
}

func distinct(rules []*ast.Rule, of func(*ast.Rule) *ast.Term) bool {
	for i, r := range rules {
		t := of(r)
		if t == nil || !ast.IsConstant(t.Value) {
			return false
		}
		for _, other := range rules[:i] {
			if o := of(other); o.Equal(t) {
				return false
			}
		}
	}
	return true
}

// valueFollows reports whether the value of a definition follows from its arguments and key, so that there is one.
func (k *checker) valueFollows(first, r *ast.Rule) bool {
	fixed := ast.VarSet{}
	for _, t := range r.Head.Args {
		add(fixed, t)
	}
	for _, t := range r.Ref()[1:] {
		add(fixed, t)
	}
	n := occurrences(first)
	return follows(r.Head.Value, k.settle(r.Body, fixed, n), n)
}

// oneValue reports comprehensions of objects that could have two values under one key.
func (b *reader) oneValue(c *ast.ObjectComprehension, where place) {
	inside := ast.VarSet{}
	own := map[ast.Var]int{}
	ast.WalkVars(c, func(v ast.Var) bool {
		own[v]++
		return false
	})
	for v, n := range own {
		if b.uses[v] > n {
			inside.Add(v) // bound outside
		}
	}
	add(inside, c.Key)
	if !follows(c.Value, b.settle(c.Body, inside, b.uses), b.uses) {
		b.report(CodeConflict, where, "this object may get two values under one key, which fails: the value follows from more than its key")
	}
}

func add(set ast.VarSet, t *ast.Term) {
	ast.WalkVars(t, func(v ast.Var) bool {
		set.Add(v)
		return false
	})
}

// settle extends a set of variables by those that have one value when the set has.
func (k *checker) settle(body ast.Body, fixed ast.VarSet, uses map[ast.Var]int) ast.VarSet {
	for grown := true; grown; {
		before := len(fixed)
		for _, e := range body {
			terms, ok := e.Terms.([]*ast.Term)
			switch {
			case !ok || e.Negated:
			case e.IsEquality():
				if follows(terms[1], fixed, uses) {
					pattern(terms[2], fixed)
				}
				if follows(terms[2], fixed, uses) {
					pattern(terms[1], fixed)
				}
			case len(terms) > 1 && len(terms) == k.arity(terms[0])+2: // the last operand is what it answers
				args := terms[1 : len(terms)-1]
				if !slices.ContainsFunc(args, func(t *ast.Term) bool { return !follows(t, fixed, uses) }) {
					pattern(terms[len(terms)-1], fixed)
				}
			}
		}
		grown = len(fixed) > before
	}
	return fixed
}

// arity is how many operands a function takes; negative where that is not known.
func (k *checker) arity(operator *ast.Term) int {
	ref, ok := operator.Value.(ast.Ref)
	if !ok {
		return -9
	}
	if fn, known := builtins[ref.String()]; known {
		return len(fn.takes)
	}
	if hits := k.resolve(ref); len(hits) == 1 && hits[0].isFunction() && len(hits[0].keys) == 0 {
		return len(hits[0].rules[0].Head.Args)
	}
	return -9
}

// pattern adds the variables that a value determines.
func pattern(t *ast.Term, fixed ast.VarSet) {
	switch v := t.Value.(type) {
	case ast.Var:
		fixed.Add(v)
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { pattern(t, fixed) })
	case ast.Object:
		v.Foreach(func(_, t *ast.Term) { pattern(t, fixed) })
	}
}

// follows reports whether a term has one value when the variables in fixed have.
func follows(t *ast.Term, fixed ast.VarSet, uses map[ast.Var]int) bool {
	switch v := t.Value.(type) {
	case ast.Var:
		return fixed.Contains(v)
	case ast.Ref:
		for i, key := range v {
			if i > 0 || !key.Equal(ast.InputRootDocument) && !key.Equal(ast.DefaultRootDocument) {
				if !follows(key, fixed, uses) {
					return false
				}
			}
		}
		return true
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
		own := map[ast.Var]int{}
		ast.WalkVars(v, func(v ast.Var) bool {
			own[v]++
			return false
		})
		for name, n := range own {
			if uses[name] > n && !fixed.Contains(name) && !ast.RootDocumentNames.Contains(ast.VarTerm(string(name))) {
				return false
			}
		}
		return true
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return true
	case *ast.Array, ast.Set, ast.Object:
		all := true
		ast.WalkTerms(v, func(x *ast.Term) bool {
			if x == t {
				return false
			}
			switch x.Value.(type) {
			case *ast.Array, ast.Set, ast.Object:
				return false
			}
			all = all && follows(x, fixed, uses)
			return true
		})
		return all
	}
	return false
}
