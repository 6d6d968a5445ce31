package purpose

import "reflect"

// cloner copies data that was found in order, and looks at nothing twice: it knows which types share no memory.
type cloner struct {
	checked copier
	flat    map[reflect.Type]bool
}

// clone is a deep copy of what copyOf made.
func clone(s Spec) Spec {
	c := cloner{copier{whole: map[reflect.Type]bool{}}, map[reflect.Type]bool{}}
	c.deepen(reflect.ValueOf(&s).Elem())
	return s
}

// isFlat reports whether a plain copy of a value shares nothing that could be changed.
func (c *cloner) isFlat(t reflect.Type) (flat bool) {
	flat, known := c.flat[t]
	if known {
		return flat
	}
	switch {
	case c.checked.isWhole(t):
		flat = true
	case t.Kind() == reflect.Struct:
		flat = true
		for i := range t.NumField() {
			flat = flat && c.isFlat(t.Field(i).Type)
		}
	default:
		flat = t.Kind() != reflect.Pointer && t.Kind() != reflect.Slice
	}
	c.flat[t] = flat
	return flat
}

// deepen replaces in v, which is addressable, all that is shared.
func (c *cloner) deepen(v reflect.Value) {
	if c.isFlat(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			c.deepen(v.Field(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fresh := reflect.New(v.Type().Elem())
			fresh.Elem().Set(v.Elem())
			v.Set(fresh)
			c.deepen(fresh.Elem())
		}
	case reflect.Slice:
		n := v.Len()
		if n == 0 {
			return
		}
		fresh := reflect.MakeSlice(v.Type(), n, n)
		reflect.Copy(fresh, v)
		v.Set(fresh)
		if !c.isFlat(v.Type().Elem()) {
			for i := range n {
				c.deepen(fresh.Index(i))
			}
		}
	}
}
