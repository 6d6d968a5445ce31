package parts

import (
	"slices"
	"time"

	"github.com/purposebound/purposebound/examples/benchmarks/bound"
	"github.com/purposebound/purposebound/examples/benchmarks/measure"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// Stage is one step of loading.
type Stage struct {
	Name  string
	Took  time.Duration // of this step; median
	Bytes int64         // held after it, by all steps so far; median
}

// loaded is what a program holds after loading.
type loaded struct {
	register *purpose.Register
	guard    *policy.Guard
	plans    []*purpose.Plan
}

// Loading loads the register of a world, its rules and the plans of its records, several times over and as far as each
// step, and weighs what is held.
func Loading(w *world.World, passes int) ([]Stage, error) {
	spec, err := bound.Spec(w)
	if err != nil {
		return nil, err
	}
	steps := []func(*loaded) error{
		func(l *loaded) (err error) { l.register, err = purpose.Compile(spec); return err },
		func(l *loaded) (err error) {
			l.guard, _, err = bound.Enforce(l.register, w, bound.Selectors, bound.Forgets{})
			return err
		},
		func(l *loaded) (err error) { l.plans, err = bound.Plans(l.guard, w); return err },
	}
	stages := []Stage{{Name: "register"}, {Name: "rules and guard"}, {Name: "plans of the record types"}}
	took, bytes := make([][]time.Duration, len(steps)), make([][]int64, len(steps))
	for range passes {
		for last := range steps {
			var t time.Duration
			_, _, b, err := measure.Held(func() (l loaded, err error) {
				for _, step := range steps[:last+1] {
					start := time.Now()
					if err := step(&l); err != nil {
						return l, err
					}
					t = time.Since(start)
				}
				return l, nil
			})
			if err != nil {
				return nil, err
			}
			took[last], bytes[last] = append(took[last], t), append(bytes[last], b)
		}
	}
	for i := range stages {
		slices.Sort(took[i])
		slices.Sort(bytes[i])
		stages[i].Took, stages[i].Bytes = measure.Quantile(took[i], 0.5), measure.Quantile(bytes[i], 0.5)
	}
	return stages, nil
}
