package policy

import (
	"context"
	"errors"
	"reflect"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// Result is one record's part of a batch: a view, or the error that Read would give.
type Result[V any] struct {
	View V
	Err  error
}

// ReadBatch is Read, or Share when req names a recipient, for many records with one wait for the trail. Each
// record is decided for itself; a refusal of one holds up no other. The error is for what stops all.
func ReadBatch[V, R any](ctx context.Context, g *Guard, req Request, records []*R) ([]Result[V], error) {
	if !g.made() {
		return nil, &DeniedError{Cause: errNoGuard}
	}
	req.Action = purpose.Read
	if req.Recipient != "" {
		req.Action = purpose.Share
	}
	p, err := projectionOf[V, R](g)
	if err != nil {
		return nil, err
	}
	results := make([]Result[V], len(records))
	sessions := make([]session, len(records))
	decisions := make([]Decision, len(records))
	var events []audit.Event
	for i, r := range records {
		s := &sessions[i]
		*s = session{req: req, target: targetOf(p.plan, p.want, reflect.ValueOf(r).Elem(), req.DataSubject)}
		d, err := g.prepare(ctx, s, wholly, func(d *Decision, show purpose.FieldSet) error {
			return fill(p.root, reflect.ValueOf(&results[i].View).Elem(), reflect.ValueOf(r).Elem(), show, d)
		})
		decisions[i] = d
		name := releaseName(s)
		if err != nil {
			results[i].Err = err
			name = audit.AccessDenied
		}
		es, err := g.eventsApart(ctx, s, &decisions[i], name)
		if err != nil {
			_, results[i].Err = g.unrecorded(decisions[i], err)
			continue
		}
		events = append(events, es...)
	}
	if err := g.appendAll(ctx, events); err != nil {
		for i := range results {
			if results[i].Err == nil {
				_, results[i].Err = g.unrecorded(decisions[i], err)
			} else {
				results[i].Err = errors.Join(results[i].Err, err)
			}
		}
	}
	var zero V
	for i := range results {
		if results[i].Err == nil {
			_, results[i].Err = g.confirm(ctx, &sessions[i], decisions[i])
		}
		if results[i].Err != nil {
			results[i].View = zero
		}
	}
	return results, nil
}

// eventsApart is events, given up when the pseudonyms take too long.
func (g *Guard) eventsApart(ctx context.Context, s *session, d *Decision, name audit.Name) ([]audit.Event, error) {
	ctx, cancel := context.WithTimeout(lasting(ctx), g.trailTimeout)
	defer cancel()
	fixed, made := *d, make(chan []audit.Event, 1)
	err := apart(ctx, func() error {
		es, err := g.events(ctx, s, &fixed, name)
		made <- es
		return err
	})
	if err != nil {
		return nil, err
	}
	return <-made, nil
}

// maxAppend bounds what one call hands to the trail.
const maxAppend = 1024

func (g *Guard) appendAll(ctx context.Context, events []audit.Event) error {
	for len(events) > 0 {
		n := min(len(events), maxAppend)
		actx, cancel := context.WithTimeout(lasting(ctx), g.trailTimeout)
		err := apart(actx, func() error { return g.append(actx, events[:n]) })
		cancel()
		if err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}
