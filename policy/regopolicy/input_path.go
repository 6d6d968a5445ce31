package regopolicy

import (
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// inputPath is a place in the input: "input", "fields", "*", "class". A word that a policy computes is "*".
type inputPath []string

func (p inputPath) String() string { return strings.Join(p, ".") }

// is reports whether the path is the one that is written with dots.
func (p inputPath) is(dotted string) bool { return slices.Equal(p, strings.Split(dotted, ".")) }

// known lists what can stand at a path; what names the list. It is nil where anything can.
func (w *words) known(p inputPath) (values []string, what string) {
	switch {
	case p.is("input.action"):
		return w.actions, "actions"
	case p.is("input.purpose"):
		return w.leaves, "purposes that a request can name"
	case p.is("input.purposes.*"):
		return w.purposes, "purposes of the register"
	case p.is("input.notice"):
		return w.notices, "notice versions of the register"
	case p.is("input.dataset"):
		return w.datasets, "datasets of the register"
	case p.is("input.principal.organisation"):
		return w.organisations, "organisations of the register"
	case p.is("input.recipient.key"):
		return w.recipients, "recipients of the register"
	case p.is("input.recipient.kind"):
		return w.kinds, "kinds of recipient"
	case p.is("input.capacities.*"):
		return w.capacities, "capacities of the register"
	case len(p) == 4 && p[:2].is("input.fields"):
		if p[3] == "category" {
			return w.leafCategories, "categories that a field can have"
		}
		if p[3] == "class" {
			return w.classes, "classes"
		}
	case len(p) == 5 && p[:2].is("input.fields") && p[3] == "within":
		return w.categories, "categories of the register"
	case len(p) == 3 && p[:2].is("input.facts"):
		if f := w.facts[p[2]]; f.Type == purpose.Text && len(f.Values) > 0 {
			return f.Values, "values of the fact"
		}
	}
	return nil, ""
}

// Kinds of values, in words.
const (
	kindText   = "a text"
	kindNumber = "a number"
	kindTruth  = "a truth value"
	kindList   = "a list"
)

// kindAt is what kind of value stands at a path, empty where that is not known.
func (w *words) kindAt(p inputPath) string {
	switch {
	case len(p) == 3 && p[:2].is("input.time"):
		if p[2] == "at" || p[2] == "date" {
			return kindText
		}
		return kindNumber
	case len(p) == 3 && p[:2].is("input.facts"):
		switch w.facts[p[2]].Type {
		case purpose.Bool:
			return kindTruth
		case purpose.Int:
			return kindNumber
		case purpose.TextList:
			return kindList
		case purpose.Text, purpose.Instant:
			return kindText
		}
	case p.is("input.purposes"), p.is("input.capacities"), p.is("input.principal.roles"), p.is("input.principal.tasks"),
		len(p) == 4 && p[:2].is("input.fields") && p[3] == "within":
		return kindList
	case p.is("input.action"), p.is("input.purpose"), p.is("input.notice"), p.is("input.dataset"), p.is("input.reviewer"),
		len(p) == 3 && (p[:2].is("input.principal") || p[:2].is("input.recipient")), len(p) == 4 && p[:2].is("input.fields"):
		return kindText
	}
	return ""
}

// kindOf is the kind of a literal.
func kindOf(v ast.Value) string {
	switch v.(type) {
	case ast.String:
		return kindText
	case ast.Number:
		return kindNumber
	case ast.Boolean:
		return kindTruth
	case *ast.Array:
		return kindList
	}
	return "something else"
}

// layoutAt is the form of the text at a path, empty where it has none.
func (w *words) layoutAt(p inputPath) string {
	switch {
	case p.is("input.time.at"), len(p) == 3 && p[:2].is("input.facts") && w.facts[p[2]].Type == purpose.Instant:
		return instantLayout
	case p.is("input.time.date"):
		return time.DateOnly
	}
	return ""
}

// countryAt reports whether a country stands at a path.
func countryAt(p inputPath) bool {
	return p.is("input.principal.country") || p.is("input.recipient.country")
}

// country reports whether s has the form of an ISO 3166 alpha-2 code.
func country(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// pathOf is the path of a reference; nil where it does not lead into the input. of gives the paths of variables.
func pathOf(ref ast.Ref, of map[ast.Var]inputPath) inputPath {
	head, isVar := ref[0].Value.(ast.Var)
	if !isVar {
		return nil
	}
	p := of[head]
	if head.Equal(ast.InputRootDocument.Value) {
		p = inputPath{"input"}
	}
	if p == nil {
		return nil
	}
	p = slices.Clip(p)
	for _, t := range ref[1:] {
		if s, isText := t.Value.(ast.String); isText {
			p = append(p, string(s))
		} else {
			p = append(p, "*")
		}
	}
	return p
}
