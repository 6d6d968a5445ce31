package policy

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Health is how the parts of a guard did when they were last asked. It is kept from real requests: nothing is probed.
type Health struct {
	Trail      Part
	Pseudonyms Part
	Ledger     Part
	Policies   []PolicyPart
	Observing  bool   // refusals are recorded and not enforced
	Suppressed uint64 // denials that were counted and that the trail has not been told of: see Flush
}

// Part of a guard. The zero Part is well, or was never asked.
type Part struct {
	Failing  bool
	Since    time.Time // when it began to fail
	Failures uint64    // ever
}

// PolicyPart is a policy.
type PolicyPart struct {
	Name   string
	Digest string // in force now
	Part
	Upkeep Upkeep // zero for a policy that does not change
}

// Degraded reports whether anything fails, or is not enforced.
func (h *Health) Degraded() bool {
	for i := range h.Policies {
		if p := &h.Policies[i]; p.Failing || p.Upkeep.Failing {
			return true
		}
	}
	return h.Trail.Failing || h.Pseudonyms.Failing || h.Ledger.Failing || h.Observing
}

// Health tells how the guard's parts are.
func (g *Guard) Health() Health {
	if !g.made() {
		return Health{Trail: Part{Failing: true}, Pseudonyms: Part{Failing: true}, Ledger: Part{Failing: true}}
	}
	h := Health{Trail: g.vitals.trail.part(), Pseudonyms: g.vitals.pseudonyms.part(), Ledger: g.vitals.ledger.part(),
		Observing: g.mode == audit.Observe, Suppressed: g.denials.untold()}
	for i, dec := range g.deciders {
		h.Policies = append(h.Policies, PolicyPart{dec.Name(), digestOf(dec), g.vitals.policies[i].part(), upkeepOf(dec)})
	}
	return h
}

type vitals struct {
	trail, pseudonyms, ledger vital
	policies                  []vital
}

// vital is written when a part begins or ceases to fail, and only read while all is well.
type vital struct {
	since    atomic.Pointer[time.Time] // nil: well
	failures atomic.Uint64
}

func (v *vital) note(err error, now func() time.Time) {
	if errors.Is(err, context.Canceled) {
		return // the caller went away: that says nothing of the part
	}
	if err == nil {
		if v.since.Load() != nil {
			v.since.Store(nil)
		}
		return
	}
	v.failures.Add(1)
	if v.since.Load() == nil {
		at := now()
		v.since.CompareAndSwap(nil, &at)
	}
}

var errCode = errors.New("policy: failed")

func (v *vital) noteCode(code Code, now func() time.Time) {
	if code == "" {
		v.note(nil, nil)
		return
	}
	v.note(errCode, now)
}

func (v *vital) part() Part {
	p := Part{Failures: v.failures.Load()}
	if at := v.since.Load(); at != nil {
		p.Failing, p.Since = true, *at
	}
	return p
}
