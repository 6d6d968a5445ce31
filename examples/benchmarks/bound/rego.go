package bound

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/purpose"
)

// Rego is the need to know in Rego: which desk needs what is a base document, as a security team keeps it. Desks that need
// all that the register allows for a purpose are kept apart from those that need less. The bans stay selectors.
func Rego(register *purpose.Register, w *world.World) ([]policy.Decider, error) {
	data, err := needs(w)
	if err != nil {
		return nil, err
	}
	rego, err := regopolicy.Load(register, "team", fstest.MapFS{"needs.rego": {Data: []byte(module(w))}, "data.json": {Data: data}})
	if err != nil || len(w.Banned) == 0 {
		return []policy.Decider{rego}, err
	}
	bans, err := celpolicy.New(register, "bans", ban(w))
	return []policy.Decider{rego, bans}, err
}

func module(w *world.World) string {
	var b strings.Builder
	b.WriteString(`package purposebound

import rego.v2

permit contains {"rule": "needs-all", "category": "*"} if {
	some role in input.principal.roles
	data.all[input.purpose][input.action][role]
}

permit contains {"rule": "needs-some", "category": group} if {
	some role in input.principal.roles
	some group in data.groups[input.purpose][input.action][role]
}
`)
	for _, n := range w.Needs {
		if n.Purposes == nil {
			for _, role := range n.Roles {
				for _, action := range n.Actions {
					fmt.Fprintf(&b, "\npermit contains {\"rule\": %q, \"category\": \"*\"} if {\n\tinput.action == %q\n\t%q in input.principal.roles\n}\n",
						n.Key, action, role)
				}
			}
		}
	}
	return b.String()
}

// table is purpose → action → role → what is needed.
type table[T any] map[string]map[string]map[string]T

func (t table[T]) put(n *world.Need, v T) {
	for _, p := range n.Purposes {
		for _, a := range n.Actions {
			for _, r := range n.Roles {
				if t[p] == nil {
					t[p] = map[string]map[string]T{}
				}
				if t[p][a] == nil {
					t[p][a] = map[string]T{}
				}
				t[p][a][r] = v
			}
		}
	}
}

func needs(w *world.World) ([]byte, error) {
	covered := map[string][]string{} // groups by purpose
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			covered[p] = append(covered[p], a.Group)
		}
	}
	all, groups := table[bool]{}, table[[]string]{}
	for _, n := range w.Needs {
		if len(n.Purposes) != 1 {
			continue
		}
		if len(n.Groups) == len(covered[n.Purposes[0]]) {
			all.put(&n, true)
		} else {
			groups.put(&n, slices.Clone(n.Groups))
		}
	}
	return json.Marshal(map[string]any{"all": all, "groups": groups})
}
