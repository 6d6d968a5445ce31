package policy

import (
	"context"
	"sync"
	"time"
)

// errand is a call that may hang or panic. Whoever has it done reads from it what came of it, unless it was left behind.
type errand interface{ do() error }

// attempt does an errand. A panic becomes errInternal, without its text.
func attempt(e errand) (err error) {
	defer func() {
		if recover() != nil {
			err = errInternal
		}
	}()
	return e.do()
}

// crew does errands on goroutines of its own, so that one that hangs holds up nobody. It keeps idle ones for a while: a
// goroutine that has grown its stack once is cheaper than a new one for every call. The zero crew is ready.
type crew struct {
	mu    sync.Mutex
	idle  []*hand // who worked last comes last
	spare int     // as many at the front had nothing to do since the last look
	watch bool
}

// restAfter is how long a hand may be idle, twice that at most.
const restAfter = 100 * time.Millisecond

// hand is a goroutine.
type hand struct {
	errands chan errand // closed: go home
	done    chan error
	timer   *time.Timer
}

func (h *hand) work() {
	for e := range h.errands {
		h.done <- attempt(e) // there is room for it, whether or not anybody waits
	}
}

// do has an errand done in a term that begins now, and waits for it, but not beyond the term, nor for a caller that went away. An errand that is late goes on without
// anybody: its hand ends with it.
func (c *crew) do(t *term, e errand) error {
	h := c.take()
	h.timer.Reset(t.length)
	h.errands <- e
	var err error
	select {
	case err = <-h.done:
		h.timer.Stop()
		c.back(h)
		return err
	case <-h.timer.C:
		err = context.DeadlineExceeded
	case <-t.gone():
		h.timer.Stop()
		err = t.parent.Err()
	}
	close(h.errands)
	return err
}

func (c *crew) take() *hand {
	c.mu.Lock()
	if n := len(c.idle) - 1; n >= 0 {
		h := c.idle[n]
		c.idle[n] = nil
		c.idle = c.idle[:n]
		c.spare = min(c.spare, n)
		c.mu.Unlock()
		return h
	}
	c.mu.Unlock()
	h := &hand{make(chan errand, 1), make(chan error, 1), time.NewTimer(time.Hour)}
	go h.work()
	return h
}

func (c *crew) back(h *hand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, h)
	if !c.watch {
		c.watch = true
		time.AfterFunc(restAfter, c.look)
	}
}

// look sends home who had nothing to do since the last look.
func (c *crew) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.spare {
		close(c.idle[i].errands)
	}
	n := copy(c.idle, c.idle[c.spare:])
	clear(c.idle[n:])
	c.idle, c.spare = c.idle[:n], n
	if c.watch = n > 0; c.watch {
		time.AfterFunc(restAfter, c.look)
	}
}
