package contest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

func TestAllContendersAgree(t *testing.T) {
	for _, size := range [][2]int{{20, 10}, {200, 10}} {
		w := world.New(size[0], size[1])
		for _, c := range Contenders() {
			t.Run(fmt.Sprintf("%d fields/%s", size[0], c.Key), func(t *testing.T) {
				held, err := c.Load(w)
				require.NoError(t, err)
				asked, err := Agree(w, &c, held)
				require.NoError(t, err)
				if !c.Floor {
					require.GreaterOrEqual(t, asked, 40)
				}
			})
		}
	}
}

// The controls: a contender that was given other rules than those it is held to is found out, whichever it is.
func TestAContenderWithOtherRulesIsFoundOut(t *testing.T) {
	const fields, purposes = 40, 10
	for name, change := range map[string]func(*world.World){
		"a need is missing":       func(w *world.World) { w.Needs = slices.Delete(w.Needs, 1, 2) },
		"a need is too wide":      func(w *world.World) { w.Needs[1].Roles = append(w.Needs[1].Roles, "guest") },
		"an activity is too wide": func(w *world.World) { w.Activities[0].Purposes = append(w.Activities[0].Purposes, "p9") },
		"an action is missing":    func(w *world.World) { w.Activities[1].Actions = w.Activities[1].Actions[:1] },
		"a ban is missing":        func(w *world.World) { w.Banned = nil },
	} {
		for _, c := range Contenders() {
			if c.Floor || c.First && name == "a ban is missing" { // the first record has none
				continue
			}
			t.Run(name+"/"+c.Key, func(t *testing.T) {
				other := world.New(fields, purposes)
				change(other)
				held, err := c.Load(other)
				require.NoError(t, err)
				_, err = Agree(world.New(fields, purposes), &c, held)
				require.ErrorContains(t, err, "the rules say")
			})
		}
	}
}
