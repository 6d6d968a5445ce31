package retention_test

import (
	"iter"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// leasing is a table as a leasing service has it: three purposes with four rules, two of them statutory.
func leasing(t testing.TB) retention.Table {
	years, err := retention.FinancialYearsEnding(time.December, 31, 1990, 2060)
	require.NoError(t, err)
	return retention.Table{
		Name: "lessees", Zone: copenhagen, Years: years,
		Layout: retention.Layout{Key: "id",
			Events: []retention.EventColumn{{Event: "applied", Column: "applied_at"}, {Event: "signed", Column: "signed_at"},
				{Event: "ended", Column: "ended_at"}, {Event: "paid", Column: "last_paid_at"}},
			Holds:        []retention.SpanColumns{{From: "hold_from", Until: "hold_until"}},
			Restrictions: []retention.SpanColumns{{From: "restricted_from", Until: "restricted_until"}}},
		Uses: []retention.Use{
			{Purpose: "lease", Rules: []*retention.Rule{
				{Key: "customer", Clause: "3.1", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}}, Ceiling: period("P3Y")},
				{Key: "applicant", Clause: "3.2", When: retention.Condition{NotHappened: []string{"signed"}}, Anchor: retention.After("applied"), Ceiling: period("P6M")}}},
			{Purpose: "aml", Rules: []*retention.Rule{
				{Key: "aml", Law: "dk.hvl.30", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}}, Floor: period("P5Y"), Ceiling: period("P5Y")}}},
			{Purpose: "bookkeeping", Rules: []*retention.Rule{
				{Key: "books", Law: "dk.bfl.12", When: retention.Condition{Happened: []string{"paid"}},
					Anchor: retention.Anchor{Kind: retention.OnFinancialYearEnd, Events: []string{"paid"}}, Floor: period("P5Y"), Ceiling: period("P5Y")}}},
		},
	}
}

// lessees makes n rows, reusing one list of values as a reader of a database does.
func lessees(n int) iter.Seq2[retention.Row, error] {
	return func(yield func(retention.Row, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		base := time.Date(2008, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		values := make([]retention.Value, 8)
		at := func(sinceSeconds int64) (retention.Value, int64) {
			s := sinceSeconds + r.Int64N(4*365*86_400)
			return retention.InstantValue(time.Unix(s, 0)), s
		}
		for range n {
			clear(values)
			var t int64
			values[0], t = at(base)
			if r.IntN(4) > 0 {
				values[1], t = at(t)
				values[3], _ = at(t)
				if r.IntN(3) > 0 {
					values[2], t = at(t)
				}
			}
			switch r.IntN(50) {
			case 0:
				values[4], _ = at(t)
			case 1:
				values[6], t = at(t)
				values[7], _ = at(t)
			}
			if !yield(retention.Row{Key: "k", Values: values}, nil) {
				return
			}
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkPlan plans millions of rows in one run and reports rows per second, the making of the rows and the tally
// included, and how much the heap grew meanwhile.
func BenchmarkPlan(b *testing.B) {
	at := instant(b, "2019-06-15T12:00:00Z", copenhagen)
	four := leasing(b)
	one, two := four, four
	one.Uses = []retention.Use{{Purpose: "lease", Rules: four.Uses[0].Rules[:1]}}
	two.Uses = []retention.Use{{Purpose: "lease", Rules: four.Uses[0].Rules[:1]}, four.Uses[1]}
	for _, c := range []struct {
		name  string
		table retention.Table
		rows  int
	}{{"one-rule", one, 1_000_000}, {"two-rules", two, 1_000_000}, {"four-rules", four, 1_000_000},
		{"two-rules-ten-million", two, 10_000_000}, {"four-rules-ten-million", four, 10_000_000}} {
		s := newSchedule(b, c.table)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var grown, most uint64
			for b.Loop() {
				var tally retention.Tally
				before := heap()
				for item, err := range s.Plan(b.Context(), lessees(c.rows), at) {
					if err != nil {
						b.Fatal(err)
					}
					tally.Add(&item)
					if tally.Rows()%(uint64(c.rows)/4) == 0 {
						most = max(most, heap())
					}
				}
				grown = max(grown, most-min(before, most))
			}
			b.ReportMetric(float64(c.rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(grown), "heap-growth-B")
		})
	}
	b.Run("rows-alone", func(b *testing.B) {
		const rows = 1_000_000
		for b.Loop() {
			for range lessees(rows) {
			}
		}
		b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func BenchmarkNewSchedule(b *testing.B) {
	table := leasing(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := retention.NewSchedule(table); err != nil {
			b.Fatal(err)
		}
	}
}

// What a plan allocates does not depend on how many rows there are.
func TestPlanningAllocatesNothingPerRow(t *testing.T) {
	s := newSchedule(t, leasing(t))
	at := instant(t, "2019-06-15T12:00:00Z", copenhagen)
	var tally retention.Tally
	allocations := func(rows int) float64 {
		return testing.AllocsPerRun(3, func() {
			for item, err := range s.Plan(t.Context(), lessees(rows), at) {
				require.NoError(t, err)
				tally.Add(&item)
			}
		})
	}
	few, many := allocations(1_000), allocations(21_000)
	require.Less(t, many-few, 50.0, "of 20000 rows more")
	var keep []retention.Item
	grown := testing.AllocsPerRun(3, func() {
		keep = nil
		for item := range s.Plan(t.Context(), lessees(21_000), at) {
			keep = append(keep, item)
			_ = append([]byte(nil), item.Key...)
		}
	})
	require.Greater(t, grown-few, 10.0, "the control: growing is seen")
}
