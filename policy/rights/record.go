package rights

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// effect is what a decision does to the state of the person.
type effect struct {
	body basis.Body
	// Instead of body: one that names the event of an earlier effect.
	make   func(id string) basis.Body
	refers int
}

// effect records what was decided in the ledger, all or nothing, and once however often it is asked.
func (d *Desk) effect(ctx context.Context, req *Request, effects []effect) (ids []string, err error) {
	events := make([]basis.Event, len(effects))
	for i := range effects {
		x := &effects[i]
		body := x.body
		if x.make != nil {
			body = x.make(events[x.refers].ID)
		}
		events[i] = basis.Event{ID: fmt.Sprintf("right:%s:%d", req.ID, i), DataSubject: req.DataSubject, ValidAt: req.Received, Body: body}
		ids = append(ids, events[i].ID)
	}
	return ids, d.put(ctx, events...)
}

// put records events in the ledger, whatever becomes of the caller.
func (d *Desk) put(ctx context.Context, events ...basis.Event) error {
	_, err := apart(context.WithoutCancel(ctx), d.timeout, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, d.recorder.Record(ctx, events...)
	})
	if err != nil {
		return &failure{ErrEffect, err}
	}
	return nil
}

// names of the events of each right.
var eventNames = map[purpose.RightKind]audit.Name{
	purpose.AccessRight: audit.RightsAccess, purpose.CopyRight: audit.RightsAccess, purpose.RectificationRight: audit.RightsRectification,
	purpose.ErasureRight: audit.RightsErasure, purpose.RestrictionRight: audit.RightsRestriction, purpose.PortabilityRight: audit.RightsPortability,
	purpose.ObjectionRight: audit.RightsObjection, purpose.MarketingObjectionRight: audit.RightsObjection, purpose.WithdrawalRight: audit.RightsWithdrawal,
	purpose.ReviewRight: audit.RightsReview, purpose.ComplaintRight: audit.RightsComplaint,
}

// maxParts is how many parts of an answer one event names.
const maxParts = 48

// event is what all events of a request have in common. N is when it was received, in Unix seconds.
func (d *Desk) event(req *Request, outcome audit.Outcome, reason Code) audit.Event {
	e := audit.Event{Name: eventNames[req.Kind], Outcome: outcome, Reason: string(reason), Action: req.Kind.String(), DecisionID: req.ID,
		RegisterDigest: d.reg.Digest(), TraceID: req.TraceID}
	if s := req.Received.Unix(); s > 0 {
		e.N = uint64(s)
	}
	return e
}

// events put a decision on record: one for what is granted, and one for every reason why something is not.
func (d *Desk) events(req *Request, o *Outcome) (list []audit.Event) {
	main := d.event(req, outcomes[o.Result], first(o.Reasons))
	main.Clause, main.NoticeVersion, main.Obligations = o.Clause, o.Notice, o.Obligations
	granted := func(x *Item) bool { return x.Result == Granted }
	if o.Result == Granted || o.Result == Partial {
		list = d.naming(list, main, o.Items, granted)
	} else {
		list = append(list, main)
	}
	type key struct {
		result Result
		code   Code
		rule   string
	}
	var done []key
	of := func(x *Item) key {
		k := key{result: x.Result}
		if len(x.Reasons) > 0 {
			k.code, k.rule = x.Reasons[0].Code, x.Reasons[0].Rule
		}
		return k
	}
	for i := range o.Items {
		x := &o.Items[i]
		k := of(x)
		if granted(x) || k.code == "" || slices.Contains(done, k) {
			continue
		}
		done = append(done, k)
		e := d.event(req, outcomes[k.result], k.code)
		e.RetentionRule, e.Clause, e.NoticeVersion = k.rule, x.Reasons[0].Clause, o.Notice
		list = d.naming(list, e, o.Items, func(y *Item) bool { return of(y) == k })
	}
	slices.SortStableFunc(list, func(a, b audit.Event) int { return cmp.Compare(waits(&a), waits(&b)) })
	return list
}

// waits orders the events of one answer: what waits for a person comes last, so that the last one tells whether it does.
func waits(e *audit.Event) int {
	if e.Outcome == audit.Aborted {
		return 1
	}
	return 0
}

// outcomes as the trail knows them. What waits for a person was not answered.
var outcomes = [...]audit.Outcome{Refused: audit.Denied, Outside: audit.Denied, Escalated: audit.Aborted, Referred: audit.Denied, Partial: audit.Partial, Granted: audit.Permitted}

func first(list []Reason) Code {
	if len(list) == 0 {
		return ""
	}
	return list[0].Code
}

// naming appends an event that names some items, or several where they are many.
func (d *Desk) naming(list []audit.Event, e audit.Event, items []Item, which func(*Item) bool) []audit.Event {
	n, added := 0, false
	next := e
	for i := range items {
		x := &items[i]
		if !which(x) {
			continue
		}
		if id, ok := d.reg.Categories().ID(x.Part); ok {
			next.Categories = appendNew(slices.Clip(next.Categories), x.Part)
			class := d.reg.ClassOf(id)
			next.Special = next.Special || class == purpose.Special || class == purpose.Criminal
		}
		if x.Field != "" {
			next.Fields = appendNew(slices.Clip(next.Fields), x.Field)
		}
		if _, ok := d.reg.Purposes().ID(x.Part); ok && next.Purpose == "" {
			next.Purpose = x.Part
		}
		if n++; n == maxParts {
			list, next, n, added = append(list, next), e, 0, true
		}
	}
	if n > 0 || !added {
		list = append(list, next)
	}
	return list
}

// taken says that a decision has taken effect, with the ledger events that made it.
func (d *Desk) taken(req *Request, ids []string) (list []audit.Event) {
	for _, id := range ids {
		e := d.event(req, audit.Done, CodeTaken)
		e.BasisRef = id
		list = append(list, e)
	}
	return list
}

// record appends events, durably, whatever becomes of the caller. A trail or a pseudonymizer that fails, hangs or panics
// lets nothing happen.
func (d *Desk) record(ctx context.Context, req *Request, events []audit.Event) error {
	_, err := apart(context.WithoutCancel(ctx), d.trailTimeout, func(ctx context.Context) (none struct{}, err error) {
		person, err := d.alias(ctx, audit.DataSubject, req.DataSubject)
		if err != nil {
			return none, err
		}
		handler, err := d.alias(ctx, audit.Principal, req.Handler)
		if err != nil {
			return none, err
		}
		var list []audit.Event
		for i := range events {
			e := events[i]
			e.DataSubjectRefs, e.PrincipalRef = []string{person}, handler
			if err := e.Validate(); err != nil {
				return none, fmt.Errorf("%w: %w", ErrRequest, err)
			}
			list = append(list, audit.Split(e)...)
		}
		return none, d.trail.Append(ctx, list)
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrRequest):
		return err
	}
	return &failure{ErrRecord, err}
}

var errAlias = errors.New("rights: no pseudonym")

// alias of an id, none for none. An error of a store may quote the id.
func (d *Desk) alias(ctx context.Context, class audit.Class, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	a, err := d.pseudonyms.Alias(ctx, class, id)
	if err != nil || a == "" {
		return "", errAlias
	}
	return a, nil
}
