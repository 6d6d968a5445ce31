package steady

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// builtin is a function that cannot fail on certain operands.
type builtin struct {
	takes  []kinds // of each operand
	result func(args []*shape) *shape
	also   func(operands []*ast.Term, args []*shape) string // what else must hold, or what to write
}

// Builtins lists the functions that rules may call, sorted.
func Builtins() []string {
	all := append(slices.Collect(maps.Keys(builtins)), "assign", "eq")
	slices.Sort(all)
	return all
}

func yields(k kinds) func([]*shape) *shape { return func([]*shape) *shape { return just(k) } }

// entryOf is a result that is one of the elements of the first operand.
func entryOf(args []*shape) *shape { return args[0].element() }

// builtins is the table. Each was read: on operands of these kinds it gives an answer or none, never an error.
var builtins = func() map[string]builtin {
	truth := yields(isBool)
	number1, number2 := builtin{[]kinds{number}, yields(isNumber), nil}, builtin{[]kinds{number, number}, yields(isNumber), nil}
	text1, text2 := builtin{[]kinds{text}, yields(isText), nil}, builtin{[]kinds{text, text}, yields(isText), nil}
	texts := builtin{[]kinds{text, text}, truth, nil}
	compare := builtin{[]kinds{anything, anything}, truth, nil}
	is := builtin{[]kinds{anything}, truth, nil}
	affixes := builtin{[]kinds{text | listing, text | listing}, truth, elements(text)}

	all := map[string]builtin{
		"internal.member_2": compare, "internal.member_3": {[]kinds{anything, anything, anything}, truth, nil},
		"abs": number1, "plus": number2, "minus": number2,
		"count": {[]kinds{collection | text}, yields(isNumber), nil},
		"max":   {[]kinds{listing}, entryOf, nil}, "min": {[]kinds{listing}, entryOf, nil},
		"sum": {[]kinds{listing}, yields(isNumber), elements(number)},
		"indexof": {[]kinds{text, text}, yields(isNumber), literal(1, "a text that is not empty", func(t ast.Value) bool {
			s, ok := t.(ast.String)
			return ok && s != ""
		})},
		"substring":     {[]kinds{text, isNumber, isNumber}, yields(isText), whole(1, 2)},
		"object.get":    {[]kinds{isObject, anything, anything}, lookup, nil},
		"object.subset": {[]kinds{collection, collection}, truth, alike(isArray, isSet, isObject)},
		"regex.match": {[]kinds{text, text}, truth, literal(0, "a pattern that compiles", func(t ast.Value) bool {
			s, ok := t.(ast.String)
			if !ok {
				return false
			}
			_, err := regexp.Compile(string(s))
			return err == nil
		})},
		"strings.any_prefix_match": affixes, "strings.any_suffix_match": affixes,
		"time.parse_rfc3339_ns":  {[]kinds{isInstant}, yields(isNanos), nil},
		"time.parse_duration_ns": {[]kinds{text}, yields(isNumber), literal(0, `a duration like "36h"`, isDuration)},
		"time.add_date":          {[]kinds{isNanos, isNumber, isNumber, isNumber}, yields(isNumber), small},
		"type_name":              {[]kinds{anything}, yields(isText), nil},
	}
	for _, name := range []string{"equal", "neq", "lt", "lte", "gt", "gte"} {
		all[name] = compare
	}
	for _, name := range []string{"is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string"} {
		all[name] = is
	}
	for _, name := range []string{"contains", "endswith", "startswith"} {
		all[name] = texts
	}
	for _, name := range []string{"lower", "upper", "trim_space"} {
		all[name] = text1
	}
	for _, name := range []string{"trim", "trim_left", "trim_prefix", "trim_right", "trim_suffix"} {
		all[name] = text2
	}
	return all
}()

// builtin reads a call of a built-in function.
func (b *reader) builtin(name string, operands []*ast.Term, f frame) {
	fn, known := builtins[name]
	n := len(fn.takes)
	if !known || len(operands) < n || len(operands) > n+1 {
		b.report(CodeFails, b.here, fmt.Sprintf("%s is not among the functions that are sure to answer", name))
		for _, t := range operands {
			b.term(t, f)
		}
		return
	}
	args := make([]*shape, n)
	for i, t := range operands[:n] {
		if name == "internal.member_2" && i == 1 && len(operands) == n && b.member(t, f) {
			args[i] = unknown
			continue
		}
		args[i] = b.term(t, f)
		if !args[i].within(fn.takes[i]) {
			b.report(CodeFails, b.here, fmt.Sprintf("%s fails unless its %s operand is %s, which is not sure here: the answer would be an error. "+
				"Give it a part of the input, a constant, or an element of a base document that is all of that kind%s", spell(name), ordinals[i], fn.takes[i], f.usedAt()))
		}
	}
	if fn.also != nil {
		if want := fn.also(operands, args); want != "" {
			b.report(CodeFails, b.here, fmt.Sprintf("%s fails %s%s", spell(name), want, f.usedAt()))
		}
	}
	if len(operands) > n {
		b.match(operands[n], fn.result(args), f)
	}
}

// member reads the list or partial set that membership is asked of, and reports whether it is one.
func (b *reader) member(t *ast.Term, f frame) bool {
	where := at(t.Location)
	if where.line == 0 {
		where = b.here
	}
	if ref, ok := t.Value.(ast.Ref); ok {
		if b.input.isList(ref) {
			b.may(ref, where, f)
			return true
		}
		if sets := b.setsAt(ref); sets != nil {
			b.use(sets[0], f, nil)
			return true
		}
		return false
	}
	v, ok := t.Value.(ast.Var)
	a := b.alias[v]
	switch {
	case !ok || a.binder == nil:
		return false
	case a.sets == nil:
		b.may(a.ref, where, f)
	default:
		b.use(a.sets[0], f, nil)
	}
	return true
}

var ordinals = [...]string{"first", "second", "third", "fourth"}

// spell is the name of a function as policies write it.
func spell(name string) string {
	if s, ok := map[string]string{"plus": "+", "minus": "-", "and": "&", "or": "|"}[name]; ok {
		return s
	}
	return name
}

// String lists kinds.
func (k kinds) String() string {
	var names []string
	for _, n := range []struct {
		k    kinds
		name string
	}{{number, "a number"}, {text, "a text"}, {isArray, "an array"}, {isSet, "a set"}, {isObject, "an object"}} {
		if k&n.k == n.k {
			names = append(names, n.name)
		}
	}
	switch k {
	case isInstant:
		return "an instant of the input"
	case isNanos:
		return "what time.parse_rfc3339_ns answers"
	case isNumber:
		return "a number"
	}
	return strings.Join(names, " or ")
}

func lookup(args []*shape) *shape {
	if !args[1].within(text | number) {
		return unknown // a path
	}
	return join(args[0].element(), args[2])
}

// elements wants all elements of the operands that are lists to be of one kind.
func elements(k kinds) func([]*ast.Term, []*shape) string {
	return func(_ []*ast.Term, args []*shape) string {
		for _, a := range args {
			if a.can&listing != 0 && !a.element().within(k) {
				return fmt.Sprintf("unless each element is %s, which is not sure here", k)
			}
		}
		return ""
	}
}

// alike wants all operands to be of one of the kinds.
func alike(options ...kinds) func([]*ast.Term, []*shape) string {
	return func(_ []*ast.Term, args []*shape) string {
		for _, k := range options {
			if !slices.ContainsFunc(args, func(a *shape) bool { return !a.within(k) }) {
				return ""
			}
		}
		return "unless its operands are of one kind, which is not sure here"
	}
}

// literal wants an operand that is written out.
func literal(i int, what string, good func(ast.Value) bool) func([]*ast.Term, []*shape) string {
	return func(operands []*ast.Term, _ []*shape) string {
		if good(operands[i].Value) {
			return ""
		}
		return fmt.Sprintf("unless its %s operand is %s: write it as a literal in the call", ordinals[i], what)
	}
}
