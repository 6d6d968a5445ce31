package policy

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// conclusion is a decision that rests on an answer of the gates and on verdicts that are Lasting. Equal requests about the
// same states get it again while the answer stands, which is no longer than the states do, and the policies are the same. But for
// seen it is never changed.
type conclusion struct {
	question
	stretch
	id       string // whose data it is
	state    *basis.State
	seen     atomic.Uint64 // count of changes at which the ledger in memory answered with these states
	roles    []string      // of the principal
	facts    purpose.Facts
	digests  []string // by policy
	decision Decision // at no time
}

// plain reports whether a request says no more than a question holds, beside roles and facts and who it is about. Whatever else is
// wrong with it makes it unlike all that were decided before.
func (r *Request) plain() bool {
	p := &r.Principal
	return p.ID != "" && max(len(p.ID), len(r.DataSubject), len(r.Reviewer), len(r.TraceID)) <= maxText && len(p.Tasks) <= maxList && !anyTooLong(p.Tasks) &&
		!r.Provenance.given() && r.At.IsZero() && r.KnownAt.IsZero()
}

// glance is a first look at the clock and the ledger, so that whoever goes on need not look again.
type glance struct {
	now       time.Time // zero: nobody looked
	changes   uint64    // of the ledger in memory, before the states were read
	main, org *basis.State
	vain      bool // a conclusion was looked for and not found
}

// glance looks at the clock, if nobody has, and at the state of a person. It is false where anything is not as it should be: that is
// found out when the decision is taken at length.
func (g *Guard) glance(ctx context.Context, id string, l *glance) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if l.now.IsZero() {
		l.now, l.changes = g.now(), g.changes()
	}
	st, err := g.ledger.StateAt(ctx, id, l.now, time.Time{})
	if err != nil || st == nil || st.DataSubject != id {
		return false
	}
	l.main = st
	if g.orgState && l.org == nil {
		if l.org, err = g.ledger.StateAt(ctx, basis.ControllerWide, l.now, time.Time{}); err != nil || l.org == nil {
			return false
		}
	}
	g.vitals.ledger.note(nil, nil)
	return true
}

// state is that of a person, if the glance was at it and at this instant.
func (l *glance) state(id string, at time.Time) *basis.State {
	switch {
	case !at.Equal(l.now):
	case l.main != nil && l.main.DataSubject == id:
		return l.main
	case l.org != nil && id == basis.ControllerWide:
		return l.org
	}
	return nil
}

// concluded gives the decision on a request about the main data subject alone, if one that was taken before still holds, and notes in
// l what it rests on. Where it is false nothing was decided: the request goes the long way, and what is wrong is found there.
func (g *Guard) concluded(ctx context.Context, req *Request, cases *planCases, want *purpose.FieldSet, id string, explain bool, d *Decision, l *glance) (ok bool) {
	if !g.instant || ctx == nil || id == "" {
		return false
	}
	k := cases.near(req.Purpose).Load()
	if k == nil || k.key != req.Purpose || !k.concluded.Load() || !req.plain() {
		return false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	l.vain = true
	c := g.kept.at(id, k, req.Action, want, explain).conclusion.Load()
	if c == nil || c.id != id || !g.unmoved(ctx, c, l) || !c.about(k, want, 0, c.org, req) || !slices.Equal(c.roles, req.Principal.Roles) ||
		!c.facts.Equal(req.Facts) || !g.inForce(c.digests) || ctx.Err() != nil {
		return false
	}
	*d = c.decision
	d.At, d.KnownAt = l.now, l.now
	return true
}

// unmoved reports whether a conclusion stands, and the ledger answers with the states that it rests on.
func (g *Guard) unmoved(ctx context.Context, c *conclusion, l *glance) bool {
	if l.now.IsZero() {
		l.now, l.changes = g.now(), g.changes()
	}
	if !c.stands(l.now) {
		return false
	}
	if g.memory != nil && l.main == nil && c.seen.Load() == l.changes {
		l.main, l.org = c.state, c.org
		return true
	}
	if l.main == nil && !g.glance(ctx, c.id, l) || l.main != c.state || l.org != c.org {
		return false
	}
	if g.memory != nil {
		c.seen.Store(l.changes)
	}
	return true
}

// inForce reports whether the policies are those that are called so.
func (g *Guard) inForce(digests []string) bool {
	for i, d := range g.deciders {
		if d.Digest() != digests[i] {
			return false
		}
	}
	return true
}

// conclude keeps the decision for equal requests, if it is one that lasts.
func (g *Guard) conclude(e *evaluation, explain bool) {
	if !e.lasting || e.answer == nil || !e.want.Without(e.pc.people[0]).Empty() ||
		ceiling(e.people[0].state.KnownAt) > e.answer.since || e.org != nil && ceiling(e.org.KnownAt) > e.answer.since {
		return
	}
	p, r := &e.people[0], &e.req
	slot := g.kept.at(p.id, e.k, r.Action, &e.want, explain)
	if !slot.again(r.Facts) {
		return
	}
	c := &conclusion{id: strings.Clone(p.id), state: p.state, question: e.answer.question, stretch: stretch{e.answer.since, min(e.answer.until, floor(e.until))}, roles: slices.Clone(r.Principal.Roles), facts: slices.Clone(r.Facts), digests: slices.Clone(e.digests), decision: *e.d}
	d := &c.decision
	d.At, d.KnownAt = time.Time{}, time.Time{}
	d.redactions, d.hits, d.extra = own(d.redactions), own(d.hits), own(d.extra)
	e.k.concluded.Store(true)
	slot.conclusion.Store(c)
}
