package purposevet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// plainField is the first tagged field, not sealed, that a selector goes through; nil if it reads none.
func (p *pass) plainField(sel *ast.SelectorExpr) *leak {
	s, ok := p.TypesInfo.Selections[sel]
	if !ok {
		return nil
	}
	index := s.Index()
	if s.Kind() != types.FieldVal {
		index = index[:len(index)-1] // the way to a promoted method
	}
	t := s.Recv()
	for _, i := range index {
		u := structOf(t)
		if u == nil || i >= u.NumFields() {
			return nil
		}
		f := u.Field(i)
		if x := p.parse(u.Tag(i)); x.personal() && !isSealed(f.Type()) {
			return &leak{ownerName(deref(t)), f.Name(), x.tags.Personal}
		}
		t = f.Type()
	}
	return nil
}

// checkReads reports tagged fields that are not sealed and are read by selector.
func (p *pass) checkReads() {
	written := p.written()
	nodes(p, func(sel *ast.SelectorExpr) {
		if written[sel] {
			return
		}
		if l := p.plainField(sel); l != nil && !p.declared(stores, sel) {
			p.report(sel.Sel, ruleRead, "%s is read past the guard: release it in a view, or declare %s%s with a reason", l, marker, stores)
		}
	})
}

// written are the selectors that are assigned to, or lie on the way to what is.
func (p *pass) written() map[*ast.SelectorExpr]bool {
	out := map[*ast.SelectorExpr]bool{}
	var mark func(e ast.Expr)
	mark = func(e ast.Expr) {
		switch e := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			out[e] = true
			mark(e.X)
		case *ast.IndexExpr:
			mark(e.X)
		case *ast.StarExpr:
			mark(e.X)
		}
	}
	nodes(p, func(s *ast.AssignStmt) {
		if s.Tok == token.ASSIGN {
			for _, l := range s.Lhs {
				mark(l)
			}
		}
	})
	nodes(p, func(s *ast.RangeStmt) {
		if s.Tok == token.ASSIGN {
			mark(s.Key)
			if s.Value != nil {
				mark(s.Value)
			}
		}
	})
	return out
}
