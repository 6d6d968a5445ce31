package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// step is one request of the day, with the answer that it must get.
type step struct {
	what   string
	before *basis.Event // happens first
	req    policy.Request
	do     call
	want   string      // outcome
	code   policy.Code // first reason; empty where nothing is withheld
}

// minute n of the day: step n takes place in it.
func minute(n int) time.Time {
	return time.Date(2026, time.May, 4, 9, n, 0, 0, time.FixedZone("CEST", 2*60*60))
}

// by makes the request of somebody with a role who has been instructed and works on the case.
func by(role, purposeKey string) policy.Request {
	return policy.Request{
		Principal: policy.Principal{ID: "staff-" + role, Roles: []string{role}},
		Purpose:   purposeKey,
		Facts: purpose.Facts{
			purpose.Named("actor_instructed", purpose.True()),
			purpose.Named("actor_assigned_to_case", purpose.True()),
		},
	}
}

// without is the request with a fact that does not hold.
func without(req policy.Request, fact string) policy.Request {
	var facts purpose.Facts
	for _, f := range req.Facts {
		if f.Fact == fact {
			f.Value = purpose.False()
		}
		facts = append(facts, f)
	}
	req.Facts = facts
	return req
}

// abroad is the request for a recipient in a third country.
func abroad(req policy.Request, country string, m purpose.Mechanism) policy.Request {
	req.Country, req.Mechanism = country, m
	return req
}

// recorded is the request for data that came from a source, for the purpose it is wanted for.
func recorded(req policy.Request, source string) policy.Request {
	req.Provenance = policy.Provenance{Source: source, ObtainedFor: []string{req.Purpose}}
	return req
}

// asOf is the request about the past, with what was known then.
func asOf(req policy.Request, t time.Time) policy.Request {
	req.At, req.KnownAt = t, t
	return req
}

// story is the day. Every answer comes from the register, the policies and the ledger; the table only says what is expected.
func story(p *people) []step {
	const (
		contract   = "fx.contract_service"
		service    = "fx.customer_service"
		newsletter = "fx.newsletter"
		ads        = "fx.ad_optimisation_offsite"
		credit     = "fx.credit_assessment"
	)
	return []step{
		{what: "advisor looks up a lessee", req: by("advisor", contract), do: read[ContactView](&p.anna), want: permit},
		{what: "advisor reads the account back on the phone", req: by("advisor", service), do: read[DebitView](&p.anna), want: redact},
		{what: "the monthly debit runs", req: by("system", contract), do: read[DebitView](&p.anna), want: permit},
		{what: "advisor opens the whole file", req: by("advisor", contract), do: permitted[WholeFileView](&p.anna),
			want: partial, code: policy.CodeLocked},
		{what: "credit officer renews the identification", req: by("credit_officer", "fx.kyc"), do: read[IdentityView](&p.anna), want: permit},

		{what: "advisor looks up somebody else's case", req: without(by("advisor", contract), "actor_assigned_to_case"), do: read[ContactView](&p.anna),
			want: deny, code: policy.CodePolicyPermit},
		{what: "a temp looks up a lessee, not yet instructed", req: without(by("advisor", contract), "actor_instructed"), do: read[ContactView](&p.anna),
			want: deny, code: policy.CodeCondition},
		//purposevet:purposes there is no such purpose, and it is refused
		{what: "advisor prices by behaviour", req: by("advisor", "fx.behavioural_pricing"), do: read[ContactView](&p.anna),
			want: deny, code: policy.CodePurposeUnknown},
		{what: "advisor asks for a field that is not there", req: by("advisor", contract), do: decide(&p.anna, purpose.Read, "Salary"),
			want: deny, code: policy.CodeFieldUnknown},

		{what: "the workshop gets name, phone and car", req: by("advisor", contract).To("workshop"), do: share[RepairView](&p.bo), want: permit},
		{what: "the workshop asks for the account too", req: by("advisor", contract).To("workshop"), do: share[DebitView](&p.bo),
			want: deny, code: policy.CodePolicyPermit},
		//purposevet:purposes there is no such recipient, and it is refused
		{what: "a data broker asks who a lessee is", req: by("credit_officer", "fx.kyc").To("data_broker"), do: share[IdentityView](&p.anna),
			want: deny, code: policy.CodeRecipientUnknown},
		{what: "the support desk in India gets contact data", req: abroad(by("advisor", service).To("in_support_provider"), "IN", purpose.SCC), do: share[ContactView](&p.anna),
			want: permit},
		{what: "the same, with no safeguard named", req: abroad(by("advisor", service).To("in_support_provider"), "IN", 0), do: share[ContactView](&p.anna),
			want: deny, code: policy.CodeMechanismMissing},
		{what: "accounts go to hosting in the USA", req: abroad(by("system", contract).To("processor"), "US", purpose.SCC), do: share[DebitView](&p.anna),
			want: deny, code: policy.CodePolicyDeny},

		{what: "the newsletter goes out", req: by("marketing_agent", newsletter), do: read[MailingView](&p.anna), want: permit},
		{what: "the newsletter, after she withdrew consent", req: by("marketing_agent", newsletter), do: read[MailingView](&p.anna),
			before: &basis.Event{ID: "newsletter-1-withdrawal", DataSubject: p.anna.ID, Body: basis.ConsentWithdrawn{Scope: "newsletter"}},
			want:   deny, code: policy.CodeConsentWithdrawn},
		{what: "the newsletter, after he objected to marketing", req: by("marketing_agent", newsletter), do: read[MailingView](&p.bo.Lessee),
			before: &basis.Event{ID: "objection-2", DataSubject: p.bo.ID, Body: basis.ObjectionRaised{Ground: basis.Marketing}},
			want:   deny, code: policy.CodeObjectionMarketing},
		{what: "Google gets a visit with marketing cookies", req: by("system", ads).To("google"), do: share[AdView](&p.visitor), want: permit},
		{what: "Google gets a visit without", req: by("system", ads).To("google"), do: share[AdView](&p.shy),
			want: deny, code: policy.CodeConsentMissing},
		{what: "statistics over a visit of last spring", req: recorded(by("web_analyst", "fx.site_statistics"), "cookie"), do: read[SearchView](&p.lapsed),
			want: deny, code: policy.CodeExpired},

		{what: "advisor looks up an address that is contested", req: by("advisor", contract), do: read[ContactView](&p.bo.Lessee),
			before: &basis.Event{ID: "restriction-2", DataSubject: p.bo.ID,
				Body: basis.RestrictionImposed{Categories: []string{"contact.address"}, Reason: "accuracy-contested"}},
			want: deny, code: policy.CodeRestricted},
		{what: "advisor calls him, for the phone is not", req: by("advisor", contract), do: read[PhoneView](&p.bo.Lessee), want: permit},
		{what: "credit officer weighs lessee and surety", req: by("credit_officer", credit), do: read[SuretyView](&p.bo), want: permit},
		{what: "the same, after the surety was released", req: by("credit_officer", credit), do: permitted[SuretyView](&p.bo),
			before: &basis.Event{ID: "guarantee-2-end", DataSubject: p.bo.Guarantor.ID, Body: basis.Occurred{Event: "guarantee_released"}},
			want:   partial, code: policy.CodeCapacity},

		{what: "a breakdown on the road: the duty officer breaks the glass", req: by("duty_officer", contract),
			do: emergency[RepairView](&p.bo, "emergency.roadside", minute(26)), want: breakGlass, code: policy.CodePolicyPermit},
		{what: "auditor replays the newsletter of 09:16", req: asOf(by("marketing_agent", newsletter), minute(16)),
			do: decide(&p.anna, purpose.Read, "Name", "Email"), want: permit},
	}
}
