package policy

import (
	"context"
	"errors"
	"reflect"
	"time"

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
	var start time.Time
	if g.observer != nil {
		start = time.Now()
	}
	results := make([]Result[V], len(records))
	sessions := make([]session, len(records))
	decisions := make([]Decision, len(records))
	var events []audit.Event
	e := g.evaluation()
	defer g.end(e)
	for i, r := range records {
		s := &sessions[i]
		*s = session{req: req, target: targetOf(p, reflect.ValueOf(r).Elem(), req.DataSubject)}
		e.reset()
		err := g.prepare(ctx, s, e, &decisions[i], wholly, func(d *Decision, show purpose.FieldSet) error {
			return fill(p.root, reflect.ValueOf(&results[i].View).Elem(), reflect.ValueOf(r).Elem(), show, d)
		})
		name := releaseName(s)
		if err != nil {
			results[i].Err = err
			name = audit.AccessDenied
		}
		if name == audit.AccessDenied && !g.denials.admit(g.now()) {
			unnamed(&decisions[i], results[i].Err)
			if err := g.tellSuppressed(ctx, false); err != nil {
				results[i].Err = errors.Join(results[i].Err, err)
			}
			continue
		}
		es, err := g.events(ctx, s, &decisions[i], name)
		if err != nil {
			results[i].Err = g.unrecorded(&decisions[i], err)
			continue
		}
		events = append(events, es...)
	}
	if err := g.appendAll(ctx, events); err != nil {
		for i := range results {
			if results[i].Err == nil {
				results[i].Err = g.unrecorded(&decisions[i], err)
			} else {
				results[i].Err = errors.Join(results[i].Err, err)
			}
		}
	}
	var zero V
	for i := range results {
		if results[i].Err == nil {
			results[i].Err = g.confirm(ctx, &sessions[i], &decisions[i])
		}
		if results[i].Err != nil {
			results[i].View = zero
		}
		if g.observer != nil {
			g.tell(ctx, OperationRelease, &sessions[i], &decisions[i], &results[i].Err, start)
		}
	}
	return results, nil
}

// events are those of a decision, for a trail that takes them later.
func (g *Guard) events(ctx context.Context, s *session, d *Decision, name audit.Name) (events []audit.Event, err error) {
	defer func() {
		if recover() != nil {
			events, err = nil, errTrail
		}
	}()
	r := g.entry(s, d, name, "")
	r.begin(ctx, g.trailTimeout, true)
	defer r.end()
	if g.instantAliases {
		err = r.name()
	} else {
		err = g.put(&r.term, (*naming)(r), false)
	}
	g.vitals.pseudonyms.note(err, g.now)
	if err != nil {
		return nil, err
	}
	return r.events, nil
}

// naming is an entry whose pseudonyms may take long.
type naming entry

func (n *naming) do() error { return (*entry)(n).name() }

// maxAppend bounds what one call hands to the trail.
const maxAppend = 1024

func (g *Guard) appendAll(ctx context.Context, events []audit.Event) error {
	for len(events) > 0 {
		n := min(len(events), maxAppend)
		r := &entry{guard: g, events: events[:n]}
		r.begin(ctx, g.trailTimeout, true)
		err := g.put(&r.term, r, g.promptTrail)
		r.end()
		g.vitals.trail.note(err, g.now)
		if err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}
