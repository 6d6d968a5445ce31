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
	foreseen bool // a prospect says what it is
	lasts    lasting
	known    func(string) bool    // the texts that it can be; nil: any
	value    func(*frame) ref.Val // nil where the request does not state it
}

// lasting is how long what a condition says of a variable is true of equal requests.
type lasting uint8

const (
	never  lasting = iota
	minute         // until the minute is over
	always
)

// variables lists what conditions may mention under a register.
func (c *compiler) variables() []variable {
	text, list, number := cel.StringType, cel.ListType(cel.StringType), cel.IntType
	w := c.words()
	return append(c.facts(),
		variable{name: "action", typ: text, lasts: always, foreseen: true, known: w.actions, value: func(f *frame) ref.Val { return required(f.in.Request.Action.String()) }},
		variable{name: "purpose", typ: text, lasts: always, foreseen: true, known: leafOf(c.reg.Purposes()), value: func(f *frame) ref.Val { return required(f.in.Request.Purpose) }},
		variable{name: "dataset", typ: text, lasts: always, known: w.datasets, value: func(f *frame) ref.Val { return required(f.in.Request.Dataset) }},
		variable{name: "notice", typ: text, lasts: always, known: w.notices, value: func(f *frame) ref.Val { return required(f.in.Notice) }},
		variable{name: "organisation", typ: text, lasts: always, known: w.organisations, value: func(f *frame) ref.Val { return required(f.in.Request.Principal.Organisation) }},
		variable{name: "principal", typ: text, value: func(f *frame) ref.Val { return required(f.in.Request.Principal.ID) }},
		variable{name: "reviewer", typ: text, value: func(f *frame) ref.Val { return required(f.in.Request.Reviewer) }},
		variable{name: "recipient", typ: text, lasts: always, foreseen: true, known: w.recipients, value: func(f *frame) ref.Val { return f.shared(f.in.Request.Recipient) }},
		variable{name: "recipient_kind", typ: text, lasts: always, foreseen: true, known: w.kinds, value: func(f *frame) ref.Val { return f.shared(f.in.RecipientKind.String()) }},
		variable{name: "country", typ: text, lasts: always, foreseen: true, known: country, value: func(f *frame) ref.Val { return f.shared(f.in.Country) }},
		variable{name: "roles", typ: list, lasts: always, value: (*frame).roles},
		variable{name: "tasks", typ: list, value: func(f *frame) ref.Val { return texts(f.in.Request.Principal.Tasks) }},
		variable{name: "capacities", typ: list, lasts: always, known: w.capacities, value: func(f *frame) ref.Val { return texts(f.in.Capacities) }},
		variable{name: "at", typ: cel.TimestampType, value: func(f *frame) ref.Val { return instant(f.in.Request.At) }},
		variable{name: "date", typ: text, lasts: minute, value: (*frame).date},
		variable{name: "hour", typ: number, lasts: minute, value: (*frame).hour},
		variable{name: "minute", typ: number, lasts: minute, value: (*frame).minute},
		variable{name: "weekday", typ: number, lasts: minute, value: (*frame).weekday},
		variable{name: "field", typ: text, lasts: always, perField: true, value: func(f *frame) ref.Val { return f.view.fields[f.field].path }},
		variable{name: "category", typ: text, lasts: always, perField: true, foreseen: true, known: leafOf(c.reg.Categories()), value: func(f *frame) ref.Val { return f.view.fields[f.field].category }},
		variable{name: "class", typ: text, lasts: always, perField: true, foreseen: true, known: w.classes, value: func(f *frame) ref.Val { return f.view.fields[f.field].class }},
	)
}

// facts are the variables of the declared facts. One name for two facts is a problem.
func (c *compiler) facts() (all []variable) {
	keys := make(map[string]string, len(c.spec.Facts))
	for i := range c.spec.Facts {
		f := c.spec.Facts[i]
		name := factName(f.Key)
		if other, taken := keys[name]; taken {
			c.problems.add(purpose.Problem{Code: "fact.name", Message: "conditions cannot tell the facts " + other + " and " + f.Key + " apart: both are " + name})
			continue
		}
		keys[name] = f.Key
		words := make([]ref.Val, len(f.Values))
		for i, s := range f.Values {
			words[i] = types.String(s)
		}
		v := variable{name: name, typ: factTypes[f.Type], lasts: always, value: func(fr *frame) ref.Val { return fr.fact(f.Key, f.Type, words) }}
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

// shared is a text about the recipient: empty where nothing is shared, required where something is.
func (f *frame) shared(s string) ref.Val {
	if s == "" && f.in.Request.Action != purpose.Share {
		return types.String("")
	}
	return required(s)
}

// fact is a declared fact; one that is stated twice, or with another type than declared, is not stated.
// Words are values of a text that the register lists, ready made.
func (f *frame) fact(key string, typ purpose.Type, words []ref.Val) ref.Val {
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
	for _, w := range words {
		if s, ok := w.(types.String); ok && string(s) == v.Text() {
			return w
		}
	}
	return bounded(v.Text())
}
