package celpolicy

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"

	"github.com/purposebound/purposebound/purpose"
)

// condition is a compiled expression. Rules with the same text share one.
type condition struct {
	program  cel.Program
	slots    []int // of the variables that it mentions: all must be stated
	perField bool
	limited  bool // no bound was proven: it runs under limits
	lasts    lasting
}

// expression is a condition while it is loaded.
type expression struct {
	condition
	ast    *ast.AST
	cost   uint64 // at most
	issues []issue
}

// issue is something wrong with an expression, at a line from 1 and a column from 0 of its text.
type issue struct {
	line, column  int
	code, message string
}

// exprs compiles each distinct text once.
type exprs struct {
	env   *cel.Env
	vars  map[string]*variable
	slots map[string]int
	used  []variable
	seen  map[string]*expression
}

// library is what conditions may call: nothing that reads a clock, a zone file or a type.
func library() *env.LibrarySubset {
	s := env.NewLibrarySubset().AddIncludedMacros("all", "exists", "exists_one", "filter", "map")
	for _, name := range []string{
		"_?_:_", "_&&_", "_||_", "!_", "@not_strictly_false", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_",
		"_+_", "_-_", "_*_", "_/_", "_%_", "-_", "_[_]", "@in", "size", "contains", "startsWith", "endsWith", "matches",
	} {
		s.AddIncludedFunctions(env.NewFunction(name))
	}
	for name, overloads := range map[string][]string{
		"timestamp": {"string_to_timestamp"}, "duration": {"string_to_duration"},
		"getFullYear": {"timestamp_to_year"}, "getMonth": {"timestamp_to_month"}, "getDate": {"timestamp_to_day_of_month_1_based"},
		"getDayOfYear": {"timestamp_to_day_of_year"}, "getDayOfMonth": {"timestamp_to_day_of_month"}, "getDayOfWeek": {"timestamp_to_day_of_week"},
		"getHours": {"timestamp_to_hours", "duration_to_hours"}, "getMinutes": {"timestamp_to_minutes", "duration_to_minutes"},
		"getSeconds":      {"timestamp_to_seconds", "duration_to_seconds"},
		"getMilliseconds": {"timestamp_to_milliseconds", "duration_to_milliseconds"},
	} {
		f := env.NewFunction(name)
		for _, o := range overloads {
			f.Overloads = append(f.Overloads, &env.Overload{ID: o})
		}
		s.AddIncludedFunctions(f)
	}
	return s
}

// open makes the typed environment of a register.
func (x *exprs) open(vars []variable) error {
	x.vars, x.slots, x.seen = make(map[string]*variable, len(vars)), map[string]int{}, map[string]*expression{}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(library())),
		cel.ParserExpressionSizeLimit(MaxExpression), cel.ExpressionNodeLimit(MaxNodes), cel.ParserRecursionLimit(MaxDepth), cel.ParserErrorRecoveryLimit(4),
		cel.ASTValidators(cel.ValidateComprehensionNestingLimit(MaxNesting), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(),
			cel.ValidateHomogeneousAggregateLiterals()),
	}
	for i := range vars {
		x.vars[vars[i].name] = &vars[i]
		options = append(options, cel.Variable(vars[i].name, vars[i].typ))
	}
	e, err := cel.NewCustomEnv(options...)
	x.env = e
	return err
}

// compile reads, types, checks and bounds an expression.
func (x *exprs) compile(text string) *expression {
	if e := x.seen[text]; e != nil {
		return e
	}
	e := &expression{}
	x.seen[text] = e
	defer func() {
		if r := recover(); r != nil { // no expression may stop the program that loads it
			e.issues = append(e.issues, issue{1, 0, "when.syntax", "the expression cannot be compiled"})
		}
	}()
	parsed, iss := x.env.Parse(text)
	if e.took(iss, "when.syntax") {
		return e
	}
	e.ast = parsed.NativeRep()
	if x.precheck(e); len(e.issues) > 0 {
		return e
	}
	checked, iss := x.env.Check(parsed)
	if e.took(iss, "when.type") {
		return e
	}
	e.ast = checked.NativeRep()
	if !checked.OutputType().IsExactType(cel.BoolType) {
		e.issue(e.ast.Expr(), "when.type", "a condition is true or false, not of type %s", checked.OutputType())
		return e
	}
	x.inspect(e)
	if len(e.issues) == 0 {
		x.plan(e, checked)
	}
	return e
}

// plan bounds the cost of a good expression and makes its program.
func (x *exprs) plan(e *expression, checked *cel.Ast) {
	root := e.ast.Expr()
	estimate, err := x.env.EstimateCost(checked, sizes{})
	if err != nil {
		e.issue(root, "when.cost", "the cost cannot be estimated")
		return
	}
	if estimate.Min > maxRun {
		e.issue(root, "when.cost", "costs at least %d units, at most %d are spent", estimate.Min, uint64(maxRun))
		return
	}
	e.cost, e.limited = estimate.Max, estimate.Max > MaxCost
	if e.lasts = always; e.limited {
		e.lasts = never // it may be late
	}
	for _, slot := range e.slots {
		e.lasts = min(e.lasts, x.used[slot].lasts)
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if e.limited {
		options = append(options, cel.CostLimit(maxRun), cel.InterruptCheckFrequency(checkFrequency))
	}
	if e.program, err = x.env.Program(checked, options...); err != nil {
		e.issue(root, "when.fails", "the expression always fails: %s", clip(err.Error()))
		return
	}
	if len(e.slots) == 0 && !e.limited {
		if out, _, err := e.program.Eval(cel.NoVars()); err != nil || !types.IsBool(out) {
			e.issue(root, "when.fails", "the expression always fails")
		}
	}
}

func (e *expression) issue(at ast.Expr, code, format string, args ...any) {
	loc := e.ast.SourceInfo().GetStartLocation(at.ID())
	e.issues = append(e.issues, issue{loc.Line(), loc.Column(), code, fmt.Sprintf(format, args...)})
}

// took takes over what CEL found wrong.
func (e *expression) took(iss *cel.Issues, code string) bool {
	if iss.Err() == nil {
		return false
	}
	for i, found := range iss.Errors() {
		if i == 8 {
			break
		}
		e.issues = append(e.issues, issue{max(found.Location.Line(), 1), max(found.Location.Column(), 0), code, clipTo(found.Message, 200)})
	}
	return true
}

// condition compiles what a rule says under "when"; nil where it says nothing.
func (c *compiler) condition(r *Rule, i int) *condition {
	if r.When == "" {
		return nil
	}
	text := strings.TrimRight(r.When, " \t\r\n")
	if text == "" {
		c.fail(r, i, "when.syntax", "when", "a condition of blanks: leave it out to apply always")
		return nil
	}
	if c.exprs.seen == nil { // the first condition
		if err := c.exprs.open(c.variables()); err != nil {
			c.problems.add(purpose.Problem{Code: "when.environment", Message: "the register's facts make no environment: " + clip(err.Error())})
		}
	}
	if c.exprs.env == nil {
		return nil
	}
	if len(c.exprs.seen) >= MaxConditions && c.exprs.seen[text] == nil {
		c.fail(r, i, "when.many", "when", "more than %d different conditions", MaxConditions)
		return nil
	}
	e := c.exprs.compile(text)
	issues := e.issues
	if len(issues) == 0 && r.Effect != 0 {
		if bad := e.unsteady(e.ast.Expr(), !r.narrows()); bad != nil {
			loc := e.ast.SourceInfo().GetStartLocation(bad.ID())
			issues = []issue{{loc.Line(), loc.Column(), "when.direction", direction(r)}}
		}
	}
	for _, is := range issues {
		p := position{line: r.Line}
		if r.origin != nil {
			p = r.origin.inWhen(is.line, is.column)
			c.failAt(r, i, p, is.code, "when", "%s", is.message)
		} else {
			c.failAt(r, i, p, is.code, "when", "%d:%d: %s", is.line, is.column+1, is.message)
		}
	}
	if len(issues) > 0 {
		return nil
	}
	cost := min(e.cost, MaxCost)
	if e.perField {
		cost *= purpose.MaxFields
	}
	c.spend += cost
	c.limited = c.limited || e.limited
	return &e.condition
}
