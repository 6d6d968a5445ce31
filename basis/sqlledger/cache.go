package sqlledger

import (
	"sync"

	"github.com/purposebound/purposebound/basis"
)

// entry is a history as of a version of a person's head.
type entry struct {
	tag  int64
	line *basis.Timeline
}

// version is the number of events in the entry.
func (e entry) version() int64 {
	if e.line == nil {
		return 0
	}
	return int64(e.line.Len())
}

// cache keeps some people's histories, and drops any when it is full.
type cache struct {
	limit  int
	mu     sync.RWMutex
	people map[string]entry
}

func (c *cache) get(dataSubject string) entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.people[dataSubject]
}

func (c *cache) put(dataSubject string, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit <= 0 {
		return
	}
	if c.people == nil {
		c.people = make(map[string]entry)
	}
	old, known := c.people[dataSubject]
	if known && old.tag == e.tag && old.version() > e.version() {
		return // another reader was later
	}
	if !known && len(c.people) >= c.limit {
		for other := range c.people {
			delete(c.people, other)
			break
		}
	}
	c.people[dataSubject] = e
}

func (c *cache) drop(dataSubject string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.people, dataSubject)
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.people = nil
}
