package main

import (
	"context"

	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

// regoTests are the Rego tests of one policy.
type regoTests struct {
	Policy    string         `json:"policy"`
	Directory string         `json:"directory"`
	Failed    int            `json:"failed"` // or errored
	Tests     []regoTest     `json:"tests"`
	Coverage  []regoCoverage `json:"coverage"`
}

type regoTest struct {
	Name    string             `json:"name"`
	File    string             `json:"file"`
	Line    int                `json:"line"`
	Outcome regopolicy.Outcome `json:"outcome"`
}

type regoCoverage struct {
	File    string `json:"file"`
	Covered int    `json:"covered"`          // lines
	Missed  []int  `json:"missed,omitempty"` // lines
}

// runRego runs the tests of every policy in Rego.
func runRego(ctx context.Context, reg *purpose.Register, policies []*loaded) ([]regoTests, error) {
	list := []regoTests{}
	for _, p := range policies {
		if p.engine != engineRego {
			continue
		}
		report, err := regopolicy.Test(ctx, reg, p.files)
		if err != nil {
			return nil, broken(p.dir, p.dir, err)
		}
		one := regoTests{Policy: p.name, Directory: p.dir, Tests: []regoTest{}, Coverage: []regoCoverage{}}
		for _, t := range report.Tests {
			one.Tests = append(one.Tests, regoTest{t.Name, within(p.dir, t.File), t.Line, t.Outcome})
			if t.Outcome == regopolicy.Failed || t.Outcome == regopolicy.Errored {
				one.Failed++
			}
		}
		for _, c := range report.Coverage {
			one.Coverage = append(one.Coverage, regoCoverage{within(p.dir, c.File), c.Covered, c.Missed})
		}
		list = append(list, one)
	}
	return list, nil
}

func countTests(list []regoTests) (n int) {
	for i := range list {
		n += len(list[i].Tests)
	}
	return n
}

// coveredLines counts the lines that tests evaluated, and all.
func coveredLines(list []regoTests) (covered, of int) {
	for i := range list {
		for _, c := range list[i].Coverage {
			covered += c.Covered
			of += c.Covered + len(c.Missed)
		}
	}
	return covered, of
}

// print lists the tests that failed, or with verbose all.
func (r *regoTests) print(e *env, verbose bool) {
	passed, skipped := 0, 0
	for _, t := range r.Tests {
		fine := t.Outcome == regopolicy.Passed
		switch t.Outcome {
		case regopolicy.Passed:
			passed++
		case regopolicy.Skipped:
			skipped++
		}
		if verbose || !fine && t.Outcome != regopolicy.Skipped {
			tone := red
			if fine {
				tone = green
			}
			e.print("%s\n", e.paint(tone, place(t.File, t.Line)+" "+t.Name+": "+t.Outcome.String()))
		}
	}
	e.print("rego %s: %s, %d passed, %d failed, %d skipped\n", r.Policy, plural(len(r.Tests), "test"), passed, r.Failed, skipped)
}

// printCoverage lists the lines that no test evaluated.
func (r *regoTests) printCoverage(e *env) {
	for _, c := range r.Coverage {
		e.print("%s: %d of %s evaluated\n", c.File, c.Covered, plural(c.Covered+len(c.Missed), "line"))
		for _, line := range c.Missed {
			e.print("  not %s\n", place(c.File, line))
		}
	}
}
