package regopolicy

import (
	"maps"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// stretch is a body with what is known of its variables, as far as it was read.
type stretch struct {
	*toll
	sizes map[ast.Var]int       // of those that have a value
	paths map[ast.Var]inputPath // of those that are parts of the input
}

func newStretch(t *toll) *stretch {
	return &stretch{t, map[ast.Var]int{}, map[ast.Var]inputPath{}}
}

func (s *stretch) body(b ast.Body) charge {
	sum := free
	for _, e := range b {
		sum = sum.and(s.expr(e))
		ast.WalkVars(e, func(v ast.Var) bool { // what it spoke of has a value from here on
			if s.sizes[v] == 0 {
				s.sizes[v] = smallSize
			}
			return false
		})
	}
	return sum
}

// inner is a body whose variables nobody else sees. Some have a value before, of a size.
func (s *stretch) inner(b ast.Body, size int, before ...*ast.Term) charge {
	own := &stretch{s.toll, maps.Clone(s.sizes), maps.Clone(s.paths)}
	for _, x := range before {
		if x == nil {
			continue
		}
		v, isVar := x.Value.(ast.Var)
		if !isVar {
			return unbounded
		}
		own.sizes[v] = size
	}
	return own.body(b)
}

func (s *stretch) expr(e *ast.Expr) (c charge) {
	switch x := e.Terms.(type) {
	case *ast.Term:
		c = s.term(x)
	case []*ast.Term:
		c = s.call(x)
	case *ast.Not:
		c = s.inner(x.Body, 0)
		c.results = 1
	case *ast.LogicalAnd:
		c = s.inner(x.Lhs, 0).and(s.inner(x.Rhs, 0))
	case *ast.LogicalOr:
		c = s.inner(x.Lhs, 0).or(s.inner(x.Rhs, 0))
	case *ast.Every:
		n := s.size(x.Domain)
		if n == 0 {
			return unbounded
		}
		c = s.term(x.Domain).and(charge{float64(n), float64(n)}).and(s.inner(x.Body, n, x.Key, x.Value))
		c.results = 1
	default:
		return unbounded
	}
	if len(e.With) > 0 {
		return unbounded
	}
	if c.looks += stepLooks + c.results; e.Negated {
		c.results = 1
	}
	return c
}

// call is an equality, a built-in function or a function of the policy.
func (s *stretch) call(terms []*ast.Term) charge {
	name, isRef := terms[0].Value.(ast.Ref)
	if !isRef {
		return unbounded
	}
	sum, args := free, terms[1:]
	for _, x := range args {
		sum = sum.and(s.term(x))
	}
	if !name.HasPrefix(ast.DefaultRootRef) {
		if name.Equal(ast.Equality.Ref()) && len(args) == 2 {
			s.equal(args[0], args[1])
			s.equal(args[1], args[0])
		}
		sum.looks += calls(name.String()) * sum.results
		return sum
	}
	list := s.compiler.GetRulesExact(name)
	if list == nil {
		return unbounded
	}
	var c charge
	for _, r := range list {
		c = c.or(s.rule(r, args, s))
	}
	c.results = 1
	return sum.and(c)
}

// equal notes what a variable is the same as.
func (s *stretch) equal(a, b *ast.Term) {
	v, isVar := a.Value.(ast.Var)
	if _, other := b.Value.(ast.Var); !isVar || other && s.size(b) == 0 {
		return
	}
	if n := s.size(b); s.sizes[v] == 0 || n < s.sizes[v] {
		s.sizes[v] = n
	}
	if p := s.path(b); p != nil {
		s.paths[v] = p
	}
}

// path of a term into the input, nil for none.
func (s *stretch) path(x *ast.Term) inputPath {
	switch v := x.Value.(type) {
	case ast.Var:
		return s.paths[v]
	case ast.Ref:
		return pathOf(v, s.paths)
	}
	return nil
}

// size is the most terms that the value of a term has, zero where that is not known.
func (s *stretch) size(x *ast.Term) int {
	switch v := x.Value.(type) {
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return 1
	case ast.Var:
		return s.sizes[v]
	case ast.Ref:
		if p := s.path(x); p != nil {
			return s.sizeAt(p)
		}
		for i := range v {
			if list := s.compiler.GetRulesExact(v[:i+1]); list != nil {
				return s.worth(list)
			}
		}
		return smallSize
	}
	return s.sum(x)
}

// sum is the size of a collection that is written out, zero for a large one and for what is none.
func (s *stretch) sum(x *ast.Term) int {
	n := 1
	large := func(x *ast.Term) bool { // as soon as that is known
		own := s.size(x)
		if n += own; own == 0 || n > smallSize {
			n = 0
		}
		return n == 0
	}
	switch v := x.Value.(type) {
	case *ast.Array:
		v.Until(large)
	case ast.Set:
		v.Until(large)
	case ast.Object:
		v.Until(func(key, value *ast.Term) bool { return large(key) || large(value) })
	default:
		return 0
	}
	return n
}

// worth is the most terms that a value of rules has.
func (s *stretch) worth(list []*ast.Rule) (n int) {
	for _, r := range list {
		for ; r != nil; r = r.Else {
			if r.Head.Key != nil || r.Head.Value == nil || !r.Head.Value.IsGround() {
				return smallSize
			}
			n = max(n, s.size(r.Head.Value))
		}
	}
	return n
}

// term is what it takes to know the value of a term, which is small.
func (s *stretch) term(x *ast.Term) charge {
	switch v := x.Value.(type) {
	case ast.Null, ast.Boolean, ast.Number, ast.String, ast.Var:
		return free
	case ast.Ref:
		return s.ref(v)
	case *ast.Array, ast.Set, ast.Object:
		if s.size(x) > 0 {
			return free
		}
	}
	return unbounded
}

// ref is a part of the input, of a variable, of a rule or of a document.
func (s *stretch) ref(ref ast.Ref) charge {
	for _, part := range ref[1:] {
		if _, isVar := part.Value.(ast.Var); !isVar && !ast.IsScalar(part.Value) {
			return unbounded
		}
	}
	head, isVar := ref[0].Value.(ast.Var)
	switch {
	case !isVar:
		return unbounded
	case head.Equal(ast.DefaultRootDocument.Value):
		return s.document(ref)
	}
	if p := s.path(ast.NewTerm(ref)); p != nil {
		return s.input(ref, p)
	}
	return s.through(ref[1:], s.sizes[head])
}

// input is a part of the input: ref[1:] are the last parts of its path.
func (s *stretch) input(ref ast.Ref, p inputPath) charge {
	if s.sizeAt(p) == 0 {
		return unbounded // large
	}
	c := free
	for i, part := range ref[1:] {
		above := p[:len(p)-len(ref)+1+i]
		width := s.sizeAt(above)
		switch {
		case above.is("input.fields"):
			width = purpose.MaxFields
		case above.is("input.facts"):
			width = maxList
		}
		c = c.and(s.through(ref[i+1:i+2], width))
		if v, isVar := part.Value.(ast.Var); isVar && s.sizes[v] == 0 {
			s.sizes[v] = 1 // a key or an index
		}
	}
	return c
}

// through are parts of a reference: those that no variable holds yet are gone through. A width of zero is not known.
func (s *stretch) through(parts []*ast.Term, width int) charge {
	c := free
	for _, part := range parts {
		v, isVar := part.Value.(ast.Var)
		switch {
		case isVar && s.sizes[v] == 0 && width == 0:
			return unbounded
		case isVar && s.sizes[v] == 0:
			c = c.and(charge{float64(width), float64(width)})
		}
	}
	return c
}

// document is a rule, or a part of a base document.
func (s *stretch) document(ref ast.Ref) charge {
	at := ast.NewTerm(s.data)
	for i := 1; i < len(ref); i++ {
		if list := s.compiler.GetRulesExact(ref[:i+1]); list != nil {
			c := s.rules(list)
			if c.results > smallSize {
				return unbounded
			}
			width := s.worth(list)
			if list[0].Head.Key != nil {
				width = int(c.results)
			}
			c.results = 1
			return c.and(s.through(ref[i+1:], width))
		}
		if _, isVar := ref[i].Value.(ast.Var); isVar {
			break
		}
		o, isObject := at.Value.(ast.Object)
		if at = ast.NullTerm(); isObject && o.Get(ref[i]) != nil {
			at = o.Get(ref[i])
		}
	}
	if s.compiler.GetRulesWithPrefix(ref.GroundPrefix()) != nil || s.size(at) == 0 {
		return unbounded
	}
	return s.through(ref[1:], s.size(at))
}
