package audit

import (
	"bufio"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes ULIDs that only ever rise, also when the clock stands still or steps back. It is safe for concurrent use.
type IDs struct {
	mu      sync.Mutex
	clock   func() time.Time
	entropy *ulid.MonotonicEntropy
	last    uint64    // ms
	id      ulid.ULID // the latest
}

// NewIDs takes the time from clock, nil meaning [time.Now], and randomness from crypto/rand.
func NewIDs(clock func() time.Time) *IDs {
	if clock == nil {
		clock = time.Now
	}
	return &IDs{clock: clock, entropy: ulid.Monotonic(bufio.NewReaderSize(rand.Reader, 512), 0)}
}

// Next returns an id greater than all before it. It fails if the clock is before 1970 or after 10889.
func (g *IDs) Next() (string, error) {
	var text [ulid.EncodedSize]byte
	if err := g.at(&text, g.clock()); err != nil {
		return "", err
	}
	return string(text[:]), nil
}

// at is Next for an instant. It does not allocate.
func (g *IDs) at(text *[ulid.EncodedSize]byte, t time.Time) error {
	ms := t.UnixMilli()
	if ms < 0 {
		return errors.New("audit: clock before 1970")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last, uint64(ms))
	err := g.draw()
	if errors.Is(err, ulid.ErrMonotonicOverflow) {
		g.last++
		err = g.draw()
	}
	if err != nil {
		return err
	}
	return g.id.MarshalTextTo(text[:])
}

// draw makes an id of the latest millisecond.
func (g *IDs) draw() error {
	if err := g.id.SetTime(g.last); err != nil {
		return err
	}
	return g.entropy.MonotonicRead(g.last, g.id[6:])
}
