package policy

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

type kinds struct {
	Shared
	*Distant
	Text    string               `personal:"a"`
	Whole   int                  `personal:"a"`
	Small   int8                 `personal:"a"`
	Word    uint16               `personal:"a"`
	Half    int32                `personal:"a"`
	Real    float64              `personal:"a"`
	Yes     bool                 `personal:"a"`
	When    time.Time            `personal:"a"`
	Bytes   []byte               `personal:"a"`
	Any     any                  `personal:"a"`
	Pointer *string              `personal:"a"`
	Pair    [2]string            `personal:"a"`
	Shut    sealed.Value[string] `personal:"a"`
	Date    sealed.Value[[]int]  `personal:"a"`
}

type Shared struct {
	First  int64  `personal:"a"`
	Second string `personal:"a"`
}

type Distant struct {
	Far string `personal:"a"`
}

type kindsView struct {
	Date    []int
	Shut    string
	Second  string
	First   int64
	Far     string
	Text    string
	Whole   int
	Small   int8
	Word    uint16
	Half    int32
	Real    float64
	Yes     bool
	When    time.Time
	Bytes   []byte
	Any     any
	Pointer *string
	Pair    [2]string
}

// TestTheShortWayCopiesWhatTheLongWayDoes fills views by both, with all fields, one missing, and one masked.
func TestTheShortWayCopiesWhatTheLongWayDoes(t *testing.T) {
	reg, err := purpose.Compile(purpose.Spec{
		Controller: purpose.Controller{Name: "Test", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01"}},
		Categories: []purpose.Category{{Key: "a"}},
	})
	require.NoError(t, err)
	short, err := (&Guard{tables: newTables(reg)}).projection(reflect.TypeFor[kindsView](), reflect.TypeFor[kinds]())
	require.NoError(t, err)
	long := make([]op, len(short.root))
	direct := 0
	for i, o := range short.root {
		if o.direct != nil {
			direct++
		}
		o.direct = nil
		long[i] = o
	}
	require.Equal(t, 12, direct, "all but what is embedded by pointer, and types that reflection copies")
	text := "pointed to"
	rec := kinds{Shared{-7, "second"}, &Distant{"far"}, "text", 1 << 40, -8, 60_000, -1 << 30, 1.5, true, time.Now(), []byte("bytes"), 12, &text,
		[2]string{"a", "b"}, sealed.Of("sealed"), sealed.Of([]int{1, 2})}
	both := func(show purpose.FieldSet, d *Decision) (a, b kindsView) {
		require.NoError(t, fill(short.root, reflect.ValueOf(&a).Elem(), reflect.ValueOf(&rec).Elem(), show, d))
		require.NoError(t, fill(long, reflect.ValueOf(&b).Elem(), reflect.ValueOf(&rec).Elem(), show, d))
		return a, b
	}
	a, b := both(short.want, nil)
	require.Equal(t, b, a)
	require.Equal(t, "sealed", a.Shut)
	for i := range short.want.All {
		var one purpose.FieldSet
		one.Add(i)
		a, b = both(short.want.Without(one), nil)
		require.Equal(t, b, a)
		a, b = both(short.want, &Decision{redacts: one, redactions: []Redaction{{Fields: one, Mask: Remove}}})
		require.Equal(t, b, a)
	}
}
