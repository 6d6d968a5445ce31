package redactlog

import (
	"log/slog"
	"reflect"

	"github.com/purposebound/purposebound/purpose"
)

// class is what a type alone says of its values.
type class uint8

const (
	unknown class = iota
	plain         // no value of it reaches a tagged field
	open          // a value may: it holds interfaces, or others of its own type
	tagged        // its values reach tagged fields
)

// Of these reflection does not show what package fmt prints.
var (
	reflectValue = reflect.TypeFor[reflect.Value]()
	slogValue    = reflect.TypeFor[slog.Value]()
)

// classOf looks through a type.
func (r *Redactor) classOf(t reflect.Type) class {
	if c, ok := r.classes.Load(t); ok {
		if c, ok := c.(class); ok {
			return c
		}
	}
	c := look(t, map[reflect.Type]bool{})
	r.classes.Store(t, c)
	return c
}

// look finds the class of a type, less what was seen on the way: true is what it is part of, false what is done.
func look(t reflect.Type, seen map[reflect.Type]bool) class {
	switch under, known := seen[t]; {
	case !holds(t.Kind()):
		return plain
	case t == reflectValue, t.Kind() == reflect.Interface, under:
		return open
	case known:
		return plain
	}
	seen[t] = true
	defer func() { seen[t] = false }()
	c := plain
	switch t.Kind() {
	case reflect.Struct:
		if personal(t) {
			return tagged
		}
		for i := range t.NumField() {
			c = max(c, look(t.Field(i).Type, seen))
		}
	case reflect.Map:
		c = max(look(t.Key(), seen), look(t.Elem(), seen))
	default:
		c = look(t.Elem(), seen)
	}
	return c
}

// holds reports whether values of the kind hold others that a log could show.
func holds(k reflect.Kind) bool {
	switch k {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.Interface:
		return true
	}
	return false
}

// personal reports whether a struct has a tagged field of its own. A tag that does not parse is one.
func personal(t reflect.Type) bool {
	for i := range t.NumField() {
		if tags, ok, err := purpose.ParseTags(string(t.Field(i).Tag)); err != nil || ok && tags.Personal != purpose.NotPersonal {
			return true
		}
	}
	return false
}

// notPersonal reports whether a field is declared to hold nothing about a person.
func notPersonal(f reflect.StructField) bool {
	tags, ok, err := purpose.ParseTags(string(f.Tag))
	return err == nil && ok && tags.Personal == purpose.NotPersonal
}

// harmless reports whether v can be shown as it is: it reaches no tagged field and does not contain itself.
func (r *Redactor) harmless(v reflect.Value) bool {
	s := &search{r: r, path: map[place]bool{}, left: maxSteps}
	return s.harmless(v, 0)
}

// maxSteps bounds how many values are looked at before one is masked.
const maxSteps = 5000

// place is where a value refers to.
type place struct {
	at uintptr
	t  reflect.Type
	n  int
}

// placeOf is where a pointer, map or slice refers to; ok is false for what refers to nothing.
func placeOf(v reflect.Value) (p place, ok bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map:
		return place{v.Pointer(), v.Type(), 0}, !v.IsNil()
	case reflect.Slice:
		return place{v.Pointer(), v.Type(), v.Len()}, v.Len() > 0
	}
	return place{}, false
}

// search walks a value.
type search struct {
	r    *Redactor
	path map[place]bool // true: on the way here; false: looked through
	left int
}

func (s *search) harmless(v reflect.Value, depth int) bool {
	switch s.r.classOf(v.Type()) {
	case plain:
		return true
	case tagged:
		return v.Kind() == reflect.Pointer && v.IsNil()
	}
	if s.left--; s.left < 0 || depth > maxDepth {
		return false
	}
	if p, ok := placeOf(v); ok {
		if under, seen := s.path[p]; seen {
			return !under
		}
		s.path[p] = true
		defer func() { s.path[p] = false }()
	}
	if v.Type() == reflectValue || v.Type() == slogValue {
		return s.hidden(v, depth)
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return v.IsNil() || s.harmless(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if !s.harmless(v.Field(i), depth+1) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !s.harmless(v.Index(i), depth+1) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !s.harmless(it.Key(), depth+1) || !s.harmless(it.Value(), depth+1) {
				return false
			}
		}
	}
	return true
}

// hidden looks at what a reflect.Value or a slog.Value stands for.
func (s *search) hidden(v reflect.Value, depth int) bool {
	if !v.CanInterface() {
		return false
	}
	switch inner := v.Interface().(type) {
	case reflect.Value:
		return !inner.IsValid() || s.harmless(inner, depth+1)
	case slog.Value:
		switch inner.Kind() {
		case slog.KindGroup:
			return s.harmless(reflect.ValueOf(inner.Group()), depth+1)
		case slog.KindAny, slog.KindLogValuer:
			held := reflect.ValueOf(inner.Any())
			return !held.IsValid() || s.harmless(held, depth+1)
		}
		return true
	}
	return false
}
