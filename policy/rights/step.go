package rights

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Case is a request under way: what later steps must know of it.
type Case struct {
	ID          string // of the request, as the Outcome names it
	Kind        purpose.RightKind
	DataSubject string
	Received    time.Time
	Handler     string // who takes the step; empty: the application itself
	TraceID     string
}

// ErrStep is behind every refusal of a step; the error is a [StepError].
var ErrStep = errors.New("rights: step refused")

// StepError says why a step was refused. Nothing was changed.
type StepError struct{ Code Code }

// Error is the code and its sentence.
func (e *StepError) Error() string {
	r := Reason{Code: e.Code}
	return ErrStep.Error() + ": " + r.String()
}

// Unwrap is ErrStep.
func (e *StepError) Unwrap() error { return ErrStep }

// Receive records that a request came in, and gives it an ID and its time for an answer. Serve answers it later, under that
// ID. It need not be complete.
func (d *Desk) Receive(ctx context.Context, req Request) (Case, Clock, error) {
	c := Case{ID: req.ID, Kind: req.Kind, DataSubject: req.DataSubject, Received: req.Received, Handler: req.Handler, TraceID: req.TraceID}
	if c.ID == "" {
		id, err := d.ids.Next()
		if err != nil {
			return Case{}, Clock{}, &failure{ErrRecord, err}
		}
		c.ID = id
	}
	if err := d.checkCase(ctx, &c); err != nil {
		return Case{}, Clock{}, err
	}
	clock, err := d.Due(c.Kind, Timing{Received: c.Received})
	if err != nil {
		return Case{}, Clock{}, err
	}
	if err := d.record(ctx, c.request(), []audit.Event{d.event(c.request(), audit.Done, CodeReceived)}); err != nil {
		return Case{}, Clock{}, err
	}
	return c, clock, nil
}

// Extend records that the person was told, and why, that the answer takes longer (GDPR Art. 12(3)). One told too late, or
// longer than allowed, is a StepError, and the clock stays.
func (d *Desk) Extend(ctx context.Context, c Case, told time.Time, by retention.Period) (Clock, error) {
	if err := d.checkCase(ctx, &c); err != nil {
		return Clock{}, err
	}
	if told.IsZero() || told.After(d.now()) {
		return Clock{}, fmt.Errorf("%w: told: missing, or lies in the future", ErrRequest)
	}
	clock, err := d.Due(c.Kind, Timing{Received: c.Received, Told: told, Extension: by})
	if err != nil {
		return Clock{}, err
	}
	e := d.event(c.request(), audit.Done, CodeExtended)
	e.N = uint64(max(told.Unix(), 0))
	if !by.IsZero() {
		e.Obligations = []string{extensionKey + strings.ToLower(by.String())}
	}
	if !clock.Extended {
		e.Outcome, e.Reason = audit.Failed, string(clock.Refused)
	}
	if err := d.record(ctx, c.request(), []audit.Event{e}); err != nil {
		return Clock{}, err
	}
	if !clock.Extended {
		return clock, &StepError{clock.Refused}
	}
	return clock, nil
}

// extensionKey stands before the length of an extension in the trail.
const extensionKey = "extension."

// Lift ends a restriction, an event of the ledger, after the person was told of it (GDPR Art. 18(3)).
func (d *Desk) Lift(ctx context.Context, c Case, restriction string, informed time.Time) error {
	p, err := d.forStep(ctx, &c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.state.Restrictions, func(r basis.Restriction) bool { return r.Event == restriction })
	switch {
	case i < 0:
		return &StepError{CodeRestrictionNone}
	case informed.IsZero() || informed.After(p.at) || informed.Before(p.state.Restrictions[i].Since):
		return &StepError{CodeNotInformed}
	}
	e := d.event(c.request(), audit.Permitted, CodeLifted)
	e.Name, e.BasisRef = audit.RightsRestriction, restriction
	return d.take(ctx, &c, e, "lift", restriction, basis.RestrictionLifted{Restriction: restriction, InformedAt: informed})
}

// Except opens restricted data for purposes, on one of the grounds of GDPR Art. 18(2) and a record of it. A zero until means
// for as long as the restriction stands.
func (d *Desk) Except(ctx context.Context, c Case, restriction string, why basis.Exception, purposes []string, reference string, until time.Time) error {
	p, err := d.forStep(ctx, &c)
	if err != nil {
		return err
	}
	switch {
	case !slices.ContainsFunc(p.state.Restrictions, func(r basis.Restriction) bool { return r.Event == restriction }):
		return &StepError{CodeRestrictionNone}
	case reference == "":
		return &StepError{CodeReferenceMissing}
	}
	e := d.event(c.request(), audit.Permitted, CodeExcepted)
	e.Name, e.BasisRef = audit.RightsRestriction, restriction
	return d.take(ctx, &c, e, "except", restriction+" "+reference,
		basis.RestrictionExcepted{Restriction: restriction, Exception: why, Purposes: purposes, Reference: reference, Until: until})
}

// Weigh records what a named person found about an objection that stands: Founded upholds it for good, Overridden refuses it
// and needs a reference to the grounds (GDPR Art. 21(1)). An objection to marketing cannot be refused.
func (d *Desk) Weigh(ctx context.Context, c Case, objection string, f Finding) error {
	p, err := d.forStep(ctx, &c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.state.Objections, func(o basis.Objection) bool { return o.Event == objection })
	switch {
	case i < 0:
		return &StepError{CodeObjectionNone}
	case !f.counts():
		return &StepError{CodeReviewerMissing}
	}
	e := d.event(c.request(), audit.Permitted, CodeUpheld)
	var body basis.Body = basis.ObjectionUpheld{Objection: objection}
	if f.Verdict != Founded {
		switch {
		case f.Verdict != Overridden && f.Verdict != Unfounded, p.state.Objections[i].Ground != basis.OwnSituation:
			return &StepError{CodeAbsolute}
		case f.Reference == "":
			return &StepError{CodeReferenceMissing}
		}
		e.Outcome, e.Reason = audit.Denied, string(CodeOverridden)
		body = basis.ObjectionRefused{Objection: objection, Reference: f.Reference}
	}
	e.Name, e.BasisRef = audit.RightsObjection, objection
	c.Handler = f.By
	return d.take(ctx, &c, e, "weigh", objection+" "+f.Verdict.String(), body)
}

// Review records that a named person reviewed an automated decision and what came of it (GDPR Art. 22(3)).
func (d *Desk) Review(ctx context.Context, c Case, decisionID, reviewer string, changed bool) error {
	if err := d.checkCase(ctx, &c); err != nil {
		return err
	}
	switch {
	case c.Kind != purpose.ReviewRight:
		return fmt.Errorf("%w: kind: not a review", ErrRequest)
	case !validDecision(decisionID):
		return &StepError{CodeDecisionMissing}
	case reviewer == "":
		return &StepError{CodeReviewerMissing}
	}
	e := d.event(c.request(), audit.Done, CodeConfirmed)
	if changed {
		e.Reason = string(CodeChanged)
	}
	e.BasisRef = decisionID
	c.Handler = reviewer
	return d.record(ctx, c.request(), []audit.Event{e})
}

// CarriedOut records that what an outcome granted was done: rectified, erased, handed over. Items are those that were.
func (d *Desk) CarriedOut(ctx context.Context, c Case, items []Item) error {
	if err := d.checkCase(ctx, &c); err != nil {
		return err
	}
	e := d.event(c.request(), audit.Done, CodeCarriedOut)
	return d.record(ctx, c.request(), d.naming(nil, e, items, func(x *Item) bool { return x.Result == Granted && !x.Silent }))
}

// checkCase refuses a case that no request makes.
func (d *Desk) checkCase(ctx context.Context, c *Case) error {
	bad := func(place string) error { return fmt.Errorf("%w: %s: missing or malformed", ErrRequest, place) }
	switch {
	case ctx == nil:
		return bad("context")
	case !validDecision(c.ID):
		return bad("id")
	case c.Kind == 0 || c.Kind.String() == "":
		return bad("kind")
	case c.DataSubject == "" || c.DataSubject == basis.ControllerWide:
		return bad("data_subject")
	case c.Received.IsZero() || c.Received.After(d.now()):
		return bad("received")
	}
	return nil
}

func (c *Case) request() *Request {
	return &Request{ID: c.ID, Kind: c.Kind, DataSubject: c.DataSubject, Received: c.Received, Handler: c.Handler, TraceID: c.TraceID}
}

// forStep reads the state of the person that a step changes.
func (d *Desk) forStep(ctx context.Context, c *Case) (*person, error) {
	if err := d.checkCase(ctx, c); err != nil {
		return nil, err
	}
	return d.person(ctx, c.DataSubject, time.Time{}, time.Time{})
}

// take puts a step on record and then lets it take effect, once for the same step and what it is about.
func (d *Desk) take(ctx context.Context, c *Case, e audit.Event, step, about string, body basis.Body) error {
	req := c.request()
	if err := d.record(ctx, req, []audit.Event{e}); err != nil {
		return err
	}
	h := fnv.New64a()
	h.Write([]byte(about))
	id := fmt.Sprintf("right:%s:%s:%x", c.ID, step, h.Sum64())
	if err := d.put(ctx, basis.Event{ID: id, DataSubject: c.DataSubject, Body: body}); err != nil {
		return err
	}
	done := d.event(req, audit.Done, CodeTaken)
	done.Name, done.BasisRef = e.Name, id
	return d.record(ctx, req, []audit.Event{done})
}
