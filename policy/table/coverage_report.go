package table

import (
	"fmt"
	"io"
	"strings"
)

// Coverage is what decisions came upon. It encodes as JSON and renders as text.
type Coverage struct {
	Decisions  int                `json:"decisions"`
	Rules      []RuleCoverage     `json:"rules"`
	Unlisted   []string           `json:"unlisted,omitempty"` // policies that cannot list their rules
	Activities []ActivityCoverage `json:"activities"`
	Clauses    []ClauseCoverage   `json:"clauses"`
}

// Threshold is the least share of a register and its policies that decisions must come upon, from 0 to 1. The zero
// Threshold demands nothing.
type Threshold struct {
	Rules     float64 // rules that matched
	Permitted float64 // activities that carried a permit
	Refused   float64 // activities that a refusal names
}

// Below says what is missing to reach a threshold; nothing means that it is reached. No decision reaches any, and a policy
// that cannot list its rules none for rules.
func (c *Coverage) Below(t Threshold) (missing []string) {
	short := func(what string, least float64, total int, left []string) {
		switch got := share(total-len(left), total); {
		case !(least >= 0 && least <= 1):
			missing = append(missing, fmt.Sprintf("%s: the threshold is not between 0 and 1", what))
		case got < least:
			missing = append(missing, fmt.Sprintf("%s: %d of %d (%.1f%%), at least %.1f%% wanted; missing: %s", what, total-len(left), total,
				100*got, 100*least, strings.Join(left, ", ")))
		}
	}
	if c.Decisions == 0 {
		missing = append(missing, "nothing was decided")
	}
	if t.Rules > 0 && len(c.Unlisted) > 0 {
		missing = append(missing, "rules: not listed by "+strings.Join(c.Unlisted, ", "))
	}
	short("rules that matched", t.Rules, len(c.Rules), c.unmatched())
	short("activities that carried a permit", t.Permitted, len(c.Activities), c.idle(func(a *ActivityCoverage) int { return a.Permitted }))
	short("activities that a refusal names", t.Refused, len(c.Activities), c.idle(func(a *ActivityCoverage) int { return a.Refused }))
	return missing
}

// share of a whole; of nothing it is all.
func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// unmatched lists the rules that no decision met.
func (c *Coverage) unmatched() (list []string) {
	for i := range c.Rules {
		if r := &c.Rules[i]; r.Matched == 0 {
			list = append(list, r.String())
		}
	}
	return list
}

func (c *Coverage) idle(count func(*ActivityCoverage) int) (list []string) {
	for i := range c.Activities {
		if a := &c.Activities[i]; count(a) == 0 {
			list = append(list, a.Activity)
		}
	}
	return list
}

// String names the rule and where it stands.
func (r *RuleCoverage) String() string {
	s := r.Policy + "/" + r.Rule
	if r.File != "" {
		s += fmt.Sprintf(" (%s:%d)", r.File, r.Line)
	}
	return s
}

// WriteText writes the counts, and what no decision came upon.
func (c *Coverage) WriteText(w io.Writer) error {
	var b strings.Builder
	line := func(what string, total int, left []string) {
		fmt.Fprintf(&b, "%s: %d of %d (%.1f%%)\n", what, total-len(left), total, 100*share(total-len(left), total))
		for _, x := range left {
			fmt.Fprintf(&b, "  not %s\n", x)
		}
	}
	fmt.Fprintf(&b, "%d decision(s)\n", c.Decisions)
	line("rules that matched", len(c.Rules), c.unmatched())
	for _, p := range c.Unlisted {
		fmt.Fprintf(&b, "  policy %s does not list its rules\n", p)
	}
	line("activities that carried a permit", len(c.Activities), c.idle(func(a *ActivityCoverage) int { return a.Permitted }))
	line("activities that a refusal names", len(c.Activities), c.idle(func(a *ActivityCoverage) int { return a.Refused }))
	var rested, cited []string
	grounds := 0
	for i := range c.Clauses {
		x := &c.Clauses[i]
		if x.Ground {
			grounds++
		}
		if x.Ground && x.Permitted == 0 {
			rested = append(rested, x.Clause)
		}
		if x.Refused == 0 {
			cited = append(cited, x.Clause)
		}
	}
	line("clauses that a permit rests on", grounds, rested)
	line("clauses that a refusal cites", len(c.Clauses), cited)
	_, err := io.WriteString(w, b.String())
	return err
}
