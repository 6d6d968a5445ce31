package opa

import (
	"errors"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"

	"github.com/purposebound/purposebound/examples/benchmarks/byhand"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

var errArguments = errors.New("opa: register.decide: not a question")

// function is the hand-written plan as a built-in function.
func function(w *world.World) func(*rego.Rego) {
	plan := byhand.Compile(w)
	codes := make([]*ast.Term, world.NoNeed+1)
	for i := range codes {
		codes[i] = ast.InternedTerm(i)
	}
	permitted := ast.ArrayTerm(slices.Repeat(codes[:1], world.Width)...)
	return rego.FunctionDyn(&rego.Function{Name: "register.decide",
		Decl: types.NewFunction(types.Args(types.S, types.S, types.NewArray(nil, types.S), types.N, types.NewArray(nil, types.B)), types.NewArray(nil, types.N))},
		func(_ rego.BuiltinContext, terms []*ast.Term) (*ast.Term, error) {
			q, ok := question(terms, len(w.Records))
			if !ok {
				return nil, errArguments
			}
			a := plan.Decide(&q)
			if a == (world.Answer{}) {
				return permitted, nil
			}
			out := make([]*ast.Term, len(a))
			for i, c := range a {
				out[i] = codes[c]
			}
			return ast.ArrayTerm(out...), nil
		})
}

func question(terms []*ast.Term, records int) (q world.Question, ok bool) {
	purpose, ok1 := terms[0].Value.(ast.String)
	action, ok2 := terms[1].Value.(ast.String)
	roles, ok3 := terms[2].Value.(*ast.Array)
	record, ok4 := terms[3].Value.(ast.Number)
	state, ok5 := terms[4].Value.(*ast.Array)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || state.Len() != 2 {
		return q, false
	}
	n, ok := record.Int()
	if !ok || n < 0 || n >= records {
		return q, false
	}
	q.Purpose, q.Action, q.Record = string(purpose), string(action), n
	for i := range roles.Len() {
		role, ok := roles.Elem(i).Value.(ast.String)
		if !ok {
			return q, false
		}
		q.Principal.Roles = append(q.Principal.Roles, string(role))
	}
	active, ok1 := state.Elem(0).Value.(ast.Boolean)
	restricted, ok2 := state.Elem(1).Value.(ast.Boolean)
	q.Person.Active, q.Person.Restricted = bool(active), bool(restricted)
	return q, ok1 && ok2
}
