package jsonview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/purposebound/purposebound/policy"
)

// Document is what became of a request. Released holds personal data, the rest holds none.
type Document struct {
	Released    json.RawMessage `json:"released,omitempty"` // absent: nothing
	Masked      []string        `json:"masked,omitempty"`   // released, and not as they are on record
	Withheld    []Withheld      `json:"withheld"`
	Obligations []string        `json:"obligations,omitempty"`
	Decision    string          `json:"decision,omitempty"`  // as the trail knows it
	Observing   bool            `json:"observing,omitempty"` // what is withheld was released all the same
}

// Withheld is a field that the view has and the document has not.
type Withheld struct {
	Field string        `json:"field"`
	Codes []policy.Code `json:"codes"`
}

// Permitted is policy.Permitted, as a document. With a refusal the document says what was withheld, which is everything; the error is
// that of policy.Permitted, or one about the view's type.
func Permitted[V, R any](ctx context.Context, g *policy.Guard, req policy.Request, record *R) (Document, error) {
	doc := Document{Withheld: []Withheld{}}
	if err := encodable(reflect.TypeFor[V](), 0); err != nil {
		return doc, err
	}
	view, d, err := policy.Permitted[V](ctx, g, req, record)
	if err != nil && !errors.Is(err, policy.ErrDenied) {
		return doc, err
	}
	p := &pruner{decision: &d, doc: &doc, requested: map[string]bool{}}
	for _, f := range d.Requested() {
		p.requested[f] = true
	}
	doc.Decision, doc.Obligations = d.ID, d.Obligations()
	if err == nil {
		doc.Observing = g.Health().Observing
	}
	p.keep = doc.Observing
	raw, jerr := json.Marshal(view)
	if jerr == nil {
		raw, jerr = p.value(raw, reflect.TypeFor[V](), "", "")
	}
	switch {
	case jerr != nil:
		return Document{Withheld: []Withheld{}, Decision: d.ID}, errors.Join(err, fmt.Errorf("jsonview: a view of type %T does not encode as JSON", view))
	case err == nil:
		doc.Released = raw
	}
	return doc, err
}

// pruner takes out of the JSON of a view what was withheld, and lists it.
type pruner struct {
	decision  *policy.Decision
	doc       *Document
	requested map[string]bool
	listed    map[string]bool
	keep      bool // observing
}

// value prunes what is at a path of the record, called name in the document.
func (p *pruner) value(raw json.RawMessage, t reflect.Type, path, name string) (json.RawMessage, error) {
	switch t.Kind() {
	case reflect.Pointer:
		return p.value(raw, t.Elem(), path, name)
	case reflect.Struct:
		members := map[string]json.RawMessage{}
		if string(raw) != "null" {
			if err := json.Unmarshal(raw, &members); err != nil {
				return nil, err
			}
		}
		if err := p.members(members, t, path, name); err != nil || string(raw) == "null" {
			return raw, err
		}
		return json.Marshal(members)
	case reflect.Slice:
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, err
		}
		return p.each(raw, t.Elem(), path, name, len(items), func(i int) *json.RawMessage { return &items[i] }, &items)
	case reflect.Map:
		var members map[string]*json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, err
		}
		all := make([]*json.RawMessage, 0, len(members))
		for _, m := range members {
			all = append(all, m)
		}
		return p.each(raw, t.Elem(), path, name, len(all), func(i int) *json.RawMessage { return all[i] }, &members)
	}
	return raw, nil
}

// each prunes the elements of a list or map. An empty one is looked at too, for what would be withheld of its elements.
func (p *pruner) each(raw json.RawMessage, t reflect.Type, path, name string, n int, at func(int) *json.RawMessage, whole any) (json.RawMessage, error) {
	if n == 0 {
		_, err := p.value(json.RawMessage("null"), t, path+"[]", name+"[]")
		return raw, err
	}
	for i := range n {
		e := at(i)
		if e == nil {
			continue
		}
		pruned, err := p.value(*e, t, path+"[]", name+"[]")
		if err != nil {
			return nil, err
		}
		*e = pruned
	}
	return json.Marshal(whole)
}

// members prunes the fields of a struct.
func (p *pruner) members(members map[string]json.RawMessage, t reflect.Type, path, name string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		key, flat, shown := jsonName(f)
		at, called := join(path, f.Name), join(name, key)
		raw, there := members[key]
		switch {
		case p.requested[at]:
			if p.list(at, called) && !p.keep {
				delete(members, key)
			}
		case flat:
			if err := p.members(members, f.Type, at, name); err != nil {
				return err
			}
		case shown && container(f.Type):
			if !there {
				raw = json.RawMessage("null")
			}
			pruned, err := p.value(raw, f.Type, at, called)
			if err != nil {
				return err
			}
			if there {
				members[key] = pruned
			}
		}
	}
	return nil
}

// list notes once what became of a field, and reports whether it was withheld.
func (p *pruner) list(path, name string) (withheld bool) {
	_, masked := p.decision.MaskOf(path)
	withheld = !p.decision.Permits(path)
	if p.listed[path] {
		return withheld
	}
	if p.listed == nil {
		p.listed = map[string]bool{}
	}
	p.listed[path] = true
	switch {
	case withheld:
		w := Withheld{Field: name, Codes: []policy.Code{}}
		seen := map[policy.Code]bool{}
		for _, r := range p.decision.Reasons(path) {
			if !seen[r.Code] {
				seen[r.Code] = true
				w.Codes = append(w.Codes, r.Code)
			}
		}
		p.doc.Withheld = append(p.doc.Withheld, w)
	case masked:
		p.doc.Masked = append(p.doc.Masked, name)
	}
	return withheld
}
