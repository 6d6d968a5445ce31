package unseal_test

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/unseal"
	"github.com/purposebound/purposebound/purpose/sealed"
)

func TestOpenIntoStoresThePlaintext(t *testing.T) {
	v := sealed.Of("Hedda")
	for name, o := range map[string]unseal.Opener{
		"pointer":  &v,
		"value":    v,
		"cell":     unseal.Close("Hedda"),
		"embedded": struct{ sealed.Value[string] }{v},
		"reflect":  reflect.ValueOf(&struct{ Name sealed.Value[string] }{v}).Elem().Field(0).Addr().Interface().(unseal.Opener),
	} {
		var got string
		assert.True(t, unseal.OpenInto(o, &got), name)
		assert.Equal(t, "Hedda", got, name)
		assert.Equal(t, reflect.TypeFor[string](), unseal.ElemType(o), name)
	}
}

func TestOpenIntoStoresTheZeroOfAnUnsetValue(t *testing.T) {
	got := 7
	assert.True(t, unseal.OpenInto(&sealed.Value[int]{}, &got))
	assert.Zero(t, got)
}

func TestOpenIntoRefusesAnotherDestination(t *testing.T) {
	type name string
	v := sealed.Of("Hedda")
	var (
		number, text = 7, name("before")
		anything     = any("before")
		pointer      *string
	)
	for desc, dst := range map[string]any{
		"untyped nil":        nil,
		"nil pointer":        (*string)(nil),
		"not a pointer":      "before",
		"another type":       &number,
		"same kind":          &text,
		"interface":          &anything,
		"pointer to pointer": &pointer,
		"reflect":            reflect.New(reflect.TypeFor[string]()),
		"the sealed type":    &sealed.Value[string]{},
	} {
		assert.False(t, unseal.OpenInto(&v, dst), desc)
	}
	assert.Equal(t, 7, number)
	assert.Equal(t, name("before"), text)
	assert.Equal(t, "before", anything)
	assert.Nil(t, pointer)
}

func TestOpenIntoRefusesNil(t *testing.T) {
	for desc, o := range map[string]unseal.Opener{
		"interface":        nil,
		"pointer":          (*sealed.Value[string])(nil),
		"embedded pointer": struct{ *sealed.Value[string] }{},
		"foreign opener":   struct{ unseal.Opener }{},
	} {
		got := "before"
		assert.False(t, unseal.OpenInto(o, &got), desc)
		assert.Equal(t, "before", got, desc)
		assert.Nil(t, unseal.ElemType(o), desc)
	}
}

func TestElemTypeNeedsNoContent(t *testing.T) {
	assert.Equal(t, reflect.TypeFor[time.Time](), unseal.ElemType(&sealed.Value[time.Time]{}))
	assert.Equal(t, reflect.TypeFor[error](), unseal.ElemType(sealed.Value[error]{}))
	typ := reflect.TypeFor[sealed.Value[[]byte]]() // as a plan over a struct type finds it
	assert.True(t, typ.Implements(reflect.TypeFor[unseal.Opener]()))
	assert.Equal(t, reflect.TypeFor[[]byte](), unseal.ElemType(reflect.New(typ).Interface().(unseal.Opener)))
	assert.False(t, reflect.TypeFor[string]().Implements(reflect.TypeFor[unseal.Opener]()))
}

func TestPlainTellsEmptyFromZero(t *testing.T) {
	v, ok := unseal.Plain(unseal.Cell[int]{})
	assert.Zero(t, v)
	assert.False(t, ok)
	v, ok = unseal.Plain(unseal.Close(0))
	assert.Zero(t, v)
	assert.True(t, ok)
}

// twenty is a record as the guard meets it: twenty fields, found by reflection once, opened on every read.
func twenty() (openers []unseal.Opener, into []any, view *[20]string) {
	record, view := new([20]sealed.Value[string]), new([20]string)
	for i := range record {
		record[i] = sealed.Of("a value of some length")
		openers = append(openers, reflect.ValueOf(record).Elem().Index(i).Addr().Interface().(unseal.Opener))
		into = append(into, &view[i])
	}
	return openers, into, view
}

func TestOpenIntoDoesNotAllocate(t *testing.T) {
	openers, into, view := twenty()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for i, o := range openers {
			unseal.OpenInto(o, into[i])
		}
	}))
	require.Equal(t, "a value of some length", view[19])

	v := sealed.Of(struct{ a, b, c [64]byte }{})
	var got struct{ a, b, c [64]byte }
	assert.Zero(t, testing.AllocsPerRun(100, func() { unseal.OpenInto(&v, &got) }))
	field := reflect.ValueOf(&v).Elem()
	assert.Zero(t, testing.AllocsPerRun(100, func() { unseal.OpenInto(field.Addr().Interface().(unseal.Opener), &got) }), "through reflect")
	assert.NotZero(t, testing.AllocsPerRun(100, func() { v = sealed.Of(got) }), "control: sealing allocates")
}

func BenchmarkOpenIntoTwentyFields(b *testing.B) {
	openers, into, _ := twenty()
	b.ReportAllocs()
	for b.Loop() {
		for i, o := range openers {
			unseal.OpenInto(o, into[i])
		}
	}
}

// The floor for the benchmark above: the same twenty strings copied from open fields.
func BenchmarkCopyTwentyFields(b *testing.B) {
	var from, to [20]string
	pointers := make([]*string, 20)
	for i := range from {
		from[i], pointers[i] = "a value of some length", &to[i]
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, p := range pointers {
			*p = from[i]
		}
	}
}

// outer embeds a sealed value, and opens as it does, but is more than its cell.
type outer struct {
	Before string
	sealed.Value[string]
}

type wrapped struct{ sealed.Value[string] }

func TestMoverOpensInPlaceOrNotAtAll(t *testing.T) {
	assert.Nil(t, unseal.Mover(reflect.TypeFor[string]()), "not sealed")
	assert.Nil(t, unseal.Mover(reflect.TypeFor[outer]()), "the cell lies behind something else")
	for name, v := range map[string]any{"value": new(sealed.Of("secret")), "wrapped": &wrapped{sealed.Of("secret")}} {
		move := unseal.Mover(reflect.TypeOf(v).Elem())
		if assert.NotNil(t, move, name) {
			got := "before"
			move(unsafe.Pointer(&got), reflect.ValueOf(v).UnsafePointer())
			assert.Equal(t, "secret", got, name)
		}
	}
	got, unset := "before", sealed.Value[string]{}
	unseal.Mover(reflect.TypeOf(unset))(unsafe.Pointer(&got), unsafe.Pointer(&unset))
	assert.Empty(t, got, "one that is not set opens as the zero value")
}
