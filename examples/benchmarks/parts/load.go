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
	Took  time.Duration // median
	Bytes int64         // held by it; median
}

// Loading loads the register of a world, its rules and the plans of its records, several times over.
func Loading(w *world.World, passes int) ([]Stage, error) {
	spec, err := bound.Spec(w)
	if err != nil {
		return nil, err
	}
	stages := []Stage{{Name: "register"}, {Name: "rules and guard"}, {Name: "plans of the record types"}}
	took, bytes := make([][]time.Duration, len(stages)), make([][]int64, len(stages))
	note := func(i int, t time.Duration, b int64) { took[i], bytes[i] = append(took[i], t), append(bytes[i], b) }
	for range passes {
		register, t, b, err := measure.Held(func() (*purpose.Register, error) { return purpose.Compile(spec) })
		if err != nil {
			return nil, err
		}
		note(0, t, b)
		guard, t, b, err := measure.Held(func() (*policy.Guard, error) {
			g, _, err := bound.Enforce(register, w, bound.Selectors, bound.Forgets{})
			return g, err
		})
		if err != nil {
			return nil, err
		}
		note(1, t, b)
		_, t, b, err = measure.Held(func() ([]*purpose.Plan, error) { return bound.Plans(guard, w) })
		if err != nil {
			return nil, err
		}
		note(2, t, b)
	}
	for i := range stages {
		slices.Sort(took[i])
		slices.Sort(bytes[i])
		stages[i].Took, stages[i].Bytes = measure.Quantile(took[i], 0.5), measure.Quantile(bytes[i], 0.5)
	}
	return stages, nil
}
