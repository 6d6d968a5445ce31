package access

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Make serves a request for access or for a copy, and makes the report of what the desk grants. The request's holdings are all
// that is held, as far as the request reaches. A nil release makes a report without a copy, which a request for a copy does not
// take.
//
// The outcome is the desk's, for the controller's eyes ([rights.Outcome.Told] is for the person's); it is there with every error
// that comes after the desk has answered. With an error there is no report. Making it is on record before it is returned; values
// that the guard released for a report that then failed are on record too.
func (m *Maker) Make(ctx context.Context, req rights.Request, release Release) (*Report, rights.Outcome, error) {
	if err := check(ctx, &req, release); err != nil {
		return nil, rights.Outcome{}, err
	}
	o, err := m.desk.Serve(ctx, req)
	if err != nil {
		return nil, o, err
	}
	if o.Result != rights.Granted && o.Result != rights.Partial {
		return nil, o, ErrNotGranted
	}
	if o.RegisterDigest != m.reg.Digest() {
		return nil, o, fmt.Errorf("%w: the desk has another register", ErrRegister)
	}
	g := &gathering{Maker: m, req: &req, outcome: &o, hidden: m.hidden(&req, &o)}
	r, err := g.report(ctx, release)
	if err != nil {
		return nil, o, err
	}
	c := rights.Case{ID: o.ID, Kind: req.Kind, DataSubject: req.DataSubject, Received: req.Received, Handler: req.Handler, TraceID: req.TraceID}
	if err := m.desk.CarriedOut(ctx, c, o.Items); err != nil {
		return nil, o, err
	}
	return r, o, nil
}

func check(ctx context.Context, req *rights.Request, release Release) error {
	switch {
	case ctx == nil:
		return fmt.Errorf("%w: context: missing", ErrRequest)
	case req.Kind != purpose.AccessRight && req.Kind != purpose.CopyRight:
		return fmt.Errorf("%w: kind: neither access nor a copy", ErrRequest)
	case req.Kind == purpose.CopyRight && release == nil:
		return fmt.Errorf("%w: release: a copy needs one", ErrRequest)
	}
	return nil
}

// gathering is the making of one report.
type gathering struct {
	*Maker
	req     *rights.Request
	outcome *rights.Outcome
	hidden  hidden
	held    []rights.Holding // of each datum of the report
}

func (g *gathering) report(ctx context.Context, release Release) (*Report, error) {
	c := &g.spec.Controller
	r := &Report{ID: g.outcome.ID, Made: g.opt.now().In(g.reg.Zone()), Received: g.req.Received, Notice: g.outcome.Notice, RegisterDigest: g.outcome.RegisterDigest,
		Controller: Controller{Name: c.Name, Contact: c.Contact, Officer: c.Officer, Representative: c.Representative, Joint: c.Joint},
		Authority:  c.Authority, Copy: release != nil, Rights: g.rights(), LeftOut: g.leftOut(),
		Data: []Datum{}, Recipients: []Recipient{}, Transfers: []Transfer{}, Automated: []Automated{}, Consultations: []Consultation{}}
	told, err := g.told(ctx)
	if err != nil {
		return nil, err
	}
	g.disclosed(r, told)
	concerned, err := g.data(ctx, r)
	if err != nil {
		return nil, err
	}
	g.possible(r, concerned)
	g.automated(r, concerned)
	if release != nil {
		if err := g.copies(ctx, r, release); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// told asks the trail, up to its head, under every alias of the person. The desk has just recorded the request: a trail that does
// not show it, under one of these aliases, is another one, or behind, or of other aliases.
func (g *gathering) told(ctx context.Context) (index.PersonReport, error) {
	report, err := apart(ctx, g.opt.timeout, func(ctx context.Context) (none index.PersonReport, err error) {
		reader := g.req.Handler
		if reader == "" {
			reader = g.opt.system
		}
		alias, err := g.names.Alias(ctx, audit.Principal, reader)
		if err != nil {
			return none, err
		}
		refs, err := g.names.Aliases(ctx, audit.DataSubject, g.req.DataSubject)
		if err != nil {
			return none, err
		}
		if _, err := g.disclosures.Update(ctx); err != nil {
			return none, err
		}
		who := index.Asker{Principal: alias}
		request, err := g.disclosures.ByDecision(ctx, who, g.outcome.ID)
		if err != nil {
			return none, err
		}
		if !shows(&request, refs) {
			return none, errElsewhere
		}
		report, err := g.disclosures.ForPerson(ctx, who, refs)
		if err == nil && (report.Known.Stream != request.Known.Stream || report.Known.Seq < request.Known.Seq) {
			return none, errElsewhere
		}
		return report, err
	})
	if err != nil {
		return index.PersonReport{}, &failure{what: ErrTrail, cause: err}
	}
	return report, nil
}

var errElsewhere = errors.New("access: it does not show the request that was just recorded")

// shows reports whether the events of a request are there, and all are about the person.
func shows(request *index.Listing, refs []string) bool {
	found := false
	for i := range request.Entries {
		e := &request.Entries[i].Event
		if e.Name != audit.RightsAccess {
			continue
		}
		found = true
		if len(e.DataSubjectRefs) == 0 || slices.ContainsFunc(e.DataSubjectRefs, func(ref string) bool { return !slices.Contains(refs, ref) }) {
			return false
		}
	}
	return found
}

// copies adds the values that the guard releases.
func (g *gathering) copies(ctx context.Context, r *Report, release Release) error {
	for i := range r.Data {
		d := &r.Data[i]
		h := g.held[i]
		v, err := apart(ctx, g.opt.timeout, func(ctx context.Context) (Value, error) { return release(ctx, h) })
		var denied *policy.DeniedError
		switch {
		case err == nil:
			d.Value, d.Masked = &v.Text, v.Masked
		case errors.As(err, &denied) && denied.Cause == nil:
			reason, _ := denied.Decision.Reason()
			d.Withheld, d.Why = string(reason.Code), reason.String()
		case errors.Is(err, ErrOther):
			d.Withheld, d.Why = string(rights.CodeAnotherPerson), rights.CodeAnotherPerson.Text()
		default:
			return &failure{what: ErrCopy, place: fmt.Sprintf("data[%d]", i), cause: err}
		}
	}
	return nil
}
