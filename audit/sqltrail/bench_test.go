package sqltrail_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

// BenchmarkAppend compares callers that share a transaction with callers that each wait for their own.
func BenchmarkAppend(b *testing.B) {
	for kind, make := range kinds {
		for _, callers := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("%s/callers=%d", kind, callers), func(b *testing.B) {
				trail := make(b).trail(b, sqltrail.Options{})
				event := samples(1, 1)
				share(b, callers, func() error { return trail.Append(context.Background(), event) })
			})
		}
		b.Run(kind+"/one by one of 256", func(b *testing.B) {
			trail := make(b).trail(b, sqltrail.Options{})
			event := samples(1, 1)
			var mu sync.Mutex
			share(b, 256, func() error {
				mu.Lock()
				defer mu.Unlock()
				return trail.Append(context.Background(), event)
			})
		})
	}
}

// share runs f b.N times from as many goroutines as there are callers.
func share(b *testing.B, callers int, f func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkVerify(b *testing.B) {
	for kind, make := range kinds {
		b.Run(kind, func(b *testing.B) {
			trail := make(b).trail(b, sqltrail.Options{})
			for i := range 5 {
				require.NoError(b, trail.Append(b.Context(), samples(i*4000, 4000)))
			}
			n := uint64(0)
			for b.Loop() {
				rep, err := trail.Verify(b.Context(), audit.Check{})
				require.NoError(b, err)
				n += rep.Count
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
