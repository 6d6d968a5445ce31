package purposevet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
)

// entry is a place where a text enters a request, and what it names there.
type entry struct {
	expr ast.Expr
	what string // "Purpose", "Recipient", "Fact"
}

// entries visits the places where purposes, recipients and facts enter requests.
func (p *pass) entries(visit func(entry)) {
	nodes(p, func(lit *ast.CompositeLit) {
		if !asks(p.TypesInfo.TypeOf(lit)) {
			return
		}
		for i, x := range lit.Elts {
			name := ""
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok {
					name, x = id.Name, kv.Value
				}
			} else if s := structOf(p.TypesInfo.TypeOf(lit)); s != nil && i < s.NumFields() {
				name = s.Field(i).Name()
			}
			if name == "Purpose" || name == "Recipient" {
				visit(entry{x, name})
			}
		}
	})
	nodes(p, func(s *ast.AssignStmt) {
		if len(s.Lhs) != len(s.Rhs) {
			return
		}
		for i, l := range s.Lhs {
			sel, ok := ast.Unparen(l).(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "Purpose" || sel.Sel.Name == "Recipient") && asks(p.TypesInfo.TypeOf(sel.X)) {
				visit(entry{s.Rhs[i], sel.Sel.Name})
			}
		}
	})
	nodes(p, func(call *ast.CallExpr) {
		fn := p.callee(call)
		if fn == nil || fn.Pkg() == nil || len(call.Args) == 0 {
			return
		}
		switch path := fn.Pkg().Path(); {
		case path == pathPolicy && recvName(fn) == "Request" && fn.Name() == "For":
			visit(entry{call.Args[0], "Purpose"})
		case path == pathPolicy && recvName(fn) == "Request" && fn.Name() == "To":
			visit(entry{call.Args[0], "Recipient"})
		case path == module+"purpose" && fn.Signature().Recv() == nil && fn.Name() == "Named":
			visit(entry{call.Args[0], "Fact"})
		default:
			for _, i := range p.summaryOf(fn).Purposes {
				for _, e := range args(call, fn, i) {
					visit(entry{e, "Purpose"})
				}
			}
		}
	})
}

// asks reports whether a type is a request, or what declares one for a route or a method.
func asks(t types.Type) bool {
	if t == nil {
		return false
	}
	switch pkg, name := named(deref(t)); pkg {
	case pathPolicy:
		return name == "Request"
	case module + "policy/httpguard":
		return name == "Route"
	case module + "policy/rpcguard":
		return name == "Method"
	}
	return false
}

// checkPurposes reports purposes that are no constants, and names that the register does not know.
func (p *pass) checkPurposes() {
	switch p.Pkg.Path() {
	case pathPolicy, module + "policy/httpguard", module + "policy/rpcguard":
		return // they make requests out of requests
	}
	p.entries(func(e entry) {
		p.texts(e.expr, func(x ast.Expr, text string, constant bool) {
			switch {
			case constant:
				p.checkName(x, e.what, text)
			case e.what == "Purpose" && !p.declared(purposes, e.expr):
				p.report(e.expr, rulePurpose, "the purpose is not a constant: write it where it is asked for, or declare %s%s with a reason", marker, purposes)
			}
		})
	})
}

// texts visits what an expression may be: constants, or one that is none. What a parameter brings, or another request, is seen to
// where it comes from.
func (p *pass) texts(e ast.Expr, visit func(x ast.Expr, text string, constant bool)) {
	told := false
	p.trace(e, func(x ast.Expr, _ int) bool {
		if told {
			return false
		}
		if v := p.TypesInfo.Types[x].Value; v != nil && v.Kind() == constant.String {
			visit(x, constant.StringVal(v), true)
			return false
		}
		switch x := x.(type) {
		case *ast.Ident:
			obj := p.TypesInfo.ObjectOf(x)
			if p.isParam(obj) || len(p.origins[obj]) > 0 {
				return true
			}
			if v, ok := obj.(*types.Var); ok && p.isNamedZero(v) {
				return false
			}
		case *ast.CompositeLit:
			return true
		case *ast.SelectorExpr:
			if x.Sel.Name == "Purpose" && asks(p.TypesInfo.TypeOf(x.X)) {
				return false
			}
		}
		told = true
		visit(e, "", false)
		return false
	})
}

// isNamedZero reports whether a local variable is declared and never assigned to.
func (p *pass) isNamedZero(v *types.Var) bool {
	return v.Kind() == types.LocalVar && len(p.origins[v]) == 0
}

// isParam reports whether a variable is a parameter of a declared function of the package: callers answer for it.
func (p *pass) isParam(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	if !ok || v.Kind() != types.ParamVar {
		return false
	}
	for _, fn := range p.funcs {
		params := fn.obj.Signature().Params()
		for i := range params.Len() {
			if params.At(i) == v {
				return true
			}
		}
	}
	return false
}

// checkName reports a name that the register does not know.
func (p *pass) checkName(at ast.Node, what, name string) {
	if p.reg == nil || name == "" {
		return
	}
	report := func(format string, args ...any) {
		if !p.declared(purposes, at) {
			p.report(at, ruleRegister, format, args...)
		}
	}
	switch what {
	case "Purpose":
		tree := p.reg.Purposes()
		switch id, ok := tree.ID(name); {
		case !ok:
			report("%q is not among the purposes%s", name, near(name, keys(tree)))
		case !tree.Leaf(id):
			report("%q has purposes below it; ask for one of them", name)
		case p.reg.Disclosure(id):
			report("%q is a disclosure, which no request is for", name)
		}
	case "Recipient":
		if !p.reg.recipients[name] {
			report("%q is not among the recipients%s", name, near(name, maps.Keys(p.reg.recipients)))
		}
	case "Fact":
		if !p.reg.facts[name] {
			report("%q is not among the facts%s", name, near(name, maps.Keys(p.reg.facts)))
		}
	}
}
