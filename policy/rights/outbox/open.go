package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// Open makes the notices of a case that the desk granted in whole or in part, and returns all that the case has. An outcome without
// the obligation to notify, and one that changes nothing, open no case. Opening again makes no second notice.
func (b *Outbox) Open(ctx context.Context, c rights.Case, o rights.Outcome) ([]Notice, error) {
	switch {
	case ctx == nil:
		return nil, fmt.Errorf("%w: context: missing", ErrRequest)
	case c.ID == "" || c.ID != o.ID || c.Kind != o.Kind:
		return nil, fmt.Errorf("%w: the case is not that of the outcome", ErrRequest)
	case c.DataSubject == "":
		return nil, fmt.Errorf("%w: data_subject: missing", ErrRequest)
	case o.RegisterDigest != b.reg.Digest():
		return nil, fmt.Errorf("%w: the outcome is of another register", ErrRequest)
	case !slices.Contains(o.Obligations, rights.NotifyRecipients):
		return nil, nil
	}
	changed := map[string]bool{}
	tree := b.reg.Categories()
	for _, part := range o.Changed() {
		for id := range tree.Below(part).All {
			changed[tree.Key(id)] = true
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	told, err := b.told(ctx, &c)
	if err != nil {
		return nil, err
	}
	now := b.opt.now()
	notices := b.notices(&c, told, changed, now)
	have, err := b.store.OfCase(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var events []audit.Event
	for i := range notices {
		if !slices.ContainsFunc(have, func(n Notice) bool { return n.ID == notices[i].ID }) {
			events = append(events, b.event(&notices[i], audit.Permitted, reasonPending))
		}
	}
	if len(events) > 0 {
		if err := b.record(ctx, c.DataSubject, events...); err != nil {
			return nil, err
		}
	}
	if err := b.store.Open(ctx, Case{ID: c.ID, DataSubject: c.DataSubject, Kind: c.Kind, OpenedAt: now}, notices); err != nil {
		return nil, err
	}
	return b.store.OfCase(ctx, c.ID)
}

var errElsewhere = errors.New("outbox: it does not show the case")

// told asks the trail, up to its head, under every alias of the person. The desk has recorded the case: a trail that does not show
// it, under one of these aliases, is another one, or behind, or of other aliases.
func (b *Outbox) told(ctx context.Context, c *rights.Case) (index.PersonReport, error) {
	report, err := apart(ctx, b.opt.timeout, func(ctx context.Context) (none index.PersonReport, err error) {
		alias, err := b.alias(ctx, audit.Principal, b.opt.system)
		if err != nil {
			return none, err
		}
		refs, err := b.names.Aliases(ctx, audit.DataSubject, c.DataSubject)
		if err != nil {
			return none, errAlias
		}
		if _, err := b.disclosures.Update(ctx); err != nil {
			return none, err
		}
		who := index.Asker{Principal: alias}
		request, err := b.disclosures.ByDecision(ctx, who, c.ID)
		if err != nil {
			return none, err
		}
		if !shows(&request, c.Kind, refs) {
			return none, errElsewhere
		}
		report, err := b.disclosures.ForPerson(ctx, who, refs)
		if err == nil && (report.Known.Stream != request.Known.Stream || report.Known.Seq < request.Known.Seq) {
			return none, errElsewhere
		}
		return report, err
	})
	if err != nil {
		return index.PersonReport{}, &failure{ErrTrail, err}
	}
	return report, nil
}

var eventNames = map[purpose.RightKind]audit.Name{
	purpose.RectificationRight: audit.RightsRectification, purpose.ErasureRight: audit.RightsErasure, purpose.RestrictionRight: audit.RightsRestriction,
}

// shows reports whether the events of a case are there, and all are about the person.
func shows(request *index.Listing, kind purpose.RightKind, refs []string) bool {
	found := false
	for i := range request.Entries {
		e := &request.Entries[i].Event
		if e.Name != eventNames[kind] || e.Name == "" {
			continue
		}
		found = true
		if len(e.DataSubjectRefs) == 0 || slices.ContainsFunc(e.DataSubjectRefs, func(ref string) bool { return !slices.Contains(refs, ref) }) {
			return false
		}
	}
	return found
}

// notices are those to whoever received data of the changed categories, or may have: nothing says that they did not. What was
// disclosed with no category named may have been anything.
func (b *Outbox) notices(c *rights.Case, told index.PersonReport, changed map[string]bool, now time.Time) (list []Notice) {
	silence := b.silence(now)
	for i := range told.Consultations {
		x := &told.Consultations[i]
		if x.Recipient == nil || x.Name != audit.AccessShare && x.Name != audit.AccessBreakGlass || x.Delivery == index.NotDelivered || x.Delivery == index.Aborted {
			continue
		}
		var received []string
		for _, k := range x.Categories {
			if changed[k] {
				received = append(received, k)
			}
		}
		if len(received) == 0 && len(x.Categories) > 0 {
			continue
		}
		id := noticeID(c.ID, x.Recipient.ID, x.Recipient.Country)
		j := slices.IndexFunc(list, func(n Notice) bool { return n.ID == id })
		if j < 0 {
			j = len(list)
			list = append(list, Notice{ID: id, Case: c.ID, DataSubject: c.DataSubject, Kind: c.Kind, Recipient: x.Recipient.ID, RecipientCountry: x.Recipient.Country,
				First: x.Time, Silent: true, State: Pending, Next: now, CreatedAt: now, ChangedAt: now})
		}
		n := &list[j]
		n.Last, n.RecipientKind = x.Time, x.Recipient.Kind
		n.Silent = n.Silent && silence.covers(x, received)
		for _, k := range received {
			if !slices.Contains(n.Categories, k) {
				n.Categories = append(n.Categories, k)
			}
		}
		slices.Sort(n.Categories)
	}
	return list
}

// silence is what laws in force forbid to tell the person (GDPR Art. 23).
type silence struct{ categories, purposes, recipients map[string]bool }

func (b *Outbox) silence(now time.Time) silence {
	s := silence{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for i := range b.spec.Rights {
		x := &b.spec.Rights[i]
		if x.Kind != purpose.AccessRight {
			continue
		}
		for j := range x.Except {
			e := &x.Except[j]
			if !e.Silent || !b.reg.LawInForce(e.Law, now) {
				continue
			}
			put(s.categories, b.reg.Categories(), e.Categories)
			put(s.purposes, b.reg.Purposes(), e.Purposes)
			for _, k := range e.Recipients {
				s.recipients[k] = true
			}
		}
	}
	return s
}

func put(set map[string]bool, t *purpose.Tree, nodes []string) {
	if len(nodes) == 0 {
		return
	}
	for id := range t.Below(nodes...).All {
		set[t.Key(id)] = true
	}
}

// covers reports whether a disclosure of these categories must not be told.
func (s *silence) covers(x *index.Consultation, received []string) bool {
	return s.recipients[x.Recipient.ID] || s.purposes[x.Purpose] ||
		len(received) > 0 && !slices.ContainsFunc(received, func(k string) bool { return !s.categories[k] })
}
