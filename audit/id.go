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
	last    uint64 // ms
}

// NewIDs takes the time from clock, nil meaning [time.Now], and randomness from crypto/rand.
func NewIDs(clock func() time.Time) *IDs {
	if clock == nil {
		clock = time.Now
	}
	return &IDs{clock: clock, entropy: ulid.Monotonic(bufio.NewReaderSize(rand.Reader, 512), 0)}
}

// Next returns an id greater than all before it. It fails if the clock is before 1970 or after 10889.
func (g *IDs) Next() (string, error) { return g.at(g.clock()) }

func (g *IDs) at(t time.Time) (string, error) {
	ms := t.UnixMilli()
	if ms < 0 {
		return "", errors.New("audit: clock before 1970")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last, uint64(ms))
	id, err := ulid.New(g.last, g.entropy)
	if errors.Is(err, ulid.ErrMonotonicOverflow) {
		g.last++
		id, err = ulid.New(g.last, g.entropy)
	}
	if err != nil {
		return "", err
	}
	return id.String(), nil
}
