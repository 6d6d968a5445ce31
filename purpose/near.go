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

// distance is the edit distance of two keys, or limit when it is not below it.
func distance(a, b string, limit int) int {
	if max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal, least := row[0], i
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
			least = min(least, cost)
		}
		if least >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}
