package report

import (
	"errors"
	"fmt"

	"github.com/purposebound/purposebound/examples/benchmarks/measure"
	"github.com/purposebound/purposebound/examples/benchmarks/parts"
)

// Target is what the library is to reach, and what it did.
type Target struct {
	Group string
	Claim string
	Limit string // "≤ 3x"
	Found string
	Met   bool
	// Beyond what was promised: that holds for a question that is asked again and again, which a guard remembers.
	Beyond bool
}

// targets collects them; what was not measured is an error.
type targets struct {
	main   *Table
	group  string
	beyond bool
	all    []Target
	err    error
}

func (t *targets) result(key string) measure.Result {
	row, err := t.main.row(key)
	t.err = errors.Join(t.err, err)
	return row.Result
}

func (t *targets) add(claim, limit, found string, met bool) {
	t.all = append(t.all, Target{t.group, claim, limit, found, met, t.beyond})
}

func (t *targets) most(claim string, value, limit float64, unit string) {
	t.add(claim, fmt.Sprintf("≤ %v%s", limit, unit), figure(value)+unit, value <= limit)
}

func (t *targets) least(claim string, value, limit float64) {
	t.add(claim, fmt.Sprintf("≥ %vx", limit), figure(value)+"x", value >= limit)
}

// faster demands that a contender takes at least so many times as long.
func (t *targets) faster(claim, slow, fast string, limit float64) {
	t.least(claim, t.result(slow).Ns/t.result(fast).Ns, limit)
}

// Targets holds the results against what was promised.
func (r *Results) Targets() ([]Target, error) {
	t := &targets{main: &r.Main}
	native := t.result("bound.native")

	t.group = "native gates, selectors"
	t.most("beside the hand-written plan, expanded", native.Ns/t.result("hand.codes").Ns, 3, "x")
	t.most("allocations of a permit", native.Allocs, 0, "")
	t.faster("beside maps by hand", "hand.maps", "bound.native", 8)
	t.faster("beside CEL per record", "cel.record", "bound.native", 150)
	t.faster("beside the best of CEL", t.quickest("cel.record", "cel.activation", "cel.fields"), "bound.native", 80)
	t.faster("beside Cedar, indexed", "cedar.index", "bound.native", 400)
	t.faster("beside OPA's best natural Rego", "opa.best", "bound.native", 1000)
	t.faster("beside OPA's common use", "opa.record", "bound.native", 1500)
	t.faster("beside Casbin, one enforcer for each purpose", "casbin.purpose", "bound.native", 500)
	t.faster("beside Casbin, all answers cached", "casbin.cached", "bound.native", 20)

	t.group = "conditions in CEL"
	t.conditions("bound.cel", native)
	t.group = "need to know in Rego"
	t.rego("bound.rego")

	t.group = "the rest"
	t.most("a full explanation, beside the decision", t.result("bound.explain").Ns/native.Ns, 20, "x")
	fewest, most := r.Config.extremes()
	t.most(fmt.Sprintf("from %d fields and %d purposes to %d and %d", fewest.Fields, fewest.Purposes, most.Fields, most.Purposes),
		r.Growth[most].Ns/r.Growth[fewest].Ns, 1.25, "x")
	if few, many, ok := r.Config.purposes(); ok {
		t.most(fmt.Sprintf("from %d to %d purposes, %d fields", few.Purposes, many.Purposes, many.Fields), r.Growth[many].Ns/r.Growth[few].Ns, 1.25, "x")
	}
	t.add("throughput of two goroutines with one guard, beside one", "≥ 1.9x",
		fmt.Sprintf("%.2fx; %.2fx with a guard each", r.Shared.Of, r.Apart.Of), r.Shared.Of >= 1.9)
	n := r.Config.Large.Fields
	t.most(fmt.Sprintf("loading a register of %d fields", n), r.Loading[0].Took.Seconds(), 0.2, " s")
	t.most("held for each of them", float64(r.Loading[0].Bytes)/float64(n), 300, " B")
	p := r.Parts
	t.most(fmt.Sprintf("a batch of %d records, beside as many calls", r.Config.Batch), p[parts.Batch].Ns/p[parts.Calls].Ns, 0.7, "x")
	t.most("the same, each with its own state", p[parts.OwnBatch].Ns/p[parts.OwnCalls].Ns, 0.7, "x")
	t.most("encoding and chaining an event, beside encoding/json", p[parts.EventLine].Ns/p[parts.EventJSON].Ns, 0.6, "x")
	t.most("its allocations", p[parts.EventLine].Allocs, 0, "")

	t.beyond = true
	t.group = "conditions in CEL, other facts each time"
	t.conditions("bound.cel.new", native)
	t.group = "need to know in Rego, other roles each time"
	t.rego("bound.rego.new")
	return t.all, t.err
}

// conditions judges a row of ours with conditions in CEL.
func (t *targets) conditions(key string, native measure.Result) {
	c := t.result(key)
	t.add("1 µs, or 3x native", "≤ 1000 ns or ≤ 3x", fmt.Sprintf("%s ns, %sx", figure(c.Ns), figure(c.Ns/native.Ns)), c.Ns <= 1000 || c.Ns <= 3*native.Ns)
	t.most("allocations", c.Allocs, 6, "")
	t.faster("beside the whole decision in CEL", "cel.record", key, 60)
}

// rego judges a row of ours with need to know in Rego.
func (t *targets) rego(key string) {
	t.most("beside a trivial Rego evaluation", t.result(key).Ns/t.result("opa.trivial").Ns, 1.8, "x")
	t.faster("beside OPA's best natural Rego", "opa.best", key, 40)
}

// quickest is the key of the contender that takes the least.
func (t *targets) quickest(keys ...string) string {
	best := keys[0]
	for _, k := range keys[1:] {
		if t.result(k).Ns < t.result(best).Ns {
			best = k
		}
	}
	return best
}

// extremes are the smallest and the largest register.
func (c *Config) extremes() (fewest, most Size) {
	fewest, most = c.Main, c.Main
	for _, s := range c.all() {
		if s.Fields < fewest.Fields {
			fewest = s
		}
		if s.Fields > most.Fields {
			most = s
		}
	}
	return fewest, most
}

// purposes are the registers of the main number of fields with the fewest and the most purposes.
func (c *Config) purposes() (few, many Size, ok bool) {
	few, many = c.Main, c.Main
	for _, s := range c.all() {
		if s.Fields == c.Main.Fields && s.Purposes < few.Purposes {
			few = s
		}
		if s.Fields == c.Main.Fields && s.Purposes > many.Purposes {
			many = s
		}
	}
	return few, many, few != many
}
