package policy

import (
	"sync/atomic"
	"time"
)

// resync is how long the machine's clock goes unread.
const resync = time.Millisecond

// wallClock is time.Now at half the price: it reads how much time went by since it last looked, and looks at the wall anew
// every millisecond. The zero wallClock is ready. It is safe for concurrent use.
type wallClock struct{ last atomic.Pointer[time.Time] }

func (c *wallClock) now() time.Time {
	if last := c.last.Load(); last != nil {
		if gone := time.Since(*last); gone < resync {
			return last.Add(gone)
		}
	}
	now := time.Now()
	c.last.Store(&now)
	return now
}
