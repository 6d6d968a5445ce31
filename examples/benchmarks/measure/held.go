package measure

import (
	"runtime"
	"time"
)

// Held is how long load takes and how many bytes of the heap what it returns keeps.
func Held[T any](load func() (T, error)) (v T, took time.Duration, bytes int64, err error) {
	before := heap()
	start := time.Now()
	v, err = load()
	took = time.Since(start)
	bytes = heap() - before
	runtime.KeepAlive(v)
	return v, took, bytes, err
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers of the first one let go of
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
