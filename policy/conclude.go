package policy

import (
	"context"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// conclusion is a decision that rests on an answer of the gates and on verdicts that are Lasting. Equal requests about the
// same states get it again while the answer stands, which is no longer than the states do, and the policies are the same. It is
// never changed.
type conclusion struct {
	*answer
	roles    []string // of the principal
	digests  []string // by policy
	decision Decision // at no time
}

// plain reports whether a request says no more than a question holds, beside the roles and who it is about. Whatever is wrong
// with it makes it not plain, or unlike all that were decided before.
func (r *Request) plain() bool {
	return r.Principal.ID != "" && len(r.Facts) == 0 && !r.Provenance.given() && r.At.IsZero() && r.KnownAt.IsZero() && !r.tooLarge()
}

// concluded gives the decision on a request about the main data subject alone, if one that was taken before still holds, and adds the states that it rests on
// to seen. Where it is false nothing was decided: the request goes the long way, and what is wrong is found there.
func (g *Guard) concluded(ctx context.Context, req *Request, cases *planCases, want *purpose.FieldSet, id string, explain bool, d *Decision, seen *[]stateSeen) (ok bool) {
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
	now := g.now()
	st, err := g.ledger.StateAt(ctx, id, now, time.Time{})
	if err != nil || st == nil || st.DataSubject != id {
		return false
	}
	var org *basis.State
	if g.orgState {
		if org, err = g.ledger.StateAt(ctx, basis.ControllerWide, now, time.Time{}); err != nil || org == nil {
			return false
		}
	}
	view := g.views.peek(st)
	if view == nil {
		return false
	}
	c := view.conclusion(k, req.Action, want, explain).Load()
	if c == nil || !c.about(k, want, 0, org, req) || !slices.Equal(c.roles, req.Principal.Roles) ||
		!c.stands(now) || !g.inForce(c.digests) || ctx.Err() != nil {
		return false
	}
	*d = c.decision
	d.At, d.KnownAt = now, now
	if seen != nil {
		*seen = append(*seen, stateSeen{id, st})
		if org != nil {
			*seen = append(*seen, stateSeen{basis.ControllerWide, org})
		}
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
func (e *evaluation) conclude(explain bool) {
	if !e.lasting || e.answer == nil || !e.want.Without(e.pc.people[0]).Empty() || len(e.req.Facts) > 0 ||
		ceiling(e.people[0].state.KnownAt) > e.answer.from || e.org != nil && ceiling(e.org.KnownAt) > e.answer.from {
		return
	}
	c := &conclusion{answer: e.answer, roles: slices.Clone(e.req.Principal.Roles), digests: slices.Clone(e.digests), decision: *e.d}
	d := &c.decision
	d.At, d.KnownAt = time.Time{}, time.Time{}
	d.redactions, d.hits, d.extra = own(d.redactions), own(d.hits), own(d.extra)
	e.k.concluded.Store(true)
	e.people[0].view.conclusion(e.k, e.req.Action, &e.want, explain).Store(c)
}
