package purposevet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// viewIn reports whether an expression's value comes from a view that the guard released.
func (p *pass) viewIn(e ast.Expr, result int) (found bool) {
	if !p.released {
		return false
	}
	var w *walker
	w = &walker{p: p, visit: func(x ast.Expr, result int) bool {
		if found {
			return false
		}
		if t := p.typeOf(x, result); t != nil && (isError(t) || isBool(t)) {
			return false
		}
		switch x := x.(type) {
		case *ast.Ident:
			found = p.views[p.TypesInfo.ObjectOf(x)]
		case *ast.SelectorExpr:
			if s := p.TypesInfo.Selections[x]; s != nil && s.Kind() == types.FieldVal {
				w.walk(x.X, 0)
			}
		case *ast.CallExpr:
			if fn := p.callee(x); fn != nil {
				found = releases(fn) && result == 0 || slices.Contains(p.summaryOf(fn).Views, result)
			}
		}
		return !found
	}}
	w.walk(e, result)
	return found
}

// checkKept reports views that stay where they outlive the call: in a package variable, or behind a method's receiver.
func (p *pass) checkKept() {
	keep := func(at, value ast.Expr, result int) {
		place := p.lasting(at)
		if place == "" || !p.viewIn(value, result) || p.declared(stores, at) {
			return
		}
		p.report(at, ruleKeep, "a released view is kept in %s, beyond the call and the purpose that it was released for", place)
	}
	nodes(p, func(s *ast.AssignStmt) {
		for i, l := range s.Lhs {
			switch {
			case len(s.Lhs) == len(s.Rhs):
				keep(l, s.Rhs[i], 0)
			case len(s.Rhs) == 1:
				keep(l, s.Rhs[0], i)
			}
		}
	})
	nodes(p, func(s *ast.SendStmt) { keep(s.Chan, s.Value, 0) })
	nodes(p, func(call *ast.CallExpr) {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if fn := p.callee(call); ok && fn != nil && fn.Pkg() != nil && isStore(fn) {
			for _, e := range call.Args {
				keep(sel.X, e, 0)
			}
		}
	})
	nodes(p, func(s *ast.ValueSpec) {
		for i, n := range s.Names {
			switch {
			case len(s.Names) == len(s.Values):
				keep(n, s.Values[i], 0)
			case len(s.Values) == 1:
				keep(n, s.Values[0], i)
			}
		}
	})
}

// isStore reports whether a method of the standard library keeps what it is given.
func isStore(fn *types.Func) bool {
	switch fn.Pkg().Path() {
	case "sync", "sync/atomic", "container/list", "container/ring":
		return slices.Contains([]string{"Store", "Swap", "LoadOrStore", "CompareAndSwap", "Put", "PushBack", "PushFront", "InsertBefore", "InsertAfter"}, fn.Name())
	}
	return false
}

// lasting names the place that an expression stands for if it outlives the call; empty if it does not.
func (p *pass) lasting(e ast.Expr) string {
	through := false // something that the variable only points to
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, ok := p.TypesInfo.ObjectOf(x).(*types.Var)
			switch {
			case !ok || x.Name == "_":
				return ""
			case v.Parent() == p.Pkg.Scope():
				return "the package variable " + v.Name()
			case v.Kind() == types.RecvVar && (through || isPointer(v.Type())):
				return "what " + typeName(v.Type()) + " holds"
			}
			return ""
		case *ast.SelectorExpr:
			if v, ok := p.TypesInfo.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
				return "the package variable " + v.Name()
			}
			through = through || isPointer(p.TypesInfo.TypeOf(x))
			e = x.X
		case *ast.IndexExpr:
			through, e = true, x.X
		case *ast.StarExpr:
			through, e = true, x.X
		case *ast.UnaryExpr:
			if x.Op != token.AND {
				return ""
			}
			e = x.X
		default:
			return ""
		}
	}
}

func isPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice, *types.Chan:
		return true
	}
	return false
}
