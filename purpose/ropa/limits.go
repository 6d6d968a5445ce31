package ropa

import (
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// limits is Art. 30(1)(f): the rules of an activity, each with the data that it is for, and a problem for all data that none of
// them ends.
func (b *builder) limits(path string, x *purpose.Activity, a *Activity) (list []Limit) {
	type datum struct{ category, purpose string }
	ended := map[datum]bool{}
	byRule := map[string]*Limit{}
	for _, row := range b.rows[x.Key] {
		l := byRule[row.Rule]
		if l == nil {
			l = &Limit{Rule: row.Rule, Clause: row.Clause, Starts: row.Starts, Condition: row.Condition, Floor: row.Floor, Ceiling: row.Ceiling,
				Table: row.Table, Question: row.Question, Review: row.Review, Transient: row.Transient, Unit: row.Unit, Then: row.Then,
				Assumed: row.Assumed, Note: row.Note}
			if row.Law != "" {
				l.Law = b.law(row.Law)
			}
			byRule[row.Rule] = l
			b.remark(fmt.Sprintf("retention[%d]", b.rules[row.Rule]), row.Rule, row.Assumed, row.Note)
		}
		if !slices.ContainsFunc(l.Categories, func(c Category) bool { return c.Key == row.Category }) {
			l.Categories = append(l.Categories, b.category(row.Category))
		}
		if !slices.ContainsFunc(l.Purposes, func(p Named) bool { return p.Key == row.Purpose }) {
			l.Purposes = append(l.Purposes, b.purpose(row.Purpose))
		}
		if l.limits() {
			ended[datum{row.Category, row.Purpose}] = true
		}
	}
	for _, c := range a.Categories {
		for _, p := range a.Purposes {
			if !ended[datum{c.Key, p.Key}] {
				b.missing(CodeTimeLimit, path+".retention", "Art. 30(1)(f) asks for the time limits of erasure: no rule ends %q for %q", c.Key, p.Key)
			}
		}
	}
	for _, key := range x.Retention {
		if l := byRule[key]; l != nil {
			if len(l.Purposes) == len(a.Purposes) {
				l.Purposes = nil
			}
			list = append(list, *l)
			delete(byRule, key)
		}
	}
	return list
}
