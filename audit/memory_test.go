package audit_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// grown runs f, which calls probe now and then, and returns by how much the live heap grew between the first and the
// last call.
func grown(f func(probe func())) int64 {
	var first, last int64
	f(func() {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if last = int64(m.HeapAlloc); first == 0 {
			first = last
		}
	})
	return last - first
}

// Verifying takes the same memory for any number of events.
func TestVerifyingTakesConstantMemory(t *testing.T) {
	n := 200_000
	if os.Getenv("PURPOSEBOUND_NIGHTLY") != "" {
		n = 10_000_000
	}
	verify := func(n int, keep bool, probe func()) {
		r, w := io.Pipe()
		go func() {
			buffered := bufio.NewWriterSize(w, 1<<16)
			traffic(t, n, func(line []byte) { _, _ = buffered.Write(line) })
			_ = buffered.Flush()
			_ = w.Close()
		}()
		var kept []audit.Head
		c := audit.Check{Progress: func(rep audit.Report) error {
			for range everyLines {
				if keep {
					kept = append(kept, rep.Head)
				}
			}
			probe()
			return nil
		}}
		rep, err := c.Verify(context.Background(), r)
		require.NoError(t, err)
		require.Equal(t, audit.Consistent, rep.Verdict)
		require.EqualValues(t, n, rep.Count)
		runtime.KeepAlive(kept)
	}
	growth := grown(func(probe func()) { verify(n, false, probe) })
	t.Logf("%d events, heap grown by %d bytes", n, growth)
	assert.Less(t, growth, int64(1<<20))
	growth = grown(func(probe func()) { verify(140_000, true, probe) })
	assert.Greater(t, growth, int64(1<<20), "the control: what is kept for each event is seen")
}

const everyLines = 1 << 16 // as Progress is told
