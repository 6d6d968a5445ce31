package policy

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/beside"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

type plainTwenty struct{ A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T string }

type openTwenty struct {
	A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T string `personal:"a"`
}

type sealedTwenty struct {
	A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T sealed.Value[string] `personal:"a"`
}

// BenchmarkFill fills a view of twenty fields from a record, plain and sealed, beside twenty assignments.
func BenchmarkFill(b *testing.B) {
	open, shut := &openTwenty{}, &sealedTwenty{}
	for i := range 20 {
		reflect.ValueOf(open).Elem().Field(i).SetString("a value")
		reflect.ValueOf(shut).Elem().Field(i).Set(reflect.ValueOf(sealed.Of("a value")))
	}
	var view, copied plainTwenty
	to, from := reflect.ValueOf(&copied).Elem(), make([]string, 20)
	var into [20]*string
	for i := range into {
		from[i], into[i] = "a value", to.Field(i).Addr().Interface().(*string)
	}
	way := func(name string, record reflect.Value) beside.Way {
		p := twentyProjection(b, record.Type())
		do := func() {
			if err := fill(p.root, reflect.ValueOf(&view).Elem(), record, p.want, nil); err != nil {
				b.Fatal(err)
			}
		}
		do()
		require.Equal(b, "a value", view.T)
		require.Zero(b, testing.AllocsPerRun(100, do), name)
		return beside.Way{Name: name, Do: do}
	}
	beside.Compare(b, beside.Way{Name: "assign", Do: func() {
		for i, p := range into {
			*p = from[i]
		}
	}}, way("plain", reflect.ValueOf(open).Elem()), way("sealed", reflect.ValueOf(shut).Elem()))
}

func twentyProjection(b *testing.B, record reflect.Type) *projection {
	reg, err := purpose.Compile(purpose.Spec{
		Controller: purpose.Controller{Name: "Bench", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices:    []purpose.Notice{{Version: "1", From: "2020-01-01"}},
		Categories: []purpose.Category{{Key: "a"}},
	})
	require.NoError(b, err)
	g := &Guard{tables: newTables(reg)}
	p, err := g.projection(reflect.TypeFor[plainTwenty](), record)
	require.NoError(b, err)
	return p
}
