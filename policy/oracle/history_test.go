package oracle_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// present is the instant at which every world ends.
var present = time.Date(2026, 6, 15, 10, 30, 0, 0, time.UTC)

// people of every world; the last has no history. Some ids are numbers, for records that count.
var people = []string{"anna", "bert", "17", "42", "dora", "nobody"}

// historian records what happened to the people of a world.
type historian struct {
	dice
	spec   *purpose.Spec
	clock  time.Time
	ledger *basis.Memory
	last   map[string][]basis.Event // by person, in recorded order
}

// live records random histories and returns all events as the ledger keeps them.
func (h *historian) live() []basis.Event {
	h.last = map[string][]basis.Event{}
	type moment struct {
		at  time.Time
		who string
	}
	var moments []moment
	for _, who := range people[:len(people)-1] {
		for range h.between(3, 12) {
			at := present.Add(-time.Duration(h.between(1, 10*365*24)) * time.Hour)
			if h.chance(0.4) {
				at = present.Add(-time.Duration(h.between(1, 400*24)) * time.Hour)
			}
			if h.chance(0.1) { // on one of the days that some months lack
				at = time.Date(at.Year(), pick(h.dice, time.January, time.March, time.May, time.August, time.August), 31, at.Hour(), 0, 0, 0, time.UTC)
			}
			if at.Before(present) {
				moments = append(moments, moment{at, who})
			}
		}
		if h.chance(0.25) {
			moments = append(moments, moment{present.Add(-time.Duration(h.between(1, 60)) * time.Hour), who})
		}
	}
	for range h.between(0, 5) {
		moments = append(moments, moment{present.Add(-time.Duration(h.between(1, 4*365*24)) * time.Hour), basis.ControllerWide})
	}
	slices.SortFunc(moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range moments {
		h.record(m.who, m.at)
	}
	var all []basis.Event
	for _, who := range append([]string{basis.ControllerWide}, people...) {
		for e, err := range h.ledger.Events(context.Background(), who) {
			if err != nil {
				panic(err)
			}
			all = append(all, e)
		}
	}
	h.clock = present
	return all
}

// record adds one event at a time; what the ledger refuses did not happen.
func (h *historian) record(who string, at time.Time) {
	own := h.last[who]
	h.clock = at
	e := basis.Event{ID: fmt.Sprintf("%s-%d", map[bool]string{true: "org", false: who}[who == basis.ControllerWide], len(own)), DataSubject: who}
	switch {
	case h.chance(0.08) && len(own) > 0: // in the same instant as another
		e.ValidAt = pick(h.dice, own...).ValidAt
	case h.chance(0.2):
		e.ValidAt = at.Add(-time.Duration(h.between(1, 700*24)) * time.Hour)
	default:
		e.ValidAt = at
	}
	if e.Body = h.body(who, e.ValidAt); e.Body == nil {
		return
	}
	if h.ledger.Record(context.Background(), e) == nil {
		h.last[who] = append(own, e)
	}
}

// of finds an earlier event of a kind.
func of[B basis.Body](h *historian, who string) (basis.Event, bool) {
	var found []basis.Event
	for _, e := range h.last[who] {
		if _, ok := e.Body.(B); ok {
			found = append(found, e)
		}
	}
	if len(found) == 0 {
		return basis.Event{}, false
	}
	return pick(h.dice, found...), true
}

// ahead is zero or an instant after at, often in the past of the world.
func (h *historian) ahead(p float64, at time.Time) time.Time {
	if !h.chance(p) {
		return time.Time{}
	}
	return at.Add(time.Duration(h.between(24, 1500*24)) * time.Hour)
}

func (h *historian) body(who string, at time.Time) basis.Body {
	if who == basis.ControllerWide {
		return h.orgBody(at)
	}
	if len(h.last[who]) < 3 && h.chance(0.8) {
		return basis.Occurred{Event: pick(h.dice, "applied", "signed", "signed", "guaranteed", "visited"), Reference: pick(h.dice, "", "", "c1")}
	}
	if present.Sub(at) < 72*time.Hour && h.chance(0.7) {
		return basis.IncidentOpened{Reference: "case", Purposes: some(h.dice, 1, 2, "service", "risk", "marketing", "legal.aml"), Until: at.Add(time.Duration(h.between(1, 72)) * time.Hour)}
	}
	if own := h.last[who]; len(own) > 0 && h.chance(0.5) { // objections have an aftermath
		switch b := own[len(own)-1].Body.(type) {
		case basis.ObjectionRaised:
			if b.Ground == basis.OwnSituation {
				return basis.ObjectionRefused{Objection: own[len(own)-1].ID, Reference: "dms"}
			}
		case basis.ObjectionRefused:
			return basis.ObjectionUpheld{Objection: b.Objection}
		}
	}
	switch n := h.IntN(29); {
	case n < 8:
		return basis.Occurred{Event: pick(h.dice, eventKeys...), Reference: pick(h.dice, "", "", "c1", "c2")}
	case n < 15:
		return h.consent(at)
	case n < 17:
		return basis.ConsentWithdrawn{Scope: h.scopeOf(who)}
	case n < 18:
		return basis.ConsentNarrowed{Scope: h.scopeOf(who), Purposes: maybe(h.dice, 0.5, 1, 2, "marketing", "marketing.email", "service", "risk.score"),
			Recipients: maybe(h.dice, 0.5, 1, 2, recipientKeys...), Categories: maybe(h.dice, 0.5, 1, 2, "contact", "finance.income", "health", "address.city")}
	case n < 20:
		o := basis.ObjectionRaised{Ground: pick(h.dice, basis.Marketing, basis.OwnSituation)}
		o.Purposes = maybe(h.dice, 0.6, 1, 2, "marketing", "marketing.email", "service", "risk", "legal.aml")
		return o
	case n < 22:
		if o, ok := of[basis.ObjectionRaised](h, who); ok {
			if h.chance(0.3) {
				return basis.ObjectionUpheld{Objection: o.ID}
			}
			return basis.ObjectionRefused{Objection: o.ID, Reference: "dms"}
		}
		return basis.Occurred{Event: "paid"}
	case n < 23:
		return basis.RestrictionImposed{Categories: maybe(h.dice, 0.7, 1, 2, "contact", "finance", "address.city", "health", "ids"), Reason: "unlawful"}
	case n < 25:
		if r, ok := of[basis.RestrictionImposed](h, who); ok {
			if h.chance(0.5) {
				return basis.RestrictionLifted{Restriction: r.ID, InformedAt: at}
			}
			return basis.RestrictionExcepted{Restriction: r.ID, Exception: basis.Exception(h.between(1, 4)), Reference: "dms",
				Purposes: some(h.dice, 1, 2, "service", "marketing", "risk.score", "legal"), Until: h.ahead(0.4, at)}
		}
		return h.consent(at)
	case n < 26:
		if p, ok := of[basis.HoldPlaced](h, who); ok {
			return basis.HoldReleased{Hold: p.ID}
		}
		return basis.HoldPlaced{Categories: maybe(h.dice, 0.5, 1, 1, "contact"), Reason: "claim"}
	case n < 28:
		return basis.NecessityJudged{Rule: "needed", Necessary: h.chance(0.8), ReviewAt: h.ahead(0.4, at)}
	}
	return basis.AttestationGiven{By: "bert", Categories: some(h.dice, 1, 2, "social", "social.friend", "contact", "health")}
}

// scopeOf is mostly a scope that the person consented to.
func (h *historian) scopeOf(who string) string {
	if e, ok := of[basis.ConsentGiven](h, who); ok && h.chance(0.8) {
		return e.Body.(basis.ConsentGiven).Scope
	}
	return pick(h.dice, scopeKeys...)
}

func (h *historian) consent(at time.Time) basis.Body {
	c := basis.ConsentGiven{Scope: pick(h.dice, scopeKeys...), Quality: basis.GoodConsent(), Until: h.ahead(0.45, at)}
	c.Quality.Explicit = h.chance(0.6)
	if h.chance(0.08) {
		c.Quality.Free = false
	}
	if h.chance(0.3) {
		c.Notice = pick(h.dice, h.spec.Notices...).Version
	}
	c.Recipients = maybe(h.dice, 0.4, 1, 4, recipientKeys...)
	return c
}

func (h *historian) orgBody(at time.Time) basis.Body {
	if a, ok := of[basis.AgreementSigned](h, basis.ControllerWide); ok && h.chance(0.15) {
		return basis.AgreementEnded{Agreement: a.ID}
	}
	if h.chance(0.3) {
		return basis.AssessmentFiled{Assessment: pick(h.dice, "lia.all", "lia.all", "lia.risk"), Reference: "dms", Until: h.ahead(0.3, at),
			Purposes: some(h.dice, 2, 4, "service", "marketing", "risk", "legal")}
	}
	if h.chance(0.1) {
		return basis.AttestationGiven{By: "bert", Categories: []string{"social", "contact"}}
	}
	return basis.AgreementSigned{Recipient: pick(h.dice, "proc-ledger", "proc-ledger", "proc-ledger", "proc"), Reference: "dms", Until: h.ahead(0.3, at),
		Purposes: some(h.dice, 1, 4, "service", "marketing", "risk", "legal"), Categories: maybe(h.dice, 0.3, 2, 4, "contact", "finance", "address", "ids", "health"),
		Actions: maybe(h.dice, 0.3, 1, 3, "share", "read", "store", "use"), Countries: maybe(h.dice, 0.3, 2, 4, "DK", "DE", "SE", "US", "FI")}
}
