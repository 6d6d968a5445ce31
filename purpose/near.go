package purpose

import "fmt"

// near suggests the known key that differs least, by one or two letters; the first of several.
func near[V any](key string, known map[string]V) string {
	const most, manyKeys = 2, 5000
	best, least := "", most+1
	if len(key) > MaxKey || len(known) > manyKeys {
		return ""
	}
	for k := range known {
		if d := distance(key, k, least+1); d < least || d == least && d <= most && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
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
