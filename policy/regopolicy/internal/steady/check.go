package steady

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Check lists the problems by file, line and column, each place once. None means that nothing left
// out permits.
func Check(c *ast.Compiler, spec Spec) []Problem {
	k := &checker{spec: spec, input: inputOf(spec.Facts), found: map[place]Problem{}, seen: map[string]*shape{}, single: map[*ast.Rule]bool{}}
	if c == nil || c.Failed() || c.RuleTree == nil {
		k.report(CodeForm, place{}, "the rules are not compiled")
		return k.problems()
	}
	k.rules = c.RuleTree
	for _, path := range slices.Sorted(maps.Keys(spec.Entrypoints)) {
		k.entrypoint(path, spec.Entrypoints[path])
	}
	return k.problems()
}

type checker struct {
	spec   Spec
	rules  *ast.TreeNode
	input  *attribute
	found  map[place]Problem
	seen   map[string]*shape // visits that are done, by rules, frame and arguments, and what they yield
	single map[*ast.Rule]bool
}

func (k *checker) report(code string, p place, message string) {
	if _, dup := k.found[p]; !dup {
		k.found[p] = Problem{Code: code, File: p.file, Line: p.line, Column: p.col, Message: message}
	}
}

func (k *checker) problems() []Problem {
	return slices.SortedFunc(maps.Values(k.found), func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

func (k *checker) entrypoint(path string, d Direction) {
	ref, err := ast.ParseRef(path)
	if err != nil || !ref.IsGround() || !ref.HasPrefix(ast.DefaultRootRef) || len(ref) < 2 {
		k.report(CodeForm, place{}, "an entrypoint is no path of a rule, like data.purposebound.permit")
		return
	}
	f := frame{entry: strings.Trim(ref[len(ref)-1].String(), `"`), direction: d, vanish: int8(d)}
	if d != Shrinks && d != Grows {
		f = frame{entry: f.entry, why: "where no direction is stated"}
	}
	for _, h := range k.resolve(ref) {
		if len(h.keys) == 0 && !h.below {
			k.visit(h, f, nil)
		} else {
			k.visit(h, f.fixed("in %s, which is no rule", path), nil)
		}
	}
}

// hit is the definitions of one rule that a reference meets.
type hit struct {
	rules []*ast.Rule
	keys  []*ast.Term // of the reference beyond the rule
	below bool        // the reference ends above the rule, or spells its path with variables
}

// resolve finds the rules that a reference into data may meet, all that it could.
func (k *checker) resolve(ref ast.Ref) (hits []hit) {
	node := k.rules
	for i, key := range ref {
		if i > 0 && !key.IsGround() {
			return below(node)
		}
		if node = node.Child(key.Value); node == nil {
			return nil
		}
		if len(node.Values) > 0 {
			hits = append(hits, hit{rules: node.Values, keys: ref[i+1:]})
			for _, child := range node.Children {
				hits = append(hits, below(child)...)
			}
			return hits
		}
	}
	return below(node)
}

// below lists all rules in a part of the tree.
func below(node *ast.TreeNode) (hits []hit) {
	node.DepthFirst(func(n *ast.TreeNode) bool {
		if len(n.Values) > 0 && len(n.Values[0].Head.Args) == 0 { // functions are no part of a document
			hits = append(hits, hit{rules: n.Values, below: true})
		}
		return false
	})
	return hits
}

// isSet reports whether rules add to a set.
func (h hit) isSet() bool { return h.rules[0].Head.RuleKind() == ast.MultiValue }

// isFunction reports whether rules take arguments.
func (h hit) isFunction() bool { return len(h.rules[0].Head.Args) > 0 }

// isTable reports whether rules add to an object, by key.
func (h hit) isTable() bool { return !h.isSet() && !h.isFunction() && !h.rules[0].Ref().IsGround() }
