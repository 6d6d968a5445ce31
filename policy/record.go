package policy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/purpose"
)

// recheckAge is how old a decision may be before it is taken anew although nothing has changed:
// retention periods and validities may have ended meanwhile.
const recheckAge = time.Second

var errAlias = errors.New("policy: no pseudonym")

// newID names a decision.
func newID(now time.Time) string {
	if ms := now.UnixMilli(); ms < 0 || uint64(ms) > ulid.MaxTime() {
		now = time.UnixMilli(0) // a clock that is out of order; the decision will be a denial
	}
	return ulid.MustNewDefault(now).String()
}

// lasting is a context that does not end with the caller's, and is there where the caller gave none.
func lasting(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return context.WithoutCancel(ctx)
}

// record appends the events of a decision, durably, whatever becomes of the caller.
func (g *Guard) record(ctx context.Context, s *session, d *Decision, name audit.Name) error {
	ctx, cancel := context.WithTimeout(lasting(ctx), g.trailTimeout)
	defer cancel()
	fixed := *d // what runs apart may outlive the call
	return apart(ctx, func() error {
		events, err := g.events(ctx, s, &fixed, name)
		if err != nil {
			return err
		}
		return g.append(ctx, events)
	})
}

func (g *Guard) append(ctx context.Context, events []audit.Event) error {
	if err := g.trail.Append(ctx, events); err != nil {
		return &failure{errTrail, err}
	}
	return nil
}

// apart runs f on a goroutine of its own and waits for it, but not longer than the context: a trail or a pseudonymizer
// that hangs refuses, and so does one that panics.
func apart(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if recover() != nil {
				done <- errTrail
			}
		}()
		done <- f()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return &failure{errTrail, ctx.Err()}
	}
}

var errTrail = errors.New("policy: the audit trail did not record")

// events says what was decided, in register keys and pseudonyms.
func (g *Guard) events(ctx context.Context, s *session, d *Decision, name audit.Name) ([]audit.Event, error) {
	e := audit.Event{
		Name: name, Mode: g.mode, Action: s.req.Action.String(), Purpose: d.Purpose, NoticeVersion: d.Notice, DecisionID: d.ID,
		PolicyDigest: d.PolicyDigest, RegisterDigest: d.RegisterDigest, RecipientID: d.Recipient, RecipientCountry: d.Country,
	}
	if validTrace(s.req.TraceID) {
		e.TraceID = s.req.TraceID
	}
	switch {
	case s.bypass:
		e.Mode, e.Outcome, e.Reason = audit.BreakGlass, audit.Permitted, s.emergency.Reason
	case name == audit.ReleaseAborted:
		e.Outcome, e.Reason = audit.Aborted, string(CodeRecheck)
	case d.Outcome == OutcomeDenied:
		e.Outcome, e.Reason = audit.Denied, string(d.Because())
	case d.Outcome == OutcomePartial:
		e.Outcome, e.Reason = audit.Partial, string(d.Because())
	default:
		e.Outcome = audit.Permitted
	}
	if d.Recipient != "" {
		e.RecipientKind = g.tables.recipients[d.Recipient].Kind.String()
	}
	if len(g.deciders) > 0 {
		e.PolicyEngine = g.deciders[0].Name()
	}
	if err := g.who(ctx, s, &e); err != nil {
		return nil, err
	}
	g.what(s, d, &e)
	g.why(d, &e)
	return audit.Split(e), nil
}

// validTrace reports whether s is a W3C trace id; what is none is left out, for it comes from outside.
func validTrace(s string) bool {
	zero := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		} else if c != '0' {
			zero = false
		}
	}
	return len(s) == 32 && !zero
}

// who names principal and data subjects by pseudonym.
func (g *Guard) who(ctx context.Context, s *session, e *audit.Event) error {
	alias := func(class audit.Class, id string) (string, error) {
		a, err := g.pseudonyms.Alias(ctx, class, id)
		if err != nil {
			return "", errAlias // an error of a store may quote the id
		}
		return a, nil
	}
	if id := s.req.Principal.ID; id != "" {
		a, err := alias(audit.Principal, id)
		if err != nil {
			return err
		}
		e.PrincipalRef = a
	}
	for _, r := range s.req.Principal.Roles {
		if purpose.ValidKey(r) && len(e.PrincipalRoles) < maxRoles {
			e.PrincipalRoles = append(e.PrincipalRoles, r)
		}
	}
	for i := range s.target.people {
		id := s.target.people[i].id
		if id == "" {
			continue
		}
		a, err := alias(audit.DataSubject, id)
		if err != nil {
			return err
		}
		if !slices.Contains(e.DataSubjectRefs, a) {
			e.DataSubjectRefs = append(e.DataSubjectRefs, a)
		}
	}
	return nil
}

const maxRoles = 16

// what lists fields and categories: those that leave, or those that were asked for and refused.
func (g *Guard) what(s *session, d *Decision, e *audit.Event) {
	fields := d.permitted
	if e.Outcome == audit.Denied || e.Outcome == audit.Aborted || g.mode == audit.Observe {
		fields = d.requested
	}
	if d.plan == nil {
		return
	}
	for i := range fields.All {
		f := &d.plan.Fields[i]
		e.Fields = append(e.Fields, f.Path)
		if c := g.tables.reg.Categories().Key(f.Category); !slices.Contains(e.Categories, c) {
			e.Categories = append(e.Categories, c)
		}
		e.Special = e.Special || f.Class == purpose.Special || f.Class == purpose.Criminal
	}
	for len(e.Categories) > maxCategories && coarsen(e) {
	}
}

// maxCategories is how many an event holds.
const maxCategories = 64

// coarsen names the nodes above instead of the categories; it reports whether any was left to go up to.
func coarsen(e *audit.Event) (up bool) {
	var list []string
	for _, c := range e.Categories {
		if above := purpose.Parent(c); above != "" {
			c, up = above, true
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	e.Categories = list
	return up
}

// why names the ground that was relied on first, and those that were rejected.
func (g *Guard) why(d *Decision, e *audit.Event) {
	d.eachUse(func(u *use) {
		if e.Activity == "" && !u.fields.And(d.permitted).Empty() {
			e.Activity, e.Clause, e.Basis, e.BasisRef = u.act.Key, u.act.Clause, u.claim.Basis.ID(), u.evidence
			if len(u.act.rules) > 0 {
				e.RetentionRule = u.act.rules[0].Key
			}
		}
	})
	for _, r := range d.Rejected() {
		if id := r.Basis.ID() + "=" + string(r.Code); !slices.Contains(e.BasisRejected, id) && len(e.BasisRejected) < maxRoles {
			e.BasisRejected = append(e.BasisRejected, id)
		}
	}
	e.Obligations = d.Obligations()
}
