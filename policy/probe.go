package policy

import (
	"context"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
)

// Upkeep says how old a policy is, and whether somebody looks for a newer one.
type Upkeep struct {
	InForce time.Time // since then
	Checked time.Time // last look for a newer one; whoever watches it should see it move on
	Failing bool      // the last look put nothing in force, or nothing is
}

// Maintained is implemented by deciders whose rules change while they are in use.
type Maintained interface{ Upkeep() Upkeep }

func upkeepOf(d Decider) (u Upkeep) {
	defer func() {
		if recover() != nil {
			u = Upkeep{Failing: true}
		}
	}()
	if m, ok := d.(Maintained); ok {
		return m.Upkeep()
	}
	return Upkeep{}
}

// Probe asks the ledger and the trail now, each within its time-out, and returns the Health after that. The trail is asked
// for its head; one that fails is asked to record a heartbeat, so that it is found well again also when no request comes.
func (g *Guard) Probe(ctx context.Context) Health {
	if !g.made() || ctx == nil {
		return g.Health()
	}
	now := g.now()
	_, _ = g.stateAt(ctx, basis.ControllerWide, now, now)
	p := &probing{trail: g.trail}
	if g.vitals.trail.since.Load() != nil {
		p.heartbeat = []audit.Event{{Name: audit.TrailHeartbeat, PolicyDigest: g.policyDigest(), RegisterDigest: g.tables.reg.Digest()}}
	}
	p.begin(ctx, g.trailTimeout, true)
	defer p.end()
	if err := g.crew.do(&p.term, p); err != nil || p.heartbeat != nil {
		g.vitals.trail.note(err, g.now)
	}
	return g.Health()
}

// probing is a question to a trail that may hang.
type probing struct {
	term
	trail     audit.Trail
	heartbeat []audit.Event
}

func (p *probing) do() error {
	if p.heartbeat != nil {
		return p.trail.Append(&p.term, p.heartbeat)
	}
	_, err := p.trail.Head(&p.term)
	return err
}
