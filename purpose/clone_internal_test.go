package purpose

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// full gives every list one element and every pointer a target, down to where types repeat.
func full(v reflect.Value, c *copier, depth int) {
	if c.isWhole(v.Type()) || depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				full(v.Field(i), c, depth+1)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), c, depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		full(v.Index(0), c, depth+1)
	}
}

// shared lists the places at which two values lie in the same memory, and counts those that could.
func shared(a, b reflect.Value, c *copier, path string, places *int) (found []string) {
	if c.isWhole(a.Type()) {
		return nil
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			found = append(found, shared(a.Field(i), b.Field(i), c, path+"."+a.Type().Field(i).Name, places)...)
		}
	case reflect.Pointer, reflect.Slice:
		if a.IsNil() {
			return nil
		}
		if *places++; a.Pointer() == b.Pointer() {
			found = append(found, path)
		}
		if a.Kind() == reflect.Pointer {
			return append(found, shared(a.Elem(), b.Elem(), c, path, places)...)
		}
		for i := range a.Len() {
			found = append(found, shared(a.Index(i), b.Index(i), c, path, places)...)
		}
	}
	return found
}

// TestACloneIsEqualAndSharesNothing, whatever a register may hold: types added later are looked into as well.
func TestACloneIsEqualAndSharesNothing(t *testing.T) {
	var s Spec
	c := &copier{whole: map[reflect.Type]bool{}}
	full(reflect.ValueOf(&s).Elem(), c, 0)
	places := 0
	mine := specShape().clone(s)
	require.Equal(t, s, mine)
	assert.Empty(t, shared(reflect.ValueOf(s), reflect.ValueOf(mine), c, "spec", &places))
	assert.Greater(t, places, 60, "control: so many lists and pointers were looked at")
	plain := s
	assert.NotEmpty(t, shared(reflect.ValueOf(s), reflect.ValueOf(plain), c, "spec", &places), "control: a plain copy shares")
	assert.Equal(t, copyOf(s, func(string, string, string, ...any) {}), mine)
}
