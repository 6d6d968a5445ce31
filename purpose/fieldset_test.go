package purpose_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/purpose"
)

// fields draws a set and the oracle: a map of its members.
func fields(t *rapid.T, name string) (purpose.FieldSet, map[int]bool) {
	var f purpose.FieldSet
	m := map[int]bool{}
	for _, i := range rapid.SliceOf(rapid.IntRange(-3, purpose.MaxFields+3)).Draw(t, name) {
		f.Add(i)
		if i >= 0 && i < purpose.MaxFields {
			m[i] = true
		}
	}
	return f, m
}

func TestFieldSetsAgreeWithMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, inF := fields(t, "f")
		g, inG := fields(t, "g")
		and, or, without := f.And(g), f.Or(g), f.Without(g)
		var sorted []int
		for i := -2; i < purpose.MaxFields+2; i++ {
			require.Equal(t, inF[i], f.Has(i))
			require.Equal(t, inF[i] && inG[i], and.Has(i))
			require.Equal(t, inF[i] || inG[i], or.Has(i))
			require.Equal(t, inF[i] && !inG[i], without.Has(i))
			if inF[i] {
				sorted = append(sorted, i)
			}
		}
		require.Equal(t, len(inF), f.Len())
		require.Equal(t, len(inF) == 0, f.Empty())
		require.Equal(t, sorted, slices.Collect(f.All))
		for i := range f.All {
			require.Equal(t, sorted[0], i)
			break // and All stops
		}
	})
}

func TestAllFields(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 63, 64, 65, 127, 128, 192, 255, 256, 300} {
		f := purpose.AllFields(n)
		want := min(max(n, 0), purpose.MaxFields)
		assert.Equal(t, want, f.Len(), n)
		assert.Equal(t, want > 0, f.Has(want-1), n)
		assert.False(t, f.Has(want), n)
	}
	var zero purpose.FieldSet
	assert.True(t, zero.Empty())
	assert.False(t, zero.Has(0))
}
