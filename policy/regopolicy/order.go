package regopolicy

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// order checks that a literal can be in an order with what stands at a path.
func (s *scope) order(t *ast.Term, p inputPath) {
	kind := s.words.kindAt(p)
	if kind == "" || s.silent {
		return
	}
	loc := s.at(t)
	switch v := t.Value.(type) {
	case ast.String, ast.Number, ast.Boolean, ast.Null, *ast.Array, ast.Object, ast.Set:
		if have := kindOf(v); have != kind {
			s.problems.at(loc, "value.type", "%s is compared with %s: they are never the same", clip(t.String()), kind)
			return
		}
	default:
		return
	}
	text, isText := t.Value.(ast.String)
	layout := s.words.layoutAt(p)
	if isText && layout != "" && !begins(layout, string(text)) {
		s.problems.at(loc, "value.invalid", "%q is not the beginning of %s", clip(string(text)), layout)
	}
}

// begins reports whether a text is the beginning of a date or instant in a layout, at a whole part of it.
func begins(layout, s string) bool {
	if s == "" || len(s) > len(layout) {
		return false
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	for i := range len(s) {
		if digit(layout[i]) != digit(s[i]) || !digit(s[i]) && s[i] != layout[i] {
			return false
		}
	}
	return len(s) == len(layout) || digit(s[len(s)-1]) && !digit(layout[len(s)])
}
