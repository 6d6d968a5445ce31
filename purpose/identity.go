package purpose

import (
	"iter"
	"reflect"
	"strconv"

	"github.com/purposebound/purposebound/internal/unseal"
)

// Identities yields the ids of the people of one role in a record, a struct of the plan's type.
// An empty id means that the record has such a person and does not say who it is; none at all that
// it has nobody of that role: a nil pointer, an empty list.
func (p *Plan) Identities(record reflect.Value, person int) iter.Seq[string] {
	return func(yield func(string) bool) {
		if person >= len(p.People) || p.People[person].path == nil {
			return
		}
		path := p.People[person].path
		if record.Kind() == reflect.Struct && len(path) == 1 && len(path[0].field) == 1 { // what nearly every record has
			if id := record.Field(path[0].field[0]); id.Kind() == reflect.String {
				yield(id.String())
				return
			}
		}
		identify(record, path, yield)
	}
}

// MainField is the field of a record that holds, as text, the id of the main data subject. It is false for a plan of another
// type, and where the id lies deeper or is no text.
func (p *Plan) MainField(record reflect.Type) (id reflect.StructField, ok bool) {
	if len(p.People) == 0 || record.Kind() != reflect.Struct {
		return id, false
	}
	path := p.People[0].path
	if len(path) != 1 || len(path[0].field) != 1 {
		return id, false
	}
	id = record.Field(path[0].field[0])
	return id, id.Type.Kind() == reflect.String
}

// IDField is the name of the schema field that identifies a person.
func (p *Plan) IDField(person int) (string, bool) {
	if person < len(p.People) && p.People[person].idField != "" {
		return p.People[person].idField, true
	}
	return "", false
}

// Identifies reports whether records say who the person of a role is.
func (p *Plan) Identifies(person int) bool {
	return person < len(p.People) && p.People[person].path != nil
}

// identify walks to the ids; it reports whether to go on.
func identify(v reflect.Value, path []step, yield func(string) bool) bool {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	if len(path) == 0 {
		return yield(idText(v))
	}
	if path[0].field != nil {
		if v.Kind() != reflect.Struct {
			return yield("")
		}
		for _, i := range path[0].field {
			for v.Kind() == reflect.Pointer {
				if v.IsNil() {
					return true
				}
				v = v.Elem()
			}
			v = v.Field(i)
		}
		return identify(v, path[1:], yield)
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !identify(v.Index(i), path[1:], yield) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !identify(it.Value(), path[1:], yield) {
				return false
			}
		}
	default:
		return yield("")
	}
	return true
}

// idText is the id in text; empty when there is none.
func idText(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.CanInt():
		if v.Int() != 0 {
			return strconv.FormatInt(v.Int(), 10)
		}
	case v.CanUint():
		if v.Uint() != 0 {
			return strconv.FormatUint(v.Uint(), 10)
		}
	case v.Kind() == reflect.Struct:
		if !v.CanAddr() {
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			v = c
		}
		if o, ok := v.Addr().Interface().(unseal.Opener); ok {
			t := unseal.ElemType(o)
			if t != nil && t.Kind() == reflect.String {
				dst := reflect.New(t)
				if unseal.OpenInto(o, dst.Interface()) {
					return dst.Elem().String()
				}
			}
		}
	}
	return ""
}
