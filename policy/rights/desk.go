package rights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Ledger is what a desk reads and writes.
type Ledger interface {
	basis.Ledger
	basis.Recorder
}

// Desk answers requests of data subjects. It is safe for concurrent use.
type Desk struct {
	*Keeper
	recorder     basis.Recorder
	trail        audit.Trail
	pseudonyms   audit.Pseudonymizer
	calendar     retention.Calendar
	ids          *audit.IDs
	trailTimeout time.Duration
}

// NewDesk ties a register, a ledger and an audit trail together. All are needed, and so are the pseudonyms of the guard
// ([WithPseudonyms]). With an error there is no desk.
func NewDesk(register *purpose.Register, ledger Ledger, trail audit.Trail, opts ...Option) (*Desk, error) {
	o, err := settings(opts)
	if err != nil {
		return nil, err
	}
	switch {
	case isNil(trail):
		return nil, errors.New("rights: a desk needs an audit trail")
	case isNil(o.pseudonyms):
		return nil, errors.New("rights: a desk needs the pseudonyms of the guard")
	}
	k, err := newKeeper(register, ledger, o)
	if err != nil {
		return nil, err
	}
	for i := range k.spec.Rights {
		for j, g := range k.spec.Rights[i].Grounds {
			var known Ground
			if known.UnmarshalText([]byte(g)) != nil || known == NoGround {
				return nil, fmt.Errorf("rights: the register's rights[%d].grounds[%d] is not one of %q", i, j, groundNames[1:])
			}
		}
	}
	d := &Desk{Keeper: k, recorder: ledger, trail: trail, pseudonyms: o.pseudonyms, calendar: o.calendar, ids: audit.NewIDs(o.now), trailTimeout: o.trailTimeout}
	if isNil(d.calendar) {
		if d.calendar, err = calendarOf(k.spec.Controller.Country); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Due counts the time for answering a request of a kind; see the function [Due].
func (d *Desk) Due(kind purpose.RightKind, t Timing) (Clock, error) {
	return Due(d.reg, d.calendar, kind, t)
}

// Decide says how a request must be answered now. It records nothing and changes nothing; Serve does.
func (d *Desk) Decide(ctx context.Context, req Request) (Outcome, error) {
	if err := d.check(ctx, &req); err != nil {
		return Outcome{}, err
	}
	return d.decide(ctx, &req)
}

// Serve answers a request: it decides, records the decision durably, and lets it take effect in the ledger. With an error
// nothing is granted. [ErrRecord] and [ErrEffect] may come when the decision is on record already: serve the request again
// under its ID, which the Outcome names.
func (d *Desk) Serve(ctx context.Context, req Request) (Outcome, error) {
	if err := d.check(ctx, &req); err != nil {
		return Outcome{}, err
	}
	if req.ID == "" {
		id, err := d.ids.Next()
		if err != nil {
			return Outcome{}, &failure{ErrRecord, err}
		}
		req.ID = id
	}
	o, err := d.decide(ctx, &req)
	if err != nil {
		return Outcome{ID: req.ID, Kind: req.Kind}, err
	}
	none := Outcome{ID: req.ID, Kind: req.Kind, At: o.At}
	if err := d.record(ctx, &req, d.events(&req, &o)); err != nil {
		return none, err
	}
	if len(o.effects) == 0 {
		return o, nil
	}
	ids, err := d.effect(ctx, &req, o.effects)
	if err != nil {
		return none, err
	}
	if err := d.record(ctx, &req, d.taken(&req, ids)); err != nil {
		return none, err
	}
	return o, nil
}

// check refuses a request that the program made wrongly.
func (d *Desk) check(ctx context.Context, req *Request) error {
	bad := func(place, why string) error { return fmt.Errorf("%w: %s: %s", ErrRequest, place, why) }
	now := d.now()
	switch {
	case ctx == nil:
		return bad("context", "missing")
	case req.Kind == 0 || req.Kind.String() == "":
		return bad("kind", "not a right")
	case req.DataSubject == "" || req.DataSubject == basis.ControllerWide:
		return bad("data_subject", "missing")
	case req.Received.IsZero():
		return bad("received", "missing")
	case req.Received.After(now):
		return bad("received", "lies in the future")
	case int(req.Identity) >= len(identityNames), int(req.Ground) >= len(groundNames), int(req.Finding.Verdict) >= len(findsNames):
		return bad("identity, ground or finding", "outside its list")
	case req.Channel != "" && !purpose.ValidKey(req.Channel):
		return bad("channel", "not a key")
	case req.ID != "" && !validDecision(req.ID):
		return bad("id", "not a ULID")
	case req.DecisionID != "" && !validDecision(req.DecisionID):
		return bad("decision_id", "not an id of the trail")
	}
	for i, s := range req.Stated {
		if !purpose.ValidKey(s) {
			return bad(fmt.Sprintf("stated[%d]", i), "not a key")
		}
	}
	for _, org := range [2]string{req.Organisation, req.AddressedTo} {
		if _, known := d.recipients[org]; !known && org != "" && org != d.spec.Controller.Key {
			return bad("organisation or addressed_to", "not in the register")
		}
	}
	for i, c := range req.Categories {
		if _, ok := d.reg.Categories().ID(c); !ok {
			return bad(fmt.Sprintf("categories[%d]", i), "not in the register")
		}
	}
	for i, p := range req.Purposes {
		if _, ok := d.reg.Purposes().ID(p); !ok {
			return bad(fmt.Sprintf("purposes[%d]", i), "not in the register")
		}
	}
	for i, s := range req.Scopes {
		if !slices.ContainsFunc(d.spec.Scopes, func(x purpose.Scope) bool { return x.Key == s }) {
			return bad(fmt.Sprintf("scopes[%d]", i), "not in the register")
		}
	}
	for i := range req.Holdings {
		h := &req.Holdings[i]
		if err := d.checkHolding(h, d.wholeDataset(req.Kind, h)); err != nil {
			return fmt.Errorf("%w (holdings[%d])", err, i)
		}
	}
	return d.checkFacts(req.Facts)
}

// wholeDataset reports whether a request for the right may speak of a dataset without saying which categories are in it: to see
// it, or to have whoever it is held for asked.
func (d *Desk) wholeDataset(k purpose.RightKind, h *Holding) bool {
	ds := d.datasets[h.Dataset]
	return ds != nil && h.Category == "" && (k == purpose.AccessRight || k == purpose.CopyRight || ds.Role == purpose.AsProcessor)
}

// validDecision reports whether s is a ULID or 128 bits in lower-case hex.
func validDecision(s string) bool {
	e := audit.Event{Name: audit.ReleaseAborted, Outcome: audit.Aborted, Reason: "release.changed", DecisionID: s}
	return e.Validate() == nil
}
