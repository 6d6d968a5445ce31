package table

import (
	"iter"
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// names are the keys of a register by what they name.
type names struct {
	leaves, purposes, recipients, organisations, laws, datasets, sources, facts, activities, clauses, controllers []string
}

func namesOfRegister(reg *purpose.Register, spec *purpose.Spec) (n names) {
	tree := reg.Purposes()
	for id := range purpose.ID(tree.Len()) {
		n.purposes = append(n.purposes, tree.Key(id))
		if tree.Leaf(id) {
			n.leaves = append(n.leaves, tree.Key(id))
		}
	}
	if spec.Controller.Key != "" {
		n.organisations = append(n.organisations, spec.Controller.Key)
	}
	n.recipients = collect(spec.Recipients, func(r *purpose.Recipient) string { return r.Key })
	n.organisations = append(n.organisations, n.recipients...)
	n.laws = collect(spec.Laws, func(l *purpose.Law) string { return l.Key })
	n.datasets = collect(spec.Datasets, func(d *purpose.Dataset) string { return d.Key })
	n.controllers = collect(spec.Datasets, func(d *purpose.Dataset) string { return d.OnBehalfOf })
	n.sources = collect(spec.Sources, func(x *purpose.Source) string { return x.Key })
	n.facts = collect(spec.Facts, func(f *purpose.Fact) string { return f.Key })
	n.activities = collect(spec.Activities, func(a *purpose.Activity) string { return a.Key })
	n.clauses = slices.Collect(clauses(spec))
	for _, v := range spec.Notices {
		n.clauses = append(n.clauses, v.ObjectionClause)
	}
	return n
}

func collect[T any](list []T, key func(*T) string) (keys []string) {
	for i := range list {
		keys = append(keys, key(&list[i]))
	}
	return keys
}

// clauses are those that decisions name for what they permit and refuse.
func clauses(spec *purpose.Spec) iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := map[string]bool{"": true}
		add := func(clause string) bool {
			if seen[clause] {
				return true
			}
			seen[clause] = true
			return yield(clause)
		}
		for i := range spec.Activities {
			a := &spec.Activities[i]
			if !add(a.Clause) {
				return
			}
			for j := range a.Recipients {
				if len(a.Recipients[j].Conditions) > 0 && !add(a.Recipients[j].Clause) {
					return
				}
			}
		}
		for i := range spec.Prohibited {
			if !add(spec.Prohibited[i].Clause) {
				return
			}
		}
		for i := range spec.Locks {
			if !add(spec.Locks[i].Clause) {
				return
			}
		}
		for i := range spec.Recipients {
			if r := &spec.Recipients[i]; (r.Statute || len(r.Countries) > 1) && !add(r.Clause) {
				return
			}
		}
	}
}
