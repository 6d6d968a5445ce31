package regopolicy

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// comparisons finds texts that are compared with a part of the input that can never be like them, in whatever way
// they get there: by a variable, as a member, or as the argument of a function.
type comparisons struct {
	words    *words
	problems *Problems
	args     map[string][]inputPath // by function: what its arguments always are
	wants    map[string][]inputPath // by function: what its arguments are compared with
	report   bool
}

// rounds through all rules: an argument may be handed on that often.
const rounds = 4

func checkConstants(c *compiled, w *words, problems *Problems) {
	x := &comparisons{words: w, problems: problems, args: map[string][]inputPath{}, wants: map[string][]inputPath{}}
	for round := range rounds {
		x.report = round == rounds-1
		for _, name := range names(c.compiler.Modules) {
			for _, r := range c.compiler.Modules[name].Rules {
				for ; r != nil; r = r.Else {
					x.rule(r, inLibrary(name))
				}
			}
		}
	}
}

// scope is one rule with what its variables stand for.
type scope struct {
	*comparisons
	rule   *ast.Rule
	paths  map[ast.Var]inputPath
	texts  map[ast.Var][]*ast.Term // the only values
	silent bool
}

func (x *comparisons) rule(r *ast.Rule, silent bool) {
	s := &scope{comparisons: x, rule: r, paths: map[ast.Var]inputPath{}, texts: map[ast.Var][]*ast.Term{}, silent: silent || !x.report}
	key := r.Ref().String()
	for i, a := range r.Head.Args {
		if v, isVar := a.Value.(ast.Var); isVar && i < len(x.args[key]) && len(x.args[key][i]) > 0 {
			s.paths[v] = x.args[key][i]
		}
	}
	for range 3 { // the order of expressions does not matter
		ast.WalkExprs(r, func(e *ast.Expr) bool { s.bind(e); return false })
		ast.WalkNodes(r, func(n ast.Node) bool {
			if e, isEvery := n.(*ast.Every); isEvery {
				s.every(e)
			}
			return false
		})
	}
	ast.WalkExprs(r, func(e *ast.Expr) bool { s.expr(e); return false })
	if !s.silent {
		ast.WalkRefs(r, func(ref ast.Ref) bool { s.attribute(ref); return false })
	}
}

// bind notes what a variable stands for.
func (s *scope) bind(e *ast.Expr) {
	if !e.IsEquality() && !e.IsAssignment() {
		return
	}
	a, b := e.Operand(0), e.Operand(1)
	if a == nil || b == nil {
		return
	}
	s.stands(a, b)
	s.stands(b, a)
}

func (s *scope) stands(a, b *ast.Term) {
	v, isVar := a.Value.(ast.Var)
	if !isVar {
		return
	}
	if p := s.path(b); p != nil && s.paths[v] == nil {
		s.paths[v] = p
	}
	if list := s.values(b); list != nil && s.texts[v] == nil {
		s.texts[v] = list
	}
}

func (s *scope) every(e *ast.Every) {
	if v, isVar := e.Value.Value.(ast.Var); isVar && s.paths[v] == nil {
		if p := s.path(e.Domain); p != nil {
			s.paths[v] = append(slices.Clip(p), "*")
		}
	}
}

// path of a term into the input, nil for none.
func (s *scope) path(t *ast.Term) inputPath {
	switch v := t.Value.(type) {
	case ast.Var:
		if v.Equal(ast.InputRootDocument.Value) {
			return inputPath{"input"}
		}
		return s.paths[v]
	case ast.Ref:
		return pathOf(v, s.paths)
	}
	return nil
}

// values are the texts that a term can be: one, or those of the list that it iterates over.
func (s *scope) values(t *ast.Term) []*ast.Term {
	switch v := t.Value.(type) {
	case ast.String:
		return []*ast.Term{t}
	case ast.Var:
		return s.texts[v]
	case ast.Ref:
		if len(v) == 2 {
			return members(v[0])
		}
	}
	return nil
}

// members are the texts in a list or set that is written out.
func members(t *ast.Term) (list []*ast.Term) {
	add := func(x *ast.Term) {
		if _, isText := x.Value.(ast.String); isText {
			list = append(list, x)
		}
	}
	switch v := t.Value.(type) {
	case *ast.Array:
		v.Foreach(add)
	case ast.Set:
		v.Foreach(add)
	}
	return list
}

// expr checks what an expression compares, and takes note of calls.
func (s *scope) expr(e *ast.Expr) {
	terms, isCall := e.Terms.([]*ast.Term)
	if !isCall || len(terms) < 3 {
		if isCall && len(terms) == 2 {
			s.call(terms)
		}
		return
	}
	a, b := terms[1], terms[2]
	switch terms[0].String() {
	case "eq", "equal", "neq", "assign":
		s.compare(a, s.path(b))
		s.compare(b, s.path(a))
	case "lt", "lte", "gt", "gte":
		s.order(a, s.path(b))
		s.order(b, s.path(a))
	case "internal.member_2":
		s.member(a, b)
	case "internal.member_3":
		if len(terms) > 3 {
			s.member(b, terms[3])
		}
	default:
		s.call(terms)
	}
}

func (s *scope) member(x, in *ast.Term) {
	if p := s.path(in); p != nil {
		s.compare(x, append(slices.Clip(p), "*"))
	}
	if p := s.path(x); p != nil {
		for _, t := range members(in) {
			s.check(t, p)
		}
	}
}

// compare checks a term against what can stand at a path.
func (s *scope) compare(t *ast.Term, p inputPath) {
	if p == nil {
		return
	}
	if v, isVar := t.Value.(ast.Var); isVar {
		for i, a := range s.rule.Head.Args {
			if a.Value.Compare(v) == 0 {
				note(s.wants, s.rule.Ref().String(), i, p)
			}
		}
	}
	if !s.silent {
		s.order(t, p)
	}
	for _, text := range s.values(t) {
		s.check(text, p)
	}
}

// at is where a term stands, or its rule.
func (s *scope) at(t *ast.Term) *ast.Location {
	if t.Location == nil || t.Location.Row == 0 {
		return s.rule.Location
	}
	return t.Location
}

// call takes note of what a function is given, and checks it against what the function compares it with.
func (s *scope) call(terms []*ast.Term) {
	ref, isRef := terms[0].Value.(ast.Ref)
	if !isRef || !ref.HasPrefix(ast.DefaultRootRef) {
		return
	}
	key := ref.String()
	for i, t := range terms[1:] {
		if p := s.path(t); p != nil || s.values(t) == nil {
			note(s.args, key, i, p)
		}
		if i < len(s.wants[key]) {
			s.compare(t, s.wants[key][i])
		}
	}
}

// note remembers a path of an argument. Two that differ, or one that is not known, are none: an empty path.
func note(of map[string][]inputPath, key string, i int, p inputPath) {
	for len(of[key]) <= i {
		of[key] = append(of[key], nil)
	}
	switch have := of[key][i]; {
	case p == nil:
		of[key][i] = inputPath{}
	case have == nil:
		of[key][i] = p
	case !slices.Equal(have, p):
		of[key][i] = inputPath{}
	}
}

// check reports a text that can never stand at a path.
func (s *scope) check(t *ast.Term, p inputPath) {
	text, isText := t.Value.(ast.String)
	if !isText || s.silent || len(p) == 0 {
		return
	}
	loc := s.at(t)
	if countryAt(p) && !country(string(text)) {
		s.problems.at(loc, "value.invalid", "%q is no country code", clip(string(text)))
	}
	if values, what := s.words.known(p); what != "" && !slices.Contains(values, string(text)) {
		s.problems.at(loc, "ref.unknown", "%q is not among the %s%s", clip(string(text)), what, near(string(text), values))
	}
}

// attribute reports references to what the input never has. The schema finds most; it cannot see into fields, nor
// that a register declares no facts.
func (s *scope) attribute(ref ast.Ref) {
	p := pathOf(ref, s.paths)
	if len(p) >= 4 && p[:2].is("input.fields") && p[3] != "*" && !slices.Contains([]string{"category", "within", "class"}, p[3]) {
		s.problems.at(s.located(ref), "input.unknown", "a field has no attribute %q; known: category, within, class", clip(p[3]))
	}
	if len(p) >= 3 && p[:2].is("input.facts") && p[2] != "*" {
		if _, declared := s.words.facts[p[2]]; !declared {
			s.problems.at(s.located(ref), "ref.unknown", "%q is no fact that the register declares%s", clip(p[2]), near(p[2], factKeys(s.words)))
		}
	}
}

func factKeys(w *words) []string {
	keys := make([]string, 0, len(w.facts))
	for k := range w.facts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *scope) located(ref ast.Ref) *ast.Location {
	for _, t := range ref[1:] {
		if t.Location != nil && t.Location.Row > 0 {
			return t.Location
		}
	}
	return s.rule.Location
}
