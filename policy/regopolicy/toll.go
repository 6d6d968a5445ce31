package regopolicy

import (
	"math"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/policy/regopolicy/internal/steady"
)

// The bounds of a policy that is Immediate. A look is what the engine does with a plain term: ten nanoseconds or so.
const (
	maxLooks  = 400_000 // that one evaluation can need
	maxTolls  = 10_000  // rules and calls looked at before it counts as too many
	smallSize = 300     // terms that a value can have
	stepLooks = 5       // beside what its terms need
	callLooks = 20      // of a function on small values, and of an answer
	longLooks = 40_000  // of one whose time is not in proportion to one operand
)

// long are the functions that compare all of one operand with all of another.
var long = []string{"regex.match", "object.subset", "strings.any_prefix_match", "strings.any_suffix_match", "indexof"}

// toll is the most that evaluations can cost, whatever is asked: a proof by the text of the rules. Its argument is that
// every value a variable can have is small, for it is a small part of the input, a small constant, or a small part of a
// document: comprehensions, what is built of collections, and the large parts as a whole are not understood. So each step
// takes bounded time, and the number of steps is a sum and product of the sizes of what is gone through. Whatever is
// not understood has no bound.
type toll struct {
	compiler *ast.Compiler
	words    *words
	data     ast.Object
	purposes int                  // a line of ancestors has so many at most
	within   int                  // the same of categories
	known    map[*ast.Rule]charge // of rules that are no functions
	left     int                  // rules that may still be looked at
}

// charge is the looks that something needs, and how many results it can have.
type charge struct{ looks, results float64 }

var (
	free      = charge{0, 1}
	unbounded = charge{math.Inf(1), math.Inf(1)}
)

// and is one thing after the other, for each result of the first.
func (c charge) and(d charge) charge {
	n := max(1, c.results)
	return charge{c.looks + n*d.looks, n * max(1, d.results)}
}

// or is one thing beside the other.
func (c charge) or(d charge) charge { return charge{c.looks + d.looks, c.results + d.results} }

// answers is what it takes to add each result to an answer.
func (c charge) answers() charge { return charge{c.looks + callLooks*c.results, c.results} }

// looks that an evaluation of the definitions needs at most. What follows the question for a purpose is for that one only.
func (c *compiled) looks(defs []definition, w *words, data ast.Object) float64 {
	t := &toll{c.compiler, w, data, depth(w.purposes), depth(w.categories), map[*ast.Rule]charge{}, maxTolls}
	var always, most float64
	of := map[string]float64{}
	for i := range defs {
		body, s := defs[i].rule.Body, newStretch(t)
		purpose, first := asked(body)
		before := s.body(body[:first])
		whole := before.and(s.body(body[first:])).answers()
		always += before.looks
		of[purpose] += whole.looks - before.looks
	}
	for purpose, looks := range of {
		if purpose != "" {
			most = max(most, looks)
		}
	}
	return always + of[""] + most
}

// asked is the purpose that a body asks for, and the number of expressions with the question. None asks for an empty one.
func asked(b ast.Body) (purpose string, first int) {
	for i, e := range b {
		if e.Negated || !e.IsEquality() {
			continue
		}
		for k := range 2 {
			ref, isRef := e.Operand(k).Value.(ast.Ref)
			text, isText := e.Operand(1 - k).Value.(ast.String)
			if isRef && isText && pathOf(ref, nil).is("input.purpose") {
				return string(text), i + 1
			}
		}
	}
	return "", 0
}

// rules are what it costs to evaluate rules of one name.
func (t *toll) rules(list []*ast.Rule) (sum charge) {
	for _, r := range list {
		c, ok := t.known[r]
		if !ok {
			t.known[r] = unbounded // while it is looked at
			c = t.rule(r, nil, nil)
			t.known[r] = c
		}
		sum = sum.or(c)
	}
	return sum
}

// rule is what it costs to evaluate one with its alternatives. The arguments of a function are as they are to the caller.
func (t *toll) rule(r *ast.Rule, args []*ast.Term, caller *stretch) (sum charge) {
	for ; r != nil; r = r.Else {
		if t.left--; t.left < 0 || !r.Head.Ref().IsGround() || len(r.Head.Args) > len(args) {
			return unbounded
		}
		s := newStretch(t)
		for i, a := range r.Head.Args {
			if v, isVar := a.Value.(ast.Var); isVar {
				s.sizes[v], s.paths[v] = caller.size(args[i]), caller.path(args[i])
			} else if !a.IsGround() {
				return unbounded
			}
		}
		sum = sum.or(s.body(r.Body).answers())
		if key := r.Head.Key; key != nil && s.size(key) != 1 {
			return unbounded // a set of collections is large
		}
		if value := r.Head.Value; value != nil && s.term(value) != free {
			return unbounded
		}
	}
	return sum
}

// depth is the length of the longest line of ancestors.
func depth(keys []string) (n int) {
	for _, k := range keys {
		n = max(n, 1+strings.Count(k, "."))
	}
	return n
}

// sizeAt is the most terms that a part of the input has; zero for one that is large or not known.
func (t *toll) sizeAt(p inputPath) int {
	switch {
	case p.is("input.purposes"):
		return 1 + t.purposes
	case len(p) == 4 && p[:2].is("input.fields") && (p[3] == "within" || p[3] == "*"):
		return 1 + t.within
	case len(p) == 3 && p[:2].is("input.fields"):
		return 8 + t.within
	case len(p) == 3 && (p[1] == "facts" || p[1] == "principal") && p[2] == "*":
		return 1 + maxList
	case len(p) > 2 && t.words.kindAt(p[:len(p)-1]) == kindList:
		return 1
	}
	switch t.words.kindAt(p) {
	case "":
		return 0
	case kindList:
		return 1 + maxList
	}
	return 1
}

// calls is what a built-in function costs on small values.
func calls(name string) float64 {
	switch {
	case name == "eq":
		return 0
	case slices.Contains(long, name):
		return longLooks
	case slices.Contains(steady.Builtins(), name):
		return callLooks
	}
	return math.Inf(1)
}
