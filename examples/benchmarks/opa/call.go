package opa

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

var errUndefined = errors.New("opa: the answer is undefined")

type call struct {
	*held
	record  *world.Record
	inputs  []map[string]any
	options [][]rego.EvalOption
	out     [world.Width]any
}

func (c *call) Run() error {
	for i, o := range c.options {
		rs, err := c.query.Eval(context.Background(), o...)
		if err != nil {
			return err
		}
		if len(rs) != 1 {
			return errUndefined
		}
		c.out[i] = rs[0].Expressions[0].Value
	}
	return nil
}

func (c *call) Answer() world.Answer { return c.read(c) }

// reason reads a code for each evaluation.
func reason(c *call) (a world.Answer) {
	for i := range a {
		name, _ := c.out[i].(string)
		a[i] = world.CodeOf(name)
	}
	return a
}

// reasons reads an object with a code for each field.
func reasons(c *call) (a world.Answer) {
	all, _ := c.out[0].(map[string]any)
	for i, f := range c.record.Fields {
		name, _ := all[f].(string)
		a[i] = world.CodeOf(name)
	}
	return a
}

// listed reads a list of codes as numbers.
func listed(c *call) world.Answer {
	a := world.All(world.NoPurpose)
	if t, ok := c.out[0].(*ast.Term); ok {
		if list, ok := t.Value.(*ast.Array); ok && list.Len() == len(a) {
			for i := range a {
				if n, ok := list.Elem(i).Value.(ast.Number); ok {
					code, err := json.Number(n).Int64()
					if err == nil && code >= 0 && code <= int64(world.NoNeed) {
						a[i] = world.Code(code)
					}
				}
			}
		}
	}
	return a
}

func byName(c *call) world.Answer     { return split(c, c.record.Fields) }
func byCategory(c *call) world.Answer { return split(c, c.record.Categories) }

// split reads the set of what is permitted and the object of what is withheld and why.
func split(c *call, keys []string) world.Answer {
	a := world.All(world.NoPurpose)
	t, ok := c.out[0].(*ast.Term)
	if !ok {
		return a
	}
	pair, ok := t.Value.(*ast.Array)
	if !ok || pair.Len() != 2 {
		return a
	}
	permitted, ok1 := pair.Elem(0).Value.(ast.Set)
	withheld, ok2 := pair.Elem(1).Value.(ast.Object)
	if !ok1 || !ok2 || permitted.Len()+withheld.Len() != len(a) {
		return a
	}
	for i, key := range keys {
		k := ast.StringTerm(key)
		if permitted.Contains(k) {
			a[i] = world.Permit
		} else if why, ok := withheld.Get(k).Value.(ast.String); ok {
			a[i] = world.CodeOf(string(why))
		}
	}
	return a
}
