package regopolicy

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// needs are the parts of the input that rules read: "principal", "principal.roles"; "principal.*" is all of it, "*"
// everything.
type needs map[string]bool

func (n needs) whole(section string) bool { return n["*"] || n[section] }

func (n needs) part(section, name string) bool {
	return n["*"] || n[section+".*"] || n[section+"."+name]
}

// reads says which parts of the input are built: the others nobody would look at.
type reads struct {
	notice, dataset, reviewer, principal, recipient, capacities, facts, time, fields bool
	id, roles, tasks, organisation, country                                          bool // of the principal
	at, date, hour, minute, weekday                                                  bool
}

func (n needs) reads() reads {
	of := n.part
	return reads{
		notice: n.whole("notice"), dataset: n.whole("dataset"), reviewer: n.whole("reviewer"), principal: n.whole("principal"),
		recipient: n.whole("recipient"), capacities: n.whole("capacities"), facts: n.whole("facts"), time: n.whole("time"), fields: n.whole("fields"),
		id: of("principal", "id"), roles: of("principal", "roles"), tasks: of("principal", "tasks"),
		organisation: of("principal", "organisation"), country: of("principal", "country"),
		at: of("time", "at"), date: of("time", "date"), hour: of("time", "hour"), minute: of("time", "minute"), weekday: of("time", "weekday"),
	}
}

// needs of all rules that the definitions use, directly or not.
func (c *compiled) needs(defs []definition) needs {
	n := needs{}
	seen := map[any]bool{}
	queue := []any{}
	add := func(x any) {
		if !seen[x] {
			seen[x] = true
			queue = append(queue, x)
		}
	}
	for i := range defs {
		add(defs[i].rule)
	}
	for len(queue) > 0 {
		x := queue[0]
		queue = queue[1:]
		for dep := range c.compiler.Graph.Dependencies(x) {
			add(dep)
		}
		r, isRule := x.(*ast.Rule)
		if !isRule {
			n["*"] = true // not understood
			continue
		}
		n.rule(r)
	}
	return n
}

// rule adds what one rule reads. An else is part of it.
func (n needs) rule(r *ast.Rule) {
	input := ast.InputRootDocument.Value
	ast.WalkTerms(r, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Var:
			if v.Equal(input) {
				n["*"] = true
			}
		case ast.Ref:
			if v[0].Value.Compare(input) != 0 {
				return false
			}
			n.ref(v)
			for _, part := range v[1:] {
				n.rule(&ast.Rule{Head: &ast.Head{Key: part}})
			}
			return true
		}
		return false
	})
}

func (n needs) ref(v ast.Ref) {
	p := pathOf(v, nil)
	switch {
	case len(p) < 2 || p[1] == "*":
		n["*"] = true
	case len(p) == 2 || p[2] == "*":
		n[p[1]], n[p[1]+".*"] = true, true
	default:
		n[p[1]], n[p[1]+"."+p[2]] = true, true
	}
}
