package purpose

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// copier makes a deep copy of plain data, with nil for empty lists: what means the same has one form.
// It reports what has no written form, such as an enumeration value without a name.
type copier struct {
	report func(code, path, format string, args ...any)
	steps  []pathStep // where it is
	whole  map[reflect.Type]bool
}

// pathStep is a field of a struct or, where in is nil, an element of a list.
type pathStep struct {
	in reflect.Type
	i  int
}

// deepen replaces in v, which is addressable, all that is shared.
func (c *copier) deepen(v reflect.Value) {
	if c.isWhole(v.Type()) {
		if err := c.written(v); err != nil {
			c.report("value.invalid", c.path(), "a value without a written form: %v", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			c.report("value.invalid", c.path(), "text is UTF-8")
		}
	case reflect.Struct:
		for i := range v.NumField() {
			c.into(pathStep{v.Type(), i}, v.Field(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fresh := reflect.New(v.Type().Elem())
			fresh.Elem().Set(v.Elem())
			v.Set(fresh)
			c.deepen(fresh.Elem())
		}
	case reflect.Slice:
		c.list(v)
	}
}

func (c *copier) list(v reflect.Value) {
	most := MaxItems
	if len(c.steps) == 1 {
		most = MaxKeys
	}
	switch n := v.Len(); {
	case n == 0:
		v.SetZero()
	case len(c.steps) > maxSteps:
		c.report("value.depth", c.path(), "nested too deep")
		v.SetZero()
	case n > most:
		c.report("list.size", c.path(), "%d entries, at most %d", n, most)
		v.SetZero()
	default:
		fresh := reflect.MakeSlice(v.Type(), n, n)
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range n {
			c.into(pathStep{nil, i}, fresh.Index(i))
		}
	}
}

func (c *copier) into(s pathStep, v reflect.Value) {
	c.steps = append(c.steps, s)
	c.deepen(v)
	c.steps = c.steps[:len(c.steps)-1]
}

// isWhole reports whether a type writes itself, so that nobody looks inside.
func (c *copier) isWhole(t reflect.Type) bool {
	whole, known := c.whole[t]
	if !known {
		whole = t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || t.Implements(reflect.TypeFor[json.Marshaler]())
		c.whole[t] = whole
	}
	return whole
}

// written reports why a value has no written form. A field that is the zero of an enumeration is not written.
func (c *copier) written(v reflect.Value) error {
	if v.Kind() == reflect.Uint8 && v.IsZero() && c.steps[len(c.steps)-1].in != nil {
		return nil
	}
	var err error
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		_, err = x.MarshalText()
	case json.Marshaler:
		_, err = x.MarshalJSON()
	}
	return err
}

func (c *copier) path() string {
	path := ""
	for _, s := range c.steps {
		if s.in == nil {
			path = at(path, s.i)
		} else {
			name, _, _ := strings.Cut(s.in.Field(s.i).Tag.Get("json"), ",")
			path = at(path, name)
		}
	}
	return path
}

// copyOf is a deep copy; report hears of what has no written form.
func copyOf(s Spec, report func(code, path, format string, args ...any)) Spec {
	c := copier{report: report, whole: make(map[reflect.Type]bool)}
	c.deepen(reflect.ValueOf(&s).Elem())
	return s
}
