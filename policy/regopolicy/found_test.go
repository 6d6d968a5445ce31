package regopolicy

import (
	"fmt"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestWhatIsFoundIsKeptAsTheEngineKeepsIt: the same answers as the engine's own cache, few references or many, frames or none.
func TestWhatIsFoundIsKeptAsTheEngineKeepsIt(t *testing.T) {
	own, grown := &found{}, 0
	rapid.Check(t, func(r *rapid.T) {
		own.reset()
		theirs, depth := topdown.NewVirtualCache(), 0
		word := rapid.SampledFrom([]*ast.Term{ast.StringTerm("a"), ast.StringTerm("b"), ast.IntNumberTerm(1), ast.ArrayTerm(ast.StringTerm("a")), ast.ObjectTerm()})
		ref := rapid.Custom(func(r *rapid.T) ast.Ref {
			return append(ast.Ref{ast.DefaultRootDocument}, rapid.SliceOfN(word, 1, 4).Draw(r, "words")...)
		})
		var asked []ast.Ref
		for i := range rapid.IntRange(1, 80).Draw(r, "steps") {
			switch rapid.IntRange(0, 11).Draw(r, "step") {
			case 0:
				own.Push()
				theirs.Push()
				depth++
			case 1:
				if depth > 0 {
					own.Pop()
					theirs.Pop()
					depth--
				}
			case 2:
				x := ref.Draw(r, "undefined")
				asked = append(asked, x)
				own.Put(x, nil)
				theirs.Put(x, nil)
			default:
				x, value := ref.Draw(r, "ref"), ast.IntNumberTerm(i)
				asked = append(asked, x.Copy())
				changed := append(ast.Ref{}, x...)
				own.Put(changed, value)
				clear(changed) // as the engine does
				theirs.Put(x, value)
			}
			for _, x := range append(asked, ref.Draw(r, "other")) {
				value, undefined := own.Get(x)
				wanted, none := theirs.Get(x)
				if value != wanted || undefined != none {
					r.Fatalf("%s is %v, %v; the engine says %v, %v", x, value, undefined, wanted, none)
				}
			}
			texts := func(refs []ast.Ref) (list []string) {
				for _, x := range refs {
					list = append(list, x.String())
				}
				return list
			}
			require.ElementsMatch(r, texts(theirs.Keys()), texts(own.Keys()))
		}
		if own.many != nil {
			grown++
		}
	})
	if !testing.Short() {
		assert.Positive(t, grown, "control: some grew")
	}
}

// TestNothingOfAnEvaluationIsLeftForTheNext: two requests in turn, each with a helper that says otherwise for the other.
func TestNothingOfAnEvaluationIsLeftForTheNext(t *testing.T) {
	reg := register(t)
	text := "permit contains {\"rule\": \"a\", \"category\": \"*\"} if may\n\nmay if \"billing\" in input.principal.roles\n\n"
	for i := range fewRefs {
		text += fmt.Sprintf("deny contains {\"rule\": \"d\", \"category\": \"*\"} if no%d\n\nno%d if input.time.minute == %d\n\n", i, i, 31+i)
	}
	p, pl := mustLoad(t, reg, text), plan(t, reg)
	p.memory = nil
	yes, no := ask(t, pl), ask(t, pl)
	no.Request.Principal.Roles = []string{"guest"}
	for range 50 {
		assert.Equal(t, 5, decide(t, p, yes).Permit.Len())
		assert.True(t, decide(t, p, no).Permit.Empty())
	}
	e := p.newEvaluation()
	require.NoError(t, e.run(t.Context(), p, yes, p.viewOf(pl)))
	require.NotEmpty(t, e.found.kept)
	e.clear()
	assert.Empty(t, e.found.kept)
	assert.Nil(t, e.found.many)
	for _, f := range e.found.kept[:cap(e.found.kept)] {
		assert.Zero(t, f)
	}
	for _, x := range e.found.terms[:cap(e.found.terms)] {
		assert.Nil(t, x)
	}
	assert.Zero(t, e.meter)
	assert.Nil(t, e.answers)
	assert.Nil(t, e.decoder.in)
}
