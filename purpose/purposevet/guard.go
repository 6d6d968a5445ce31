package purposevet

import (
	"go/ast"
	"go/types"
)

// releases reports whether the first result of a function of package policy is what the guard lets out.
func releases(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != pathPolicy {
		return false
	}
	switch fn.Name() {
	case "Read", "Share", "Permitted", "BreakGlass", "ReadFrom", "ReadMap", "ReadBatch":
		return fn.Signature().Recv() == nil
	case "Open":
		return recvName(fn) == "Grant"
	}
	return false
}

// answers reports whether a function is one of package policy that gives a decision or an error.
func answers(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != pathPolicy || !fn.Exported() {
		return false
	}
	results := fn.Signature().Results()
	for i := range results.Len() {
		if mustUse(results.At(i).Type()) != "" {
			return true
		}
	}
	return false
}

// mustUse says what a result is that nobody may throw away; empty for any other.
func mustUse(t types.Type) string {
	if pkg, name := named(t); pkg == pathPolicy && name == "Decision" {
		return "decision"
	}
	if isError(t) {
		return "error"
	}
	return ""
}

// checkDiscarded reports decisions and errors of the guard that are thrown away.
func (p *pass) checkDiscarded() {
	drop := func(e ast.Expr) {
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			if fn := p.callee(call); answers(fn) {
				p.report(call, ruleDiscard, "what %s answers is thrown away", funcName(fn))
			}
		}
	}
	nodes(p, func(s *ast.ExprStmt) { drop(s.X) })
	nodes(p, func(s *ast.GoStmt) { drop(s.Call) })
	nodes(p, func(s *ast.DeferStmt) { drop(s.Call) })
	nodes(p, func(s *ast.AssignStmt) { p.discardedBy(s.Lhs, s.Rhs) })
	nodes(p, func(s *ast.ValueSpec) {
		lhs := make([]ast.Expr, len(s.Names))
		for i, n := range s.Names {
			lhs[i] = n
		}
		p.discardedBy(lhs, s.Values)
	})
}

func (p *pass) discardedBy(lhs, rhs []ast.Expr) {
	for i, l := range lhs {
		if id, ok := l.(*ast.Ident); !ok || id.Name != "_" {
			continue
		}
		from, result := ast.Expr(nil), 0
		switch {
		case len(rhs) == len(lhs):
			from = rhs[i]
		case len(rhs) == 1:
			from, result = rhs[0], i
		default:
			continue
		}
		call, ok := ast.Unparen(from).(*ast.CallExpr)
		if !ok {
			continue
		}
		fn := p.callee(call)
		if !answers(fn) {
			continue
		}
		if t := resultType(fn, result); t != nil && mustUse(t) != "" {
			p.report(l, ruleDiscard, "the %s of %s is thrown away", mustUse(t), funcName(fn))
		}
	}
}
