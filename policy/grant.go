package policy

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// MaxGrant is how long a grant may wait to be opened.
const MaxGrant = 5 * time.Minute

// Grant is a release that was decided and recorded and has not happened yet, for work that must know that it may before
// it begins. It opens once. It prints nothing of the view that it holds, and is safe for concurrent use.
type Grant[V any] struct {
	guard    *Guard
	session  *session
	decision Decision
	until    time.Time
	spent    atomic.Bool
	view     func() V
}

// Authorise decides and records like Read, or like Share when req names a recipient, and releases nothing: Open does,
// before MaxGrant is over.
func Authorise[V, R any](ctx context.Context, g *Guard, req Request, record *R) (_ *Grant[V], err error) {
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
	var view V
	s := &session{req: &req, target: targetOf(p, reflect.ValueOf(record).Elem(), req.DataSubject)}
	gr := &Grant[V]{guard: g, session: s, view: func() V { return view }}
	e := g.evaluation()
	defer g.end(e)
	if g.observer != nil {
		defer g.tell(ctx, OperationAuthorise, s, &gr.decision, &err, time.Now())
	}
	err = g.authorise(ctx, s, e, &gr.decision, wholly, func(d *Decision, show purpose.FieldSet) error {
		return fill(p.root, reflect.ValueOf(&view).Elem(), reflect.ValueOf(record).Elem(), show, d)
	})
	if err != nil {
		return nil, err
	}
	gr.until = gr.decision.At.Add(MaxGrant)
	return gr, nil
}

// Decision is what the grant rests on.
func (gr *Grant[V]) Decision() Decision { return gr.decision }

// Open releases the view if everything that the grant rests on still holds. A second call is denied and recorded, also
// when the first one failed.
func (gr *Grant[V]) Open(ctx context.Context) (_ V, err error) {
	var zero V
	if gr == nil || gr.guard == nil {
		return zero, &DeniedError{Cause: errNoGuard}
	}
	g, d := gr.guard, gr.decision // which stays as it was when it was granted
	if gr.spent.Swap(true) {
		_, err := g.deny(ctx, gr.session, CodeGrantSpent)
		return zero, err
	}
	if g.observer != nil {
		defer g.tell(ctx, OperationOpen, gr.session, &d, &err, time.Now())
	}
	if now := g.now(); !now.Before(gr.until) {
		return zero, g.abort(ctx, gr.session, &d, CodeGrantExpired)
	}
	if err := g.confirm(ctx, gr.session, &d); err != nil {
		return zero, err
	}
	return gr.view(), nil
}

// Cancel gives the grant up and records that nothing was released. After Open it does nothing.
func (gr *Grant[V]) Cancel(ctx context.Context) error {
	if gr == nil || gr.guard == nil || gr.spent.Swap(true) {
		return nil
	}
	return gr.guard.recordAs(ctx, gr.session, &gr.decision, audit.ReleaseAborted, CodeGrantCancelled)
}

// Send shares a view through deliver and records whether it was delivered: the trail then tells not only who was
// meant to receive, but who did (GDPR Art. 15(1)(c), Art. 19). The error is a DeniedError when deliver was not
// called, else what deliver returned, joined with a failure to record it.
func Send[V, R any](ctx context.Context, g *Guard, req Request, record *R, deliver func(context.Context, V) error) error {
	if deliver == nil {
		return errNoDelivery
	}
	if req.Recipient == "" {
		_, err := Share[V](ctx, g, req, record) // refused: nobody is named
		return errors.Join(err, errNoDelivery)
	}
	gr, err := Authorise[V](ctx, g, req, record)
	if err != nil {
		return err
	}
	view, err := gr.Open(ctx)
	if err != nil {
		return err
	}
	start, code := time.Now(), CodeDeliveryPanic
	defer func() {
		if code == CodeDeliveryPanic { // deliver goes on panicking; what can be said is said
			_ = g.delivered(ctx, gr.session, &gr.decision, code, start)
		}
	}()
	err = deliver(ctx, view)
	switch {
	case err == nil:
		code = ""
	case errors.Is(err, ErrDeliveryUnknown):
		code = CodeDeliveryUnknown
	default:
		code = CodeDeliveryFailed
	}
	return errors.Join(err, g.delivered(ctx, gr.session, &gr.decision, code, start))
}

// delivered records and tells what became of a delivery.
func (g *Guard) delivered(ctx context.Context, s *session, d *Decision, code Code, start time.Time) error {
	if g.observer != nil {
		g.tellDelivered(ctx, s, d, code, start)
	}
	return g.recordAs(ctx, s, d, audit.ShareDelivered, code)
}

// ErrDeliveryUnknown is what the error of a delivery wraps if the recipient may have the view all the same: no answer
// came, say. The trail then does not say that it was not delivered.
var ErrDeliveryUnknown = errors.New("policy: whether it was delivered is not known")

var errNoDelivery = errors.New("policy: nothing to deliver to")
