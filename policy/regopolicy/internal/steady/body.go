package steady

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

func (b *reader) body(body ast.Body, f frame) {
	for _, e := range body {
		b.expr(e, f)
	}
}

func (b *reader) expr(e *ast.Expr, f frame) {
	if p := at(e.Location); p.line > 0 {
		b.here = p
	}
	here := b.here
	switch {
	case len(e.With) > 0:
		b.report(CodeForm, here, "with is for tests only: it changes what a request states")
		return
	case e.Negated:
		b.report(CodeForm, here, "this not does not hold where what it asks is absent: import rego.v2 in the module")
		return
	}
	switch terms := e.Terms.(type) {
	case *ast.Term:
		b.term(terms, f)
	case []*ast.Term:
		b.call(e, terms, f)
	case *ast.Not:
		b.child().body(terms.Body, f.under())
	case *ast.LogicalAnd:
		b.child().body(terms.Lhs, f)
		b.child().body(terms.Rhs, f)
	case *ast.LogicalOr:
		b.child().body(terms.Lhs, f)
		b.child().body(terms.Rhs, f)
	case *ast.Every:
		domain := b.term(terms.Domain, f.fixed("in what every goes through"))
		inner := b.child()
		if terms.Key != nil {
			inner.match(terms.Key, domain.key(), f)
		}
		inner.match(terms.Value, domain.element(), f)
		inner.body(terms.Body, f)
	default:
		b.report(CodeForm, here, "this form is not understood")
	}
	b.here = here
}

// call reads an equality, a built-in function or a function of the policy.
func (b *reader) call(e *ast.Expr, terms []*ast.Term, f frame) {
	operator, ok := terms[0].Value.(ast.Ref)
	operands := terms[1:]
	switch {
	case !ok || len(operator) == 0:
		b.report(CodeForm, b.here, "this form is not understood")
	case e.IsEquality():
		b.equality(e, operands[0], operands[1], f)
	case operator[0].Equal(ast.DefaultRootDocument):
		b.function(operator, operands, f)
	default:
		b.builtin(operator.String(), operands, f)
	}
}

func (b *reader) equality(e *ast.Expr, left, right *ast.Term, f frame) {
	for _, t := range []*ast.Term{left, right} {
		if v, ok := t.Value.(ast.Var); ok && b.alias[v].binder == e {
			if a := b.alias[v]; a.sets == nil {
				b.may(a.ref, at(left.Location, right.Location, e.Location), f) // not there at all: no solution
			}
			return
		}
	}
	// The side that is known first gives the other its shape.
	if b.open(left) {
		left, right = right, left
	}
	b.match(right, b.term(left, f), f)
}

// open reports whether a term is a variable, or a pattern with one, that is not bound yet.
func (b *reader) open(t *ast.Term) (found bool) {
	switch v := t.Value.(type) {
	case ast.Var:
		return b.shapes[v] == nil && b.alias[v].binder == nil
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { found = found || b.open(t) })
	case ast.Object:
		v.Foreach(func(_, t *ast.Term) { found = found || b.open(t) })
	}
	return found
}

// match gives the open variables of a pattern the shape of what it is equal to, and reads the rest.
func (b *reader) match(pattern *ast.Term, s *shape, f frame) {
	switch v := pattern.Value.(type) {
	case ast.Var:
		if b.open(pattern) {
			b.shapes[v] = s
			return
		}
		b.term(pattern, f)
	case *ast.Array:
		v.Foreach(func(t *ast.Term) { b.match(t, s.element(), f) })
	case ast.Object:
		v.Foreach(func(key, t *ast.Term) {
			b.term(key, f)
			b.match(t, s.at(key), f)
		})
	default:
		b.term(pattern, f)
	}
}

// function reads a call of a function of the policy.
func (b *reader) function(operator ast.Ref, operands []*ast.Term, f frame) {
	here := b.here
	hits := b.resolve(operator)
	if len(hits) != 1 || !hits[0].isFunction() || len(hits[0].keys) > 0 || hits[0].below {
		b.report(CodeForm, here, "this call is not understood: a function has a path of its own, with no rules below it")
		return
	}
	n := len(hits[0].rules[0].Head.Args)
	var args []*shape
	for _, t := range operands[:min(n, len(operands))] {
		args = append(args, b.term(t, f))
	}
	result := b.use(hits[0], f, args)
	for _, t := range operands[min(n, len(operands)):] {
		b.match(t, result, f)
	}
	b.here = here
}
