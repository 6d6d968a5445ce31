package aliastable

import (
	"sync"
	"time"
)

// Lease is how long a cache answers after it began to ask the database for the generation.
const Lease = time.Second

// cache keeps aliases of one generation, and drops any when it is full. An alias that was read in a generation is good as
// long as that generation is the current one, which is known for a lease.
type cache struct {
	limit int

	mu         sync.Mutex
	generation int64
	asked      time.Time // when the latest question began that the generation answered
	aliases    map[lookup]bits
}

// get adds what it knows to found and returns the others.
func (c *cache) get(now time.Time, wanted []lookup, found map[lookup]bits) (missing []lookup) {
	c.mu.Lock()
	defer c.mu.Unlock()
	leased := within(c.asked, now)
	for _, l := range wanted {
		if b, ok := c.aliases[l]; ok && leased {
			found[l] = b
		} else {
			missing = append(missing, l)
		}
	}
	return missing
}

// within reports whether a lease that began at a time still runs, by the monotonic clock, which stands still while a
// machine sleeps, and by the other, which may be set.
func within(begun, now time.Time) bool {
	monotonic, wall := now.Sub(begun), now.Round(0).Sub(begun.Round(0))
	return monotonic >= 0 && monotonic < Lease && wall >= 0 && wall < Lease
}

// learn takes in rows that were asked for at a time and found in a generation.
func (c *cache) learn(asked time.Time, generation int64, rows map[lookup]bits) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit <= 0 || generation < c.generation { // somebody else learned of an erasure
		return
	}
	if generation > c.generation {
		c.generation, c.asked = generation, asked
		clear(c.aliases)
	}
	if asked.After(c.asked) {
		c.asked = asked
	}
	if c.aliases == nil {
		c.aliases = make(map[lookup]bits)
	}
	for l, b := range rows {
		if _, known := c.aliases[l]; !known && len(c.aliases) >= c.limit {
			for other := range c.aliases {
				delete(c.aliases, other)
				break
			}
		}
		c.aliases[l] = b
	}
}

// forget drops all aliases.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.aliases)
}
