package purposevet

import (
	"go/ast"
	"go/types"
)

// checkValuer reports calls that make a sealed value hand out its plaintext as database/sql does.
func (p *pass) checkValuer(call *ast.CallExpr) {
	const message = "the plaintext of a sealed value is taken past the guard: %s is for database/sql to call"
	switch fn := p.callee(call); {
	case p.TypesInfo.Types[call.Fun].IsType():
		pkg, name := named(p.TypesInfo.TypeOf(call.Fun))
		if pkg == "database/sql/driver" && name == "Valuer" && len(call.Args) == 1 && p.sealed(call.Args[0]) && !p.declared(stores, call) {
			p.report(call, ruleValuer, message, "driver.Valuer")
		}
	case fn == nil || fn.Pkg() == nil:
	case fn.Pkg().Path() == "database/sql/driver" && fn.Name() == "ConvertValue":
		if len(call.Args) == 1 && p.sealed(call.Args[0]) && !p.declared(stores, call) {
			p.report(call, ruleValuer, message, "ConvertValue")
		}
	}
}

func (p *pass) sealed(e ast.Expr) bool {
	t := p.TypesInfo.TypeOf(e)
	return t != nil && isSealed(t)
}

// checkValuerMethod reports the method itself, called or taken as a value.
func (p *pass) checkValuerMethod(sel *ast.SelectorExpr) {
	fn, ok := p.TypesInfo.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Name() != "Value" || fn.Pkg() == nil || fn.Pkg().Path() != pathSealed || recvName(fn) != "Value" || p.Pkg.Path() == pathSealed {
		return
	}
	if !p.declared(stores, sel) {
		p.report(sel.Sel, ruleValuer, "the plaintext of a sealed value is taken past the guard: Value is for database/sql to call")
	}
}
