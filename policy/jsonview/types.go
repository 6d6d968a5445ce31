package jsonview

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// jsonName is how encoding/json calls a field. flat: its fields are those of the struct around it.
func jsonName(f reflect.StructField) (name string, flat, shown bool) {
	tag, _ := f.Tag.Lookup("json")
	name, _, _ = strings.Cut(tag, ",")
	switch {
	case tag == "-", !f.IsExported():
		return f.Name, false, false
	case name != "":
		return name, false, true
	}
	return f.Name, f.Anonymous && f.Type.Kind() == reflect.Struct, true
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// container reports whether a field of the type can have fields of its own below it.
func container(t reflect.Type) bool {
	for {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			return !opaque(t)
		default:
			return false
		}
	}
}

const maxDepth = 16 // of views, as the guard has it

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// encodable refuses a view whose fields cannot be told apart once it is encoded, or that has one outside of its JSON.
func encodable(t reflect.Type, depth int) error {
	for ; ; t = t.Elem() {
		if encodesItself(t) && !opaque(t) {
			return fmt.Errorf("jsonview: the view %s encodes itself: its fields could not be withheld one by one", t)
		}
		if k := t.Kind(); k != reflect.Pointer && k != reflect.Slice && k != reflect.Map {
			break
		}
	}
	if t.Kind() != reflect.Struct || depth > maxDepth || opaque(t) {
		return nil // it is one value, or the guard refuses it
	}
	called := map[string]bool{}
	return fields(t, called, depth)
}

func fields(t reflect.Type, called map[string]bool, depth int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name, flat, shown := jsonName(f)
		switch {
		case !shown:
			return fmt.Errorf("jsonview: the view %s would read %s and not show it", t, f.Name)
		case f.Anonymous && !flat && name == f.Name:
			return fmt.Errorf("jsonview: the view %s embeds %s, which is no struct", t, f.Name)
		case flat:
			if err := fields(f.Type, called, depth+1); err != nil {
				return err
			}
			continue
		case called[name]:
			return fmt.Errorf("jsonview: the view %s has two fields called %q", t, name)
		}
		called[name] = true
		if container(f.Type) {
			if err := encodable(f.Type, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func encodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonMarshaler) || p.Implements(textMarshaler)
}

// opaque reports whether a struct shows no field, as time.Time and netip.Addr do: it is one value.
func opaque(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !slices.ContainsFunc(reflect.VisibleFields(t), reflect.StructField.IsExported)
}
