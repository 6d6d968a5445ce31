package purpose_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/purpose"
)

// treeOf compiles a register whose purposes have the keys.
func treeOf(t require.TestingT, keys []string) *purpose.Tree {
	s := bare()
	for _, k := range keys {
		s.Purposes = append(s.Purposes, purpose.Purpose{Key: k})
	}
	r, err := purpose.Compile(s)
	require.NoError(t, err)
	return r.Purposes()
}

// bare is the smallest register that compiles.
func bare() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Lessor", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01"}},
	}
}

// nodesOf is the oracle: the keys and all their prefixes that end before a dot.
func nodesOf(keys []string) map[string]bool {
	nodes := map[string]bool{}
	for _, k := range keys {
		words := strings.Split(k, ".")
		for i := range words {
			nodes[strings.Join(words[:i+1], ".")] = true
		}
	}
	return nodes
}

func isWithin(key, node string) bool { return key == node || strings.HasPrefix(key, node+".") }

func TestTreeAgreesWithPrefixes(t *testing.T) {
	// words that sort around the dot: '-' is below it, digits and letters above
	word := rapid.SampledFrom([]string{"a", "b", "a-b", "a0", "a_b", "ab", "0"})
	key := rapid.Custom(func(t *rapid.T) string { return "k" + strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), ".") })
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(key, 0, 40, rapid.ID[string]).Draw(t, "keys")
		tree := treeOf(t, keys)
		nodes := nodesOf(keys)
		require.Equal(t, len(nodes), tree.Len())
		for a := range nodes {
			id, ok := tree.ID(a)
			require.True(t, ok)
			require.Equal(t, a, tree.Key(id))
			leaf := true
			for b := range nodes {
				other, _ := tree.ID(b)
				require.Equal(t, isWithin(b, a), tree.Within(other, id), "%s within %s", b, a)
				if isWithin(b, a) {
					leaf = leaf && a == b
					require.GreaterOrEqual(t, other, id, "nodes come after what they are below")
				}
			}
			require.Equal(t, leaf, tree.Leaf(id))
			below := tree.Below(a)
			for b := range nodes {
				other, _ := tree.ID(b)
				require.Equal(t, isWithin(b, a), below.Has(other))
			}
		}
		picked := rapid.SliceOf(rapid.SampledFrom(append(slices.Collect(mapKeys(nodes)), "no-such"))).Draw(t, "picked")
		union := tree.Below(picked...)
		members := 0
		for b := range nodes {
			id, _ := tree.ID(b)
			want := slices.ContainsFunc(picked, func(n string) bool { return isWithin(b, n) })
			require.Equal(t, want, union.Has(id))
			if want {
				members++
			}
		}
		require.Equal(t, members, union.Len())
		all := slices.Collect(union.All)
		require.Len(t, all, members)
		require.True(t, slices.IsSorted(all))
	})
}

func mapKeys(m map[string]bool) func(func(string) bool) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return slices.Values(keys)
}

func TestTreeDoesNotDependOnOrder(t *testing.T) {
	keys := []string{"b", "a.b", "a", "a-b", "a.b.c", "a-b.c", "c.d"}
	first := treeOf(t, keys)
	for range 20 {
		rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		assert.Equal(t, first, treeOf(t, keys))
	}
}

func TestTreeKnowsNothingOfOthers(t *testing.T) {
	tree := treeOf(t, []string{"a.b"})
	for _, k := range []string{"", "a.", ".a", "a.b.c", "A", "b"} {
		_, ok := tree.ID(k)
		assert.False(t, ok, k)
	}
	assert.Empty(t, tree.Key(99))
	assert.False(t, tree.Leaf(99))
	assert.False(t, tree.Within(99, 0))
	assert.False(t, tree.Within(0, 99))
	assert.Empty(t, tree.Below("b"))
	var none purpose.Set
	assert.False(t, none.Has(0))
	assert.Zero(t, none.Len())
	var zero purpose.Tree
	_, ok := zero.ID("a")
	assert.False(t, ok)
	assert.Zero(t, zero.Len())
}

// A purpose covers what is below it, no parent and no sibling that only looks alike.
func TestWithinGoesByWords(t *testing.T) {
	r, err := purpose.Compile(bare())
	require.NoError(t, err)
	for _, c := range []struct {
		purpose, node string
		want          bool
	}{
		{"a.b", "a", true}, {"a", "a", true}, {"a.b.c", "a.b", true},
		{"a", "a.b", false}, {"ab", "a", false}, {"a-b", "a", false}, {"a.bc", "a.b", false}, {"a", "", false}, {"", "a", false},
	} {
		assert.Equal(t, c.want, r.Within(c.purpose, c.node), c)
	}
}
