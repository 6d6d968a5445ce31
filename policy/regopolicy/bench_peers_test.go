package regopolicy

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
)

// BenchmarkAgainstEvalInput takes turns, so that all have the same share of a machine that has other work: a decision about
// 20 fields, and the same policy by rego's EvalInput on a map, once for the record and once for each field. The figures are
// medians of the turns' ratios; at most a third and a twentieth are wanted.
func BenchmarkAgainstEvalInput(b *testing.B) {
	reg, plan := large(b, 20)
	in := ask(b, plan, fact("case-open", purpose.True()))
	p := mustLoad(b, reg, needToKnow)
	p.memory = nil
	require.Equal(b, 20, decide(b, p, in).Permit.Len())
	q := peer(b, "permit := data.purposebound.permit; deny := data.purposebound.deny; redact := data.purposebound.redact", header+needToKnow)
	whole := plainInput(in)
	var each []map[string]any
	for i := range in.Fields.All {
		one := *in
		one.Fields = purpose.FieldSet{}
		one.Fields.Add(i)
		each = append(each, plainInput(&one))
	}
	took := func(n int, f func()) float64 {
		began := time.Now()
		for range n {
			f()
		}
		return time.Since(began).Seconds() / float64(n)
	}
	var byRecord, byField []float64
	for b.Loop() {
		ours := took(60, func() {
			if v, err := p.Decide(context.Background(), in); err != nil || v.Permit.Empty() {
				b.Fatal("not permitted")
			}
		})
		record := took(20, func() { evalInput(b, q, whole) })
		field := took(2, func() {
			for _, input := range each {
				evalInput(b, q, input)
			}
		})
		byRecord, byField = append(byRecord, ours/record), append(byField, ours/field)
	}
	slices.Sort(byRecord)
	slices.Sort(byField)
	b.ReportMetric(byRecord[len(byRecord)/2], "ours/record")
	b.ReportMetric(byField[len(byField)/2], "ours/fields")
	b.ReportMetric(0, "ns/op")
}
