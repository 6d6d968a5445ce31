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

// ReadBatch is Read, or Share when req names a recipient, for many records with one wait for the trail for every thousand. Each
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
	b := g.batch(min(len(records), maxAppend))
	defer b.end()
	e := g.evaluation()
	defer g.end(e)
	for i := 0; i < len(records); i += len(b.parts) {
		n := min(len(b.parts), len(records)-i)
		readSome(ctx, b, e, &req, p, records[i:i+n], results[i:i+n])
	}
	return results, nil
}

// readSome is ReadBatch for as many records as one call to the trail takes.
func readSome[V, R any](ctx context.Context, b *batch, e *evaluation, req *Request, p *projection, records []*R, results []Result[V]) {
	g := b.guard
	b.begin(len(records))
	var start time.Time
	if g.observer != nil {
		start = time.Now()
	}
	first := b.glance()
	for i, r := range records { // all states at once: looking for them one after the other is quicker than here and there
		d := &b.parts[i]
		d.reset(req)
		d.target.look(p, reflect.ValueOf(r).Elem(), req.DataSubject)
		d.session.glance = first
		if id := d.session.about(); id != "" && b.prompt {
			g.glance(ctx, id, &d.session.glance)
		}
	}
	for i, r := range records {
		d := &b.parts[i]
		e.workings.reset()
		e.room, e.heard = d.used, &b.heard
		err := g.prepare(ctx, &d.session, e, &d.decision, wholly, func(d *Decision, show purpose.FieldSet) error {
			return fill(p.root, reflect.ValueOf(&results[i].View).Elem(), reflect.ValueOf(r).Elem(), show, d)
		})
		d.used = e.room
		results[i].Err = b.note(ctx, d, err)
	}
	err := b.append(ctx)
	var zero V
	for i := range results {
		d := &b.parts[i]
		switch {
		case err != nil && results[i].Err == nil:
			results[i].Err = g.unrecorded(&d.decision, err)
		case err != nil:
			results[i].Err = errors.Join(results[i].Err, err)
		case results[i].Err == nil:
			results[i].Err = g.confirm(ctx, &d.session, &d.decision)
		}
		if results[i].Err != nil {
			results[i].View = zero
		}
		if results[i].Err != nil || g.observer != nil { // somebody may have the decision
			d.used = nil
		}
		if g.observer != nil {
			g.tell(ctx, OperationRelease, &d.session, &d.decision, &results[i].Err, start)
		}
	}
}

// glance is the first look of as many records as the trail takes at once. Where something may wait, each looks for itself.
func (b *batch) glance() (l glance) {
	if b.prompt {
		l.now, l.changes = b.guard.now(), b.guard.changes()
	}
	return l
}

// batch is what the records of a batch share.
type batch struct {
	prompt     bool // nothing that is asked for a decision waits
	guard      *Guard
	parts      []part // used again and again: nobody keeps them
	draft      entry  // of the event at hand
	events     []audit.Event
	room, refs []string // for one pseudonym in each event, and what is left of it
	principal  string   // pseudonym of the principal, once there is one
	roles      []string
	failed     error // of the trail: it is not asked again
	heard      heard // of the policies, about the last record
}

// batch hands one out for n records, end takes it back.
func (g *Guard) batch(n int) *batch {
	b, _ := g.batches.Get().(*batch)
	if b == nil || cap(b.parts) < n {
		b = &batch{parts: make([]part, n)}
	}
	b.guard, b.prompt, b.parts = g, g.prompt(), b.parts[:n]
	return b
}

func (b *batch) end() {
	if !b.again() {
		return
	}
	for i := range b.parts {
		b.parts[i].reset(nil)
	}
	clear(b.room)
	kept := &batch{parts: b.parts, events: wipe(b.events), room: b.room}
	b.guard.batches.Put(kept)
}

// part is one record's.
type part struct {
	session  session
	target   target
	decision Decision
	used     []use // room for those of the decision
}

func (d *part) reset(req *Request) {
	states, people, absent, used := wipe(d.session.states), wipe(d.target.people), wipe(d.target.absent), wipe(d.used)
	*d = part{session: session{req: req, target: &d.target, states: states}, target: target{people: people, absent: absent}, used: used}
}

// again reports whether the room may be used again: a trail that is left behind, or that failed, may go on reading what it was given.
func (b *batch) again() bool { return b.guard.promptTrail && b.failed == nil }

// begin makes room for n events.
func (b *batch) begin(n int) {
	if !b.again() || cap(b.events) < n || len(b.room) < n {
		b.events, b.room = make([]audit.Event, 0, n), make([]string, n)
	}
	b.events = wipe(b.events)
	clear(b.room)
	b.refs = b.room
}

// note writes down what was decided about a record, err if it was refused.
func (b *batch) note(ctx context.Context, d *part, err error) error {
	g, name := b.guard, releaseName(&d.session)
	if err != nil {
		name = audit.AccessDenied
		if !g.denials.admit(g.now()) {
			unnamed(&d.decision, err)
			if told := g.tellSuppressed(ctx, false); told != nil {
				err = errors.Join(err, told)
			}
			return err
		}
	}
	if failed := b.enter(ctx, d, name); failed != nil {
		return g.unrecorded(&d.decision, failed)
	}
	return err
}

// enter adds the events of a decision to those that the trail will take.
func (b *batch) enter(ctx context.Context, d *part, name audit.Name) (err error) {
	g, n := b.guard, len(b.events)
	defer func() {
		if recover() != nil {
			err = errTrail
		}
		if err != nil {
			b.events = b.events[:n]
		}
	}()
	var r *entry
	if g.instantAliases {
		b.events = append(b.events, audit.Event{PrincipalRef: b.principal, PrincipalRoles: b.roles})
		r = &b.draft
		r.guard, r.event, r.events, r.room = g, b.events[n:n+1:n+1], nil, b.refs[:0:1]
		b.refs = b.refs[1:]
		r.describe(&d.session, &d.decision, name, "")
		err = r.name()
	} else { // who is left behind goes on writing to an entry of its own
		r = g.single()
		r.describe(&d.session, &d.decision, name, "")
		r.begin(ctx, g.trailTimeout, true)
		defer r.end()
		err = g.put(&r.term, (*naming)(r), false)
	}
	g.vitals.pseudonyms.note(err, g.now)
	if err != nil {
		return err
	}
	b.principal, b.roles = r.event[0].PrincipalRef, r.event[0].PrincipalRoles
	b.events = append(b.events[:n], r.events...)
	return nil
}

// append hands what was noted to the trail.
func (b *batch) append(ctx context.Context) error {
	if b.failed == nil {
		b.failed = b.guard.appendAll(ctx, b.events)
	}
	return b.failed
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
