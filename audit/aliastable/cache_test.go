package aliastable

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestACacheAnswersWithinItsLeaseAndGeneration(t *testing.T) {
	anna, bert := lookup{1}, lookup{2}
	begin := time.Now()
	at := func(d time.Duration) time.Time { return begin.Add(d) }
	knows := func(c *cache, now time.Time, l lookup) bool {
		return len(c.get(now, []lookup{l}, map[lookup]bits{})) == 0
	}
	c := &cache{limit: 2}
	assert.False(t, knows(c, begin, anna))
	c.learn(begin, 7, map[lookup]bits{anna: {9}})
	assert.True(t, knows(c, at(Lease-1), anna))
	assert.False(t, knows(c, at(Lease), anna), "the lease is over")
	assert.False(t, knows(c, at(-1), anna), "the clock went back")
	assert.False(t, knows(c, begin.Round(0).Add(-time.Hour), anna))

	c.learn(at(Lease), 7, map[lookup]bits{bert: {8}})
	assert.True(t, knows(c, at(Lease), anna), "nobody was erased in between")
	c.learn(begin, 7, nil)
	assert.True(t, knows(c, at(Lease), anna), "an earlier question does not shorten it")

	c.learn(at(Lease), 8, nil)
	assert.False(t, knows(c, at(Lease), anna), "somebody was erased")
	c.learn(at(Lease), 7, map[lookup]bits{anna: {9}})
	assert.False(t, knows(c, at(Lease), anna), "a row that was read before the erasure, and arrives late")

	for i := range 10 {
		c.learn(at(Lease), 8, map[lookup]bits{{byte(i)}: {}})
	}
	assert.Len(t, c.aliases, 2)
	c.forget()
	assert.Empty(t, c.aliases)
	none := &cache{limit: -1}
	none.learn(begin, 1, map[lookup]bits{anna: {9}})
	assert.False(t, knows(none, begin, anna))
}
