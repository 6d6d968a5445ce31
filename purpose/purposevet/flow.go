package purposevet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// origin is where a local variable gets its value: an expression, or one result of a call.
type origin struct {
	expr   ast.Expr
	result int
}

// collectOrigins finds what is assigned to the variables inside functions, in any order: the analysis does not follow
// branches.
func (p *pass) collectOrigins() {
	nodes(p, func(s *ast.AssignStmt) {
		if s.Tok == token.ASSIGN || s.Tok == token.DEFINE || s.Tok == token.ADD_ASSIGN {
			p.assign(s.Lhs, s.Rhs)
		}
	})
	nodes(p, func(s *ast.ValueSpec) {
		lhs := make([]ast.Expr, len(s.Names))
		for i, n := range s.Names {
			lhs[i] = n
		}
		p.assign(lhs, s.Values)
	})
	nodes(p, func(s *ast.RangeStmt) {
		if s.Value != nil {
			p.assign([]ast.Expr{s.Value}, []ast.Expr{s.X})
		}
	})
	nodes(p, func(call *ast.CallExpr) {
		if sig := p.literal(call.Fun); sig != nil && sig.Params().Len() == len(call.Args) {
			for i, e := range call.Args {
				p.origins[sig.Params().At(i)] = append(p.origins[sig.Params().At(i)], origin{expr: e})
			}
		}
	})
}

// literal is the signature of the function literal that a call is of: written there, or the one thing that a variable holds.
func (p *pass) literal(e ast.Expr) *types.Signature {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok {
		if from := p.origins[p.TypesInfo.ObjectOf(id)]; len(from) == 1 {
			e = ast.Unparen(from[0].expr)
		}
	}
	lit, ok := e.(*ast.FuncLit)
	if !ok {
		return nil
	}
	sig, _ := p.TypesInfo.TypeOf(lit).(*types.Signature)
	return sig
}

func (p *pass) assign(lhs, rhs []ast.Expr) {
	for i, l := range lhs {
		from := origin{}
		switch {
		case len(rhs) == len(lhs):
			from.expr = rhs[i]
		case len(rhs) == 1:
			from = origin{rhs[0], i}
		default:
			continue
		}
		if v := p.holder(l); v != nil && v.Parent() != nil && v.Parent() != p.Pkg.Scope() {
			p.origins[v] = append(p.origins[v], from)
		}
	}
}

// holder is the variable that an assignment fills: itself, or an element of the list or map that it is.
func (p *pass) holder(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := p.TypesInfo.ObjectOf(e).(*types.Var)
		return v
	case *ast.IndexExpr:
		return p.holder(e.X)
	}
	return nil
}

// walker follows values to where they come from. visit is told an expression and which result of it is meant,
// and says whether to go on below.
type walker struct {
	p     *pass
	visit func(e ast.Expr, result int) bool
	seen  []types.Object
}

func (p *pass) trace(e ast.Expr, visit func(ast.Expr, int) bool) {
	(&walker{p: p, visit: visit}).walk(e, 0)
}

func (w *walker) walk(e ast.Expr, result int) {
	e = ast.Unparen(e)
	if e == nil || !w.visit(e, result) {
		return
	}
	switch e := e.(type) {
	case *ast.Ident:
		obj := w.p.TypesInfo.ObjectOf(e)
		if obj == nil || slices.Contains(w.seen, obj) {
			return
		}
		w.seen = append(w.seen, obj)
		for _, o := range w.p.origins[obj] {
			w.walk(o.expr, o.result)
		}
	case *ast.StarExpr:
		w.walk(e.X, 0)
	case *ast.UnaryExpr:
		if e.Op != token.NOT && e.Op != token.ARROW {
			w.walk(e.X, 0)
		}
	case *ast.IndexExpr:
		w.walk(e.X, 0)
	case *ast.SliceExpr:
		w.walk(e.X, 0)
	case *ast.TypeAssertExpr:
		w.walk(e.X, 0)
	case *ast.BinaryExpr:
		if t := w.p.TypesInfo.TypeOf(e); t != nil && !isBool(t) {
			w.walk(e.X, 0)
			w.walk(e.Y, 0)
		}
	case *ast.CompositeLit:
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
			}
			w.walk(x, 0)
		}
	case *ast.CallExpr:
		w.call(e, result)
	}
}

// call follows the arguments that come back as the result.
func (w *walker) call(e *ast.CallExpr, result int) {
	info := w.p.TypesInfo
	if tv := info.Types[e.Fun]; tv.IsType() {
		if len(e.Args) == 1 {
			w.walk(e.Args[0], 0)
		}
		return
	}
	switch fn := typeutil.Callee(info, e).(type) {
	case *types.Builtin:
		if n := fn.Name(); n == "append" || n == "min" || n == "max" {
			w.all(e.Args)
		}
	case *types.Func:
		if textual(fn) {
			if t := resultType(fn, result); t != nil && !isBool(t) && (!isError(t) || fn.Name() == "Errorf") {
				w.p.given(e, Sink{Kind: Prints}, func(x ast.Expr, _ Kind) { w.walk(x, 0) })
			}
			return
		}
		for _, x := range w.p.summaryOf(fn).Passes {
			if x.Result == result {
				w.all(args(e, fn, x.Param))
			}
		}
	}
}

func (w *walker) all(list []ast.Expr) {
	for _, e := range list {
		w.walk(e, 0)
	}
}

// textual reports whether a function of the standard library makes its results out of its arguments.
func textual(fn *types.Func) bool {
	if fn.Pkg() == nil || fn.Signature().Recv() != nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "strings", "bytes", "strconv", "slices", "maps", "html", "path", "path/filepath", "net/url", "regexp", "unicode", "cmp",
		"encoding/json", "encoding/hex", "encoding/base64":
		return true
	case "fmt":
		return len(fn.Name()) > 5 && (fn.Name()[:6] == "Sprint" || fn.Name()[:6] == "Append" || fn.Name() == "Errorf")
	}
	return false
}

func resultType(fn *types.Func, i int) types.Type {
	if r := fn.Signature().Results(); i < r.Len() {
		return r.At(i).Type()
	}
	return nil
}

// receiver stands for the receiver among the parameters of a method.
const receiver = -1

// args are the arguments of a call for one parameter, or the operand before the dot.
func args(call *ast.CallExpr, fn *types.Func, param int) []ast.Expr {
	if param == receiver {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			return []ast.Expr{sel.X}
		}
		return nil
	}
	if param >= len(call.Args) {
		return nil
	}
	if sig := fn.Signature(); sig.Variadic() && param == sig.Params().Len()-1 {
		return call.Args[param:]
	}
	return call.Args[param : param+1]
}

// paramOf is the index of a parameter of the function, and whether the variable is one that is never assigned to.
func (p *pass) paramOf(fn *function, e ast.Expr) (int, bool) {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return 0, false
	}
	obj := p.TypesInfo.ObjectOf(id)
	sig := fn.obj.Signature()
	if r := sig.Recv(); r != nil && r == obj {
		return receiver, true
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == obj {
			return i, true
		}
	}
	return 0, false
}

// summaryOf is what is known of a function of this package or another.
func (p *pass) summaryOf(fn *types.Func) *summary {
	fn = fn.Origin()
	if own, ok := p.byObject[fn]; ok {
		return &own.summary
	}
	s, ok := p.known[fn]
	if !ok {
		s = new(summary)
		if fn.Pkg() != nil && fn.Pkg() != p.Pkg {
			p.ImportObjectFact(fn, s)
		}
		p.known[fn] = s
	}
	return s
}

// callee is the function that a call names, if it names one.
func (p *pass) callee(call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(p.TypesInfo, call).(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }
