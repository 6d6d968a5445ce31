package index

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/purposebound/purposebound/audit"
)

// Recipient as the trail names it: in clear, since GDPR Art. 15(1)(c) and 19 need the actual one.
type Recipient struct {
	ID      string `json:"id"`
	Kind    string `json:"kind,omitempty"`
	Country string `json:"country,omitempty"`
}

func recipientOf(e *audit.Event) *Recipient {
	if e.RecipientID == "" {
		return nil
	}
	return &Recipient{e.RecipientID, e.RecipientKind, e.RecipientCountry}
}

// Consultation is one thing that was done with a person's data, as that person may see it.
type Consultation struct {
	Time       time.Time  `json:"time"`
	Name       audit.Name `json:"name"`
	Purpose    string     `json:"purpose,omitempty"`
	Basis      string     `json:"basis,omitempty"`
	Clause     string     `json:"clause,omitempty"`
	Fields     []string   `json:"fields,omitempty"`
	Categories []string   `json:"categories,omitempty"`
	Special    bool       `json:"special,omitempty"`
	Recipient  *Recipient `json:"recipient,omitempty"`
	Delivery   Delivery   `json:"delivery,omitempty"`
}

// PersonReport is what a person gets under GDPR Art. 15: dates, purposes, bases, clauses and actual recipients. It
// does not say which employees acted, who are data subjects too (CJEU C-579/21), nor anything that leads to them: no
// pseudonym, role, decision, trace or policy. What was refused is left out, for nothing was done then; the controller's view
// has it. It knows no law that keeps something out of the right (GDPR Art. 23), such as a report of a suspicion: package
// policy/rights/access leaves that out, and who hands this out without it must.
type PersonReport struct {
	Known         Known          `json:"known"`
	Consultations []Consultation `json:"consultations"`
}

// ForPerson is the person's view.
func (x *Index) ForPerson(ctx context.Context, who Asker, refs []string) (out PersonReport, err error) {
	in, err := aliases(refs)
	if err != nil {
		return out, err
	}
	err = x.ask(ctx, who, "report.person", audit.Event{DataSubjectRefs: refs}, func(conn *sql.Conn, known Known) error {
		found, err := events(ctx, conn, ofPerson, in)
		if err != nil {
			return err
		}
		f, err := fatesOf(ctx, conn, found)
		if err != nil {
			return err
		}
		out = PersonReport{known, []Consultation{}}
		for i := range found {
			if e := &found[i]; forPerson(e.Name) {
				out.Consultations = append(out.Consultations, Consultation{
					Time: e.Time, Name: e.Name, Purpose: e.Purpose, Basis: e.Basis, Clause: e.Clause, Fields: e.Fields,
					Categories: e.Categories, Special: e.Special, Recipient: recipientOf(e), Delivery: f.of(e, theirs(e, refs)),
				})
			}
		}
		return nil
	})
	if err != nil {
		return PersonReport{}, err
	}
	return out, nil
}

// theirs are the refs that the event names.
func theirs(e *audit.Event, refs []string) (out []string) {
	for _, r := range e.DataSubjectRefs {
		if slices.Contains(refs, r) {
			out = append(out, r)
		}
	}
	return out
}

// forPerson reports whether the person's view has events of this name.
func forPerson(n audit.Name) bool {
	switch n {
	case audit.AccessRead, audit.AccessShare, audit.AccessBreakGlass,
		audit.RightsAccess, audit.RightsRectification, audit.RightsErasure, audit.RightsRestriction, audit.RightsNotification,
		audit.RightsPortability, audit.RightsObjection, audit.RightsReview, audit.RightsWithdrawal, audit.RightsComplaint, audit.RetentionErased, audit.DataSubjectErased:
		return true
	}
	return false
}

// Notice is a recipient that GDPR Art. 19 wants told of a rectification, erasure or restriction.
type Notice struct {
	Recipient  Recipient `json:"recipient"`
	First      time.Time `json:"first"` // of what it was given, in the order of the trail
	Last       time.Time `json:"last"`
	Categories []string  `json:"categories,omitempty"`
	Delivered  int       `json:"delivered"` // times it was
	Unknown    int       `json:"unknown"`   // times nothing says
	Notified   bool      `json:"notified"`  // a notification is on record behind the last of these
}

// NoticeReport lists them by id.
type NoticeReport struct {
	Known   Known    `json:"known"`
	Notices []Notice `json:"notices"`
}

// ToNotify lists the recipients that have, or may have, a person's data. Those that are known to have got nothing are left
// out. Kind and country are the last that were recorded.
func (x *Index) ToNotify(ctx context.Context, who Asker, refs []string) (out NoticeReport, err error) {
	in, err := aliases(refs)
	if err != nil {
		return out, err
	}
	err = x.ask(ctx, who, "report.notify", audit.Event{DataSubjectRefs: refs}, func(conn *sql.Conn, known Known) error {
		found, err := events(ctx, conn, ofPerson, in)
		if err != nil {
			return err
		}
		f, err := fatesOf(ctx, conn, found)
		if err != nil {
			return err
		}
		out = NoticeReport{known, notices(found, f, refs)}
		return nil
	})
	if err != nil {
		return NoticeReport{}, err
	}
	return out, nil
}

func notices(found []audit.Event, f fates, refs []string) []Notice {
	by := map[string]*Notice{}
	for i := range found {
		e := &found[i]
		n := by[e.RecipientID]
		if n != nil && e.Name == audit.RightsNotification && e.Outcome == audit.Done {
			n.Notified = true
		}
		d := f.of(e, theirs(e, refs))
		if d != Delivered && d != Unknown || e.RecipientID == "" {
			continue
		}
		if n == nil {
			n = &Notice{First: e.Time}
			by[e.RecipientID] = n
		}
		n.Recipient, n.Last, n.Notified = *recipientOf(e), e.Time, false
		n.Categories = append(n.Categories, e.Categories...)
		if d == Delivered {
			n.Delivered++
		} else {
			n.Unknown++
		}
	}
	out := []Notice{}
	for _, id := range sortedKeys(by) {
		slices.Sort(by[id].Categories)
		by[id].Categories = slices.Compact(by[id].Categories)
		out = append(out, *by[id])
	}
	return out
}
