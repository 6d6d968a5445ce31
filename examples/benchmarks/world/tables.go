package world

// Leaves are the categories of each group.
func (w *World) Leaves() map[string][]string {
	m := map[string][]string{}
	for _, r := range w.Records {
		for _, c := range r.Categories {
			m[Group(c)] = append(m[Group(c)], c)
		}
	}
	return m
}

// Truths is a set of keys, in the form that engines read.
func Truths(keys []string) map[string]any {
	m := map[string]any{}
	for _, k := range keys {
		m[k] = true
	}
	return m
}

// At is the map under a key, made if it is not there.
func At(m map[string]any, key string) map[string]any {
	if m[key] == nil {
		m[key] = map[string]any{}
	}
	return m[key].(map[string]any)
}

// Tables is the world as documents for engines that look up by key, so that nothing is searched: purposes[purpose],
// covers[purpose][category][action], needs[purpose][group][role][action], general[role][action], banned[category].
func (w *World) Tables() map[string]any {
	covers, needs, general := map[string]any{}, map[string]any{}, map[string]any{}
	leaves := w.Leaves()
	for _, p := range w.Purposes {
		At(covers, p)
		At(needs, p)
	}
	for _, a := range w.Activities {
		for _, p := range a.Purposes {
			for _, c := range leaves[a.Group] {
				At(covers, p)[c] = Truths(a.Actions)
			}
		}
	}
	for _, n := range w.Needs {
		for _, role := range n.Roles {
			if n.Purposes == nil {
				general[role] = Truths(n.Actions)
			}
			for _, p := range n.Purposes {
				for _, g := range n.Groups {
					At(At(needs, p), g)[role] = Truths(n.Actions)
				}
			}
		}
	}
	return map[string]any{"purposes": Truths(w.Purposes), "covers": covers, "needs": needs, "general": general, "banned": Truths(w.Banned)}
}
