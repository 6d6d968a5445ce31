package regopolicy

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/purposebound/purposebound/purpose"
)

// Outcome of a test. The zero Outcome is a failure.
type Outcome uint8

// Outcomes.
const (
	Failed  Outcome = iota
	Passed          // the rule is true
	Skipped         // its name begins with todo_
	Errored         // the evaluation failed, or took too long
)

var outcomeNames = [...]string{"failed", "passed", "skipped", "errored"}

// String is the name of the outcome.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return outcomeNames[Failed]
}

// MarshalText writes the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// TestReport is what the tests of a policy found. The zero TestReport has not passed.
type TestReport struct {
	Tests    []TestResult   // in the order of the text
	Coverage []FileCoverage // of the modules that decide, by name
}

// TestResult is one rule whose name begins with test_.
type TestResult struct {
	Name    string // "data.purposebound_test.test_clerk"; a case of it follows after a slash
	File    string
	Line    int
	Outcome Outcome
}

// FileCoverage says which lines of a module the tests evaluated.
type FileCoverage struct {
	File    string
	Covered int   // lines
	Missed  []int // lines, in order
}

// Passed reports whether there are tests and every one that was not skipped passed.
func (r *TestReport) Passed() bool {
	passed := 0
	for i := range r.Tests {
		switch r.Tests[i].Outcome {
		case Passed:
			passed++
		case Skipped:
		default:
			return false
		}
	}
	return passed > 0
}

// Covered counts the lines that the tests evaluated, and all.
func (r *TestReport) Covered() (lines, of int) {
	for i := range r.Coverage {
		lines += r.Coverage[i].Covered
		of += r.Coverage[i].Covered + len(r.Coverage[i].Missed)
	}
	return lines, of
}

// testTime is how long one test may run.
const testTime = 5 * time.Second

// Test checks a policy as Load does and runs its tests: the rules test_... of modules in files whose names end in
// _test.rego. What is wrong with the policy or the tests is of type Problems; tests that fail are in the report.
func Test(ctx context.Context, register *purpose.Register, files fs.FS) (TestReport, error) {
	var problems Problems
	if register == nil || ctx == nil {
		problems.file("", "policy.register", "tests need a register and a context")
		return TestReport{}, problems
	}
	all := readAll(files, &problems)
	l := check(register, all, &problems)
	caps := capabilities(forTests)
	tests := parse(all.tests, caps, &problems)
	for _, name := range names(tests) {
		form(tests[name], true, &problems)
		testsOnly(tests[name], &problems)
	}
	if len(problems) > 0 {
		return TestReport{}, problems.sorted()
	}
	modules := parse(l.sources, caps, &problems)
	maps.Copy(modules, tests)
	set, err := schemas(register)
	if err != nil {
		problems.file("", "rego.schema", "the register makes no schema")
		return TestReport{}, problems
	}
	compiler := newCompiler(caps, set)
	return run(ctx, compiler, modules, l.data)
}

// testsOnly refuses test modules that decide.
func testsOnly(m *ast.Module, problems *Problems) {
	for _, r := range m.Rules {
		for _, name := range entrypoints {
			if path := r.Ref(); path.HasPrefix(rootPackage.Append(ast.StringTerm(name))) {
				problems.at(r.Location, "test.decides", "a rule of %s in a test module decides in tests only: move it", name)
			}
		}
	}
}

// run compiles tests with what they test, and runs them one after the other.
func run(ctx context.Context, compiler *ast.Compiler, modules map[string]*ast.Module, data ast.Object) (report TestReport, err error) {
	var problems Problems
	store := inmem.NewFromASTObject(data)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return report, ErrEngine
	}
	defer store.Abort(ctx, txn)
	covered := cover.New()
	runner := tester.NewRunner().SetCompiler(compiler).SetModules(modules).SetStore(store).SetParallel(1).SetTimeout(testTime).
		SetCoverageQueryTracer(covered).RaiseBuiltinErrors(true)
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		engineErrors(err, "", "rego.compile", &problems)
		return report, problems.sorted()
	}
	for r := range results {
		report.add(r)
	}
	if err := ctx.Err(); err != nil {
		return TestReport{}, err
	}
	slices.SortStableFunc(report.Tests, func(a, b TestResult) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Name, b.Name))
	})
	deciding := maps.Clone(compiler.Modules)
	maps.DeleteFunc(deciding, func(name string, _ *ast.Module) bool { return inLibrary(name) || strings.HasSuffix(name, "_test.rego") })
	report.cover(covered.Report(deciding), names(deciding))
	return report, nil
}

// add takes in a result, with its cases where it has some.
func (r *TestReport) add(x *tester.Result) {
	one := TestResult{Name: x.Package + "." + x.Name, Outcome: Passed}
	if x.Location != nil {
		one.File, one.Line = x.Location.File, x.Location.Row
	}
	switch {
	case x.Skip:
		one.Outcome = Skipped
	case x.Error != nil:
		one.Outcome = Errored
	case x.Fail:
		one.Outcome = Failed
	}
	if len(x.SubResults) == 0 {
		r.Tests = append(r.Tests, one)
		return
	}
	for name, c := range x.SubResults.Iter {
		sub := one
		sub.Name += "/" + strings.Join(name, "/")
		sub.Outcome = Passed
		if c.Fail {
			sub.Outcome = Failed
		}
		r.Tests = append(r.Tests, sub)
	}
}

func (r *TestReport) cover(found cover.Report, files []string) {
	for _, name := range files {
		f := found.Files[name]
		if f == nil {
			continue
		}
		c := FileCoverage{File: name, Covered: f.CoveredLines}
		for _, span := range f.NotCovered {
			for line := span.Start.Row; line <= span.End.Row; line++ {
				c.Missed = append(c.Missed, line)
			}
		}
		slices.Sort(c.Missed)
		c.Missed = slices.Compact(c.Missed)
		r.Coverage = append(r.Coverage, c)
	}
}
