package regopolicy

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// monotone reports whether asking for more fields never makes a rule apply less: fields are looked up and gone through, but
// never missed or counted. What is not understood is not monotone. The answer is kept.
func (p *Policy) monotone() bool {
	p.once.Do(func() { p.fieldsGrow = newFieldUse(p.compiler).grows() })
	return p.fieldsGrow
}

// fieldUse is how rules use input.fields.
type fieldUse struct {
	compiler *ast.Compiler
	rules    []*ast.Rule
	reads    map[*ast.Rule]bool // rules that look at fields, directly or not
}

func newFieldUse(c *ast.Compiler) *fieldUse {
	u := &fieldUse{compiler: c, reads: map[*ast.Rule]bool{}}
	for _, name := range names(c.Modules) {
		for _, r := range c.Modules[name].Rules {
			for ; r != nil; r = r.Else {
				u.rules = append(u.rules, r)
			}
		}
	}
	for more := true; more; {
		more = false
		for _, r := range u.rules {
			if !u.reads[r] && u.mentions(r) {
				u.reads[r], more = true, true
			}
		}
	}
	return u
}

// mentions reports whether something looks at fields, itself or by a rule that it refers to.
func (u *fieldUse) mentions(x any) (found bool) {
	ast.WalkTerms(x, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Var:
			found = found || v.Equal(ast.InputRootDocument.Value)
		case ast.Ref:
			if v[0].Equal(ast.InputRootDocument) {
				found = found || aboutFields(v)
				for _, part := range v[1:] {
					found = found || u.mentions(part)
				}
				return true
			}
			found = found || u.reading(v)
		}
		return found
	})
	return found
}

// aboutFields reports whether a reference into the input may reach the fields.
func aboutFields(v ast.Ref) bool {
	p := pathOf(v, nil)
	return len(p) < 2 || p[1] == "*" || p[1] == "fields"
}

// reading reports whether a reference leads to rules that look at fields.
func (u *fieldUse) reading(v ast.Ref) bool {
	if !v.HasPrefix(ast.DefaultRootRef) {
		return false
	}
	for _, r := range u.compiler.GetRulesDynamicWithOpts(v, ast.RulesOptions{IncludeHiddenModules: true}) {
		for ; r != nil; r = r.Else {
			if u.reads[r] {
				return true
			}
		}
	}
	return false
}

func (u *fieldUse) grows() bool {
	for _, r := range u.rules {
		if !u.reads[r] {
			continue
		}
		if r.Default || r.Else != nil || len(r.Body) == 0 || !u.body(r.Body) || u.hides(r.Head) {
			return false
		}
	}
	return true
}

func (u *fieldUse) body(b ast.Body) bool {
	for _, e := range b {
		if e.Negated {
			if u.mentions(e) {
				return false
			}
			continue
		}
		switch terms := e.Terms.(type) {
		case *ast.SomeDecl:
		case *ast.Term:
			if u.hides(terms) || u.wholly(terms) {
				return false
			}
		case []*ast.Term:
			member := terms[0].String() == "internal.member_2" && len(terms) == 3
			for i, t := range terms[1:] {
				if u.hides(t) || u.wholly(t) && (!member || i != 1) {
					return false
				}
			}
		default:
			if u.mentions(e) {
				return false
			}
		}
	}
	return true
}

// hides reports whether something looks at fields inside a comprehension.
func (u *fieldUse) hides(x any) (found bool) {
	ast.WalkTerms(x, func(t *ast.Term) bool {
		if ast.IsComprehension(t.Value) {
			found = found || u.mentions(t)
			return true
		}
		return found
	})
	return found
}

// wholly reports whether a term is all fields, or all of a set of answers about them.
func (u *fieldUse) wholly(t *ast.Term) (found bool) {
	ast.WalkTerms(t, func(x *ast.Term) bool {
		switch v := x.Value.(type) {
		case ast.Var:
			found = found || v.Equal(ast.InputRootDocument.Value)
		case ast.Ref:
			if v[0].Equal(ast.InputRootDocument) {
				found = found || aboutFields(v) && len(v) < 3
				return true
			}
			if v.HasPrefix(ast.DefaultRootRef) {
				for _, r := range u.compiler.GetRulesExact(v) {
					found = found || u.reads[r] && (r.Head.RuleKind() == ast.MultiValue || len(r.Head.Reference) > 1)
				}
				found = found || u.compiler.GetRulesExact(v) == nil && len(u.compiler.GetRulesWithPrefix(v)) > 0 && u.reading(v)
			}
		}
		return found
	})
	return found
}
