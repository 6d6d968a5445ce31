package regopolicy

import (
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/purposebound/purposebound/purpose"
)

// InputSchema is the JSON Schema of the input document under a register, its declared facts with their types: for
// "opa check --schema" and for editors. A nil register declares no facts. The output is stable.
func InputSchema(register *purpose.Register) []byte {
	text, err := json.MarshalIndent(schemaOf(register), "", "  ")
	if err != nil {
		return nil // cannot be: the document has texts, lists and maps only
	}
	return append(text, '\n')
}

type object = map[string]any

const (
	instantPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{9}Z$"
	datePattern    = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
	countryPattern = "^[A-Z]{2}$"
)

// schemaOf is the schema as plain data.
func schemaOf(register *purpose.Register) object {
	if register == nil {
		register = new(purpose.Register)
	}
	w := wordsOf(register)
	return object{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"title":                "Input of policies",
		"description":          "What a request states. What it does not state is absent.",
		"type":                 "object",
		"required":             []string{"action", "fields", "principal", "purpose", "purposes", "time"},
		"additionalProperties": false,
		"properties": object{
			"action":   oneOf(w.actions),
			"purpose":  oneOf(w.leaves),
			"purposes": list("the purpose and what is above it", oneOf(w.purposes)),
			"notice":   oneOf(w.notices),
			"dataset":  oneOf(w.datasets),
			"reviewer": text("who takes the decision; absent: it is solely automated"),
			"principal": closed("who is asking", object{
				"id": text("as the application authenticated it"), "roles": list("", text("")), "tasks": list("cases and tasks", text("")),
				"organisation": oneOf(w.organisations), "country": like("from where access is made", countryPattern),
			}, "id"),
			"recipient": closed("who receives; absent where nothing is shared", object{
				"key": oneOf(w.recipients), "kind": oneOf(w.kinds), "country": like("ISO 3166 alpha-2", countryPattern),
			}),
			"capacities": list("of the data subject", oneOf(w.capacities)),
			"facts":      closed("declared facts that are stated", factsOf(register)),
			"time": closed("the instant that is judged by", object{
				"at": like("in UTC", instantPattern), "date": like("in the controller's zone, as all but at", datePattern),
				"hour": between(0, 23), "minute": between(0, 59), "weekday": between(1, 7),
			}, "at", "date", "hour", "minute", "weekday"),
			"fields": object{
				"type": "object", "description": "requested fields by path",
				"additionalProperties": closed("", object{
					"category": oneOf(w.leafCategories), "within": list("the category and what is above it", oneOf(w.categories)), "class": oneOf(w.classes),
				}, "category", "within", "class"),
			},
		},
	}
}

// factsOf types the declared facts.
func factsOf(register *purpose.Register) object {
	facts := object{}
	spec := register.Spec()
	for i := range spec.Facts {
		f := &spec.Facts[i]
		switch f.Type {
		case purpose.Bool:
			facts[f.Key] = object{"type": "boolean"}
		case purpose.Int:
			facts[f.Key] = object{"type": "integer"}
		case purpose.Instant:
			facts[f.Key] = like("in UTC", instantPattern)
		case purpose.TextList:
			facts[f.Key] = list("", text(""))
		case purpose.Text:
			facts[f.Key] = oneOf(f.Values)
		}
	}
	return facts
}

// text is a text of a length that a request may have.
func text(description string) object {
	return described(object{"type": "string", "maxLength": maxText}, description)
}

func like(description, pattern string) object {
	return described(object{"type": "string", "pattern": pattern}, description)
}

// oneOf is a text of a closed list; an empty list is not closed.
func oneOf(names []string) object {
	if len(names) == 0 {
		return text("")
	}
	return object{"type": "string", "enum": names}
}

func list(description string, of object) object {
	return described(object{"type": "array", "items": of}, description)
}

func between(low, high int) object {
	return object{"type": "integer", "minimum": low, "maximum": high}
}

// closed is an object with known properties and no others.
func closed(description string, properties object, required ...string) object {
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return described(o, description)
}

func described(o object, description string) object {
	if description != "" {
		o["description"] = description
	}
	return o
}

// schemas is the schema as the compiler takes it.
func schemas(register *purpose.Register) (*ast.SchemaSet, error) {
	var plain any
	if err := json.Unmarshal(InputSchema(register), &plain); err != nil {
		return nil, err
	}
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, plain)
	return set, nil
}
