package oracle_test

import (
	"math/rand/v2"
	"slices"
)

// dice is a source of choices that a seed repeats.
type dice struct{ *rand.Rand }

func newDice(seed, stream uint64) dice { return dice{rand.New(rand.NewPCG(seed, stream))} }

// chance is true once in a while: p of 1.
func (d dice) chance(p float64) bool { return d.Float64() < p }

// between is a number from lo to hi, both included.
func (d dice) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

// pick is one of the list.
func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// some is a sub-list of lo to hi different items, in random order.
func some[T any](d dice, lo, hi int, list ...T) []T {
	n := min(d.between(lo, hi), len(list))
	if n <= 0 {
		return nil
	}
	own := slices.Clone(list)
	d.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
	return own[:n]
}

// maybe is some of the list, with a chance, else nothing.
func maybe[T any](d dice, p float64, lo, hi int, list ...T) []T {
	if !d.chance(p) {
		return nil
	}
	return some(d, lo, hi, list...)
}
