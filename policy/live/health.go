package live

import (
	"context"
	"time"

	"github.com/purposebound/purposebound/policy"
)

var _ policy.Maintained = (*Policy)(nil)

// Health says what is in force, and whether looking for changes works. Whoever watches it should also see that
// LastCheck moves on.
type Health struct {
	Digest   string // of the policy in force, as decisions name it
	Files    string // digest of the files that it was made of
	Revision uint64
	Signer   string    // the key that it was checked with, empty if it is compiled into the program
	Since    time.Time // it is in force

	LastCheck    time.Time
	Reason       Reason    // why the last look put nothing in force, empty if all is well
	FailingSince time.Time // the first of the looks in a row that failed
	Failures     int       // how many those are
	Err          error     // the last of them in full, for people: it may quote the rules
}

// OK reports whether the last look found what is in force, or put it there.
func (h Health) OK() bool { return h.Digest != "" && h.Reason == "" }

// Health returns the state after the last look. It waits for nothing.
func (p *Policy) Health() Health {
	if p == nil {
		return Health{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.health
}

// Upkeep implements [policy.Maintained].
func (p *Policy) Upkeep() policy.Upkeep {
	h := p.Health()
	return policy.Upkeep{InForce: h.Since, Checked: h.LastCheck, Failing: !h.OK()}
}

// done notes that g is in force and is what the source holds.
func (p *Policy) done(g *generation) {
	p.recorded.forget(func(r refusal) bool { return r.digest == "" }) // the source can be read: the next outage is another
	h := Health{Digest: g.digest, Files: g.files, Revision: g.revision, Signer: g.signer, Since: g.since, LastCheck: p.now()}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health = h
}

// fail notes and records a refusal.
func (p *Policy) fail(ctx context.Context, e *Error) {
	p.note(e)
	p.recordFailed(ctx, e)
}

func (p *Policy) note(e *Error) {
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	h := &p.health
	if h.Reason == "" {
		h.FailingSince = now
	}
	h.LastCheck, h.Reason, h.Err = now, e.Reason, e
	h.Failures++
}
