package measure

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Factor is how many times the throughput of one goroutine several reach together.
type Factor struct {
	Of    float64 // median of the passes
	Lower float64 // quartile
	Upper float64 // quartile
}

// Scaling measures a Factor: in each pass the first runner alone, all of them at once, and the first alone again, so that a
// machine that becomes slower or faster meanwhile moves both. Each goroutine times its own runs, and nobody stops
// before all have: waking a thread and waiting for the last one are not part of it.
func Scaling(key string, runners []Runner, o Options) (f Factor, err error) {
	n, err := calibrate(runners[0], o.Slice)
	if err != nil {
		return f, errors.Join(errors.New("measure: "+key), err)
	}
	var all []float64
	for range max(o.Passes, 1) {
		var rates [3]float64 // runs per nanosecond
		for i, who := range [][]Runner{runners[:1], runners, runners[:1]} {
			if rates[i], err = together(who, n); err != nil {
				return f, errors.Join(errors.New("measure: "+key), err)
			}
		}
		all = append(all, 2*rates[1]/(rates[0]+rates[2]))
	}
	slices.Sort(all)
	return Factor{Median(all), all[len(all)/4], all[3*len(all)/4]}, nil
}

// together lets each runner run n times on a goroutine of its own, and is the sum of their rates.
func together(runners []Runner, n int) (rate float64, err error) {
	var ready, over atomic.Int32
	errs, took := make([]error, len(runners)), make([]time.Duration, len(runners))
	var wg sync.WaitGroup
	for i, r := range runners {
		wg.Go(func() {
			for ready.Add(1); int(ready.Load()) < len(runners); {
				runtime.Gosched()
			}
			start := time.Now()
			errs[i] = repeat(r, n)
			took[i] = time.Since(start)
			over.Add(1)
			for int(over.Load()) < len(runners) && errs[i] == nil { // the others are not to have it easier
				errs[i] = r.Run()
			}
		})
	}
	wg.Wait()
	for _, t := range took {
		rate += float64(n) / float64(max(t, 1))
	}
	return rate, errors.Join(errs...)
}

// String is the factor with its quartiles.
func (f Factor) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", f.Of, f.Lower, f.Upper) }
