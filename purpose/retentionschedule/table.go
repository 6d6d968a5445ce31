package retentionschedule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// ErrTable is what every error of [Table] wraps.
var ErrTable = errors.New("retentionschedule: no table can be made")

// Table makes the table of a store that holds some categories, each with all below it: the uses are all purposes whose
// activities keep them, with the rules that these cite. A category that the register does not have, or keeps for nothing,
// is an error: nobody would know how long it is kept. Rows of a layout without a column of categories hold all of them.
func Table(r *purpose.Register, name string, layout retention.Layout, categories ...string) (retention.Table, error) {
	if r == nil || len(categories) == 0 {
		return retention.Table{}, fmt.Errorf("%w: no register or no categories", ErrTable)
	}
	tree := r.Categories()
	var held []string
	for _, c := range categories {
		if _, ok := tree.ID(c); !ok {
			return retention.Table{}, fmt.Errorf("%w: unknown category %q", ErrTable, c)
		}
		for _, id := range leaves(tree, []string{c}) {
			held = append(held, tree.Key(id))
		}
	}
	slices.Sort(held)
	held = slices.Compact(held)
	type use struct{ category, purpose string }
	spec := r.Spec()
	rules := map[use][]*retention.Rule{}
	var uses []use
	each(r, &spec, func(category, purpose, _ string, rule *retention.Rule) {
		if _, ok := slices.BinarySearch(held, category); !ok {
			return
		}
		u := use{category, purpose}
		if rules[u] == nil {
			uses = append(uses, u)
		}
		if !slices.Contains(rules[u], rule) {
			rules[u] = append(rules[u], rule)
		}
	})
	for _, c := range held {
		if !slices.ContainsFunc(uses, func(u use) bool { return u.category == c }) {
			return retention.Table{}, fmt.Errorf("%w: the register keeps the category %q for no purpose", ErrTable, c)
		}
	}
	slices.SortFunc(uses, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.category, b.category), cmp.Compare(a.purpose, b.purpose))
	})
	t := retention.Table{Name: name, Zone: r.Zone(), Years: r.FinancialYears(), Layout: layout}
	for _, u := range uses {
		list := rules[u]
		slices.SortFunc(list, func(a, b *retention.Rule) int { return cmp.Compare(a.Key, b.Key) })
		t.Uses = append(t.Uses, retention.Use{Purpose: u.purpose, Category: u.category, Rules: list})
	}
	return t, nil
}
