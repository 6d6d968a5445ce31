package celpolicy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// precheck reports facts that the register does not declare, has, and patterns that are not literal or too
// large to be compiled even once.
func (x *exprs) precheck(e *expression) {
	inside := map[int64]bool{} // parts of a longer name
	ast.PreOrderVisit(e.ast.Expr(), ast.NewExprVisitor(func(at ast.Expr) {
		root := at
		for root.Kind() == ast.SelectKind {
			root = root.AsSelect().Operand()
			inside[root.ID()] = true
		}
		switch name := dotted(at); {
		case at.Kind() == ast.CallKind && at.AsCall().FunctionName() == "has":
			e.issue(at, "when.type", "has is not needed: a condition on what is not stated is not evaluated")
		case at.Kind() == ast.CallKind && at.AsCall().FunctionName() == "matches":
			e.pattern(at.AsCall())
		case name != factRoot && !strings.HasPrefix(name, factRoot+".") || inside[at.ID()] || x.declares(name):
		default:
			e.issue(root, "when.fact", "%s is no fact that the register declares", clip(name))
		}
	}))
}

// pattern checks the last argument of matches.
func (e *expression) pattern(call ast.CallExpr) {
	if len(call.Args()) == 0 {
		return // a matter of types
	}
	at := call.Args()[len(call.Args())-1]
	if at.Kind() != ast.LiteralKind {
		e.issue(at, "when.regex", "the pattern of matches is a literal: data makes no patterns")
		return
	}
	s, _ := at.AsLiteral().(types.String)
	switch n, err := patternSize(string(s)); {
	case err != nil:
		e.issue(at, "when.regex", "the pattern is no regular expression")
	case n > MaxRegex:
		e.issue(at, "when.regex", "the pattern compiles to %d or more instructions, at most %d", n, MaxRegex)
	}
}

// declares reports whether a dotted name is a fact, or a selection from one.
func (x *exprs) declares(name string) bool {
	for ; name != factRoot; name = name[:strings.LastIndexByte(name, '.')] {
		if x.vars[name] != nil {
			return true
		}
	}
	return false
}

// dotted is the name that a chain of selections spells, empty for other expressions.
func dotted(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return strings.TrimPrefix(e.AsIdent(), ".")
	case ast.SelectKind:
		if up := dotted(e.AsSelect().Operand()); up != "" {
			return up + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

// inspect refuses what types alone do not, and collects the variables that are mentioned.
func (x *exprs) inspect(e *expression) {
	ast.PostOrderVisit(e.ast.Expr(), ast.NewExprVisitor(func(at ast.Expr) {
		switch at.Kind() {
		case ast.IdentKind, ast.SelectKind:
			if v := x.vars[e.name(at)]; v != nil {
				x.mention(e, v)
			}
		case ast.StructKind:
			e.issue(at, "when.type", "messages are refused")
		case ast.ComprehensionKind:
			fold := at.AsComprehension()
			for _, name := range []string{fold.IterVar(), fold.IterVar2()} {
				if name == factRoot || x.vars[name] != nil {
					e.issue(at, "when.name", "%q is a variable already: give the element another name", name)
				}
			}
		case ast.CallKind:
			x.call(e, at)
		}
	}))
	slices.Sort(e.slots)
	e.slots = slices.Compact(e.slots)
}

// name is the variable that an expression stands for, if it is one.
func (e *expression) name(at ast.Expr) string {
	if ref := e.ast.ReferenceMap()[at.ID()]; ref != nil && len(ref.OverloadIDs) == 0 {
		return strings.TrimPrefix(ref.Name, ".")
	}
	return ""
}

// mention gives a variable its slot.
func (x *exprs) mention(e *expression, v *variable) {
	slot, ok := x.slots[v.name]
	if !ok {
		slot = len(x.used)
		x.slots[v.name] = slot
		x.used = append(x.used, variable{name: v.name, lasts: v.lasts, perField: v.perField, foreseen: v.foreseen, value: v.value})
	}
	e.slots = append(e.slots, slot)
	e.perField = e.perField || v.perField
}

func (x *exprs) call(e *expression, at ast.Expr) {
	call := at.AsCall()
	args := call.Args()
	switch fn := call.FunctionName(); fn {
	case "_==_", "_!=_", "@in":
		for _, a := range args {
			if t := e.ast.GetType(a.ID()); deep(t, fn == "@in" && a == args[1]) {
				e.issue(a, "when.type", "lists of lists and maps are not compared")
			}
		}
		x.vocabulary(e, args[0], args[1])
		x.vocabulary(e, args[1], args[0])
	}
}

// deep reports whether values of a type hold others that hold others: comparing them costs more than estimates say.
func deep(t *cel.Type, container bool) bool {
	switch t.Kind() {
	case types.ListKind:
		return deep(t.Parameters()[0], false) || !container && aggregate(t.Parameters()[0])
	case types.MapKind:
		return !container || aggregate(t.Parameters()[1])
	}
	return false
}

func aggregate(t *cel.Type) bool { return t.Kind() == types.ListKind || t.Kind() == types.MapKind }

// vocabulary refuses a text that a variable with a closed list can never be.
func (x *exprs) vocabulary(e *expression, side, other ast.Expr) {
	v := x.vars[e.name(side)]
	if v == nil || v.known == nil {
		return
	}
	literals := []ast.Expr{other}
	if other.Kind() == ast.ListKind {
		literals = other.AsList().Elements()
	}
	for _, at := range literals {
		if at.Kind() != ast.LiteralKind {
			continue
		}
		if s, ok := at.AsLiteral().(types.String); ok && !v.known(string(s)) {
			e.issue(at, "when.value", "%s is never %q", v.name, clip(string(s)))
		}
	}
}
