package regopolicy

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// The type checker and the proof of steadiness follow what a value is made of, each part as often as it is in there:
// x1 := [x0, x0] and x2 := [x1, x1] and so on is a small text and a huge value.
const (
	maxBulk   = 256 << 10 // of one value: that of a list that fills a module
	maxWeighs = 64 << 20  // of all values that expressions look at
	maxApart  = 8         // arguments of a function that are told from each other
)

// share is a bulk, which may depend on what a function is given: the first number is fixed, and after it two for each
// argument say how often it is in there, and how often one of its elements.
type share []float64

func (f share) total() (n float64) {
	for _, x := range f {
		n += x
	}
	return n
}

// plus adds n times another.
func (f share) plus(n float64, other share) share {
	sum := slices.Clone(f)
	for i, x := range other {
		sum[i] += n * x
	}
	return sum
}

// most is no less than either.
func (f share) most(other share) share {
	m := slices.Clone(f)
	for i, x := range other {
		m[i] = max(m[i], x)
	}
	return m
}

// bulk of a value, and of the largest part of it. A collection counts its parts twice: the type checker compares them
// in both directions.
type bulk struct{ whole, part share }

// either is a value that is one of two: a type of both is made of both, unless they are plain.
func (b bulk) either(c bulk) bulk { return bulk{union(b.whole, c.whole), union(b.part, c.part)} }

func union(f, g share) share {
	if f.total() <= 1 && g.total() <= 1 {
		return f.most(g)
	}
	return f.plus(1, g)
}

// weighing is the bulk of everything in modules.
type weighing struct {
	compiler *ast.Compiler
	known    map[*ast.Rule]weighed
	weighs   float64
	heaviest float64
	at       *ast.Location // of the heaviest expression
	over     *ast.Location // of the first that is too large
}

// weighed is what a rule yields, and the largest value that it makes on the way.
type weighed struct {
	value bulk
	peak  share
}

// weigh refuses values that are too large to be looked at. It runs before the type checker.
func weigh(c *ast.Compiler) *ast.Error {
	w := &weighing{compiler: c, known: map[*ast.Rule]weighed{}}
	for _, name := range names(c.Modules) {
		for _, r := range c.Modules[name].Rules {
			w.rule(r)
		}
	}
	switch {
	case w.over != nil:
		return ast.NewError("rego_size", w.over, "a value is too large when it is written out: use fewer collections inside each other, and each fewer times")
	case w.weighs > maxWeighs:
		return ast.NewError("rego_size", w.at, "the values of the policy are too large when they are written out: this is the largest")
	}
	return nil
}

// rule weighs a rule with its alternatives, once.
func (w *weighing) rule(first *ast.Rule) weighed {
	if found, done := w.known[first]; done {
		return found
	}
	dims := 1 + 2*min(len(first.Head.Args), maxApart)
	sum := weighed{bulk{make(share, dims), make(share, dims)}, make(share, dims)}
	w.known[first] = sum // the compiler refuses recursion
	for r := first; r != nil; r = r.Else {
		s := &scale{weighing: w, dims: dims, vars: map[ast.Var]bulk{}, peak: make(share, dims), at: r.Location}
		for i, a := range r.Head.Args {
			whole, part := make(share, dims), make(share, dims)
			n := min(i, maxApart-1)
			whole[1+2*n], part[2+2*n] = 1, 1
			s.bind(a, bulk{whole, part})
		}
		s.body(r.Body)
		s.at = r.Location
		sum.value = sum.value.either(s.held(s.head(r)))
		sum.peak = sum.peak.most(s.peak)
	}
	w.known[first] = sum
	return sum
}

// note remembers where a value is too large, the first place in the text, and where the most is looked at.
func (w *weighing) note(n float64, at *ast.Location) {
	w.weighs += n
	if n > w.heaviest || n == w.heaviest && before(at, w.at) {
		w.heaviest, w.at = n, at
	}
	if n > maxBulk && (w.over == nil || before(at, w.over)) {
		w.over = at
	}
}

func before(a, b *ast.Location) bool { return a != nil && (b == nil || a.Compare(b) < 0) }

// rules is what a reference into data may meet: of rules below it as of the parts of an object.
func (s *scale) rules(ref ast.Ref) bulk {
	all := s.none()
	for _, r := range s.compiler.GetRulesDynamicWithOpts(ref, ast.RulesOptions{IncludeHiddenModules: true}) {
		if len(r.Head.Args) > 0 {
			continue
		}
		b := s.given(s.rule(r).value, nil)
		for range len(r.Ref()) - len(ref) {
			b = s.around(b)
		}
		if len(ref) > len(r.Ref()) {
			b = bulk{b.part, b.part}
		}
		all = all.either(b)
	}
	return s.plain().either(all)
}

// function is what a call of a function of the policy yields.
func (s *scale) function(name ast.Ref, args []bulk) (all bulk, arity int) {
	all = s.none()
	slots := apart(args)
	for _, r := range s.compiler.GetRulesExact(name) {
		arity = len(r.Head.Args)
		if arity > len(args) {
			continue
		}
		found := s.rule(r)
		s.held(s.given(bulk{found.peak, nil}, slots))
		all = all.either(s.given(found.value, slots))
	}
	return all, arity
}

// apart are arguments with those that are not told from each other as one.
func apart(args []bulk) []bulk {
	if len(args) <= maxApart {
		return args
	}
	slots := slices.Clone(args[:maxApart])
	last := &slots[maxApart-1]
	for _, a := range args[maxApart:] {
		*last = bulk{last.whole.most(a.whole), last.part.most(a.part)}
	}
	return slots
}

// given is a bulk for arguments.
func (s *scale) given(b bulk, args []bulk) bulk {
	in := func(f share) share {
		sum := make(share, s.dims)
		for i, n := range f {
			switch {
			case n == 0:
			case i == 0:
				sum[0] += n
			case i%2 == 1:
				sum = sum.plus(n, args[i/2].whole)
			default:
				sum = sum.plus(n, args[i/2-1].part)
			}
		}
		return sum
	}
	return bulk{in(b.whole), in(b.part)}
}

// scalar reports whether a built-in function answers a plain value.
func scalar(fn *ast.Builtin) bool {
	switch fn.Decl.Result().(type) {
	case types.Boolean, types.Number, types.String, types.Null, nil:
		return true
	}
	return false
}
