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
	Name string
	Took time.Duration // median
}

// loaded is what a program holds after loading.
type loaded struct {
	guard *policy.Guard
	plans []*purpose.Plan
}

// Loading loads the register of a world, its rules and the plans of its records, several times over, and weighs what is
// held in the end.
func Loading(w *world.World, passes int) (stages []Stage, held int64, err error) {
	spec, err := bound.Spec(w)
	if err != nil {
		return nil, 0, err
	}
	stages = []Stage{{Name: "register"}, {Name: "rules and guard"}, {Name: "plans of the record types"}}
	took, bytes := make([][]time.Duration, len(stages)), []int64(nil)
	for range passes {
		last := time.Now()
		lap := func(i int) {
			now := time.Now()
			took[i], last = append(took[i], now.Sub(last)), now
		}
		_, _, b, err := measure.Held(func() (l loaded, err error) {
			last = time.Now()
			register, err := purpose.Compile(spec)
			if err != nil {
				return l, err
			}
			lap(0)
			if l.guard, _, err = bound.Enforce(register, w, bound.Selectors, bound.Forgets{}); err != nil {
				return l, err
			}
			lap(1)
			l.plans, err = bound.Plans(l.guard, w)
			lap(2)
			return l, err
		})
		if err != nil {
			return nil, 0, err
		}
		bytes = append(bytes, b)
	}
	for i := range stages {
		slices.Sort(took[i])
		stages[i].Took = measure.Quantile(took[i], 0.5)
	}
	slices.Sort(bytes)
	return stages, measure.Quantile(bytes, 0.5), nil
}
