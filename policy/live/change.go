package live

import (
	"context"
	"errors"

	"github.com/purposebound/purposebound/policy"
)

// change looks at the source once, and puts in force what it finds if that is new and passes. Eager tries again what was
// refused before.
func (p *Policy) change(ctx context.Context, eager bool) error {
	select {
	case p.changing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.changing }()

	next, err := p.attempt(ctx, eager)
	var refused *Error
	switch {
	case err == nil:
		p.done(next)
		return nil
	case errors.As(err, &refused):
		p.fail(ctx, refused)
		return refused
	}
	return err // ctx ended: nobody is to blame
}

// attempt returns the generation that is in force now: a new one, or the same one if the source holds nothing new.
func (p *Policy) attempt(ctx context.Context, eager bool) (*generation, error) {
	snapshot, err := p.fetch(ctx)
	if err != nil {
		return nil, err
	}
	last := p.inForce.Load()
	id := snapshot.identity()
	if last != nil && last.identity == id {
		return last, nil
	}
	if e, known := p.refused.get(id); known && !eager {
		return nil, e
	}
	next, err := p.prepare(ctx, snapshot, last)
	var refused *Error
	if errors.As(err, &refused) {
		refused.Digest = id.files
		if refused.Reason.inherent() {
			p.refused.put(id, refused)
		}
	}
	if err != nil {
		return nil, err
	}
	p.inForce.Store(next)
	return next, nil
}

// prepare does everything that comes before the swap.
func (p *Policy) prepare(ctx context.Context, s Snapshot, last *generation) (*generation, error) {
	if err := p.number(ctx, s); err != nil {
		return nil, err
	}
	next, err := p.build(ctx, s)
	if err != nil {
		return nil, err
	}
	next.since = p.now()
	next.apart = !next.immediate && last != nil && (last.immediate || last.apart)
	if err := p.keep(ctx, s); err != nil {
		return nil, err
	}
	if err := p.recordDone(ctx, next); err != nil {
		return nil, &Error{Reason: ReasonTrail, Err: err}
	}
	return next, nil
}

func (p *Policy) fetch(ctx context.Context) (Snapshot, error) {
	s, err := run(ctx, &p.stages, "fetch", p.limit, p.source.Fetch)
	switch {
	case err != nil:
		return Snapshot{}, p.blame(ctx, err, ReasonFetch)
	case s.Files == nil:
		return Snapshot{}, &Error{Reason: ReasonFetch, Err: errors.New("there are no files")}
	}
	return s, nil
}

// build compiles and tests.
func (p *Policy) build(ctx context.Context, s Snapshot) (*generation, error) {
	g, err := run(ctx, &p.stages, "build "+s.Files.Digest(), p.limit, func(ctx context.Context) (*generation, error) {
		rules, err := p.load(s.Files)
		if err != nil {
			return nil, &Error{Reason: ReasonLoad, Err: err}
		}
		if isNil(rules) {
			return nil, &Error{Reason: ReasonLoad, Err: errors.New("the loader returned no policy")}
		}
		g := &generation{rules: rules, digest: rules.Digest(), identity: s.identity()}
		if !validDigest(g.digest) {
			return nil, &Error{Reason: ReasonLoad, Err: errors.New("the digest of the policy is not sha256: and 64 hex digits")}
		}
		if i, ok := rules.(policy.Immediate); ok {
			g.immediate = i.Immediate()
		}
		for _, test := range p.tests {
			if err := test(ctx, s.Files, rules); err != nil {
				return nil, &Error{Reason: ReasonSelfTest, Err: err}
			}
		}
		return g, nil
	})
	if err != nil {
		return nil, p.blame(ctx, err, ReasonLoad)
	}
	return g, nil
}

// blame turns whatever ended a step into an Error of our own, unless the caller ended it.
func (p *Policy) blame(ctx context.Context, err error, otherwise Reason) error {
	var e *Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &e):
		own := *e
		return &own
	case errors.Is(err, errPanic):
		return &Error{Reason: ReasonPanic}
	case errors.Is(err, errLate):
		return &Error{Reason: ReasonTimeout}
	case errors.Is(err, errBusy):
		return &Error{Reason: ReasonBusy}
	}
	return &Error{Reason: otherwise, Err: err}
}
