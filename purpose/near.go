package purpose

import (
	"fmt"
	"iter"
	"maps"
)

// Nearest finds the known key that differs least from a mistyped one, by two letters at most; the first
// of several. It is empty when none is close.
func Nearest(key string, known iter.Seq[string]) string {
	const most = 2
	best, least := "", most+1
	if len(key) > MaxKey {
		return ""
	}
	for k := range known {
		if d := distance(key, k, least+1); d < least || d == least && d <= most && k < best {
			best, least = k, d
		}
	}
	return best
}

// near is a suggestion at the end of a message.
func near[V any](key string, known map[string]V) string {
	const manyKeys = 5000 // a load must not take long for being wrong
	if len(known) > manyKeys {
		return ""
	}
	if best := Nearest(key, maps.Keys(known)); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

// distance is the number of letters to add, drop, change or swap with their neighbour to make one key of the
// other, or limit when it is not below it.
func distance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	var older, old, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, old, row = old, row, older
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := old[j-1]
			if a[i-1] != b[j-1] {
				cost = 1 + min(cost, old[j], row[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cost = min(cost, 1+older[j-2])
			}
			row[j], least = cost, min(least, cost)
		}
		if least >= limit+1 { // a swap looks back one row further
			return limit
		}
	}
	return min(row[len(b)], limit)
}
