// Package byhand is the decision as somebody would write it who needs this one decision and nothing else: with maps, with a
// table of names and reasons, and as bit masks. They are what the library's cost is held against.
package byhand

import "github.com/purposebound/purposebound/examples/benchmarks/world"

// Contenders are the hand-written ways, the most obvious first.
func Contenders() []world.Contender {
	plan := func(f form) func(*world.World) (world.Loaded, error) {
		return func(w *world.World) (world.Loaded, error) { return &masks{plan: Compile(w), form: f}, nil }
	}
	return []world.Contender{
		{Key: "hand.maps", Family: "by hand", Name: "maps", Load: loadMaps},
		{Key: "hand.table", Family: "by hand", Name: "table with names and reasons", Load: loadTable},
		{Key: "hand.codes", Family: "by hand", Name: "bit-set plan, expanded to 20 codes", Load: plan(codes)},
		{Key: "hand.ten", Family: "by hand", Name: "bit-set plan, 10 of the codes expanded", Bare: true, Load: plan(half)},
		{Key: "hand.mask", Family: "by hand", Name: "bit-set plan, a mask for an answer", Bare: true, Load: plan(mask)},
		{Key: "hand.ids", Family: "by hand", Name: "the same, ids resolved before", Bare: true, Load: plan(resolved)},
	}
}
