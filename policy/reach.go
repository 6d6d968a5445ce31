package policy

import "github.com/purposebound/purposebound/purpose"

// reach is what lies at or below some nodes of a tree. The nil reach is not limited.
type reach []span

// span is a node and all below it.
type span struct{ first, last purpose.ID }

// reachOf is the reach of nodes; unknown keys are left out.
func reachOf(t *purpose.Tree, nodes []string) reach {
	r := make(reach, 0, len(nodes))
	for _, k := range nodes {
		if id, ok := t.ID(k); ok {
			r = append(r, span{id, t.Last(id)})
		}
	}
	return r
}

// limit is the reach of nodes, not limited where there are none.
func limit(t *purpose.Tree, nodes []string) reach {
	if len(nodes) == 0 {
		return nil
	}
	return reachOf(t, nodes)
}

// has reports whether something is within reach.
func (r reach) has(id purpose.ID) bool {
	for i := range r {
		if r[i].first <= id && id <= r[i].last {
			return true
		}
	}
	return r == nil
}

// fieldsOf is the fields of a plan whose category is within reach.
func fieldsOf(p *purpose.Plan, categories reach) (fs purpose.FieldSet) {
	for i := range p.Fields {
		if categories.has(p.Fields[i].Category) {
			fs.Add(i)
		}
	}
	return fs
}
