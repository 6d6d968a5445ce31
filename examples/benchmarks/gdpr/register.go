package gdpr

import (
	"fmt"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// Purposes that records may have been obtained for, by what they rest on.
const (
	billing, delivery, support, repair = "billing", "delivery", "support", "repair" // the contract
	analytics, research, fraud         = "analytics", "research", "fraud"           // interests, unless the person objects
	ads                                = "ads"                                      // direct marketing
	partners                           = "partners"                                 // consent that names third parties
	scoring                            = "scoring"                                  // explicit consent to a machine that decides
	access                             = "access"                                   // a duty to the person
)

var (
	purposes   = []string{billing, delivery, support, repair, analytics, research, fraud, ads, partners, scoring}
	objectable = []string{analytics, research, fraud, ads}
	thirds     = []string{"insurer", "retailer", "bank"}
	sources    = []string{"first-party", "broker", "public"}
	lives      = []int{30, 90, 365, 1825} // days to live
	fields     = []string{"name", "phone", "address", "score"}
)

func rule(days int) string { return fmt.Sprintf("ttl-%d", days) }

// spec is the register.
func spec() purpose.Spec {
	s := purpose.Spec{
		Controller:  purpose.Controller{Name: "Workload", Country: "DK", Zone: "UTC"},
		Notices:     []purpose.Notice{{Version: "1", From: "2020-01-01", ObjectionClause: "9"}},
		Capacities:  []purpose.Capacity{{Key: "customer"}},
		Events:      []purpose.Event{{Key: "signed", Stage: basis.Active, Gives: []string{"customer"}}},
		Laws:        []purpose.Law{{Key: "gdpr"}},
		Assessments: []purpose.Assessment{{Key: "balance", Reference: "B-1", Purposes: objectable, From: "2020-01-01"}},
		Recipients:  []purpose.Recipient{},
		Retention: []retention.Rule{{Key: "longest", Clause: "5", Anchor: retention.After(purpose.EventCollected),
			Ceiling: retention.MustPeriod("P20Y")}},
		Scopes: []purpose.Scope{{Key: partners, Purposes: []purpose.ScopedPurpose{{Purpose: partners}}},
			{Key: scoring, Explicit: true, Purposes: []purpose.ScopedPurpose{{Purpose: scoring}}}},
	}
	for _, k := range thirds {
		s.Recipients = append(s.Recipients, purpose.Recipient{Key: k, Kind: purpose.SeparateController, Countries: []string{"DK"}})
	}
	for _, k := range sources {
		s.Sources = append(s.Sources, purpose.Source{Key: k})
	}
	for _, f := range fields {
		s.Categories = append(s.Categories, purpose.Category{Key: "contact." + f})
	}
	for _, days := range lives {
		s.Retention = append(s.Retention, retention.Rule{Key: rule(days), Clause: "5", Anchor: retention.After(purpose.EventCollected),
			Ceiling: retention.MustPeriod(fmt.Sprintf("P%dD", days))})
	}
	for _, p := range append(purposes[:len(purposes):len(purposes)], access) {
		s.Purposes = append(s.Purposes, purpose.Purpose{Key: p, Marketing: p == ads})
		a := purpose.Activity{Key: p, Purposes: []string{p}, Clause: "2", Capacities: []string{"customer"}, Categories: []string{"contact"},
			Sources: sources, Retention: []string{"longest"}, Bound: true, Actions: []purpose.Action{purpose.Collect, purpose.Read}}
		switch p {
		case analytics, research, fraud, ads:
			a.Claims = []basis.Claim{{Basis: basis.LegitimateInterests, Interest: p, Assessment: "balance"}}
		case partners:
			a.Claims = []basis.Claim{{Basis: basis.Consent, Scope: partners}}
			a.Actions = append(a.Actions, purpose.Share)
			for _, k := range thirds {
				a.Recipients = append(a.Recipients, purpose.Grant{Recipient: k})
			}
		case scoring:
			a.Claims = []basis.Claim{{Basis: basis.Consent, Scope: scoring, Explicit: true}}
			a.Automated, a.Logic, a.Effects = purpose.ExplicitConsent, "points for each field", "an offer or none"
			a.Actions = append(a.Actions, purpose.Decide)
		case access:
			a.Claims = []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"gdpr"}}}
			a.Bound, a.Actions = false, []purpose.Action{purpose.Read, purpose.Store}
		default:
			a.Claims = []basis.Claim{{Basis: basis.Contract}}
		}
		if p == ads || p == partners {
			a.Sources = sources[:1]
		}
		s.Activities = append(s.Activities, a)
	}
	return s
}

// rules say who needs to know: processors work for every purpose but access, which the desk for persons' rights works for.
func rules(r *purpose.Register) (policy.Decider, error) {
	return celpolicy.New(r, "team",
		celpolicy.Rule{ID: "processors", Effect: policy.EffectPermit, Roles: []string{"processor"}, Purposes: purposes},
		celpolicy.Rule{ID: "controllers", Effect: policy.EffectPermit, Roles: []string{"controller"}, Actions: []purpose.Action{purpose.Collect}},
		celpolicy.Rule{ID: "rights", Effect: policy.EffectPermit, Roles: []string{"rights-desk"}, Purposes: []string{access}})
}
