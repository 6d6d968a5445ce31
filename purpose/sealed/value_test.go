package sealed_test

import (
	"encoding"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"net"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/internal/unseal"
	"github.com/purposebound/purposebound/purpose/sealed"
)

var (
	_ gob.GobEncoder           = sealed.Value[int]{}
	_ encoding.BinaryMarshaler = sealed.Value[int]{}
	_ yaml.Marshaler           = sealed.Value[int]{}
	_ fmt.Stringer             = sealed.Value[int]{}
)

// opened is what the guard would get.
func opened[T any](t *testing.T, v sealed.Value[T]) T {
	t.Helper()
	var got T
	require.True(t, unseal.OpenInto(v, &got))
	return got
}

func TestOfSealsAndTheZeroValueIsUnset(t *testing.T) {
	assert.Equal(t, "Hedda", opened(t, sealed.Of("Hedda")))
	assert.True(t, sealed.Of("").IsSet())
	assert.True(t, sealed.Of[any](nil).IsSet())

	var unset sealed.Value[string]
	assert.False(t, unset.IsSet())
	assert.Empty(t, opened(t, unset))
}

func TestACopyKeepsItsContentWhenTheOriginalIsReplaced(t *testing.T) {
	original := sealed.Of("first")
	duplicate := original
	require.NoError(t, original.Scan("second"))
	assert.Equal(t, "first", opened(t, duplicate))
	assert.Equal(t, "second", opened(t, original))
}

func TestAValueIsSafeForConcurrentReaders(t *testing.T) {
	v := sealed.Of("shared")
	got := make([]string, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			duplicate := v
			if duplicate.Equal(v) && v.String() == "[sealed]" {
				unseal.OpenInto(&duplicate, &got[i])
			}
		})
	}
	wg.Wait()
	for _, g := range got {
		assert.Equal(t, "shared", g)
	}
}

func TestEveryVerbFormatsAsSealed(t *testing.T) {
	set, unset := sealed.Of(canaryInt), sealed.Value[int64]{}
	for _, verb := range verbs {
		if verb == "%p" || verb == "%T" || verb == "%w" || verb == "%!" {
			continue // fmt answers these itself; the matrix has them
		}
		assert.Equal(t, "[sealed]", fmt.Sprintf(verb, set), verb)
		assert.Equal(t, "[sealed]", fmt.Sprintf(verb, &set), verb)
		assert.Equal(t, "[sealed]", fmt.Sprintf(verb, unset), verb)
	}
	assert.Equal(t, "{Name:[sealed]}", fmt.Sprintf("%+v", exported[sealed.Value[int64]]{set}))
	assert.Equal(t, "map[a:[sealed]] [[sealed]]", fmt.Sprint(map[string]any{"a": set}, []any{&set}))
	assert.Equal(t, "[sealed]", set.String())
	assert.Equal(t, "[sealed]", set.GoString())
	assert.Equal(t, slog.StringValue("[sealed]"), set.LogValue())
}

// The address that fmt prints for a private field is that of code, the same for every value and wherever it was sealed.
func TestAHiddenFieldPrintsTheSameForEveryValue(t *testing.T) {
	type record struct{ name sealed.Value[string] }
	var decoded, scanned, text sealed.Value[string]
	require.NoError(t, json.Unmarshal([]byte(`"decoded"`), &decoded))
	require.NoError(t, scanned.Scan("scanned"))
	require.NoError(t, text.UnmarshalText([]byte("text")))
	want := fmt.Sprintf("%#v", record{sealed.Of("here")})
	assert.Contains(t, want, "open:(func() string)(0x")
	for _, v := range []sealed.Value[string]{sealed.Of("there"), decoded, scanned, text} {
		assert.Equal(t, want, fmt.Sprintf("%#v", record{v}))
	}
}

func TestNoEncoderTakesAValue(t *testing.T) {
	type attr struct {
		Name sealed.Value[string] `xml:",attr"`
	}
	type record struct {
		Name sealed.Value[string] `json:"name,omitzero" yaml:"name"`
	}
	for name, encode := range map[string]func(v sealed.Value[string]) error{
		"json":          func(v sealed.Value[string]) error { _, err := json.Marshal(v); return err },
		"json pointer":  func(v sealed.Value[string]) error { _, err := json.Marshal(&v); return err },
		"json map":      func(v sealed.Value[string]) error { _, err := json.Marshal(map[string]any{"a": v}); return err },
		"xml":           func(v sealed.Value[string]) error { _, err := xml.Marshal(record{v}); return err },
		"xml attribute": func(v sealed.Value[string]) error { _, err := xml.Marshal(attr{v}); return err },
		"yaml":          func(v sealed.Value[string]) error { _, err := yaml.Marshal(record{v}); return err },
		"gob":           func(v sealed.Value[string]) error { return gob.NewEncoder(io.Discard).Encode(v) },
		"text":          func(v sealed.Value[string]) error { _, err := v.MarshalText(); return err },
		"binary":        func(v sealed.Value[string]) error { _, err := v.MarshalBinary(); return err },
	} {
		assert.ErrorIs(t, encode(sealed.Of("x")), sealed.ErrSealed, name)
		assert.ErrorIs(t, encode(sealed.Value[string]{}), sealed.ErrSealed, name+" unset")
	}
	_, err := json.Marshal(record{sealed.Of("x")})
	assert.ErrorIs(t, err, sealed.ErrSealed)
	b, err := json.Marshal(record{})
	assert.NoError(t, err)
	assert.Equal(t, "{}", string(b), "what omitzero leaves out is not encoded")
}

func TestEqual(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	one, two, other := "one", "one", "other"
	check := func(name string, equal, want bool) {
		t.Helper()
		assert.Equal(t, want, equal, name)
	}
	check("both unset", sealed.Value[int]{}.Equal(sealed.Value[int]{}), true)
	check("unset is not zero", sealed.Value[int]{}.Equal(sealed.Of(0)), false)
	check("zero is not unset", sealed.Of(0).Equal(sealed.Value[int]{}), false)
	check("strings", sealed.Of("one").Equal(sealed.Of("one")), true)
	check("other strings", sealed.Of("one").Equal(sealed.Of("two")), false)
	check("prefix", sealed.Of("one").Equal(sealed.Of("ones")), false)
	check("named strings", sealed.Of(iban("one")).Equal(sealed.Of(iban("one"))), true)
	check("other named strings", sealed.Of(iban("one")).Equal(sealed.Of(iban("two"))), false)
	check("bytes", sealed.Of([]byte("one")).Equal(sealed.Of([]byte("one"))), true)
	check("other bytes", sealed.Of([]byte("one")).Equal(sealed.Of([]byte("two"))), false)
	check("integers", sealed.Of(7).Equal(sealed.Of(7)), true)
	check("other integers", sealed.Of(7).Equal(sealed.Of(8)), false)
	check("not a number", sealed.Of(math.NaN()).Equal(sealed.Of(math.NaN())), false)
	check("an instant in two zones", sealed.Of(now).Equal(sealed.Of(now.In(time.FixedZone("", 3600)))), true)
	check("two instants", sealed.Of(now).Equal(sealed.Of(now.Add(1))), false)
	check("T's own Equal before bytes", sealed.Of(net.IPv4(10, 0, 0, 1)).Equal(sealed.Of(net.IPv4(10, 0, 0, 1).To4())), true)
	check("slices", sealed.Of([]string{"one"}).Equal(sealed.Of([]string{"one"})), true)
	check("other slices", sealed.Of([]string{"one"}).Equal(sealed.Of([]string{"two"})), false)
	check("maps", sealed.Of(map[string]int{"a": 1}).Equal(sealed.Of(map[string]int{"a": 1})), true)
	check("structs", sealed.Of(person{Name: "one"}).Equal(sealed.Of(person{Name: "one"})), true)
	check("other structs", sealed.Of(person{Name: "one"}).Equal(sealed.Of(person{Name: "two"})), false)
	check("pointers to equals", sealed.Of(&one).Equal(sealed.Of(&two)), true)
	check("pointers to others", sealed.Of(&one).Equal(sealed.Of(&other)), false)
	check("a nil pointer", sealed.Of(&one).Equal(sealed.Of[*string](nil)), false)
	check("big integers", sealed.Of(big.NewInt(7)).Equal(sealed.Of(big.NewInt(7))), true)
	check("interfaces", sealed.Of[any]("one").Equal(sealed.Of[any]("one")), true)
	check("interfaces of two types", sealed.Of[any]("one").Equal(sealed.Of[any](1)), false)
	check("interfaces and nil", sealed.Of[any](nil).Equal(sealed.Of[any]("one")), false)
	check("nil interfaces", sealed.Of[any](nil).Equal(sealed.Of[any](nil)), true)
	check("incomparable interfaces", sealed.Of[any]([]int{1}).Equal(sealed.Of[any]([]int{1})), true)
	check("sealed twice", sealed.Of(sealed.Of("one")).Equal(sealed.Of(sealed.Of("one"))), true)
	check("an Equal that panics", sealed.Of(hostile{}).Equal(sealed.Of(hostile{})), false)
}

func TestCmpUsesEqual(t *testing.T) {
	type record struct{ Name sealed.Value[string] }
	assert.Empty(t, cmp.Diff(record{sealed.Of("one")}, record{sealed.Of("one")}))
	assert.NotEmpty(t, cmp.Diff(record{sealed.Of("one")}, record{sealed.Of("two")}))
}

func TestAStructThatEmbedsAValueIsAsClosed(t *testing.T) {
	type record struct{ sealed.Value[string] }
	r := record{sealed.Of(canaryText)}
	assert.Equal(t, "[sealed]", fmt.Sprintf("%+v", r))
	_, err := json.Marshal(r)
	assert.ErrorIs(t, err, sealed.ErrSealed)
	assert.False(t, reflect.TypeOf(r).Comparable())
}

func BenchmarkEqualStrings(b *testing.B) {
	v, w := sealed.Of("DE89370400440532013000"), sealed.Of("DE89370400440532013000")
	b.ReportAllocs()
	for b.Loop() {
		if !v.Equal(w) {
			b.Fatal("unequal")
		}
	}
}
