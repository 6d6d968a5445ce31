package byhand

import (
	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

type pair struct{ purpose, category string }

// maps has a map for each question that the decision asks.
type maps struct {
	w        *world.World
	purposes map[string]bool
	acts     map[pair]map[string]bool            // actions
	needs    map[pair]map[string]map[string]bool // role → actions
	general  map[string]map[string]bool          // role → actions, whatever the purpose and the category
	banned   map[string]bool
}

func set(keys []string) map[string]bool {
	m := map[string]bool{}
	for _, k := range keys {
		m[k] = true
	}
	return m
}

func loadMaps(w *world.World) (world.Loaded, error) {
	m := &maps{w: w, purposes: set(w.Purposes), acts: map[pair]map[string]bool{}, needs: map[pair]map[string]map[string]bool{},
		general: map[string]map[string]bool{}, banned: set(w.Banned)}
	leaves := w.Leaves()
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			for _, c := range leaves[a.Group] {
				m.acts[pair{p, c}] = set(a.Actions)
			}
		}
	}
	for _, n := range w.Needs {
		for _, role := range n.Roles {
			if n.Purposes == nil && n.Groups == nil {
				m.general[role] = set(n.Actions)
			}
			for _, p := range n.Purposes {
				for _, g := range n.Groups {
					for _, c := range leaves[g] {
						k := pair{p, c}
						if m.needs[k] == nil {
							m.needs[k] = map[string]map[string]bool{}
						}
						m.needs[k][role] = set(n.Actions)
					}
				}
			}
		}
	}
	return m, nil
}

func (m *maps) Ask(q world.Question) (world.Call, error) {
	return &mapsCall{maps: m, q: q, categories: m.w.Records[q.Record].Categories}, nil
}

type mapsCall struct {
	*maps
	q          world.Question
	categories []string
	a          world.Answer
}

func (c *mapsCall) Run() error {
	for i, category := range c.categories {
		c.a[i] = c.decide(category)
	}
	return nil
}

func (c *mapsCall) decide(category string) world.Code {
	if !c.purposes[c.q.Purpose] {
		return world.NoPurpose
	}
	if c.q.Person.Restricted {
		return world.Limited
	}
	key := pair{c.q.Purpose, category}
	actions, ok := c.acts[key]
	switch {
	case !ok:
		return world.NotCovered
	case !actions[c.q.Action]:
		return world.NoAction
	case !c.q.Person.Active:
		return world.NoBasis
	case c.banned[category] && !c.holds(c.w.Lifting):
		return world.Ban
	}
	needs := c.needs[key]
	for _, role := range c.q.Principal.Roles {
		if needs[role][c.q.Action] || c.general[role][c.q.Action] {
			return world.Permit
		}
	}
	return world.NoNeed
}

func (c *mapsCall) holds(role string) bool {
	for _, r := range c.q.Principal.Roles {
		if r == role {
			return true
		}
	}
	return false
}

func (c *mapsCall) Answer() world.Answer { return c.a }
