package confined

import (
	"runtime"
	"sync"
	"time"
)

// Peak is by how many bytes the heap grew while f ran, at most, what nobody needs any more included. Other goroutines
// count too.
func Peak(f func()) (most uint64) {
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	look := func() {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		if now.HeapAlloc > before.HeapAlloc {
			most = max(most, now.HeapAlloc-before.HeapAlloc)
		}
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				look()
			}
		}
	})
	f()
	close(done)
	group.Wait()
	look()
	return most
}
