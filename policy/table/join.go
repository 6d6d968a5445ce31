package table

import (
	"cmp"
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// join makes one explanation of those of the people of a record. There is at least one.
func join(spec *purpose.Spec, plan *purpose.Plan, parts []*policy.Explanation) *policy.Explanation {
	e := *parts[0]
	e.Fields, e.Gates, e.Grounds, e.Rejected, e.Obligations, e.Rules = nil, slices.Clone(e.Gates), nil, nil, nil, nil
	for _, p := range parts {
		e.Fields = append(e.Fields, p.Fields...)
		e.Grounds = append(e.Grounds, p.Grounds...)
		e.Rejected = append(e.Rejected, p.Rejected...)
		e.Obligations = append(e.Obligations, p.Obligations...)
		e.PersonDecides = e.PersonDecides || p.PersonDecides
		e.ReferTo = cmp.Or(e.ReferTo, p.ReferTo)
		for i := range p.Gates {
			joinGate(&e.Gates[i], &p.Gates[i])
		}
		for i := range p.Rules {
			e.Rules = joinRule(e.Rules, &p.Rules[i])
		}
	}
	order := func(field string) int { i, _ := plan.Index(field); return i }
	slices.SortStableFunc(e.Fields, func(a, b policy.FieldExplanation) int { return order(a.Field) - order(b.Field) })
	slices.Sort(e.Obligations)
	e.Obligations = slices.Compact(e.Obligations)
	denied := 0
	for i := range e.Fields {
		if e.Fields[i].Result == "deny" {
			denied++
		}
	}
	switch denied {
	case 0:
		e.Outcome = policy.OutcomePermitted
	case len(e.Fields):
		e.Outcome = policy.OutcomeDenied
	default:
		e.Outcome = policy.OutcomePartial
	}
	e.Because = foremost(spec, parts)
	return &e
}

// joinGate adds what a gate found about another person.
func joinGate(to, from *policy.GateExplanation) {
	if from.Result == "failed" || to.Result == "not-asked" {
		to.Result = from.Result
	}
	to.Codes = slices.Clone(to.Codes)
	for _, c := range from.Codes {
		if !slices.Contains(to.Codes, c) {
			to.Codes = append(to.Codes, c)
		}
	}
}

// joinRule adds a rule, or the fields of one that matched for another person too.
func joinRule(rules []policy.RuleExplanation, r *policy.RuleExplanation) []policy.RuleExplanation {
	i := slices.IndexFunc(rules, func(x policy.RuleExplanation) bool {
		return x.Policy == r.Policy && x.Rule == r.Rule && x.Effect == r.Effect && x.File == r.File && x.Line == r.Line
	})
	if i < 0 {
		return append(rules, *r)
	}
	rules[i].Fields = append(slices.Clone(rules[i].Fields), r.Fields...)
	return rules
}

// foremost is the reason that matters most, as Decision.Reason has it: of those that no activity could change the first in
// the order of the gates, else the first of the activity that came furthest.
func foremost(spec *purpose.Spec, parts []*policy.Explanation) (best *policy.Reason) {
	for _, p := range parts {
		if r := p.Because; r != nil && r.Activity == "" && (best == nil || before(spec, r, best)) {
			best = r
		}
	}
	if best != nil {
		return best
	}
	first := make(map[string]*policy.Reason) // by activity
	for _, p := range parts {
		for i := range p.Fields {
			for j := range p.Fields[i].Reasons {
				r := &p.Fields[i].Reasons[j]
				if f := first[r.Activity]; f == nil || before(spec, r, f) {
					first[r.Activity] = r
				}
			}
		}
	}
	for i := range spec.Activities {
		if r := first[spec.Activities[i].Key]; r != nil && (best == nil || r.Code.Gate() > best.Code.Gate()) {
			best = r
		}
	}
	return best
}

// before reports whether a guard comes upon a reason before another that the fields of another person have.
func before(spec *purpose.Spec, a, b *policy.Reason) bool {
	if a.Code.Gate() != b.Code.Gate() {
		return a.Code.Gate() < b.Code.Gate()
	}
	return within(spec, a) < within(spec, b)
}

// within is the place of a reason among those of its gate that not all fields have.
func within(spec *purpose.Spec, r *policy.Reason) int {
	switch r.Code {
	case policy.CodeProhibited:
		return slices.IndexFunc(spec.Prohibited, func(p purpose.Prohibition) bool { return p.Key == r.Param })
	case policy.CodeLocked:
		return slices.IndexFunc(spec.Locks, func(l purpose.Lock) bool { return l.Law == r.Param && l.Clause == r.Clause })
	case policy.CodeTagPurpose, policy.CodeRetentionUnanswered, policy.CodeBasisTag, policy.CodeRemoteAccess:
		return -1
	case policy.CodePolicyPermit:
		return 1
	}
	return 0
}
