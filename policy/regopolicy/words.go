package regopolicy

import (
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// words are the closed lists of what parts of the input can be, so that a misspelt comparison is found when it is loaded.
type words struct {
	actions, purposes, leaves, notices, datasets, organisations, recipients, kinds, capacities []string
	categories, leafCategories, classes                                                        []string
	facts                                                                                      map[string]purpose.Fact
}

func wordsOf(register *purpose.Register) *words {
	spec := register.Spec()
	w := &words{
		actions:    namesFrom(purpose.Collect),
		classes:    namesFrom(purpose.Ordinary),
		kinds:      namesFrom(purpose.Processor),
		recipients: keysOf(spec.Recipients, func(r *purpose.Recipient) string { return r.Key }),
		datasets:   keysOf(spec.Datasets, func(d *purpose.Dataset) string { return d.Key }),
		notices:    keysOf(spec.Notices, func(n *purpose.Notice) string { return n.Version }),
		capacities: keysOf(spec.Capacities, func(c *purpose.Capacity) string { return c.Key }),
		facts:      make(map[string]purpose.Fact, len(spec.Facts)),
	}
	w.purposes, w.leaves = nodes(register.Purposes())
	w.categories, w.leafCategories = nodes(register.Categories())
	w.organisations = w.recipients
	if k := spec.Controller.Key; k != "" {
		w.organisations = append([]string{k}, w.recipients...)
	}
	for _, f := range spec.Facts {
		w.facts[f.Key] = f
	}
	return w
}

// nodes lists the keys of a tree, and those with nothing below them.
func nodes(t *purpose.Tree) (all, leaves []string) {
	for i := range t.Len() {
		id := purpose.ID(i)
		all = append(all, t.Key(id))
		if t.Leaf(id) {
			leaves = append(leaves, t.Key(id))
		}
	}
	return all, leaves
}

// namesFrom lists the names of an enumeration from its first value on.
func namesFrom[E interface {
	~uint8
	String() string
}](first E) (names []string) {
	for e := first; e.String() != ""; e++ {
		names = append(names, e.String())
	}
	return names
}

func keysOf[T any](list []T, key func(*T) string) []string {
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = key(&list[i])
	}
	slices.Sort(keys)
	return keys
}
