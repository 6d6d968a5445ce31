package policy

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

const (
	defaultDenials = 10_000
	denialWindow   = time.Minute
)

// denialBudget counts denials beyond what may be recorded one by one.
type denialBudget struct {
	limit int

	mu      sync.Mutex
	start   time.Time
	used    int
	pending uint64 // suppressed and not told yet
	tell    uint64 // how many pending ones make it time to tell: doubles, so that a flood leaves few events
}

// admit reports whether a denial is recorded by itself; else it is counted.
func (b *denialBudget) admit(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if since := now.Sub(b.start); since < 0 || since >= denialWindow {
		b.start, b.used = now, 0
		b.tell = 1
	}
	if b.used < b.limit {
		b.used++
		return true
	}
	b.pending++
	return false
}

// due takes what is to be told now, all of it if asked to.
func (b *denialBudget) due(all bool) (n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending == 0 || !all && b.pending < b.tell {
		return 0
	}
	n, b.pending = b.pending, 0
	b.tell *= 2
	return n
}

// back returns what could not be told.
func (b *denialBudget) back(n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending += n
}

func (b *denialBudget) untold() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pending
}

// recordDenial records a refusal, or counts it, and returns err with what went wrong in doing so.
func (g *Guard) recordDenial(ctx context.Context, s *session, d *Decision, err error) error {
	if g.denials.admit(g.now()) {
		if rerr := g.record(ctx, s, d, audit.AccessDenied); rerr != nil {
			err = errors.Join(err, rerr)
		}
	} else {
		unnamed(d, err)
	}
	if rerr := g.tellSuppressed(ctx, false); rerr != nil {
		err = errors.Join(err, rerr)
	}
	return err
}

// unnamed takes the ID away from a refusal that is counted: the trail does not know it.
func unnamed(d *Decision, err error) {
	d.ID = ""
	var denied *DeniedError
	if errors.As(err, &denied) {
		denied.Decision.ID = ""
	}
}

// Flush records how many denials were suppressed and not yet told of. Call it before the program ends, and now and then
// where denials may come in floods.
func (g *Guard) Flush(ctx context.Context) error {
	if !g.made() {
		return errNoGuard
	}
	return g.tellSuppressed(ctx, true)
}

func (g *Guard) tellSuppressed(ctx context.Context, all bool) error {
	n := g.denials.due(all)
	if n == 0 {
		return nil
	}
	r := g.single()
	r.event[0] = audit.Event{Name: audit.TrailSuppressed, N: n, PolicyDigest: g.policyDigest(), RegisterDigest: g.tables.reg.Digest()}
	r.events = r.event
	r.begin(ctx, g.trailTimeout, true)
	defer r.end()
	err := g.put(&r.term, r, g.promptTrail)
	g.vitals.trail.note(err, g.now)
	if err != nil {
		g.denials.back(n)
	}
	return err
}
