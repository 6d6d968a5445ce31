package filetrail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// BenchmarkAppend compares callers that share an fsync with callers that each wait for their own, on the same disk.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("trail/callers=%d", callers), func(b *testing.B) {
			trail := open(b, newDir(b), Options{})
			event := samples(1, 1)
			share(b, callers, func() error { return trail.Append(context.Background(), event) })
		})
		b.Run(fmt.Sprintf("fsyncEach/callers=%d", callers), func(b *testing.B) {
			f, err := os.OpenFile(filepath.Join(b.TempDir(), "peer"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			require.NoError(b, err)
			defer f.Close()
			var mu sync.Mutex
			chain := audit.NewChain(audit.Head{Stream: "peer"}, nil)
			event := sample(1)
			share(b, callers, func() error {
				d, err := audit.NewDraft(&event)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				line, err := chain.AppendLine(nil, &d)
				if err == nil {
					_, err = f.Write(append(line, '\n'))
				}
				if err == nil {
					err = f.Sync()
				}
				return err
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

// BenchmarkOpen is a restart on a full last segment.
func BenchmarkOpen(b *testing.B) {
	dir := newDir(b)
	trail := open(b, dir, Options{})
	for range 20 {
		require.NoError(b, trail.Append(b.Context(), samples(0, 2500)))
	}
	require.NoError(b, trail.Close())
	runtime.GC()
	for b.Loop() {
		trail, err := Open(dir, Options{})
		require.NoError(b, err)
		require.NoError(b, trail.Close())
	}
	info, err := os.Stat(filepath.Join(dir, segmentName(1)))
	require.NoError(b, err)
	b.SetBytes(info.Size())
}
