package redactlog

import (
	"encoding"
	"fmt"
	"reflect"
)

// builder makes what is shown of a value that is not harmless, of maps, lists and what is harmless.
type builder struct {
	r    *Redactor
	path map[place]bool
	left int
}

const (
	maxShown = 32 // how deep
	maxItems = 500
)

func (b *builder) build(v reflect.Value, depth int) any {
	if b.left++; depth > maxShown || b.left > maxItems {
		return Mask
	}
	if p, ok := placeOf(v); ok {
		if b.path[p] {
			return "[cycle]"
		}
		if b.path == nil {
			b.path = map[place]bool{}
		}
		b.path[p] = true
		defer delete(b.path, p)
	}
	if b.r.harmless(v) {
		if v.CanInterface() {
			return v.Interface()
		}
		return Mask
	}
	if v.CanInterface() {
		if _, ok := v.Interface().(error); ok && v.Kind() != reflect.Interface {
			return Mask + " " + v.Type().String()
		}
	}
	if v.Type() == reflectValue || v.Type() == slogValue {
		return Mask
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return b.build(v.Elem(), depth+1)
	case reflect.Struct:
		return b.structs(v, depth)
	case reflect.Slice, reflect.Array:
		list := make([]any, 0, min(v.Len(), maxItems))
		for i := range v.Len() {
			if b.left >= maxItems {
				return append(list, Mask)
			}
			list = append(list, b.build(v.Index(i), depth+1))
		}
		return list
	case reflect.Map:
		return b.maps(v, depth)
	}
	return Mask
}

func (b *builder) structs(v reflect.Value, depth int) any {
	t := v.Type()
	closed := personal(t)
	shown := make(map[string]any, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case !f.IsExported():
		case !closed, notPersonal(f):
			shown[f.Name] = b.build(v.Field(i), depth+1)
		default:
			shown[f.Name] = Mask
		}
	}
	return shown
}

// maps shows the keys of maps to interfaces, which are names; those of maps to records are more often ids.
func (b *builder) maps(v reflect.Value, depth int) any {
	if v.Type().Elem().Kind() != reflect.Interface || !named(v.Type().Key()) {
		return fmt.Sprintf("%s %d of %s", Mask, v.Len(), v.Type())
	}
	shown := make(map[string]any, min(v.Len(), maxItems))
	for it := v.MapRange(); it.Next(); {
		shown[it.Key().String()] = b.build(it.Value(), depth+1)
	}
	return shown
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

// named reports whether keys of the type are plain texts.
func named(t reflect.Type) bool {
	return t.Kind() == reflect.String && !t.Implements(textMarshaler)
}
