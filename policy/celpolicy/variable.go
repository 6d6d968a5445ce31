package celpolicy

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/purposebound/purposebound/purpose"
)

// factRoot is the name under which conditions find the declared facts.
const factRoot = "facts"

// variable that a condition may mention.
type variable struct {
	name     string
	typ      *cel.Type
	perField bool
	known    func(string) bool    // the texts that it can be; nil: any
	value    func(*frame) ref.Val // nil where the request does not state it
}

// variables lists what conditions may mention under a register. A second name for two facts is a problem.
func (c *compiler) variables() []variable {
	reg, spec := c.reg, &c.spec
	leaf := func(t *purpose.Tree) func(string) bool {
		return func(s string) bool {
			id, ok := t.ID(s)
			return ok && t.Leaf(id)
		}
	}
	among := func(words ...string) func(string) bool {
		return func(s string) bool { return slices.Contains(words, s) }
	}
	var versions, datasets, capacities, kinds, classes []string
	for i := range spec.Notices {
		versions = append(versions, spec.Notices[i].Version)
	}
	for i := range spec.Datasets {
		datasets = append(datasets, spec.Datasets[i].Key)
	}
	for i := range spec.Capacities {
		capacities = append(capacities, spec.Capacities[i].Key)
	}
	for k := purpose.RecipientKind(0); k == 0 || k.String() != ""; k++ {
		kinds = append(kinds, k.String())
	}
	for x := purpose.Ordinary; x.String() != ""; x++ {
		classes = append(classes, x.String())
	}
	text, list, number := cel.StringType, cel.ListType(cel.StringType), cel.IntType
	all := []variable{
		{name: "action", typ: text, known: among(strings.Split(actionNames(), ", ")...), value: func(f *frame) ref.Val { return required(f.in.Request.Action.String()) }},
		{name: "purpose", typ: text, known: leaf(reg.Purposes()), value: func(f *frame) ref.Val { return required(f.in.Request.Purpose) }},
		{name: "dataset", typ: text, known: among(datasets...), value: func(f *frame) ref.Val { return required(f.in.Request.Dataset) }},
		{name: "notice", typ: text, known: among(versions...), value: func(f *frame) ref.Val { return required(f.in.Notice) }},
		{name: "organisation", typ: text, known: func(s string) bool { return s != "" && (s == spec.Controller.Key || c.recipients[s]) }, value: func(f *frame) ref.Val { return required(f.in.Request.Principal.Organisation) }},
		{name: "recipient", typ: text, known: func(s string) bool { return s == "" || c.recipients[s] }, value: func(f *frame) ref.Val { return f.shared(f.in.Request.Recipient) }},
		{name: "recipient_kind", typ: text, known: among(kinds...), value: func(f *frame) ref.Val { return f.shared(f.in.RecipientKind.String()) }},
		{name: "country", typ: text, known: country, value: func(f *frame) ref.Val { return f.shared(f.in.Country) }},
		{name: "roles", typ: list, value: func(f *frame) ref.Val { return texts(f.in.Request.Principal.Roles) }},
		{name: "tasks", typ: list, value: func(f *frame) ref.Val { return texts(f.in.Request.Principal.Tasks) }},
		{name: "capacities", typ: list, known: among(capacities...), value: func(f *frame) ref.Val { return texts(f.in.Capacities) }},
		{name: "at", typ: cel.TimestampType, value: func(f *frame) ref.Val { return instant(f.in.Request.At) }},
		{name: "date", typ: text, value: func(f *frame) ref.Val { return f.date() }},
		{name: "hour", typ: number, value: func(f *frame) ref.Val { return f.hour() }},
		{name: "weekday", typ: number, value: func(f *frame) ref.Val { return f.weekday() }},
		{name: "field", typ: text, perField: true, value: func(f *frame) ref.Val { return f.view.fields[f.field].path }},
		{name: "category", typ: text, perField: true, known: leaf(reg.Categories()), value: func(f *frame) ref.Val { return f.view.fields[f.field].category }},
		{name: "class", typ: text, perField: true, known: among(classes...), value: func(f *frame) ref.Val { return f.view.fields[f.field].class }},
	}
	keys := make(map[string]string, len(spec.Facts))
	for i := range spec.Facts {
		f := spec.Facts[i]
		name := factName(f.Key)
		if other, taken := keys[name]; taken {
			c.problems.add(purpose.Problem{Code: "fact.name", Message: "conditions cannot tell the facts " + other + " and " + f.Key + " apart: both are " + name})
			continue
		}
		keys[name] = f.Key
		v := variable{name: name, typ: factTypes[f.Type], value: func(fr *frame) ref.Val { return fr.fact(f.Key, f.Type) }}
		if len(f.Values) > 0 {
			v.known = among(f.Values...)
		}
		all = append(all, v)
	}
	return all
}

var factTypes = map[purpose.Type]*cel.Type{
	purpose.Bool: cel.BoolType, purpose.Text: cel.StringType, purpose.Int: cel.IntType,
	purpose.Instant: cel.TimestampType, purpose.TextList: cel.ListType(cel.StringType),
}

// factName is the variable of a fact. No word of a key begins with '_', so that the escapes are free.
func factName(key string) string {
	words := strings.Split(strings.ReplaceAll(key, "-", "_"), ".")
	for i, w := range words {
		if w[0] <= '9' || slices.Contains([]string{"in", "true", "false", "null"}, w) {
			words[i] = "_" + w
		}
	}
	return factRoot + "." + strings.Join(words, ".")
}

// country reports whether s has the form of an ISO 3166 alpha-2 code, or is empty: nothing is shared.
func country(s string) bool {
	return s == "" || len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// shared is a text about the recipient: empty where nothing is shared, required where something is.
func (f *frame) shared(s string) ref.Val {
	if s == "" && f.in.Request.Action != purpose.Share {
		return types.String("")
	}
	return required(s)
}

// fact is a declared fact; one that is stated twice, or with another type than declared, is not stated.
func (f *frame) fact(key string, typ purpose.Type) ref.Val {
	var v purpose.Value
	for i := range f.in.Request.Facts {
		if n := &f.in.Request.Facts[i]; n.Fact == key {
			if v.Type() != 0 {
				return nil
			}
			v = n.Value
		}
	}
	if v.Type() != typ {
		return nil
	}
	switch typ {
	case purpose.Bool:
		return types.Bool(v.Bool())
	case purpose.Int:
		return types.Int(v.Int())
	case purpose.Instant:
		return instant(v.Instant())
	case purpose.TextList:
		return texts(v.Texts())
	}
	return bounded(v.Text())
}
