package retentionschedule

import (
	"cmp"
	"slices"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Schedule is the retention schedule of a register.
type Schedule struct {
	Controller string `json:"controller"`
	Digest     string `json:"digest"` // of the register
	Rows       []Row  `json:"rows"`
}

// Row says how long one category is kept for one purpose by one activity, under one rule.
type Row struct {
	Category  string           `json:"category"`
	Purpose   string           `json:"purpose"`
	Activity  string           `json:"activity"`
	Rule      string           `json:"rule"`
	Law       string           `json:"law,omitempty"`
	Clause    string           `json:"clause,omitempty"`
	Starts    string           `json:"starts"` // the anchor in words
	Floor     retention.Period `json:"floor,omitzero"`
	Ceiling   retention.Period `json:"ceiling,omitzero"`
	Table     string           `json:"table,omitempty"` // that holds the ceiling
	Unit      retention.Unit   `json:"unit"`
	Then      retention.Then   `json:"then"`
	Question  string           `json:"question,omitempty"` // of a criterion
	Review    retention.Period `json:"review,omitzero"`
	Transient bool             `json:"transient"`
	Condition string           `json:"condition,omitempty"` // in words
	Assumed   bool             `json:"assumed"`
	Note      string           `json:"note,omitempty"`
}

// Of returns the schedule of a register, in the order of categories, purposes, activities and rules.
func Of(r *purpose.Register) Schedule {
	spec := r.Spec()
	s := Schedule{Controller: spec.Controller.Name, Digest: r.Digest(), Rows: []Row{}}
	each(r, &spec, func(category, purpose, activity string, rule *retention.Rule) {
		s.Rows = append(s.Rows, Row{
			Category: category, Purpose: purpose, Activity: activity, Rule: rule.Key, Law: rule.Law, Clause: rule.Clause,
			Starts: starts(rule), Floor: rule.Floor, Ceiling: rule.Ceiling, Table: rule.Table, Unit: rule.Unit, Then: rule.Then,
			Question: rule.Criterion.Question, Review: rule.Criterion.Review, Transient: rule.Transient,
			Condition: condition(rule.When), Assumed: rule.Assumed, Note: rule.Note,
		})
	})
	slices.SortFunc(s.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Activity, b.Activity), cmp.Compare(a.Rule, b.Rule))
	})
	return s
}

// each names every leaf of the categories and purposes of every activity, with the rules that it cites for both.
func each(r *purpose.Register, spec *purpose.Spec, yield func(category, purpose, activity string, rule *retention.Rule)) {
	byKey := map[string]*retention.Rule{}
	for i := range spec.Retention {
		byKey[spec.Retention[i].Key] = &spec.Retention[i]
	}
	categories, purposes := r.Categories(), r.Purposes()
	for i := range spec.Activities {
		a := &spec.Activities[i]
		var rules []*retention.Rule
		for _, key := range a.Retention {
			if rule := byKey[key]; rule != nil && !slices.Contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
		for _, rule := range rules {
			for _, category := range leaves(categories, a.Categories) {
				if !bears(categories, rule.Categories, category) {
					continue
				}
				for _, p := range leaves(purposes, a.Purposes) {
					if bears(purposes, rule.Purposes, p) {
						yield(categories.Key(category), purposes.Key(p), a.Key, rule)
					}
				}
			}
		}
	}
}

// leaves returns the leaves at or below some nodes.
func leaves(t *purpose.Tree, nodes []string) (ids []purpose.ID) {
	if len(nodes) == 0 {
		return nil
	}
	for id := range t.Below(nodes...).All {
		if t.Leaf(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// bears reports whether a rule is stated for a leaf; one that names no node is stated for all.
func bears(t *purpose.Tree, nodes []string, id purpose.ID) bool {
	return len(nodes) == 0 || t.Below(nodes...).Has(id)
}
