package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/purposebound/purposebound/policy/table"
)

func testCommand() command {
	var x tester
	return command{
		name: "test", args: "REGISTER POLICIES...", summary: "run decision tables and Rego tests, with coverage",
		about: `
Test decides every case of the decision tables with a guard of its own and compares the answer with what the case expects, and
runs the Rego tests (rules test_... in *_test.rego) of the policies. Tables lie outside the directories of policies, which hold rules.

Coverage says which rules matched, which activities of the register carried a permit and which a refusal names, and which
lines of Rego the tests evaluated. With a least share in percent, less than it is a failure. That there is nothing to test is an error.`,
		examples: `
purposebound test -tables tables register.yaml policies
purposebound test -tables tables -cover -least-rules 100 -least-permitted 80 register.yaml policies
purposebound test -tables tables/billing.yaml -run "reads accounts" -v register.yaml policies
purposebound test -least-lines 90 register.yaml rego-policies`,
		flags: func(set *flag.FlagSet) {
			set.Func("tables", "`path` of a decision table or a directory of them; may be given again", func(s string) error {
				x.tables = append(x.tables, s)
				return nil
			})
			set.StringVar(&x.match, "run", "", "run only the cases whose name matches the regular `expression`, and no Rego tests")
			set.BoolVar(&x.verbose, "v", false, "list what passed too")
			set.BoolVar(&x.cover, "cover", false, "print the coverage")
			set.Float64Var(&x.rules, "least-rules", 0, "least `percent` of rules that tables must match")
			set.Float64Var(&x.permitted, "least-permitted", 0, "least `percent` of activities that must carry a permit")
			set.Float64Var(&x.refused, "least-refused", 0, "least `percent` of activities that a refusal must name")
			set.Float64Var(&x.lines, "least-lines", 0, "least `percent` of Rego lines that Rego tests must evaluate")
		},
		run: x.run,
	}
}

// tester is the subcommand.
type tester struct {
	tables                           []string
	match                            string
	verbose, cover                   bool
	rules, permitted, refused, lines float64 // percent
}

// tested is what -json prints.
type tested struct {
	OK       bool            `json:"ok"`
	Cases    []table.Result  `json:"cases"`
	Rego     []regoTests     `json:"rego"`
	Coverage *table.Coverage `json:"coverage"`
	Missing  []string        `json:"missing"` // to reach the least shares
}

func (x *tester) run(ctx context.Context, e *env, args []string) error {
	if err := x.check(); err != nil {
		return err
	}
	reg, policies, err := open(args)
	if err != nil {
		return err
	}
	out := &tested{OK: true, Cases: []table.Result{}, Rego: []regoTests{}, Missing: []string{}}
	collector := table.NewCollector(reg.Register, deciders(policies)...)
	if err := x.decide(ctx, reg, policies, collector, out); err != nil {
		return err
	}
	if x.match == "" {
		if out.Rego, err = runRego(ctx, reg.Register, policies); err != nil {
			return err
		}
	}
	if len(out.Cases)+countTests(out.Rego) == 0 {
		return errors.New("there is nothing to test: no case and no Rego test")
	}
	out.Coverage = collector.Coverage()
	relocateCoverage(out.Coverage, policies)
	x.measure(out)
	for i := range out.Cases {
		out.OK = out.OK && out.Cases[i].Passed
	}
	for i := range out.Rego {
		out.OK = out.OK && out.Rego[i].Failed == 0
	}
	out.OK = out.OK && len(out.Missing) == 0
	if e.json {
		err = e.encode(out)
	} else {
		x.report(e, out)
	}
	if err == nil && !out.OK {
		err = errFound
	}
	return err
}

// check refuses flags that make no sense.
func (x *tester) check() error {
	for _, share := range []float64{x.rules, x.permitted, x.refused, x.lines} {
		if !(share >= 0 && share <= 100) {
			return usagef("a least share is a percentage from 0 to 100")
		}
	}
	if x.match != "" && x.rules+x.permitted+x.refused+x.lines > 0 {
		return usagef("-run leaves cases out: it does not go with least shares")
	}
	if _, err := regexp.Compile(x.match); err != nil {
		return usagef("-run: no regular expression")
	}
	return nil
}

// decide runs the tables.
func (x *tester) decide(ctx context.Context, reg *register, policies []*loaded, collector *table.Collector, out *tested) error {
	match := regexp.MustCompile(x.match) // checked
	only := table.Only(func(_ *table.Table, c *table.Case) bool { return match.MatchString(c.Name) })
	for _, path := range x.tables {
		tables, dir, err := readTables(path)
		if err != nil {
			return broken(path, dir, err)
		}
		report, err := table.Run(ctx, reg.Register, deciders(policies), tables, table.Into(collector), only)
		if err != nil {
			return broken(path, dir, err)
		}
		for _, r := range report.Results {
			r.File = within(dir, r.File)
			relocate(r.Explanation, policies)
			out.Cases = append(out.Cases, r)
		}
	}
	return nil
}

// readTables reads one table or a directory of them, whose file names are then relative to dir.
func readTables(path string) (list []*table.Table, dir string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	if info.IsDir() {
		list, err = table.Read(os.DirFS(path), "")
		return list, path, err
	}
	text, err := readFile(path, table.MaxSize)
	if err != nil {
		return nil, "", err
	}
	t, err := table.Parse(path, text)
	return []*table.Table{t}, "", err
}

// measure says what is missing to reach the least shares.
func (x *tester) measure(out *tested) {
	if x.rules+x.permitted+x.refused > 0 {
		least := table.Threshold{Rules: x.rules / 100, Permitted: x.permitted / 100, Refused: x.refused / 100}
		out.Missing = append(out.Missing, out.Coverage.Below(least)...)
	}
	covered, of := coveredLines(out.Rego)
	switch {
	case x.lines == 0:
	case of == 0:
		out.Missing = append(out.Missing, "lines of Rego: no Rego tests ran")
	case float64(covered)*100 < x.lines*float64(of):
		out.Missing = append(out.Missing, fmt.Sprintf("lines of Rego: %d of %d (%.1f%%), at least %.1f%% wanted", covered, of, 100*float64(covered)/float64(of), x.lines))
	}
}

// report prints what was tested for people.
func (x *tester) report(e *env, out *tested) {
	failed := 0
	for i := range out.Cases {
		r := &out.Cases[i]
		if !r.Passed {
			failed++
		}
		if !r.Passed || x.verbose {
			e.print("%s\n", e.verdict(r.Passed, strings.TrimRight(r.String(), "\n")))
		}
	}
	if n := len(out.Cases); n > 0 || len(x.tables) > 0 {
		e.print("tables: %s, %d passed, %d failed\n", plural(n, "case"), n-failed, failed)
	}
	for i := range out.Rego {
		out.Rego[i].print(e, x.verbose)
	}
	if x.cover {
		if !e.json && len(x.tables) > 0 {
			_ = out.Coverage.WriteText(e.stdout) // a reader that is gone is told by the exit of the program
		}
		for i := range out.Rego {
			out.Rego[i].printCoverage(e)
		}
	}
	for _, m := range out.Missing {
		e.print("%s %s\n", e.paint(red, "coverage:"), m)
	}
}

// verdict colours the first line of a result.
func (e *env) verdict(passed bool, text string) string {
	first, rest, more := strings.Cut(text, "\n")
	tone := red
	if passed {
		tone = green
	}
	first = e.paint(tone, first)
	if more {
		first += "\n" + rest
	}
	return first
}

// relocateCoverage names the files of rules from where the command stands.
func relocateCoverage(c *table.Coverage, policies []*loaded) {
	for i := range c.Rules {
		r := &c.Rules[i]
		for _, p := range policies {
			if p.name == r.Policy && r.File != "" {
				r.File = within(p.dir, r.File)
			}
		}
	}
}
