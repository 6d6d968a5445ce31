package regopolicy

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// scale weighs the terms of one rule.
type scale struct {
	*weighing
	dims int // numbers in a share
	vars map[ast.Var]bulk
	peak share
	at   *ast.Location // of the expression
}

func (s *scale) none() bulk { return bulk{make(share, s.dims), make(share, s.dims)} }

func (s *scale) plain() bulk {
	one := make(share, s.dims)
	one[0] = 1
	return bulk{one, one}
}

// around is the bulk of a collection with parts.
func (s *scale) around(parts ...bulk) bulk {
	b := bulk{s.plain().whole, s.plain().part}
	for _, p := range parts {
		for i, n := range p.whole {
			b.whole[i] += 2 * n
		}
		b.part = b.part.most(p.whole)
	}
	return b
}

// held takes note of a value. One that is too large is reported where it arises, and not where it is used.
func (s *scale) held(b bulk) bulk {
	n := b.whole.total()
	s.note(n, s.at)
	if n > maxBulk {
		return s.plain()
	}
	s.peak = s.peak.most(b.whole)
	return b
}

func (s *scale) head(r *ast.Rule) bulk {
	var b bulk
	switch {
	case r.Head.RuleKind() == ast.MultiValue:
		b = s.around(s.term(r.Head.Key))
	case r.Head.Value != nil:
		b = s.term(r.Head.Value)
	default:
		b = s.plain()
	}
	for _, key := range r.Head.Ref()[1:] {
		if !key.IsGround() {
			b.whole = b.whole.plus(1, s.term(key).whole)
		}
	}
	return b
}

// body weighs expressions in the order in which their variables get values.
func (s *scale) body(b ast.Body) {
	before := s.at
	for _, e := range b {
		if s.at = e.Location; s.at == nil {
			s.at = before
		}
		s.expr(e)
	}
	s.at = before
}

func (s *scale) expr(e *ast.Expr) {
	switch x := e.Terms.(type) {
	case *ast.Term:
		s.held(s.term(x))
	case []*ast.Term:
		s.call(x)
	case *ast.Not:
		s.body(x.Body)
	case *ast.LogicalAnd:
		s.body(x.Lhs)
		s.body(x.Rhs)
	case *ast.LogicalOr:
		s.body(x.Lhs)
		s.body(x.Rhs)
	case *ast.Every:
		of := s.held(s.term(x.Domain))
		if x.Key != nil {
			s.bind(x.Key, bulk{of.part, of.part})
		}
		s.bind(x.Value, bulk{of.part, of.part})
		s.body(x.Body)
	}
	for _, w := range e.With {
		s.held(s.term(w.Value))
	}
}

func (s *scale) call(terms []*ast.Term) {
	name, isRef := terms[0].Value.(ast.Ref)
	if isRef && name.Equal(ast.Equality.Ref()) && len(terms) == 3 {
		s.equal(terms[1], terms[2])
		return
	}
	args := make([]bulk, len(terms)-1)
	for i, t := range terms[1:] {
		args[i] = s.held(s.term(t))
	}
	if !isRef {
		return
	}
	var result bulk
	arity := len(args)
	if name.HasPrefix(ast.DefaultRootRef) {
		result, arity = s.function(name, args)
	} else if fn := ast.BuiltinMap[name.String()]; fn != nil {
		result, arity = s.plain(), fn.Decl.Arity()
		if !scalar(fn) { // a part of the first, as of object.get and max, or another
			for i, a := range args[:min(arity, len(args))] {
				if i == 0 {
					a = bulk{a.part, a.part}
				}
				result = result.either(a)
			}
		}
		if n := len(args); fn.Name == ast.Member.Name && n == 2 || fn.Name == ast.MemberWithKey.Name && n == 3 {
			for _, t := range terms[1:n] {
				s.bind(t, bulk{args[n-1].part, args[n-1].part})
			}
		}
	}
	if arity < len(args) {
		s.bind(terms[1+arity], s.held(result))
	}
}

// equal weighs two terms that are made the same.
func (s *scale) equal(a, b *ast.Term) {
	s.held(s.term(a))
	s.held(s.term(b))
	s.match(a, b)
}

// match binds the variables of two terms by each other, part by part like the type checker.
func (s *scale) match(a, b *ast.Term) {
	switch x := a.Value.(type) {
	case *ast.Array:
		if y, both := b.Value.(*ast.Array); both && x.Len() == y.Len() {
			for i := range x.Len() {
				s.match(x.Elem(i), y.Elem(i))
			}
			return
		}
	case ast.Object:
		if y, both := b.Value.(ast.Object); both && x.Len() == y.Len() {
			x.Foreach(func(key, t *ast.Term) {
				if other := y.Get(key); other != nil {
					s.match(t, other)
				}
			})
			return
		}
	}
	of, other := s.held(s.term(a)), s.held(s.term(b))
	s.bind(a, other)
	s.bind(b, of)
}

// bind gives a value to a variable, or parts of it to those of a pattern.
func (s *scale) bind(t *ast.Term, b bulk) {
	part := func(t *ast.Term) { s.bind(t, bulk{b.part, b.part}) }
	switch x := t.Value.(type) {
	case ast.Var:
		if old, known := s.vars[x]; known {
			b = bulk{old.whole.most(b.whole), old.part.most(b.part)}
		}
		s.vars[x] = b
	case *ast.Array:
		x.Foreach(part)
	case ast.Object:
		x.Foreach(func(key, value *ast.Term) { part(key); part(value) })
	}
}

// term is the bulk of one.
func (s *scale) term(t *ast.Term) bulk {
	var parts []bulk
	add := func(t *ast.Term) { parts = append(parts, s.term(t)) }
	switch x := t.Value.(type) {
	case ast.Var:
		if b, known := s.vars[x]; known {
			return b
		}
	case ast.Ref:
		return s.ref(x)
	case *ast.Array:
		x.Foreach(add)
		return s.around(parts...)
	case ast.Object:
		x.Foreach(func(key, value *ast.Term) { add(key); add(value) })
		return s.around(parts...)
	case ast.Set:
		x.Foreach(add)
		return s.around(parts...)
	case *ast.ArrayComprehension:
		s.body(x.Body)
		return s.around(s.held(s.term(x.Term)))
	case *ast.SetComprehension:
		s.body(x.Body)
		return s.around(s.held(s.term(x.Term)))
	case *ast.ObjectComprehension:
		s.body(x.Body)
		return s.around(s.held(s.term(x.Key)), s.held(s.term(x.Value)))
	}
	return s.plain()
}

func (s *scale) ref(ref ast.Ref) bulk {
	for _, key := range ref[1:] {
		s.term(key)
	}
	switch {
	case ref[0].Equal(ast.DefaultRootDocument):
		return s.rules(ref)
	case ref[0].Equal(ast.InputRootDocument):
		return s.plain()
	}
	b := s.term(ref[0])
	return bulk{b.part, b.part}
}
