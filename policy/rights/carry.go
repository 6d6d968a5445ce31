package rights

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// Carry serves a request and hands what it granted to do, which rectifies, erases or hands over. The desk looks again just
// before: a hold or a restriction that came in since stops it. Whether it was carried out, and what, is on record; an error
// of do is returned beside the outcome. Do is not called where nothing was granted.
func (d *Desk) Carry(ctx context.Context, req Request, do func(context.Context, []Item) error) (Outcome, error) {
	if do == nil {
		return Outcome{}, fmt.Errorf("%w: do: missing", ErrRequest)
	}
	o, err := d.Serve(ctx, req)
	if err != nil {
		return o, err
	}
	req.ID = o.ID
	now, err := d.decide(ctx, &req)
	if err != nil {
		return Outcome{ID: o.ID, Kind: o.Kind, At: o.At}, err
	}
	var granted []Item
	for _, x := range now.Items {
		if x.Result == Granted && slices.ContainsFunc(o.Items, func(y Item) bool { return y.Result == Granted && y.Part == x.Part && y.Holding == x.Holding }) {
			granted = append(granted, x)
		}
	}
	if len(granted) == 0 {
		return o, nil
	}
	cause := carry(ctx, do, slices.Clone(granted))
	e := d.event(&req, audit.Done, CodeCarriedOut)
	if cause != nil {
		e.Outcome, e.Reason = audit.Failed, string(CodeCarryFailed)
	}
	return o, errors.Join(cause, d.record(ctx, &req, d.naming(nil, e, granted, func(*Item) bool { return true })))
}

// carry calls do, and turns a panic into an error that does not repeat it.
func carry(ctx context.Context, do func(context.Context, []Item) error, items []Item) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return do(ctx, items)
}

// Forget makes the ledger forget the person, when nothing is held any more: the ledger says until when the rest must be
// kept. Remaining is what is still held. Objections to marketing stay, for they bind whatever is obtained later. The alias of
// the person in the trail is for the alias table to erase, afterwards. It returns how many events were removed.
func (d *Desk) Forget(ctx context.Context, c Case, remaining []Holding) (int, error) {
	if err := d.checkCase(ctx, &c); err != nil {
		return 0, err
	}
	eraser, ok := d.recorder.(basis.Eraser)
	switch {
	case c.Kind != purpose.ErasureRight:
		return 0, fmt.Errorf("%w: kind: not an erasure", ErrRequest)
	case !ok:
		return 0, &failure{ErrEffect, basis.ErrUnavailable}
	case len(remaining) > 0:
		return 0, &StepError{CodeStillHeld}
	}
	p, err := d.forStep(ctx, &c)
	if err != nil {
		return 0, err
	}
	if len(p.state.Holds)+len(p.state.Restrictions) > 0 {
		return 0, &StepError{CodeStillHeld}
	}
	if err := d.record(ctx, c.request(), []audit.Event{d.event(c.request(), audit.Permitted, CodeForgotten)}); err != nil {
		return 0, err
	}
	n, err := apart(context.WithoutCancel(ctx), d.timeout, func(ctx context.Context) (int, error) { return eraser.Erase(ctx, c.DataSubject) })
	switch {
	case errors.Is(err, basis.ErrHeld):
		return 0, &StepError{CodeStillHeld}
	case err != nil:
		return 0, &failure{ErrEffect, err}
	}
	done := d.event(c.request(), audit.Done, CodeForgotten)
	return n, d.record(ctx, c.request(), []audit.Event{done})
}
