// Package casbinpeer is the decision in Casbin: one enforcer with all grants, one enforcer for each purpose, and one
// whose answers are all in its cache. It has no reasons: only what the register covers and somebody needs is granted.
package casbinpeer

import (
	"fmt"
	"slices"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Contenders are the ways to ask Casbin.
func Contenders() []world.Contender {
	way := func(key, name string, f form) world.Contender {
		return world.Contender{Key: "casbin." + key, Family: "Casbin", Name: name, Bare: true,
			Load: func(w *world.World) (world.Loaded, error) { return load(w, f) }}
	}
	plain := way("plain", "per field, one enforcer", one)
	plain.Most, plain.Why = 2000, "it takes time linear in the grants"
	return []world.Contender{plain, way("purpose", "per field, one enforcer for each purpose", each), way("cached", "per field, one enforcer for each purpose, all answers cached", cached)}
}

type form int

const (
	one form = iota
	each
	cached
)

// A grant lets a role act on a category or a group; where lift names a role, the principal must hold that too. The
// cheap comparisons stand first, for each grant is asked.
const text = `
[request_definition]
r = sub, purpose, action, category, group, active, restricted

[policy_definition]
p = sub, purpose, action, category, lift

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.purpose == p.purpose && (r.category == p.category || r.group == p.category) && r.action == p.action && r.active == "yes" && r.restricted == "no" && g(r.sub, p.sub) && (p.lift == "" || g(r.sub, p.lift))
`

// grants are what the register covers and somebody needs, by purpose.
func grants(w *world.World) map[string][][]string {
	banned := map[string]bool{}
	for _, c := range w.Banned {
		banned[c] = true
	}
	leaves := w.Leaves()
	needs := map[string][]*world.Need{}
	for i := range w.Needs {
		if w.Needs[i].Purposes == nil {
			for _, p := range w.Purposes {
				needs[p] = append(needs[p], &w.Needs[i])
			}
		}
		for _, p := range w.Needs[i].Purposes {
			needs[p] = append(needs[p], &w.Needs[i])
		}
	}
	all := map[string][][]string{}
	for _, a := range w.Activities {
		hasBan := false
		for _, c := range leaves[a.Group] {
			hasBan = hasBan || banned[c]
		}
		for _, p := range a.Purposes {
			for _, n := range needs[p] {
				if !n.Reaches(p, a.Group) {
					continue
				}
				for _, action := range n.Actions {
					if !slices.Contains(a.Actions, action) {
						continue
					}
					for _, role := range n.Roles {
						if !hasBan || role == w.Lifting {
							all[p] = append(all[p], []string{role, p, action, a.Group, ""})
							continue
						}
						for _, c := range leaves[a.Group] {
							lift := ""
							if banned[c] {
								lift = w.Lifting
							}
							all[p] = append(all[p], []string{role, p, action, c, lift})
						}
					}
				}
			}
		}
	}
	return all
}

// enforcer is what both kinds of enforcer do.
type enforcer interface {
	Enforce(values ...any) (bool, error)
	AddPolicies(rules [][]string) (bool, error)
	AddGroupingPolicies(rules [][]string) (bool, error)
}

func newEnforcer(f form, rules [][]string) (enforcer, error) {
	m, err := model.NewModelFromString(text)
	if err != nil {
		return nil, err
	}
	var e enforcer
	if f == cached {
		e, err = casbin.NewCachedEnforcer(m)
	} else {
		e, err = casbin.NewEnforcer(m)
	}
	if err != nil {
		return nil, err
	}
	var roles [][]string
	for _, p := range world.Principals {
		for _, r := range p.Roles {
			roles = append(roles, []string{p.ID, r})
		}
	}
	if _, err := e.AddGroupingPolicies(roles); err != nil {
		return nil, err
	}
	if ok, err := e.AddPolicies(rules); err != nil || !ok {
		return nil, fmt.Errorf("casbinpeer: grants not added: %w", err)
	}
	return e, nil
}

type held struct {
	w         *world.World
	all       enforcer
	byPurpose map[string]enforcer
}

func load(w *world.World, f form) (world.Loaded, error) {
	h := &held{w: w}
	by := grants(w)
	var err error
	if f == one {
		var rules [][]string
		for i := range w.Purposes { // those of the first purpose, which is timed, in the middle
			rules = append(rules, by[w.Purposes[(i+len(w.Purposes)/2)%len(w.Purposes)]]...)
		}
		h.all, err = newEnforcer(f, rules)
		return h, err
	}
	h.byPurpose = map[string]enforcer{}
	for p, rules := range by {
		if h.byPurpose[p], err = newEnforcer(f, rules); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Ask implements world.Loaded.
func (h *held) Ask(q world.Question) (world.Call, error) {
	c := &call{held: h, purpose: q.Purpose}
	word := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	for i, category := range h.w.Records[q.Record].Categories {
		c.values[i] = []any{q.Principal.ID, q.Purpose, q.Action, category, world.Group(category), word(q.Person.Active), word(q.Person.Restricted)}
	}
	return c, nil
}

type call struct {
	*held
	purpose string
	values  [world.Width][]any
	may     [world.Width]bool
}

func (c *call) Run() (err error) {
	e := c.all
	if e == nil {
		var ok bool
		if e, ok = c.byPurpose[c.purpose]; !ok {
			c.may = [world.Width]bool{}
			return nil
		}
	}
	for i, v := range c.values {
		if c.may[i], err = e.Enforce(v...); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) Answer() world.Answer {
	a := world.All(world.NoPurpose)
	for i, may := range c.may {
		if may {
			a[i] = world.Permit
		}
	}
	return a
}
