// Package measure times calls in turns, so that what disturbs the machine disturbs all of them, and weighs what is held.
package measure

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// Runner is what is timed.
type Runner interface{ Run() error }

// Func is a function as a Runner.
type Func func() error

// Run calls f.
func (f Func) Run() error { return f() }

// Row is something to time.
type Row struct {
	Key string
	Runner
}

// Result is what one run of a row costs.
type Result struct {
	Ns     float64 // wall clock, median of the passes
	CPU    float64 // ns of processor time of the whole process, collecting garbage included; mean of all passes
	Bytes  float64 // allocated; mean
	Allocs float64 // mean, cut to a whole number as package testing does
	Spread float64 // the passes' interquartile range divided by Ns
	Runs   int     // in all
}

// Options of a measurement.
type Options struct {
	Passes int           // at least 1; a median of fewer than 6 means little
	Slice  time.Duration // of one pass of one row; a run that takes longer is run once
}

// Turns runs every row once in each pass and returns the results by key. Short slices in many passes find the median
// of passes that nobody interrupted, also on a machine with others on it.
func Turns(rows []Row, o Options) (map[string]Result, error) {
	type tally struct {
		n      int
		ns     []float64
		cpu    time.Duration
		bytes  uint64
		allocs uint64
	}
	all := make([]tally, len(rows))
	for i := range rows {
		n, err := calibrate(rows[i], o.Slice)
		if err != nil {
			return nil, errors.Join(errors.New("measure: "+rows[i].Key), err)
		}
		all[i].n = n
	}
	var before, after runtime.MemStats
	for range max(o.Passes, 1) {
		for i, r := range rows {
			t := &all[i]
			if err := r.Run(); err != nil { // the rows before left nothing of this one in the caches
				return nil, errors.Join(errors.New("measure: "+r.Key), err)
			}
			runtime.ReadMemStats(&before)
			cpu, start := spent(), time.Now()
			if err := repeat(r, t.n); err != nil {
				return nil, errors.Join(errors.New("measure: "+r.Key), err)
			}
			took := time.Since(start)
			t.cpu += spent() - cpu
			runtime.ReadMemStats(&after)
			t.bytes += after.TotalAlloc - before.TotalAlloc
			t.allocs += after.Mallocs - before.Mallocs
			t.ns = append(t.ns, float64(took.Nanoseconds())/float64(t.n))
		}
	}
	results := map[string]Result{}
	for i, r := range rows {
		t := &all[i]
		runs := t.n * len(t.ns)
		slices.Sort(t.ns)
		m := Median(t.ns)
		results[r.Key] = Result{Ns: m, CPU: float64(t.cpu.Nanoseconds()) / float64(runs), Bytes: float64(t.bytes) / float64(runs),
			Allocs: float64(t.allocs / uint64(runs)), Spread: (t.ns[3*len(t.ns)/4] - t.ns[len(t.ns)/4]) / m, Runs: runs}
	}
	return results, nil
}

// calibrate finds how many runs fill a slice. The first run of all may set things up, and others may be interrupted: the best
// of three counts.
func calibrate(r Runner, slice time.Duration) (int, error) {
	if err := r.Run(); err != nil {
		return 0, err
	}
	for n := 1; ; n *= 2 {
		best := time.Duration(math.MaxInt64)
		for range 3 {
			start := time.Now()
			if err := repeat(r, n); err != nil {
				return 0, err
			}
			best = min(best, time.Since(start))
		}
		if best >= slice/4 || n >= 1<<24 {
			return max(1, int(float64(n)*float64(slice)/float64(max(best, 1)))), nil
		}
	}
}

// repeat runs n times.
func repeat(r Runner, n int) error {
	for range n {
		if err := r.Run(); err != nil {
			return err
		}
	}
	return nil
}

// spent is the processor time of this process so far.
func spent() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
