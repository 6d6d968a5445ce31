package purposevet

import (
	"go/types"
	"reflect"
)

// Kind is how a function gives a value away.
type Kind uint8

// Kinds of giving away.
const (
	Prints Kind = iota + 1
	Dumps       // prints past String methods
	Logs
	JSON
	XML
	YAML
	Gob
	Fills  // a template
	Copies // into another struct, by reflection
)

// storing reports whether a kind is what storing a record takes.
func (k Kind) storing() bool { return k >= JSON && k != Fills }

// prints reports whether a kind shows unexported fields, too.
func (k Kind) prints() bool { return k <= Logs }

// skips is the key of the struct tag that keeps a field out.
func (k Kind) skips() string {
	switch k {
	case JSON:
		return "json"
	case XML:
		return "xml"
	case YAML:
		return "yaml"
	}
	return ""
}

// own are the methods by which a type says how it goes out itself.
func (k Kind) own() []string {
	switch k {
	case Prints:
		return []string{"Format", "String", "Error"}
	case Dumps:
		return []string{"Format", "GoString"}
	case JSON:
		return []string{"MarshalJSON", "MarshalText"}
	case XML:
		return []string{"MarshalXML", "MarshalText"}
	case YAML:
		return []string{"MarshalYAML", "MarshalText"}
	case Gob:
		return []string{"GobEncode", "MarshalBinary", "MarshalText"}
	}
	return nil
}

// leak is a tagged field inside a type.
type leak struct {
	owner, field, category string
}

func (l *leak) String() string { return l.owner + "." + l.field + " (" + l.category + ")" }

type leakKey struct {
	t    types.Type
	kind Kind
}

// leakOf finds the first tagged field that a value of the type gives away; nil if there is none.
func (p *pass) leakOf(t types.Type, kind Kind) *leak {
	if t == nil {
		return nil
	}
	if _, basic := t.(*types.Basic); basic {
		return nil
	}
	key := leakKey{t, kind}
	l, ok := p.leaks[key]
	if !ok {
		s := search{p: p, kind: kind, seen: map[types.Type]bool{}}
		if !(kind == Logs && hasMethod(t, "LogValue")) {
			l = s.find(t)
		}
		p.leaks[key] = l
	}
	return l
}

// ownerName is the name of a struct type; one without a name has none to tell.
func ownerName(t types.Type) string {
	if _, name := named(t); name == "" {
		return "struct"
	}
	return typeName(t)
}

// search walks a type once.
type search struct {
	p    *pass
	kind Kind
	seen map[types.Type]bool
}

func (s *search) find(t types.Type) *leak {
	if s.seen[t] {
		return nil
	}
	s.seen[t] = true
	if isSealed(t) {
		return nil // its field is what counts
	}
	for _, name := range s.kind.own() {
		if hasMethod(t, name) {
			return nil
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return s.find(u.Elem())
	case *types.Slice:
		return s.find(u.Elem())
	case *types.Array:
		return s.find(u.Elem())
	case *types.Map:
		if l := s.find(u.Key()); l != nil {
			return l
		}
		return s.find(u.Elem())
	case *types.Struct:
		return s.fields(t, u)
	}
	return nil
}

func (s *search) fields(t types.Type, u *types.Struct) *leak {
	for i := range u.NumFields() {
		f, tag := u.Field(i), u.Tag(i)
		if !f.Exported() && !f.Embedded() && !s.kind.prints() {
			continue
		}
		if key := s.kind.skips(); key != "" && reflect.StructTag(tag).Get(key) == "-" {
			continue
		}
		x := s.p.parse(tag)
		if x.personal() {
			if !isSealed(f.Type()) || s.kind == Fills {
				return &leak{ownerName(t), f.Name(), x.tags.Personal}
			}
			continue
		}
		if l := s.find(f.Type()); l != nil {
			return l
		}
	}
	return nil
}

// hasMethod reports whether a value of the type itself has a method.
func hasMethod(t types.Type, name string) bool {
	switch types.Unalias(t).(type) {
	case *types.Named, *types.Pointer, *types.Struct:
		obj, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
		_, ok := obj.(*types.Func)
		return ok
	}
	return false
}

// holdsInterface reports whether a type may hold a value of another type inside.
func holdsInterface(t types.Type) bool { return anyInside(t, map[types.Type]bool{}) }

func anyInside(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Pointer:
		return anyInside(u.Elem(), seen)
	case *types.Slice:
		return anyInside(u.Elem(), seen)
	case *types.Array:
		return anyInside(u.Elem(), seen)
	case *types.Map:
		return anyInside(u.Elem(), seen)
	case *types.Struct:
		for i := range u.NumFields() {
			if anyInside(u.Field(i).Type(), seen) {
				return true
			}
		}
	case *types.Tuple:
		for i := range u.Len() {
			if anyInside(u.At(i).Type(), seen) {
				return true
			}
		}
	}
	return false
}
