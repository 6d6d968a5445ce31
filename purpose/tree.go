package purpose

import (
	"iter"
	"math/bits"
	"slices"
)

// ID is the interned number of a key in one of a register's trees or lists: small and dense. It
// means nothing in another register.
type ID uint32

// Set is a set of IDs. The nil Set is empty.
type Set []uint64

// Has reports whether id is in the set.
func (s Set) Has(id ID) bool {
	w := int(id >> 6)
	return w < len(s) && s[w]&(1<<(id&63)) != 0
}

// Len counts the members.
func (s Set) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// All yields the members in ascending order.
func (s Set) All(yield func(ID) bool) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(ID(w<<6 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}

func (s *Set) add(id ID) {
	for int(id>>6) >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[id>>6] |= 1 << (id & 63)
}

// addRange adds first to last, both included.
func (s *Set) addRange(first, last ID) {
	if n := int(last>>6) + 1 - len(*s); n > 0 {
		*s = append(*s, make(Set, n)...)
	}
	for w := first >> 6; w <= last>>6; w++ {
		word := ^uint64(0)
		if w == first>>6 {
			word &= ^uint64(0) << (first & 63)
		}
		if w == last>>6 {
			word &= ^uint64(0) >> (63 - last&63)
		}
		(*s)[w] |= word
	}
}

// meets reports whether the sets have a member in common.
func (s Set) meets(t Set) bool {
	for w := range min(len(s), len(t)) {
		if s[w]&t[w] != 0 {
			return true
		}
	}
	return false
}

// or is the members of either.
func (s Set) or(t Set) Set {
	if len(s) < len(t) {
		s, t = t, s
	}
	u := slices.Clone(s)
	for w := range t {
		u[w] |= t[w]
	}
	return u
}

// without is the members of s that are not in t.
func (s Set) without(t Set) Set {
	u := slices.Clone(s)
	for w := range min(len(s), len(t)) {
		u[w] &^= t[w]
	}
	return u
}

// Tree interns the nodes of a dotted tree. Numbers go in depth-first order, so that the nodes below
// one are the range that follows it: "is below" is two comparisons.
type Tree struct {
	ids  map[string]ID
	keys []string
	last []ID // last node below or at
	all  Set  // every node
}

// newTree builds a tree of the keys and of the nodes that they imply.
func newTree(keys iter.Seq[string]) *Tree {
	seen := make(map[string]bool)
	for k := range keys {
		for ; k != "" && !seen[k]; k = Parent(k) {
			seen[k] = true
		}
	}
	t := &Tree{ids: make(map[string]ID, len(seen)), keys: make([]string, 0, len(seen))}
	for k := range seen {
		t.keys = append(t.keys, k)
	}
	// '.' must sort before every other byte of a key so that a node is followed by what is below it.
	slices.SortFunc(t.keys, compareDotted)
	t.last = make([]ID, len(t.keys))
	var open []ID
	for i, k := range t.keys {
		id := ID(i)
		t.ids[k] = id
		for len(open) > 0 && !under(k, t.keys[open[len(open)-1]]) {
			open = open[:len(open)-1]
		}
		for _, o := range open {
			t.last[o] = id
		}
		t.last[i] = id
		open = append(open, id)
	}
	if n := len(t.keys); n > 0 {
		t.all.addRange(0, ID(n-1))
	}
	return t
}

func compareDotted(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x == '.' {
			return -1
		}
		if y == '.' {
			return 1
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}

// Len is the number of nodes; IDs are below it.
func (t *Tree) Len() int { return len(t.keys) }

// ID finds a node.
func (t *Tree) ID(key string) (ID, bool) {
	id, ok := t.ids[key]
	return id, ok
}

// Key is the key of a node.
func (t *Tree) Key(id ID) string {
	if int(id) < len(t.keys) {
		return t.keys[id]
	}
	return ""
}

// Leaf reports whether nothing is below the node.
func (t *Tree) Leaf(id ID) bool { return int(id) < len(t.last) && t.last[id] == id }

// Last is the last of the nodes at or below a node: they are numbered in a row.
func (t *Tree) Last(node ID) ID {
	if int(node) < len(t.last) {
		return t.last[node]
	}
	return node
}

// Within reports whether id is node or lies below it.
func (t *Tree) Within(id, node ID) bool {
	return int(node) < len(t.last) && node <= id && id <= t.last[node]
}

// Below is the set of all that is at or below the nodes; unknown keys are left out.
func (t *Tree) Below(nodes ...string) Set {
	var s Set
	for _, k := range nodes {
		if n, ok := t.ids[k]; ok {
			s.addRange(n, t.last[n])
		}
	}
	return s
}

// below is what the nodes of a list reach, which nobody may change; an empty list reaches all.
func below(t *Tree, nodes []string) Set {
	if len(nodes) > 0 {
		return t.Below(nodes...)
	}
	return t.all
}
