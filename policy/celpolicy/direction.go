package celpolicy

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

func direction(r *Rule) string {
	if r.narrows() {
		return `roles and tasks are asked here so that one less never ends the rule: !("x" in roles), !roles.exists(r, ...)`
	}
	return `roles and tasks are asked here so that one less never permits more: "x" in roles, roles.exists(r, ...)`
}

// unsteady finds a part of a condition that may move the wrong way when a request leaves out a role or
// a task; nil when there is none. rising asks that the condition only turns from true to false then,
// its opposite that it only turns from false to true. With false < failed < true, && and || and the loops made of
// them keep to an order, ! turns it round, and a condition that failed permits nothing and ends no denial.
func (e *expression) unsteady(at ast.Expr, rising bool) ast.Expr {
	if !e.partial(at) {
		return nil
	}
	switch at.Kind() {
	case ast.CallKind:
		call := at.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case "!_":
			return e.unsteady(args[0], !rising)
		case "_&&_", "_||_":
			for _, a := range args {
				if bad := e.unsteady(a, rising); bad != nil {
					return bad
				}
			}
			return nil
		case "_?_:_":
			if e.partial(args[0]) {
				return args[0]
			}
			if bad := e.unsteady(args[1], rising); bad != nil {
				return bad
			}
			return e.unsteady(args[2], rising)
		case "@in":
			if rising && !e.partial(args[0]) && e.isPartial(args[1]) {
				return nil
			}
		}
	case ast.ComprehensionKind:
		return e.unsteadyLoop(at, rising)
	}
	return at
}

// unsteadyLoop is unsteady for exists and all.
func (e *expression) unsteadyLoop(at ast.Expr, rising bool) ast.Expr {
	fold := at.AsComprehension()
	step := fold.LoopStep()
	start := fold.AccuInit()
	if step.Kind() != ast.CallKind || start.Kind() != ast.LiteralKind || fold.Result().Kind() != ast.IdentKind {
		return at
	}
	args := step.AsCall().Args()
	fn := step.AsCall().FunctionName()
	some := fn == "_||_" && start.AsLiteral() == types.False
	every := fn == "_&&_" && start.AsLiteral() == types.True
	if !some && !every || len(args) != 2 || args[0].Kind() != ast.IdentKind || args[0].AsIdent() != fold.AccuVar() {
		return at
	}
	if e.partial(fold.IterRange()) && (!e.isPartial(fold.IterRange()) || some != rising) {
		return at
	}
	return e.unsteady(args[1], rising)
}

// isPartial reports whether at is roles or tasks itself.
func (e *expression) isPartial(at ast.Expr) bool {
	name := e.name(at)
	return at.Kind() == ast.IdentKind && (name == "roles" || name == "tasks")
}

// partial reports whether at mentions roles or tasks.
func (e *expression) partial(at ast.Expr) (found bool) {
	ast.PostOrderVisit(at, ast.NewExprVisitor(func(x ast.Expr) { found = found || e.isPartial(x) }))
	return found
}
