package purposevet

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// body is what a function does that matters to its callers.
type body struct {
	calls    []*ast.CallExpr
	returns  []*ast.ReturnStmt
	purposes []ast.Expr
}

// maxRounds bounds how often summaries are made anew: each follows values through one more function of the package.
const maxRounds = 8

// summarise works out what callers must know of the package's functions, and exports it.
func (p *pass) summarise() {
	bodies := p.bodies()
	for range maxRounds {
		changed := false
		p.entries(func(e entry) {
			if fn := p.enclosing(e.expr.Pos()); fn != nil && e.what == "Purpose" && !slices.Contains(bodies[fn].purposes, e.expr) {
				bodies[fn].purposes = append(bodies[fn].purposes, e.expr)
			}
		})
		for _, fn := range p.funcs {
			if s := p.summaryFor(fn, bodies[fn]); !reflect.DeepEqual(s, fn.summary) {
				fn.summary, changed = s, true
			}
		}
		if !changed {
			break
		}
	}
	for _, fn := range p.funcs {
		if p.standard() {
			fn.Passes = nil // what makes texts of texts there is known by name
		}
		if !fn.empty() && fn.obj.Exported() {
			p.ExportObjectFact(fn.obj, &fn.summary)
		}
	}
}

// standard reports whether the package is one of the standard library, as far as that shows.
func (p *pass) standard() bool {
	first, _, _ := strings.Cut(p.Pkg.Path(), "/")
	return p.Module == nil && !strings.Contains(first, ".")
}

// bodies sorts calls and returns by the function that they are in. What a function literal returns is its own.
func (p *pass) bodies() map[*function]*body {
	out := map[*function]*body{}
	for _, fn := range p.funcs {
		b := &body{}
		out[fn] = b
		var visit func(n ast.Node, own bool)
		visit = func(n ast.Node, own bool) {
			ast.Inspect(n, func(x ast.Node) bool {
				switch x := x.(type) {
				case *ast.FuncLit:
					if own {
						visit(x.Body, false)
						return false
					}
				case *ast.CallExpr:
					b.calls = append(b.calls, x)
				case *ast.ReturnStmt:
					if own {
						b.returns = append(b.returns, x)
					}
				}
				return true
			})
		}
		visit(fn.decl.Body, true)
	}
	return out
}

// enclosing is the declared function around a place.
func (p *pass) enclosing(pos token.Pos) *function {
	for _, fn := range p.funcs {
		if fn.decl.Pos() <= pos && pos < fn.decl.End() {
			return fn
		}
	}
	return nil
}

func (p *pass) summaryFor(fn *function, b *body) (s summary) {
	for _, call := range b.calls {
		for _, k := range p.sinks(call) {
			p.given(call, k, func(e ast.Expr, kind Kind) {
				p.params(fn, e, true, func(i int) {
					if !slices.ContainsFunc(s.Sinks, func(x Sink) bool { return x.Param == i }) {
						s.Sinks = append(s.Sinks, Sink{i, kind, k.Into})
					}
				})
			})
		}
	}
	for _, e := range b.purposes {
		p.params(fn, e, false, func(i int) {
			if !slices.Contains(s.Purposes, i) {
				s.Purposes = append(s.Purposes, i)
			}
		})
	}
	p.eachResult(fn, b, func(e ast.Expr, from, result int) {
		if field := p.personalIn(e, from); field != "" && !slices.ContainsFunc(s.Personal, func(x Result) bool { return x.Index == result }) {
			s.Personal = append(s.Personal, Result{result, field})
		}
		if p.viewIn(e, from) && !slices.Contains(s.Views, result) {
			s.Views = append(s.Views, result)
		}
		p.params(fn, e, false, func(i int) {
			if x := (Pass{i, result}); !slices.Contains(s.Passes, x) {
				s.Passes = append(s.Passes, x)
			}
		})
	})
	return s
}

// params visits the parameters of the function that an expression's value comes from; loose: only those that may hold any type.
func (p *pass) params(fn *function, e ast.Expr, loose bool, visit func(int)) {
	p.trace(e, func(x ast.Expr, _ int) bool {
		if i, ok := p.paramOf(fn, x); ok && (!loose || i != receiver && loosely(fn, i)) {
			visit(i)
		}
		return true
	})
}

// loosely reports whether a parameter may hold a struct of any type.
func loosely(fn *function, i int) bool {
	t := fn.obj.Signature().Params().At(i).Type()
	return !isError(t) && holdsInterface(t) && structOf(t) == nil
}

// eachResult visits what a function returns, with the result of the expression that is meant and the function's own. What can hold no
// personal text is left out: truth values, sealed values, and whole records, which keep their tags.
func (p *pass) eachResult(fn *function, b *body, visit func(e ast.Expr, from, result int)) {
	results := fn.obj.Signature().Results()
	carries := func(i int) bool {
		t := results.At(i).Type()
		return !isBool(t) && !isSealed(t)
	}
	for _, r := range b.returns {
		for i := range results.Len() {
			switch {
			case !carries(i):
			case len(r.Results) == results.Len():
				visit(r.Results[i], 0, i)
			case len(r.Results) == 1:
				visit(r.Results[0], i, i)
			}
		}
	}
	for i := range results.Len() {
		if v := results.At(i); v.Name() != "" && v.Name() != "_" && carries(i) {
			for _, o := range p.origins[v] {
				visit(o.expr, o.result, i)
			}
		}
	}
}

// look finds out whether there is anything to follow through the package at all: in most there is not.
func (p *pass) look() {
	nodes(p, func(sel *ast.SelectorExpr) { p.plain = p.plain || p.plainField(sel) != nil })
	nodes(p, func(call *ast.CallExpr) {
		if fn := p.callee(call); fn != nil {
			s := p.summaryOf(fn)
			p.plain = p.plain || len(s.Personal) > 0
			p.released = p.released || len(s.Views) > 0 || releases(fn) || len(p.views) > 0
		}
	})
}

// personalIn is the tagged field that an expression's value comes from; empty if there is none.
func (p *pass) personalIn(e ast.Expr, result int) (field string) {
	if !p.plain {
		return ""
	}
	w := &walker{p: p, visit: func(x ast.Expr, result int) bool {
		if field != "" || p.leakOf(p.typeOf(x, result), Copies) != nil {
			return false // a record keeps its tags
		}
		switch x := x.(type) {
		case *ast.SelectorExpr:
			if l := p.plainField(x); l != nil {
				field = l.String()
			}
		case *ast.CallExpr:
			field = p.laundered(x, result)
		}
		return field == ""
	}}
	w.walk(e, result)
	return field
}

// laundered is the tagged field in a result of a call; empty if there is none.
func (p *pass) laundered(call *ast.CallExpr, result int) string {
	if fn := p.callee(call); fn != nil {
		for _, r := range p.summaryOf(fn).Personal {
			if r.Index == result {
				return r.Field
			}
		}
	}
	return ""
}

// checkLaundered reports a call that returns a tagged field as a plain value. Where the function that reads it is reported
// itself, in the same package, that is enough.
func (p *pass) checkLaundered(call *ast.CallExpr) {
	fn := p.callee(call)
	if fn == nil {
		return
	}
	s := p.summaryOf(fn)
	if len(s.Personal) == 0 || p.byObject[fn] != nil && p.directives.at(stores, p.Fset, p.byObject[fn].decl.Pos()) == nil {
		return
	}
	if !p.declared(stores, call) {
		p.report(call, ruleLaunder, "%s returns %s as a plain value, past the guard", funcName(fn), s.Personal[0].Field)
	}
}

// markDelivered notes the parameters that Send gives a view to.
func (p *pass) markDelivered() {
	nodes(p, func(call *ast.CallExpr) {
		fn := p.callee(call)
		if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != pathPolicy || fn.Name() != "Send" || len(call.Args) == 0 {
			return
		}
		lit, ok := ast.Unparen(call.Args[len(call.Args)-1]).(*ast.FuncLit)
		if !ok {
			return
		}
		if sig, ok := p.TypesInfo.TypeOf(lit).(*types.Signature); ok && sig.Params().Len() == 2 {
			p.views[sig.Params().At(1)] = true
		}
	})
}
