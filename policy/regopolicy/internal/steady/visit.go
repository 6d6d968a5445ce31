package steady

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxVisits of rules, each in a frame and with arguments, that one check follows.
const maxVisits = 20_000

// visit reads all definitions of a rule in a frame, and says what they yield: elements of a set, values of others.
func (k *checker) visit(h hit, f frame, args []*shape) *shape {
	if f.vanish != 0 && chosen(h.rules) {
		f = f.fixed("in %s, which has a default or else", h.rules[0].Ref())
	}
	var name strings.Builder
	fmt.Fprintf(&name, "%p %d", h.rules[0], f.vanish)
	for _, a := range args {
		a.spell(&name)
	}
	if s, done := k.seen[name.String()]; done {
		return s
	}
	if len(k.seen) >= maxVisits {
		k.report(CodeForm, at(h.rules[0].Location), "there is more to follow than is followed: let helpers and functions use fewer others")
		return unknown
	}
	k.seen[name.String()] = unknown // the compiler refuses recursion
	k.heads(h)
	all := undefined
	for _, rule := range h.rules {
		for r := rule; r != nil; r = r.Else {
			all = join(all, k.definition(rule, r, f, args))
		}
	}
	k.seen[name.String()] = all
	return all
}

// chosen reports whether one definition stands in where another does not hold.
func chosen(rules []*ast.Rule) bool {
	for _, r := range rules {
		if r.Default || r.Else != nil {
			return true
		}
	}
	return false
}

// definition reads one rule of an else chain that begins with first.
func (k *checker) definition(first, r *ast.Rule, f frame, args []*shape) *shape {
	b := &reader{checker: k, uses: occurrences(first), alias: map[ast.Var]alias{}, shapes: map[ast.Var]*shape{}, here: at(r.Location, r.Head.Location)}
	b.findAliases(first)
	for i, arg := range r.Head.Args {
		s := unknown
		if i < len(args) {
			s = args[i]
		}
		b.match(arg, s, f)
	}
	b.body(r.Body, f)
	for _, key := range r.Head.Ref()[1:] {
		b.term(key, f)
	}
	if r.Head.RuleKind() == ast.MultiValue {
		return b.term(r.Head.Key, f)
	}
	if r.Head.Key != nil {
		b.term(r.Head.Key, f)
	}
	return b.term(r.Head.Value, f)
}

// occurrences counts the variables of a rule with all its else.
func occurrences(r *ast.Rule) map[ast.Var]int {
	n := map[ast.Var]int{}
	ast.WalkVars(r, func(v ast.Var) bool {
		n[v]++
		return false
	})
	return n
}

// reader of one definition.
type reader struct {
	*checker
	uses   map[ast.Var]int
	alias  map[ast.Var]alias
	shapes map[ast.Var]*shape // of the variables that are bound so far
	here   place              // of the expression, for terms without one
}

// alias is a variable that stands for a list or a partial set, as the compiler makes them for membership.
type alias struct {
	ref    ast.Ref
	binder *ast.Expr
	sets   []hit // empty for a list of the input
}

// findAliases registers variables that are made equal to a list of the input or a partial set. Each is bound once;
// any other place where it stands is a use.
func (b *reader) findAliases(r *ast.Rule) {
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		if !e.IsEquality() {
			return false
		}
		for i := range 2 {
			v, isVar := e.Operand(i).Value.(ast.Var)
			ref, isRef := e.Operand(1 - i).Value.(ast.Ref)
			if !isVar || !isRef || b.alias[v].binder != nil {
				continue
			}
			if b.input.isList(ref) {
				b.alias[v] = alias{ref: ref, binder: e}
			} else if sets := b.setsAt(ref); sets != nil {
				b.alias[v] = alias{ref: ref, binder: e, sets: sets}
			}
		}
		return false
	})
}

// setsAt is the partial set that a reference stands for, and nothing else.
func (b *reader) setsAt(ref ast.Ref) []hit {
	if !ref.HasPrefix(ast.DefaultRootRef) {
		return nil
	}
	hits := b.resolve(ref)
	if len(hits) == 1 && len(hits[0].keys) == 0 && !hits[0].below && hits[0].isSet() {
		return hits
	}
	return nil
}

// use reads the definitions of a rule that stands here.
func (b *reader) use(h hit, f frame, args []*shape) *shape { return b.visit(h, f.by(b.here), args) }

// child reads in a scope below: what it binds stays there.
func (b *reader) child() *reader {
	own := *b
	own.shapes = make(map[ast.Var]*shape, len(b.shapes))
	for v, s := range b.shapes {
		own.shapes[v] = s
	}
	return &own
}
