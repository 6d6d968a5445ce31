// Package report measures everything and writes it down.
package report

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/examples/benchmarks/gdpr"
	"github.com/purposebound/purposebound/examples/benchmarks/measure"
)

// Size is a register: tagged fields and purposes.
type Size struct{ Fields, Purposes int }

// Config says how much is measured.
type Config struct {
	Main    Size            // the register of the main table
	Sizes   []Size          // of the others
	Growth  []Size          // at which purposebound alone is timed too
	Large   Size            // the register whose loading is weighed
	Turns   measure.Options // of the tables
	Two     measure.Options // of one goroutine beside two, in the main table
	Scale   measure.Options // of the same, for the target
	Parts   measure.Options // of what takes longer: batches
	Batch   int             // records of a batch
	Loading int             // passes
	Work    gdpr.Options    // of the workload; its Trail and Zipfian are set by the run
}

// Full takes some minutes.
func Full() Config {
	return Config{
		Main:  Size{2000, 100},
		Sizes: []Size{{20, 10}, {200, 10}, {20_000, 1000}}, Growth: []Size{{2000, 10}, {2000, 1000}},
		Large: Size{20_000, 1000},
		Turns: measure.Options{Passes: 41, Slice: time.Millisecond},
		Two:   measure.Options{Passes: 21, Slice: 10 * time.Millisecond},
		Scale: measure.Options{Passes: 1001, Slice: time.Millisecond},
		Parts: measure.Options{Passes: 7, Slice: 20 * time.Millisecond},
		Batch: 10_000, Loading: 5,
		Work: gdpr.Options{Records: 100_000, Operations: 2000, Before: 200, Seed: 1},
	}
}

// Short takes seconds. It shows that everything runs; its figures mean nothing.
func Short() Config {
	return Config{
		Main: Size{40, 10}, Sizes: []Size{{20, 10}}, Large: Size{400, 10},
		Turns: measure.Options{Passes: 2, Slice: time.Millisecond},
		Two:   measure.Options{Passes: 2, Slice: time.Millisecond},
		Scale: measure.Options{Passes: 2, Slice: time.Millisecond},
		Parts: measure.Options{Passes: 2, Slice: time.Millisecond},
		Batch: 20, Loading: 1,
		Work: gdpr.Options{Records: 300, Operations: 60, Before: 10, Seed: 1},
	}
}

// all sizes, the main one first.
func (c *Config) all() []Size {
	return slices.Concat([]Size{c.Main}, c.Sizes, c.Growth)
}
