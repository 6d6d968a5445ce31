package regopolicy

import (
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
	"github.com/purposebound/purposebound/purpose"
)

// factKinds are the kinds of declared facts.
var factKinds = map[purpose.Type]steady.Kind{
	purpose.Bool: steady.Bool, purpose.Int: steady.Number, purpose.Text: steady.Text, purpose.Instant: steady.Instant, purpose.TextList: steady.Texts,
}

// checkSteady demands that nothing left out ever permits.
func checkSteady(c *compiled, w *words, data ast.Object, problems *Problems) {
	spec := steady.Spec{Entrypoints: map[string]steady.Direction{}, Facts: map[string]steady.Kind{}, Data: data}
	for i, name := range entrypoints {
		direction := steady.Grows
		if i == 0 {
			direction = steady.Shrinks
		}
		spec.Entrypoints[rootPackage.Append(ast.StringTerm(name)).String()] = direction
	}
	for k, f := range w.facts {
		spec.Facts[k] = factKinds[f.Type]
	}
	for _, p := range steady.Check(c.compiler, spec) {
		problems.at(usedFrom(p), p.Code, "%s", p.Message)
	}
}

// usedFrom is where a problem is to be solved: not in the library but where it is used.
func usedFrom(p steady.Problem) *ast.Location {
	loc := &ast.Location{File: p.File, Row: p.Line, Col: p.Column}
	if !inLibrary(p.File) {
		return loc
	}
	_, used, found := strings.Cut(p.Message, "; used at ")
	if !found {
		return loc
	}
	i := strings.LastIndexByte(used, ':')
	if row, err := strconv.Atoi(used[i+1:]); i > 0 && err == nil {
		return &ast.Location{File: used[:i], Row: row, Col: 1}
	}
	return loc
}
