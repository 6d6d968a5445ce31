package policy

import (
	"context"
	"reflect"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// MaxEmergency is how long an emergency may be declared for.
const MaxEmergency = 4 * time.Hour

// Emergency is the ground of an access that no policy permits.
type Emergency struct {
	Reason string    // key, "emergency.roadside"
	Until  time.Time // exclusive, at most MaxEmergency ahead
}

// BreakGlass is Read without asking the policies: need to know gives way to an emergency, the
// register, the law, consent and restriction do not. It needs a guard WithAlert; the alert is
// given and the event is durable before anything is released.
func BreakGlass[V, R any](ctx context.Context, g *Guard, req Request, record *R, why Emergency) (V, error) {
	var zero, view V
	if !g.made() {
		return zero, &DeniedError{Cause: errNoGuard}
	}
	req.Action = purpose.Read
	p, err := projectionOf[V, R](g)
	if err != nil {
		return zero, err
	}
	s := &session{req: &req, target: targetOf(p, reflect.ValueOf(record).Elem(), req.DataSubject)}
	now := g.now()
	if g.alert == nil || !purpose.ValidKey(why.Reason) || !why.Until.After(now) || why.Until.After(now.Add(MaxEmergency)) {
		_, err := g.deny(ctx, s, CodeEmergency)
		return zero, err
	}
	s.bypass, s.emergency = true, why
	_, err = g.release(ctx, s, wholly, func(d *Decision, show purpose.FieldSet) error {
		if err := fill(p.root, reflect.ValueOf(&view).Elem(), reflect.ValueOf(record).Elem(), show, nil); err != nil {
			return err
		}
		g.alert(Alert{d.ID, req.Principal.ID, d.Purpose, why.Reason, why.Until, d.names(show), p.plan.Name})
		return nil
	})
	if err != nil {
		return zero, err
	}
	return view, nil
}

func releaseName(s *session) audit.Name {
	switch {
	case s.bypass:
		return audit.AccessBreakGlass
	case s.req.Action == purpose.Share:
		return audit.AccessShare
	}
	return audit.AccessRead
}
