package celpeer

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Ask implements world.Loaded.
func (h *held) Ask(q world.Question) (world.Call, error) {
	roles, fields := make([]any, len(q.Principal.Roles)), make([]any, world.Width)
	for i, r := range q.Principal.Roles {
		roles[i] = r
	}
	for i, c := range h.w.Records[q.Record].Categories {
		fields[i] = map[string]any{"category": c, "group": world.Group(c)}
	}
	variables := map[string]any{"action": q.Action, "purpose": q.Purpose, "roles": roles, "active": q.Person.Active, "restricted": q.Person.Restricted, "fields": fields}
	c := &call{held: h, first: q.Record * world.Width}
	if h.form == mapped {
		for k, v := range h.tables {
			variables[k] = v
		}
		c.input = variables
		return c, nil
	}
	a := &activation{}
	for i, name := range names {
		if v, ok := variables[name]; ok {
			a.values[i] = convert(v)
		} else {
			a.values[i] = h.values[name]
		}
	}
	c.input = a
	return c, nil
}

var names = [...]string{"action", "purpose", "roles", "active", "restricted", "fields", "purposes", "covers", "needs", "general", "banned"}

// activation finds converted values by name without a map.
type activation struct{ values [len(names)]ref.Val }

var _ cel.Activation = (*activation)(nil)

func (a *activation) ResolveName(name string) (any, bool) {
	i := 0
	switch name {
	case "action":
	case "purpose":
		i = 1
	case "roles":
		i = 2
	case "active":
		i = 3
	case "restricted":
		i = 4
	case "fields":
		i = 5
	case "purposes":
		i = 6
	case "covers":
		i = 7
	case "needs":
		i = 8
	case "general":
		i = 9
	case "banned":
		i = 10
	default:
		return nil, false
	}
	return a.values[i], true
}

func (a *activation) Parent() cel.Activation { return nil }

type call struct {
	*held
	first int // program of the record's first field
	input any
	out   [world.Width]ref.Val
}

func (c *call) Run() (err error) {
	if c.form != special {
		c.out[0], _, err = c.programs[0].Eval(c.input)
		return err
	}
	for i := range c.out {
		if c.out[i], _, err = c.programs[c.first+i].Eval(c.input); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) Answer() world.Answer {
	a := world.All(world.NoPurpose)
	list, _ := c.out[0].(traits.Lister)
	for i := range a {
		v := c.out[i]
		if c.form != special {
			v = list.Get(types.Int(i))
		}
		if n, ok := v.(types.Int); ok && n >= 0 && n <= types.Int(world.NoNeed) {
			a[i] = world.Code(n)
		}
	}
	return a
}
