package purpose_test

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

// large is a register of n leaf categories, twenty to a branch, with an activity for every hundred of them.
func large(n int) purpose.Spec {
	s := bare()
	s.Capacities = []purpose.Capacity{{Key: "customer"}}
	s.Events = []purpose.Event{{Key: "ended", Ends: []string{"customer"}}}
	s.Retention = []retention.Rule{{Key: "keep", Clause: "1", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"ended"}}, Ceiling: retention.MustPeriod("P5Y")}}
	for i := range n {
		s.Categories = append(s.Categories, purpose.Category{Key: fmt.Sprintf("group-%d.field-%d", i/20, i), Title: "One of many fields", Class: purpose.Confidential})
	}
	for i := range (n + 99) / 100 {
		key := fmt.Sprintf("task-%d", i)
		s.Purposes = append(s.Purposes, purpose.Purpose{Key: key, Title: "One of many purposes"})
		a := purpose.Activity{Key: key, Purposes: []string{key}, Capacities: []string{"customer"}, Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"keep"}, Clause: "1"}
		for j := i * 5; j < min(i*5+5, (n+19)/20); j++ {
			a.Categories = append(a.Categories, fmt.Sprintf("group-%d", j))
		}
		s.Activities = append(s.Activities, a)
	}
	return s
}

// held measures the memory that n things made by f hold on to, and reports it for one.
func held(b *testing.B, n int, unit string, f func() any) {
	b.Helper()
	heap := func() float64 {
		for range 3 { // pools empty in the second round
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := heap()
	kept := f()
	b.ReportMetric((heap()-before)/float64(n), unit)
	runtime.KeepAlive(kept)
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{20, 20_000} {
		b.Run(fmt.Sprint(n, "-categories"), func(b *testing.B) {
			s := large(n)
			for b.Loop() {
				_, err := purpose.Compile(s)
				require.NoError(b, err)
			}
			held(b, n, "held-B/category", func() any { return purpose.MustCompile(s) })
			runtime.KeepAlive(s)
		})
	}
}

type twenty struct {
	ID            string               `subject:"id"`
	A, B, C, D, E sealed.Value[string] `personal:"group-0.field-1"`
	F, G, H, I, J string               `personal:"group-0.field-2" purpose:"task-0"`
	K, L, M, N, O int64                `personal:"group-0.field-3" basis:"contract"`
	P, Q, R, S, T sealed.Value[int]    `personal:"group-0.field-4" retention:"keep"`
}

func BenchmarkBind(b *testing.B) {
	for _, n := range []int{20, 20_000} {
		r := purpose.MustCompile(large(n))
		b.Run(fmt.Sprint("20-fields-of-", n), func(b *testing.B) {
			for b.Loop() {
				_, err := r.Bind(reflect.TypeFor[twenty]())
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkBindSchema binds 20,000 fields: one of every category.
func BenchmarkBindSchema(b *testing.B) {
	const n = 20_000
	r := purpose.MustCompile(large(n))
	var schemas []purpose.Schema
	for i := range n {
		if i%200 == 0 {
			schemas = append(schemas, purpose.Schema{Name: fmt.Sprint("table_", i)})
		}
		s := &schemas[len(schemas)-1]
		s.Fields = append(s.Fields, purpose.SchemaField{Name: fmt.Sprint("column_", i), Tags: purpose.Tags{Personal: fmt.Sprintf("group-%d.field-%d", i/20, i)}})
	}
	bindAll := func() any {
		plans := make([]*purpose.Plan, len(schemas))
		for i := range schemas {
			p, err := r.BindSchema(schemas[i])
			require.NoError(b, err)
			plans[i] = p
		}
		return plans
	}
	for b.Loop() {
		bindAll()
	}
	held(b, n, "held-B/field", bindAll)
	runtime.KeepAlive(schemas)
}
