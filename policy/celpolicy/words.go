package celpolicy

import (
	"slices"

	"github.com/purposebound/purposebound/purpose"
)

// words are the closed lists of what variables can be, so that a misspelt comparison is found when it is loaded.
type words struct {
	actions, datasets, notices, organisations, recipients, kinds, capacities, classes func(string) bool
}

func (c *compiler) words() words {
	spec, recipients := &c.spec, c.recipients
	return words{
		actions: among(namesFrom(purpose.Collect)...),
		classes: among(namesFrom(purpose.Ordinary)...),
		// The empty text says that nothing is shared.
		kinds:         among(append(namesFrom(purpose.Processor), "")...),
		recipients:    func(s string) bool { return s == "" || recipients[s] },
		organisations: func(s string) bool { return s != "" && (s == spec.Controller.Key || recipients[s]) },
		datasets:      among(keysOf(spec.Datasets, func(d *purpose.Dataset) string { return d.Key })...),
		notices:       among(keysOf(spec.Notices, func(n *purpose.Notice) string { return n.Version })...),
		capacities:    among(keysOf(spec.Capacities, func(x *purpose.Capacity) string { return x.Key })...),
	}
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
	return keys
}

func among(list ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(list, s) }
}

// leafOf knows the leaves of a tree: fields and requests have no others.
func leafOf(t *purpose.Tree) func(string) bool {
	return func(s string) bool {
		id, ok := t.ID(s)
		return ok && t.Leaf(id)
	}
}

// country reports whether s has the form of an ISO 3166 alpha-2 code, or is empty: nothing is shared.
func country(s string) bool {
	return s == "" || len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}
