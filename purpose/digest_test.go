package purpose_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

func digestOf(t *testing.T, s purpose.Spec) string {
	t.Helper()
	d, err := purpose.DigestOf(s)
	require.NoError(t, err)
	return d
}

func TestDigestIsThatOfTheContent(t *testing.T) {
	a, err := purpose.Compile(sound())
	require.NoError(t, err)
	b, err := purpose.Compile(a.Spec())
	require.NoError(t, err)
	assert.Equal(t, a.Digest(), b.Digest())
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, a.Digest())
	assert.Equal(t, a.Digest(), digestOf(t, sound()), "what the field test below relies on")
}

// What is absent and what is empty mean the same.
func TestDigestOfEmptyAndAbsentListsIsTheSame(t *testing.T) {
	s := sound()
	filled := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Slice:
			if v.Len() == 0 {
				v.Set(reflect.MakeSlice(v.Type(), 0, 4))
				filled++
			}
			for i := range v.Len() {
				fill(v.Index(i))
			}
		case reflect.Pointer:
			if !v.IsNil() {
				fill(v.Elem())
			}
		case reflect.Struct:
			if v.Type() != reflect.TypeFor[purpose.Value]() && v.Type() != reflect.TypeFor[retention.Period]() {
				for i := range v.NumField() {
					fill(v.Field(i))
				}
			}
		}
	}
	fill(reflect.ValueOf(&s).Elem())
	require.Greater(t, filled, 30)
	r, err := purpose.Compile(s)
	require.NoError(t, err)
	assert.Equal(t, digestOf(t, sound()), r.Digest())
}

// Every field of every type that a Spec is made of changes the digest.
func TestDigestIsSensitiveToEveryField(t *testing.T) {
	s := sound()
	original := digestOf(t, s)
	touched := map[string]bool{}
	differ := func(where string) {
		t.Helper()
		assert.NotEqual(t, original, digestOf(t, s), where)
	}
	var visit func(v reflect.Value, where string)
	visit = func(v reflect.Value, where string) {
		if other, ok := another(v); ok {
			kept := reflect.New(v.Type()).Elem()
			kept.Set(v)
			v.Set(other)
			differ(where)
			v.Set(kept)
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				f := v.Type().Field(i)
				touched[v.Type().String()+"."+f.Name] = true
				visit(v.Field(i), where+"."+f.Name)
			}
		case reflect.Pointer:
			kept := reflect.New(v.Type()).Elem()
			kept.Set(v)
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			} else {
				v.SetZero()
			}
			differ(where)
			if v.Set(kept); !v.IsNil() {
				visit(v.Elem(), where)
			}
		case reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i), fmt.Sprintf("%s[%d]", where, i))
			}
			if v.Len() > 0 {
				kept := v.Slice(0, v.Len())
				v.Set(v.Slice(0, v.Len()-1))
				differ(where + " shorter")
				v.Set(kept)
			} else {
				v.Set(reflect.MakeSlice(v.Type(), 1, 1))
				if v.Index(0).Type() == reflect.TypeFor[purpose.Value]() {
					v.Index(0).Set(reflect.ValueOf(purpose.True()))
				} else if other, ok := another(v.Index(0)); ok {
					v.Index(0).Set(other)
				}
				differ(where + " longer")
				v.SetZero()
			}
		default:
			t.Fatalf("%s: nothing known about %s", where, v.Type())
		}
	}
	visit(reflect.ValueOf(&s).Elem(), "Spec")
	require.Equal(t, original, digestOf(t, s), "everything was put back")

	var missing []string
	var types func(t reflect.Type, seen map[reflect.Type]bool)
	types = func(x reflect.Type, seen map[reflect.Type]bool) {
		if seen[x] {
			return
		}
		seen[x] = true
		if _, whole := reflect.New(x).Interface().(encoding.TextMarshaler); whole || x == reflect.TypeFor[purpose.Value]() {
			return
		}
		switch x.Kind() {
		case reflect.Slice, reflect.Pointer:
			types(x.Elem(), seen)
		case reflect.Struct:
			for i := range x.NumField() {
				if name := x.String() + "." + x.Field(i).Name; !touched[name] {
					missing = append(missing, name)
				}
				types(x.Field(i).Type, seen)
			}
		}
	}
	types(reflect.TypeFor[purpose.Spec](), map[reflect.Type]bool{})
	assert.Empty(t, missing, "the sound register must use every part")
}

// another is a value of the same type that is not v, for types that are written whole.
func another(v reflect.Value) (reflect.Value, bool) {
	var w any
	switch x := v.Interface().(type) {
	case string:
		w = x + "x"
	case bool:
		w = !x
	case int:
		w = x + 1
	case retention.Period:
		w = retention.MustPeriod("P19D")
	case purpose.Value:
		w = purpose.TextValue("another")
	default:
		if v.Kind() != reflect.Uint8 {
			return reflect.Value{}, false
		}
		other := reflect.New(v.Type()).Elem()
		other.SetUint(1)
		if v.Uint() == 1 {
			other.SetUint(2)
			if _, err := json.Marshal(other.Interface()); err != nil {
				other.SetUint(0)
			}
		}
		return other, true
	}
	return reflect.ValueOf(w), true
}

func TestRegisterKeepsItsOwnCopy(t *testing.T) {
	s := sound()
	r, err := purpose.Compile(s)
	require.NoError(t, err)
	spoil := func(s *purpose.Spec) {
		s.Purposes[0].Key, s.Recipients[0].Agreement.Reference, s.Activities[1].Claims[0].All[0].Laws[0] = "x", "x", "x"
		s.Retention[0].Anchor.Events[0], s.Activities[0].Actions[0] = "x", purpose.Decide
	}
	spoil(&s)
	assert.Equal(t, sound(), r.Spec())
	mine := r.Spec()
	spoil(&mine)
	assert.Equal(t, sound(), r.Spec())
	assert.Equal(t, digestOf(t, sound()), r.Digest())
}

func TestInstantsHaveOneDigest(t *testing.T) {
	with := func(at time.Time) purpose.Spec {
		s := sound()
		s.Facts = append(s.Facts, purpose.Fact{Key: "since", Type: purpose.Instant})
		s.Controller.Conditions = append(s.Controller.Conditions, purpose.Condition{Fact: "since", Is: []purpose.Value{purpose.InstantValue(at)}})
		return s
	}
	at := time.Date(2024, 3, 31, 1, 30, 0, 0, time.UTC)
	cet := time.FixedZone("CET", 3600)
	assert.Equal(t, digestOf(t, with(at)), digestOf(t, with(at.In(cet))), "one instant, written in two zones")
	assert.NotEqual(t, digestOf(t, with(at)), digestOf(t, with(at.Add(1))))
	_, err := purpose.Compile(with(time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.ErrorIs(t, err, purpose.ErrInvalid, "no RFC 3339 form")
}
