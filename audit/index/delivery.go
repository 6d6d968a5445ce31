package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/purposebound/purposebound/audit"
)

// Delivery says what became of data that was about to be released. The list is closed.
type Delivery string

const (
	Delivered    Delivery = "delivered"
	NotDelivered Delivery = "not delivered" // tried, and failed
	Aborted      Delivery = "aborted"       // nothing was released
	Unknown      Delivery = "unknown"       // nothing says: take it for delivered
	NotSaid      Delivery = ""              // nobody but the principal was to receive it
)

// uncertain are the reasons, of package policy, of failed deliveries that may have arrived all the same.
var uncertain = []string{"release.delivery-panic", "release.delivery-unknown"}

// fates are the events that tell of deliveries and aborted releases, by decision.
type fates map[string][]audit.Event

// fatesOf finds what became of events.
func fatesOf(ctx context.Context, conn *sql.Conn, of []audit.Event) (fates, error) {
	decisions := map[string]bool{}
	for i := range of {
		if released(&of[i]) {
			decisions[of[i].DecisionID] = true
		}
	}
	ids := make([]string, 0, len(decisions))
	for id := range decisions {
		ids = append(ids, id)
	}
	in, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	found, err := events(ctx, conn, `
SELECT line FROM index_event WHERE decision IN (SELECT value FROM json_each(?)) AND name IN ('share.delivered', 'release.aborted')
ORDER BY seq`, string(in))
	if err != nil {
		return nil, err
	}
	f := fates{}
	for _, e := range found {
		f[e.DecisionID] = append(f[e.DecisionID], e)
	}
	return f, nil
}

// of returns what became of an event with regard to these data subjects. Where events disagree, the one that says that more
// was released is believed.
func (f fates) of(e *audit.Event, refs []string) Delivery {
	if !released(e) {
		return NotSaid
	}
	d := NotSaid
	if e.RecipientID != "" {
		d = Unknown
	}
	perhaps := false
	for _, fate := range f[e.DecisionID] {
		about := len(fate.DataSubjectRefs) == 0 || slices.ContainsFunc(fate.DataSubjectRefs, func(r string) bool { return slices.Contains(refs, r) })
		switch {
		case !about:
		case fate.Name == audit.ReleaseAborted:
			if d == NotSaid || d == Unknown {
				d = Aborted
			}
		case fate.RecipientID != e.RecipientID:
		case fate.Outcome == audit.Done:
			return Delivered
		case fate.Outcome == audit.Failed && slices.Contains(uncertain, fate.Reason):
			perhaps = true
		case fate.Outcome == audit.Failed:
			if d == Unknown || d == Aborted {
				d = NotDelivered
			}
		}
	}
	if perhaps {
		return Unknown
	}
	return d
}
