package byhand

import (
	"slices"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// actions are numbered; one that is not here is none.
var actions = map[string]int{"read": 0, "use": 1}

const acting = 2

// row is what one purpose may do with one record. Bit i of a mask is field i.
type row struct {
	covered uint32
	acts    [acting]uint32
	needs   [acting][]need
}

// need is the fields that roles need; bit r of roles is role r.
type need struct {
	roles  uint64
	fields uint32
}

// Plan is a world as numbers and masks.
type Plan struct {
	w        *world.World
	purposes map[string]int
	roles    map[string]uint64 // as a bit
	lifting  uint64
	general  [acting]uint64 // roles that need everything
	banned   []uint32       // by record
	index    [][]int32      // by record and purpose, into rows; -1: not covered
	rows     []row
	keys     []string // of activities, by group
}

// Compile makes the plan of a world.
func Compile(w *world.World) *Plan {
	p := &Plan{w: w, purposes: map[string]int{}, roles: map[string]uint64{}}
	for i, k := range w.Purposes {
		p.purposes[k] = i
	}
	p.lifting = p.role(w.Lifting)
	position := map[string]int{} // where a group's ten fields are: record*2 + half
	for t, r := range w.Records {
		position[world.Group(r.Categories[0])] = 2 * t
		position[world.Group(r.Categories[world.Width/2])] = 2*t + 1
		banned := uint32(0)
		for i, c := range r.Categories {
			if slices.Contains(w.Banned, c) {
				banned |= 1 << i
			}
		}
		p.banned = append(p.banned, banned)
		index := make([]int32, len(w.Purposes))
		for i := range index {
			index[i] = -1
		}
		p.index = append(p.index, index)
	}
	const ten = 1<<(world.Width/2) - 1
	for _, a := range w.Activities {
		at := position[a.Group]
		for _, k := range a.Purposes {
			r := p.row(at/2, p.purposes[k])
			fields := uint32(ten) << (at % 2 * world.Width / 2)
			r.covered |= fields
			for _, action := range a.Actions {
				r.acts[actions[action]] |= fields
			}
		}
	}
	for _, n := range w.Needs {
		roles := uint64(0)
		for _, r := range n.Roles {
			roles |= p.role(r)
		}
		for _, action := range n.Actions {
			i := actions[action]
			if n.Purposes == nil {
				p.general[i] |= roles
			}
			for _, k := range n.Purposes {
				for _, g := range n.Groups {
					at := position[g]
					p.row(at/2, p.purposes[k]).need(i, roles, uint32(ten)<<(at%2*world.Width/2))
				}
			}
		}
	}
	return p
}

func (r *row) need(action int, roles uint64, fields uint32) {
	for i := range r.needs[action] {
		if n := &r.needs[action][i]; n.roles == roles {
			n.fields |= fields
			return
		}
	}
	r.needs[action] = append(r.needs[action], need{roles, fields})
}

func (p *Plan) role(name string) uint64 {
	if _, ok := p.roles[name]; !ok {
		p.roles[name] = 1 << len(p.roles)
	}
	return p.roles[name]
}

func (p *Plan) row(record, purpose int) *row {
	if p.index[record][purpose] < 0 {
		p.index[record][purpose] = int32(len(p.rows))
		p.rows = append(p.rows, row{})
	}
	return &p.rows[p.index[record][purpose]]
}
