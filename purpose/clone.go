package purpose

import "reflect"

// shape is what of a type shares memory when a value of it is copied. It is for data that was found in order: nothing is
// looked at twice.
type shape struct {
	flat  bool    // nothing that could be changed
	parts []field // of a struct: those that are not flat
	elem  *shape  // of a pointer or slice
}

type field struct {
	index int
	*shape
}

// specShape is the shape of a Spec.
func specShape() *shape {
	return shapeOf(reflect.TypeFor[Spec](), &copier{whole: map[reflect.Type]bool{}}, map[reflect.Type]*shape{})
}

// shapeOf works out the shape of a type. A type that contains itself does so in a list, so that it is not flat.
func shapeOf(t reflect.Type, c *copier, known map[reflect.Type]*shape) *shape {
	if s := known[t]; s != nil {
		return s
	}
	s := &shape{}
	known[t] = s
	switch {
	case c.isWhole(t):
		s.flat = true
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if part := shapeOf(t.Field(i).Type, c, known); !part.flat {
				s.parts = append(s.parts, field{i, part})
			}
		}
		s.flat = len(s.parts) == 0
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice:
		s.elem = shapeOf(t.Elem(), c, known)
	default:
		s.flat = true
	}
	return s
}

// clone is a deep copy of what copyOf made.
func (s *shape) clone(spec Spec) Spec {
	s.deepen(reflect.ValueOf(&spec).Elem())
	return spec
}

// deepen replaces in v, which is addressable, all that is shared.
func (s *shape) deepen(v reflect.Value) {
	switch {
	case s.flat:
	case s.elem == nil:
		for _, f := range s.parts {
			f.deepen(v.Field(f.index))
		}
	case v.IsNil():
	case v.Kind() == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
		s.elem.deepen(fresh.Elem())
	default:
		n := v.Len()
		fresh := reflect.MakeSlice(v.Type(), n, n)
		reflect.Copy(fresh, v)
		v.Set(fresh)
		if !s.elem.flat {
			for i := range n {
				s.elem.deepen(fresh.Index(i))
			}
		}
	}
}
