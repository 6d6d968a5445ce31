package opa

import (
	"slices"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

func leaves(w *world.World) map[string][]string {
	m := map[string][]string{}
	for _, r := range w.Records {
		for _, c := range r.Categories {
			m[world.Group(c)] = append(m[world.Group(c)], c)
		}
	}
	return m
}

// documents is the register as base documents, keyed so that a rule finds what it looks for without a search:
// data.covers[purpose][category][action], data.needs[purpose][group][role][action], data.general[role][action].
func documents(w *world.World) map[string]any {
	purposes, covers, needs, general, banned := map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	below := leaves(w)
	for _, p := range w.Purposes {
		purposes[p], covers[p], needs[p] = true, map[string]any{}, map[string]any{}
	}
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			for _, c := range below[a.Group] {
				covers[p].(map[string]any)[c] = truths(a.Actions)
			}
		}
	}
	for _, n := range w.Needs {
		for _, role := range n.Roles {
			if n.Purposes == nil {
				general[role] = truths(n.Actions)
			}
			for _, p := range n.Purposes {
				for _, g := range n.Groups {
					groups := needs[p].(map[string]any)
					if groups[g] == nil {
						groups[g] = map[string]any{}
					}
					groups[g].(map[string]any)[role] = truths(n.Actions)
				}
			}
		}
	}
	for _, c := range w.Banned {
		banned[c] = true
	}
	all := map[string]any{"purposes": purposes, "covers": covers, "needs": needs, "general": general, "banned": banned}
	flat(w, all)
	return all
}

// flat adds what cutting by sets needs: data.acts[purpose][action][category] and data.leaves[purpose][role][action][category].
func flat(w *world.World, all map[string]any) {
	acts, wanted := map[string]any{}, map[string]any{}
	below := leaves(w)
	for _, p := range w.Purposes {
		acts[p], wanted[p] = map[string]any{}, map[string]any{}
	}
	put := func(m any, keys ...string) {
		for _, k := range keys[:len(keys)-1] {
			next, ok := m.(map[string]any)[k]
			if !ok {
				next = map[string]any{}
				m.(map[string]any)[k] = next
			}
			m = next
		}
		m.(map[string]any)[keys[len(keys)-1]] = true
	}
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			for _, action := range a.Actions {
				for _, c := range below[a.Group] {
					put(acts, p, action, c)
				}
			}
		}
	}
	for _, n := range w.Needs {
		for _, p := range n.Purposes {
			for _, role := range n.Roles {
				for _, action := range n.Actions {
					for _, g := range n.Groups {
						for _, c := range below[g] {
							put(wanted, p, role, action, c)
						}
					}
				}
			}
		}
	}
	all["acts"], all["leaves"] = acts, wanted
}

func truths(keys []string) map[string]any {
	m := map[string]any{}
	for _, k := range slices.Sorted(slices.Values(keys)) {
		m[k] = true
	}
	return m
}

// input is a question as a program without this package's care would make it: a map. With a field, it asks for that alone.
func input(w *world.World, q *world.Question) map[string]any {
	fields := map[string]any{}
	for i, name := range w.Records[q.Record].Fields {
		fields[name] = field(w, q, i)
	}
	m := common(q)
	m["fields"] = fields
	return m
}

func field(w *world.World, q *world.Question, i int) map[string]any {
	c := w.Records[q.Record].Categories[i]
	return map[string]any{"category": c, "group": world.Group(c)}
}

func common(q *world.Question) map[string]any {
	roles := make([]any, len(q.Principal.Roles))
	for i, r := range q.Principal.Roles {
		roles[i] = r
	}
	return map[string]any{"action": q.Action, "purpose": q.Purpose, "roles": roles, "active": q.Person.Active, "restricted": q.Person.Restricted}
}
