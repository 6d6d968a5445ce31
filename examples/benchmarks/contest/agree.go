// Package contest lists the contenders and proves that they make the same decision.
package contest

import (
	"fmt"

	"github.com/purposebound/purposebound/examples/benchmarks/bound"
	"github.com/purposebound/purposebound/examples/benchmarks/byhand"
	"github.com/purposebound/purposebound/examples/benchmarks/casbinpeer"
	"github.com/purposebound/purposebound/examples/benchmarks/cedarpeer"
	"github.com/purposebound/purposebound/examples/benchmarks/celpeer"
	"github.com/purposebound/purposebound/examples/benchmarks/opa"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Contenders are all of them, by hand first and purposebound last.
func Contenders() (all []world.Contender) {
	all = append(all, byhand.Contenders()...)
	all = append(all, opa.Contenders()...)
	all = append(all, celpeer.Contenders()...)
	all = append(all, cedarpeer.Contenders()...)
	all = append(all, casbinpeer.Contenders()...)
	all = append(all, bound.Contenders()...)
	return all
}

// Agree puts every question of the table to a contender that has loaded the world, and returns how many it answered. The
// first answer that is not what the rules say when they are read naively is an error.
func Agree(w *world.World, c *world.Contender, held world.Loaded) (asked int, err error) {
	if c.Floor {
		return 0, nil
	}
	for _, q := range w.Table() {
		if c.First && q.Record != 0 {
			continue
		}
		call, err := held.Ask(q)
		if err != nil {
			return asked, fmt.Errorf("%s: %s: %w", c.Key, q.Name, err)
		}
		want := w.Judge(q)
		if c.Bare {
			want = bare(want)
		}
		times := 5 // the later times, what was cached answers
		if c.Most > 0 {
			times = 1 // it is slow, and caches nothing
		}
		for range times {
			if err := call.Run(); err != nil {
				return asked, fmt.Errorf("%s: %s: %w", c.Key, q.Name, err)
			}
			got := call.Answer()
			if c.Bare {
				got = bare(got)
			}
			if got != want {
				return asked, fmt.Errorf("%s: %s: answers %v, the rules say %v", c.Key, q.Name, got, want)
			}
		}
		asked++
	}
	return asked, nil
}

// bare forgets the reasons.
func bare(a world.Answer) world.Answer {
	for i, c := range a {
		if c != world.Permit {
			a[i] = world.NoPurpose
		}
	}
	return a
}
