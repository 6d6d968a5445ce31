package live_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy"
)

// What being replaceable costs a decision: the same policy asked directly and through Policy.
func BenchmarkDecide(b *testing.B) {
	w := newWorld(b)
	p := w.open()
	for name, d := range map[string]policy.Decider{"direct": p.Current(), "live": p} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			in := w.input()
			in.Explain = false
			for b.Loop() {
				if _, err := d.Decide(ctx, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A whole change: fetch, verify, compile, record, swap.
func BenchmarkChange(b *testing.B) {
	w := newWorld(b)
	p := w.open()
	for i := 2; b.Loop(); i++ {
		b.StopTimer()
		w.put(i, permits(fmt.Sprintf("r%d", i)))
		b.StartTimer()
		require.NoError(b, p.Trigger(ctx))
	}
}
