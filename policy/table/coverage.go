package table

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Collector counts what decisions come upon: rules of policies, activities and clauses of a register. It is safe for
// concurrent use.
type Collector struct {
	mu         sync.Mutex
	rules      []RuleCoverage
	activities []ActivityCoverage
	clauses    []ClauseCoverage
	unlisted   []string
	decisions  int
}

// NewCollector is for decisions of these policies under a register. The rules of a policy that is not [policy.Listed]
// cannot be counted.
func NewCollector(register *purpose.Register, deciders ...policy.Decider) *Collector {
	c := &Collector{}
	for _, d := range deciders {
		name, rules, ok := rulesOf(d)
		if !ok {
			c.unlisted = append(c.unlisted, name)
		}
		for _, r := range rules {
			c.rules = append(c.rules, RuleCoverage{Policy: name, Rule: r.ID, Effect: r.Effect, File: r.File, Line: r.Line})
		}
	}
	if register == nil {
		return c
	}
	spec := register.Spec()
	for i := range spec.Activities {
		c.activities = append(c.activities, ActivityCoverage{Activity: spec.Activities[i].Key, Clause: spec.Activities[i].Clause})
	}
	for clause := range clauses(&spec) {
		of := func(a ActivityCoverage) bool { return a.Clause == clause }
		c.clauses = append(c.clauses, ClauseCoverage{Clause: clause, Ground: slices.ContainsFunc(c.activities, of)})
	}
	return c
}

// rulesOf lists the rules of a policy; ok is false when it cannot, or breaks down.
func rulesOf(d policy.Decider) (name string, rules []policy.Rule, ok bool) {
	name = "unknown"
	defer func() {
		if recover() != nil {
			rules, ok = nil, false
		}
	}()
	if d == nil {
		return name, nil, false
	}
	name = d.Name()
	if listed, is := d.(policy.Listed); is {
		return name, listed.Rules(), true
	}
	return name, nil, false
}

// RuleCoverage says how often a rule matched.
type RuleCoverage struct {
	Policy  string        `json:"policy"`
	Rule    string        `json:"rule"`
	Effect  policy.Effect `json:"effect"`
	File    string        `json:"file,omitempty"`
	Line    int           `json:"line,omitempty"`
	Matched int           `json:"matched"` // decisions
}

// ActivityCoverage says how often an activity carried a permit, and how often a refusal names it.
type ActivityCoverage struct {
	Activity  string `json:"activity"`
	Clause    string `json:"clause"`
	Permitted int    `json:"permitted"` // decisions
	Refused   int    `json:"refused"`   // decisions
}

// ClauseCoverage says how often a permit rests on a clause, and how often a refusal cites it.
type ClauseCoverage struct {
	Clause    string `json:"clause"`
	Ground    bool   `json:"ground"`    // of an activity: a permit can rest on it
	Permitted int    `json:"permitted"` // decisions
	Refused   int    `json:"refused"`   // decisions
}

// Add counts one decision; nil is none. It must have been explained: rules that permit are listed in explanations alone.
func (c *Collector) Add(e *policy.Explanation) {
	if e == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.decisions++
	for i := range c.rules {
		if r := &c.rules[i]; slices.ContainsFunc(e.Rules, r.is) {
			r.Matched++
		}
	}
	for i := range c.activities {
		a := &c.activities[i]
		a.Permitted += one(slices.ContainsFunc(e.Grounds, func(g policy.Ground) bool { return g.Activity == a.Activity }))
		a.Refused += one(refusing(e, func(r *policy.Reason) bool { return r.Activity == a.Activity }))
	}
	for i := range c.clauses {
		x := &c.clauses[i]
		x.Permitted += one(slices.ContainsFunc(e.Grounds, func(g policy.Ground) bool { return g.Clause == x.Clause }))
		x.Refused += one(refusing(e, func(r *policy.Reason) bool { return r.Clause == x.Clause }))
	}
}

// is reports whether a rule that matched is this one. One that matched for no field did not.
func (r *RuleCoverage) is(x policy.RuleExplanation) bool {
	return x.Policy == r.Policy && x.Rule == r.Rule && x.File == r.File && x.Line == r.Line && len(x.Fields) > 0
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// refusing reports whether a field was refused for such a reason.
func refusing(e *policy.Explanation, such func(*policy.Reason) bool) bool {
	for i := range e.Fields {
		for j := range e.Fields[i].Reasons {
			if such(&e.Fields[i].Reasons[j]) {
				return true
			}
		}
	}
	return false
}

// Coverage is what was counted so far.
func (c *Collector) Coverage() *Coverage {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := &Coverage{Decisions: c.decisions, Rules: slices.Clone(c.rules), Activities: slices.Clone(c.activities),
		Clauses: slices.Clone(c.clauses), Unlisted: slices.Clone(c.unlisted)}
	slices.SortStableFunc(v.Rules, func(a, b RuleCoverage) int {
		return cmp.Or(strings.Compare(a.Policy, b.Policy), strings.Compare(a.Rule, b.Rule), strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return v
}
