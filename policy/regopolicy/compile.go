package regopolicy

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// entrypoints are the sets that decide, in the order of their effects.
var entrypoints = [...]string{"permit", "deny", "redact", "obligations"}

// compiled is what the engine makes of modules.
type compiled struct {
	compiler *ast.Compiler
	rules    []written // of all modules but the library's, in the order of the text
}

// written is a rule as it is in the text, and what the compiler made of it.
type written struct{ text, rule *ast.Rule }

// compile checks modules together. It is nil when the engine has found fault.
func compile(register *purpose.Register, modules map[string]*ast.Module, caps *ast.Capabilities, data ast.Object, problems *Problems) (c *compiled) {
	defer func() {
		if r := recover(); r != nil {
			problems.file("", "rego.compile", "the modules cannot be compiled")
			c = nil
		}
	}()
	set, err := schemas(register)
	if err != nil {
		problems.file("", "rego.schema", "the register makes no schema")
		return nil
	}
	compiler := newCompiler(caps, set).
		WithPathConflictsCheck(func(path []string) (bool, error) { return holds(data, path), nil })
	compiler.Compile(modules)
	if compiler.Failed() {
		engineErrors(compiler.Errors, "", "rego.compile", problems)
		return nil
	}
	c = &compiled{compiler: compiler}
	for _, name := range names(compiler.Modules) {
		if inLibrary(name) {
			continue
		}
		texts, rules := modules[name].Rules, compiler.Modules[name].Rules
		if len(texts) != len(rules) {
			problems.file(name, "rego.compile", "the module cannot be compiled")
			return nil
		}
		for i := range rules {
			c.rules = append(c.rules, written{texts[i], rules[i]})
		}
	}
	return c
}

// newCompiler is the engine's, with a limit on what its type checker would not get through.
func newCompiler(caps *ast.Capabilities, set *ast.SchemaSet) *ast.Compiler {
	return ast.NewCompiler().WithCapabilities(caps).WithStrict(true).WithSchemas(set).SetErrorLimit(maxProblems).
		WithStageAfterID(ast.StageCheckRecursion, ast.CompilerStageDefinition{Name: "purposebound_weigh", MetricName: "purposebound_weigh", Stage: weigh})
}

// holds reports whether base documents have a value at a path, or one that is no object on the way to it.
func holds(data ast.Object, path []string) bool {
	for _, word := range path {
		next := data.Get(ast.StringTerm(word))
		if next == nil {
			return false
		}
		o, isObject := next.Value.(ast.Object)
		if !isObject {
			return true
		}
		data = o
	}
	return true
}
