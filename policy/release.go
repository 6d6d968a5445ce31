package policy

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// Read releases the view V of a record for the request's purpose: all of its fields, or none. The
// decision is in the trail, durably, before the view is returned. Errors unwrap to ErrDenied for a
// refusal, which is recorded too, and to ErrBinding for a mistake in the types; with any error the view is zero.
func Read[V, R any](ctx context.Context, g *Guard, req Request, record *R) (V, error) {
	req.Action = purpose.Read
	return release[V](ctx, g, &req, record, wholly, nil)
}

// Share is Read for handing the view to req.Recipient.
func Share[V, R any](ctx context.Context, g *Guard, req Request, record *R) (V, error) {
	req.Action = purpose.Share
	return release[V](ctx, g, &req, record, wholly, nil)
}

// Permitted releases the fields of V that the request may have and leaves the others zero; the
// Decision says which were withheld and why. The action is req.Action, Read when there is none. A
// request that may have nothing is an error.
func Permitted[V, R any](ctx context.Context, g *Guard, req Request, record *R) (V, Decision, error) {
	if req.Action == 0 {
		req.Action = purpose.Read
	}
	var d Decision
	v, err := release[V](ctx, g, &req, record, partly, &d)
	return v, d, err
}

// manner says how much of a view must be permitted.
type manner uint8

const (
	wholly manner = iota
	partly
)

// release tells the decision to who wants to know.
func release[V, R any](ctx context.Context, g *Guard, req *Request, record *R, how manner, told *Decision) (V, error) {
	var view, zero V
	if !g.made() {
		return zero, &DeniedError{Cause: errNoGuard}
	}
	p, err := projectionOf[V, R](g)
	if err != nil {
		return zero, err
	}
	e, s := g.begin(req)
	defer g.end(e)
	s.target.look(p, reflect.ValueOf(record).Elem(), req.DataSubject)
	err = g.releaseWith(ctx, s, e, how, func(d *Decision, show purpose.FieldSet) error {
		return fill(p.root, reflect.ValueOf(&view).Elem(), reflect.ValueOf(record).Elem(), show, d)
	})
	if told != nil {
		*told = e.decision
	}
	if err != nil {
		return zero, err
	}
	return view, nil
}

var errNoGuard = errors.New("policy: no guard: NewGuard makes one")

// targetOf is about a record that somebody holds until the release.
func targetOf(p *projection, record reflect.Value, named string) *target {
	t := &target{}
	t.look(p, record, named)
	return t
}

// look is find for a view of the record.
func (t *target) look(p *projection, record reflect.Value, named string) {
	t.find(p.cases, p.want, record, named)
	t.listed = p.listed
}

// find fills in the fields and the people of a record.
func (t *target) find(cases *planCases, want purpose.FieldSet, record reflect.Value, named string) {
	plan := cases.plan
	t.plan, t.cases, t.want = plan, cases, want
	if !record.IsValid() {
		t.nilRec = true
		return
	}
	for i := range plan.People {
		n := len(t.people)
		for id := range plan.Identities(record, i) {
			t.people = append(t.people, identity{i, id})
		}
		t.absent = append(t.absent, len(t.people) == n)
		if len(t.people) > n+1 { // a map has no order, and somebody may be there twice
			slices.SortFunc(t.people[n:], func(a, b identity) int { return strings.Compare(a.id, b.id) })
			t.people = t.people[:n+len(slices.Compact(t.people[n:]))]
		}
	}
	t.nameMain(plan, named)
}

// nameMain takes the main data subject from the request where the record does not say.
func (t *target) nameMain(plan *purpose.Plan, named string) {
	if !plan.Identifies(0) {
		t.people = append(t.people, identity{0, named})
		return
	}
	t.claimed = named
}

// release decides, records, checks again and lets go: the order of every way out of the guard.
// project fills the caller's view, which the caller drops when an error comes back.
func (g *Guard) release(ctx context.Context, s *session, how manner, project func(*Decision, purpose.FieldSet) error) (Decision, error) {
	e := g.evaluation()
	defer g.end(e)
	err := g.releaseWith(ctx, s, e, how, project)
	return e.decision, err
}

// releaseWith is release with an evaluation of the caller's, where it leaves the decision.
func (g *Guard) releaseWith(ctx context.Context, s *session, e *evaluation, how manner, project func(*Decision, purpose.FieldSet) error) (err error) {
	if g.observer != nil {
		defer g.tell(ctx, OperationRelease, s, &e.decision, &err, time.Now())
	}
	if err := g.authorise(ctx, s, e, &e.decision, how, project); err != nil {
		return err
	}
	return g.confirm(ctx, s, &e.decision)
}

// authorise is release without its end.
func (g *Guard) authorise(ctx context.Context, s *session, e *evaluation, d *Decision, how manner, project func(*Decision, purpose.FieldSet) error) error {
	if err := g.prepare(ctx, s, e, d, how, project); err != nil {
		return g.recordDenial(ctx, s, d, err)
	}
	if err := g.record(ctx, s, d, releaseName(s)); err != nil {
		return g.unrecorded(d, err)
	}
	return nil
}

// prepare decides and projects. An error is a DeniedError, and the decision it comes with is to be recorded.
func (g *Guard) prepare(ctx context.Context, s *session, e *evaluation, d *Decision, how manner, project func(*Decision, purpose.FieldSet) error) error {
	if !s.req.At.IsZero() || !s.req.KnownAt.IsZero() {
		return g.denial(s, d, CodeTimeStated)
	}
	if s.req.Action == purpose.Collect || s.req.Action == purpose.Store {
		return g.denial(s, d, CodeReleasesNothing)
	}
	err := g.run(ctx, s, e, d)
	if e.began.IsZero() { // it broke down before it looked
		e.began = g.now()
	}
	d.ID = newID(e.began)
	enough := d.Outcome == OutcomePermitted || how == partly && d.Outcome == OutcomePartial
	observing := g.mode == audit.Observe && !s.bypass && err == nil && observable(d)
	if !enough && !observing {
		d.withhold("")
		return &DeniedError{Decision: *d, Cause: err}
	}
	show, masks := d.permitted, d
	if observing {
		show, masks = d.requested, nil // everything leaves, unmasked, and the event says so
	}
	if err := safely(project, masks, show); err != nil {
		d.withhold(CodeProjection)
		return &DeniedError{Decision: *d, Cause: err}
	}
	return nil
}

// confirm looks again once the record is durable; what no longer holds is not released.
func (g *Guard) confirm(ctx context.Context, s *session, d *Decision) error {
	if g.stillHolds(ctx, s, d) {
		return nil
	}
	return g.abort(ctx, s, d, CodeRecheck)
}

// abort records that what was authorised was not released.
func (g *Guard) abort(ctx context.Context, s *session, d *Decision, code Code) error {
	cause := g.recordAs(ctx, s, d, audit.ReleaseAborted, code)
	d.withhold(code)
	return &DeniedError{Decision: *d, Cause: cause}
}

// withhold makes d a denial, for a further reason if code says one.
func (d *Decision) withhold(code Code) {
	d.withheld, d.recorded = d.withheld.Or(d.permitted), true
	d.Outcome, d.permitted, d.redacts = OutcomeDenied, purpose.FieldSet{}, purpose.FieldSet{}
	if code != "" {
		d.findings = append(d.findings, finding{code: code, fields: d.requested})
	}
}

// safely turns a panic in a projection, of a record changed by another goroutine say, into an error.
func safely(project func(*Decision, purpose.FieldSet) error, d *Decision, show purpose.FieldSet) (err error) {
	defer func() {
		if recover() != nil {
			err = errInternal
		}
	}()
	return project(d, show)
}

// observable reports whether a refusal is one that observing may pass over: a gate's, not a malformed request.
func observable(d *Decision) bool {
	return !slices.ContainsFunc(d.findings, func(f finding) bool {
		g := f.code.Gate()
		return g == GateRequest || g == GateState || g == GateRelease
	})
}

// denial refuses for one reason without deciding.
func (g *Guard) denial(s *session, d *Decision, code Code) error {
	*d = Decision{ID: newID(g.now()), Action: knownAction(s.req.Action), RegisterDigest: g.tables.reg.Digest(), PolicyDigest: g.policyDigest(),
		Purpose: known(g.tables.reg.Purposes(), s.req.Purpose), Recipient: knownRecipient(g.tables, s.req.Recipient)}
	g.refuse(d, s, code)
	return &DeniedError{Decision: *d}
}

// deny is denial, recorded.
func (g *Guard) deny(ctx context.Context, s *session, code Code) (Decision, error) {
	var d Decision
	var err error
	if g.observer != nil {
		defer g.tell(ctx, OperationRelease, s, &d, &err, time.Now())
	}
	err = g.denial(s, &d, code)
	err = g.recordDenial(ctx, s, &d, err)
	return d, err
}

// unrecorded turns a permit into a refusal: what is not recorded is not released.
func (g *Guard) unrecorded(d *Decision, err error) error {
	code := CodeTrailUnavailable
	if errors.Is(err, errAlias) {
		code = CodeAliasUnavailable
	}
	d.withhold(code)
	return &DeniedError{Decision: *d, Cause: err}
}

// stillHolds looks again after the record is durable: a withdrawal that was acknowledged, a policy that was
// swapped, an expiry that has come. What changed is judged anew, and must permit as much.
func (g *Guard) stillHolds(ctx context.Context, s *session, d *Decision) bool {
	now := g.now()
	if d.At.After(now) {
		now = d.At // the ledger's clock is ahead
	}
	fresh := g.policyDigest() == d.PolicyDigest
	same := g.unchanged(s, now)
	for i := 0; fresh && !same && i < len(s.states); i++ {
		seen := &s.states[i]
		st, err := g.stateAt(ctx, seen.id, now, s.req.KnownAt)
		fresh = err == nil && (st == seen.state || st != nil && st.Version == seen.state.Version && st.KnownAt.Equal(seen.state.KnownAt) && st.Covers(d.At) && st.DataSubject == seen.id)
	}
	if fresh && now.Sub(d.At) < recheckAge {
		return true
	}
	again := *s
	again.states, again.glance = nil, glance{}
	d2, err := g.decide(ctx, &again)
	return err == nil && (g.mode == audit.Observe || d.permitted.Without(d2.permitted).Empty() && d.masksAs(&d2))
}

// masksAs reports whether what d permits is masked by other in the same way.
func (d *Decision) masksAs(other *Decision) bool {
	for i := range d.permitted.All {
		if d.redacts.Has(i) != other.redacts.Has(i) || d.redacts.Has(i) && d.maskAt(i) != other.maskAt(i) {
			return false
		}
	}
	return true
}
