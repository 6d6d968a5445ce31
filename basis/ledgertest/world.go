package ledgertest

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/purposebound/purposebound/basis"
)

const (
	anna = "person anna-5550100" // distinctive, to be found in errors
	bert = "person bert-5550101"
)

// Vocabulary is what the events of the suite speak of.
func Vocabulary() basis.Vocabulary {
	return basis.Vocabulary{
		Purposes:   map[string]string{"marketing": "", "marketing.mail": "marketing", "service": "", "service.billing": "service"},
		Categories: map[string]string{"contact": "", "contact.name": "contact", "finance": ""},
		Recipients: map[string]bool{"bank": true, "printer": true},
		Events: map[string]basis.EventMeaning{
			"signed": {Relation: "lease", Stage: basis.Active, Gives: []string{"lessee"}},
			"ended":  {Relation: "lease", Stage: basis.Ended, Ends: []string{"lessee"}},
			"called": {},
		},
		Scopes: map[string][]basis.ScopedPurpose{
			"newsletter": {{Purpose: "marketing.mail"}},
			"service":    {{Purpose: "service.billing", Since: "v2"}, {Purpose: "marketing.mail"}},
		},
		ScopeRecipients: map[string][]string{"service": {"printer"}},
		Notices:         []basis.NoticeSpan{{Version: "v1", From: noon(-100), Until: noon(10)}, {Version: "v2", From: noon(10)}},
		Rules:           map[string]bool{"rule": true},
	}
}

func event(who, id string, body basis.Body) basis.Event {
	return basis.Event{ID: id, DataSubject: who, Body: body}
}

func valid(e basis.Event, at time.Time) basis.Event {
	e.ValidAt = at
	return e
}

func consent(scope string) basis.ConsentGiven {
	return basis.ConsentGiven{Scope: scope, Quality: basis.GoodConsent()}
}

func withdrawal(scope string) basis.ConsentWithdrawn { return basis.ConsentWithdrawn{Scope: scope} }

func called() basis.Occurred { return basis.Occurred{Event: "called"} }

func id(prefix string, n int) string { return prefix + strconv.Itoa(n) }

// everything is one event of every kind, all fields set, none refused.
func everything() []basis.Event {
	at := noon(12).Add(123456 * time.Microsecond)
	c := consent("service")
	c.Notice, c.Recipients, c.Until, c.Reference, c.Quality.Explicit = "v2", []string{"bank", "printer"}, noon(90).Add(time.Microsecond), "a <&> 'é' \u2028", true
	list := []basis.Event{
		event(anna, "k1", c),
		event(anna, "k2", basis.ConsentNarrowed{Scope: "service", Purposes: []string{"marketing"}, Recipients: []string{"bank"}, Categories: []string{"contact"}}),
		event(anna, "k3", withdrawal("newsletter")),
		event(anna, "k4", basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"service"}}),
		event(anna, "k5", basis.ObjectionRefused{Objection: "k4", Reference: "case"}),
		event(anna, "k6", basis.ObjectionUpheld{Objection: "k4"}),
		event(anna, "k7", basis.RestrictionImposed{Categories: []string{"finance"}, Reason: "unlawful"}),
		event(anna, "k8", basis.RestrictionExcepted{Restriction: "k7", Exception: basis.LegalClaims, Purposes: []string{"service"}, Reference: "case", Until: noon(30)}),
		event(anna, "k9", basis.RestrictionLifted{Restriction: "k7", InformedAt: noon(11)}),
		event(anna, "k10", basis.Occurred{Event: "signed", Reference: "contract '1'"}),
		event(anna, "k11", basis.IncidentOpened{Reference: "flood", Purposes: []string{"service"}, Until: at.Add(72 * time.Hour)}),
		event(anna, "k12", basis.HoldPlaced{Categories: []string{"finance"}, Reason: "claim"}),
		event(anna, "k13", basis.HoldReleased{Hold: "k12"}),
		event(anna, "k14", basis.NecessityJudged{Rule: "rule", Necessary: true, ReviewAt: noon(60), Reference: "file"}),
		event(anna, "k15", basis.AttestationGiven{By: bert, Categories: []string{"contact"}}),
		event(basis.ControllerWide, "k16", basis.AssessmentFiled{Assessment: "lia", Purposes: []string{"service"}, Until: noon(99), Reference: "file"}),
		event(basis.ControllerWide, "k17", basis.AgreementSigned{Recipient: "printer", Purposes: []string{"service"}, Categories: []string{"contact"}, Actions: []string{"read"}, Countries: []string{"DK", "SE"}, Until: noon(99), Reference: "file"}),
		event(basis.ControllerWide, "k18", basis.AgreementEnded{Agreement: "k17"}),
	}
	for i := range list {
		list[i].ValidAt = at
	}
	return list
}

// random is an event that is not refused when recorded at now, whatever was recorded before.
func random(r *rand.Rand, who, id string, now time.Time) basis.Event {
	scope := []string{"newsletter", "service"}[r.IntN(2)]
	var body basis.Body
	switch r.IntN(8) {
	case 0, 1:
		c := consent(scope)
		c.Quality.Free = r.IntN(5) > 0
		if r.IntN(2) == 0 {
			c.Until = now.Add(time.Duration(r.IntN(200)) * time.Hour).Add(time.Microsecond)
		}
		body = c
	case 2:
		body = withdrawal(scope)
	case 3:
		body = basis.ObjectionRaised{Ground: basis.Ground(1 + r.IntN(2)), Purposes: []string{"marketing"}}
	case 4:
		body = basis.RestrictionImposed{Reason: "accuracy-contested"}
	case 5:
		body = basis.ConsentNarrowed{Scope: scope, Purposes: []string{"service"}}
	default:
		body = basis.Occurred{Event: []string{"signed", "ended", "called"}[r.IntN(3)]}
	}
	return valid(event(who, id, body), now.Add(-time.Duration(r.IntN(200))*time.Hour))
}
