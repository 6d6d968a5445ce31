package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/purposebound/purposebound/policy"
)

// report lists what was found of one policy.
func (c *checker) report(m *member) {
	if m.foresees != nil && m.lists != nil {
		m.dead()
	}
	slices.SortStableFunc(m.findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Rule, b.Rule))
	})
	for _, f := range m.findings {
		c.add(f)
	}
}

// dead lists the rules that nothing in the register can ever meet.
func (m *member) dead() {
	var rules []policy.Rule
	if err := guarded(func() error {
		rules = slices.Clone(m.lists.Rules())
		return nil
	}); err != nil {
		m.failed("the policy could not list its rules")
		return
	}
	for _, r := range rules {
		if m.reached[r.ID] {
			continue
		}
		m.findings = append(m.findings, Finding{
			Code: "rule.never", Severity: Warning, Policy: m.name, Rule: r.ID, File: r.File, Line: r.Line,
			Message: "no activity of the register covers what the rule " + r.ID + " selects: it never applies",
		})
	}
}
