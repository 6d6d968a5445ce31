// Package beside measures alternatives in turns, in one run: whatever else the machine does meets all of them alike, so
// that their ratios say something where times alone do not. It is for benchmarks.
package beside

import (
	"slices"
	"testing"
	"time"
)

// Way is one way of doing the same.
type Way struct {
	Name string
	Do   func()
}

// Compare does each way in turn, round after round, and reports the median time of each in ns, and how many times that of
// the first it is. The first is the yardstick.
func Compare(b *testing.B, ways ...Way) {
	b.Helper()
	times := make([]int, len(ways)) // in a round
	for i, w := range ways {
		spent(w.Do, 10) // the first times are slow, and say nothing of the others
		for times[i] = 1; spent(w.Do, times[i]) < round && times[i] < 1<<20; times[i] *= 2 {
		}
	}
	taken := make([][]float64, len(ways))
	for b.Loop() {
		for i, w := range ways {
			taken[i] = append(taken[i], float64(spent(w.Do, times[i]))/float64(times[i]))
		}
	}
	for i, w := range ways {
		ns := median(taken[i])
		b.ReportMetric(ns, w.Name+"-ns")
		if i > 0 {
			b.ReportMetric(ns/median(taken[0]), w.Name+"-x")
		}
	}
	b.ReportMetric(0, "ns/op") // of a round, which says nothing
}

// round is how long one way takes its turn, at least: short beside the time slices of a machine that is busy.
const round = 20 * time.Microsecond

func spent(f func(), times int) time.Duration {
	start := time.Now()
	for range times {
		f()
	}
	return time.Since(start)
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
