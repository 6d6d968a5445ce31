package policy

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
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
	ms := now.UnixMilli()
	if ms < 0 || uint64(ms) > ulid.MaxTime() {
		ms = 0 // a clock that is out of order; the decision will be a denial
	}
	var id ulid.ULID
	_ = id.SetTime(uint64(ms)) // which MaxTime has looked at
	binary.BigEndian.PutUint16(id[6:], uint16(rand.Uint32()))
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	return id.String()
}

// entry is what goes on record of a decision. It is made anew each time and shares nothing that changes: a trail that is
// left behind may still read it.
type entry struct {
	term
	guard     *Guard
	principal string        // not yet named by pseudonym
	people    []string      // likewise
	event     []audit.Event // one
	events    []audit.Event // the same with its names, or several where it did not fit
	room      []string      // for the pseudonyms of the event
	latest    alias         // of a data subject

	ids [2]string // room for what nearly every entry has
}

// alias is a pseudonym and whose it is.
type alias struct{ id, ref string }

// single is an entry with room for its event.
type single struct {
	entry
	one   [1]audit.Event
	roles [4]string
	refs  [2]string
}

func (g *Guard) single() *entry {
	r := &single{}
	r.guard, r.event, r.room = g, r.one[:], r.refs[:0]
	r.one[0].PrincipalRoles = r.roles[:0]
	return &r.entry
}

// record appends the events of a decision, durably, whatever becomes of the caller.
func (g *Guard) record(ctx context.Context, s *session, d *Decision, name audit.Name) error {
	return g.recordAs(ctx, s, d, name, "")
}

// recordAs is record for what happened after the decision: code says why.
func (g *Guard) recordAs(ctx context.Context, s *session, d *Decision, name audit.Name, code Code) (err error) {
	defer func() {
		if recover() != nil {
			err = errTrail
		}
		g.noteRecord(err)
	}()
	r := g.single()
	r.describe(s, d, name, code)
	r.begin(ctx, g.trailTimeout, true)
	defer r.end()
	if g.instantAliases {
		if err := r.name(); err != nil {
			return err
		}
	}
	return g.put(&r.term, r, g.promptTrail && g.instantAliases)
}

// put has something recorded, here or by the crew, and waits no longer than the trail may take: a trail or a pseudonymizer
// that hangs refuses, and so does one that panics.
func (g *Guard) put(t *term, e errand, here bool) (err error) {
	if here {
		err = attempt(e)
	} else {
		err = g.crew.do(t, e)
	}
	if err == nil || errors.Is(err, errAlias) {
		return err
	}
	return &failure{errTrail, err}
}

// noteRecord keeps in mind how the trail and the pseudonyms did.
func (g *Guard) noteRecord(err error) {
	if err == nil || errors.Is(err, errAlias) {
		g.vitals.pseudonyms.note(err, g.now)
	}
	if !errors.Is(err, errAlias) {
		g.vitals.trail.note(err, g.now)
	}
}

// do implements errand.
func (r *entry) do() error {
	if err := r.name(); err != nil {
		return err
	}
	return r.guard.trail.Append(&r.term, r.events)
}

var errTrail = errors.New("policy: the audit trail did not record")

// describe says what was decided, in register keys; name adds the pseudonyms.
func (r *entry) describe(s *session, d *Decision, name audit.Name, code Code) {
	g, e := r.guard, &r.event[0]
	e.Name, e.Mode, e.Action, e.Purpose, e.NoticeVersion, e.DecisionID = name, g.mode, s.req.Action.String(), d.Purpose, d.Notice, d.ID
	e.PolicyDigest, e.RegisterDigest, e.RecipientID, e.RecipientCountry = d.PolicyDigest, d.RegisterDigest, d.Recipient, d.Country
	if validTrace(s.req.TraceID) {
		e.TraceID = s.req.TraceID
	}
	switch {
	case s.bypass && name == audit.AccessBreakGlass:
		e.Mode, e.Outcome, e.Reason = audit.BreakGlass, audit.Permitted, s.emergency.Reason
	case name == audit.ReleaseAborted:
		e.Outcome, e.Reason = audit.Aborted, string(code)
	case name == audit.ShareDelivered && code != "":
		e.Outcome, e.Reason = audit.Failed, string(code)
	case name == audit.ShareDelivered:
		e.Outcome = audit.Done
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
	r.who(s)
	g.what(s, d, e)
	g.why(d, e)
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

// who takes in the principal and the data subjects.
func (r *entry) who(s *session) {
	r.principal = s.req.Principal.ID
	if e := &r.event[0]; len(e.PrincipalRoles) == 0 { // else they are another's, of the same request
		e.PrincipalRoles = rolesOf(s.req, e.PrincipalRoles)
	}
	r.people = r.ids[:0]
	for i := range s.target.people {
		if id := s.target.people[i].id; id != "" {
			r.people = append(r.people, id)
		}
	}
}

// rolesOf adds the roles that can go on record; nil when there are none.
func rolesOf(req *Request, list []string) []string {
	for _, role := range req.Principal.Roles {
		if purpose.ValidKey(role) && len(list) < maxRoles {
			list = append(list, role)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// name puts pseudonyms in the place of ids, once, and makes the events.
func (r *entry) name() (err error) {
	if r.events != nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			err = errAlias
		}
	}()
	e := &r.event[0]
	if r.principal != "" && e.PrincipalRef == "" {
		if e.PrincipalRef, err = r.alias(audit.Principal, r.principal); err != nil {
			return err
		}
	}
	if len(r.people) > 0 {
		e.DataSubjectRefs = r.room
	}
	for _, id := range r.people {
		a := r.latest.ref
		if a == "" || r.latest.id != id {
			if a, err = r.alias(audit.DataSubject, id); err != nil {
				return err
			}
			r.latest = alias{id, a}
		}
		if !slices.Contains(e.DataSubjectRefs, a) {
			e.DataSubjectRefs = append(e.DataSubjectRefs, a)
		}
	}
	if e.Fits() {
		r.events = r.event
	} else {
		r.events = audit.Split(*e)
	}
	return nil
}

func (r *entry) alias(class audit.Class, id string) (string, error) {
	ctx := context.Context(&r.term)
	if r.guard.instantAliases {
		ctx = context.Background() // it does not wait, and so need not look at the time
	}
	a, err := r.guard.pseudonyms.Alias(ctx, class, id)
	if err != nil {
		return "", errAlias // an error of a store may quote the id
	}
	return a, nil
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
	l := s.target.listed
	if l == nil || l.plan != d.plan || l.fields != fields {
		l = listingOf(d.plan, fields)
	}
	e.Fields, e.Categories, e.Special = l.paths, l.categories, l.special
}

// listing is how an event names a set of fields. Events share it: nobody may change it.
type listing struct {
	plan              *purpose.Plan
	fields            purpose.FieldSet
	paths, categories []string
	special           bool
}

func listingOf(plan *purpose.Plan, fields purpose.FieldSet) *listing {
	l := &listing{plan: plan, fields: fields}
	for i := range fields.All {
		f := &plan.Fields[i]
		l.paths = append(l.paths, f.Path)
		if c := plan.Register.Categories().Key(f.Category); !slices.Contains(l.categories, c) {
			l.categories = append(l.categories, c)
		}
		l.special = l.special || f.Class == purpose.Special || f.Class == purpose.Criminal
	}
	for len(l.categories) > maxCategories && l.coarsen() {
	}
	l.paths, l.categories = slices.Clip(l.paths), slices.Clip(l.categories)
	return l
}

// maxCategories is how many an event holds.
const maxCategories = 64

// coarsen names the nodes above instead of the categories; it reports whether any was left to go up to.
func (l *listing) coarsen() (up bool) {
	var list []string
	for _, c := range l.categories {
		if above := purpose.Parent(c); above != "" {
			c, up = above, true
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	l.categories = list
	return up
}

// why names the ground that was relied on first, and those that were rejected.
func (g *Guard) why(d *Decision, e *audit.Event) {
	for i := range d.used {
		if u := &d.used[i]; e.Activity == "" && !u.fields.And(d.permitted).Empty() {
			e.Activity, e.Clause, e.Basis, e.BasisRef = u.act.Key, u.act.Clause, u.claim.Basis.ID(), u.evidence
			if len(u.act.rules) > 0 {
				e.RetentionRule = u.act.rules[0].Key
			}
		}
	}
	for _, r := range d.Rejected() {
		if id := r.Basis.ID() + "=" + string(r.Code); !slices.Contains(e.BasisRejected, id) && len(e.BasisRejected) < maxRoles {
			e.BasisRejected = append(e.BasisRejected, id)
		}
	}
	e.Obligations = d.Obligations()
}
