package opa

import "github.com/purposebound/purposebound/examples/benchmarks/world"

// documents are the world's tables, with what cutting by sets needs beside them: data.acts[purpose][action][category] and
// data.leaves[purpose][role][action][category].
func documents(w *world.World) map[string]any {
	all := w.Tables()
	acts, wanted := map[string]any{}, map[string]any{}
	leaves := w.Leaves()
	for _, p := range w.Purposes {
		world.At(acts, p)
		world.At(wanted, p)
	}
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			for _, action := range a.Actions {
				for _, c := range leaves[a.Group] {
					world.At(world.At(acts, p), action)[c] = true
				}
			}
		}
	}
	for _, n := range w.Needs {
		for _, p := range n.Purposes {
			for _, role := range n.Roles {
				for _, action := range n.Actions {
					for _, g := range n.Groups {
						for _, c := range leaves[g] {
							world.At(world.At(world.At(wanted, p), role), action)[c] = true
						}
					}
				}
			}
		}
	}
	all["acts"], all["leaves"] = acts, wanted
	return all
}

// input is a question as a program would make it without further care: a map, with all fields of the record.
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
