package purpose

import (
	"reflect"
	"strconv"

	"github.com/purposebound/purposebound/internal/unseal"
)

// Identity is a person found in a record. An empty ID means that the record does not say who it is.
type Identity struct {
	Person int // index in Plan.People
	ID     string
}

// Identify finds the people of a record, a struct of the plan's type. Absent says, by index of
// Plan.People, that the record holds nobody of that role: a nil pointer, an empty list.
func (p *Plan) Identify(record reflect.Value) (found []Identity, absent []bool) {
	absent = make([]bool, len(p.People))
	for i := range p.People {
		if p.People[i].path == nil {
			continue
		}
		n := len(found)
		found = identify(record, p.People[i].path, i, found)
		absent[i] = len(found) == n
	}
	return found, absent
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

func identify(v reflect.Value, path []step, person int, found []Identity) []Identity {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return found
		}
		v = v.Elem()
	}
	if len(path) == 0 {
		return append(found, Identity{person, idText(v)})
	}
	if path[0].field != nil {
		if v.Kind() != reflect.Struct {
			return append(found, Identity{Person: person})
		}
		for _, i := range path[0].field {
			for v.Kind() == reflect.Pointer {
				if v.IsNil() {
					return found
				}
				v = v.Elem()
			}
			v = v.Field(i)
		}
		return identify(v, path[1:], person, found)
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			found = identify(v.Index(i), path[1:], person, found)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			found = identify(it.Value(), path[1:], person, found)
		}
	default:
		found = append(found, Identity{Person: person})
	}
	return found
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
