package main

import (
	"time"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// step is one thing of the day, with the answer that it must get.
type step struct {
	part string // heading, where a part of the day begins
	what string
	do   call
	want string
	code string // of the first reason; empty where nothing is withheld
}

// minute n of the day: step n takes place in it.
func minute(n int) time.Time {
	return time.Date(2026, time.May, 4, 9, n, 0, 0, time.FixedZone("CEST", 2*60*60))
}

// by makes the request of somebody with a role.
func by(id, role, purposeKey string, facts ...purpose.NamedValue) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: id, Roles: []string{role}}, Purpose: purposeKey, Facts: facts}
}

func is(fact string) purpose.NamedValue    { return purpose.Named(fact, purpose.True()) }
func isNot(fact string) purpose.NamedValue { return purpose.Named(fact, purpose.False()) }

// in is the request for a recipient in a country.
func in(req policy.Request, country string) policy.Request {
	req.Country = country
	return req
}

// acting is the request with an action, for calls that do not imply one.
func acting(req policy.Request, a purpose.Action) policy.Request {
	req.Action = a
	return req
}

// from is the request to collect from a source.
func from(req policy.Request, source string) policy.Request {
	req.Action, req.Provenance.Source = purpose.Collect, source
	return req
}

// decidedBy is the request to decide, with a person who does.
func decidedBy(req policy.Request, reviewer string) policy.Request {
	req.Action, req.Reviewer = purpose.Decide, reviewer
	return req
}

// asOf is the request about the past, with what was known then.
func asOf(req policy.Request, t time.Time) policy.Request {
	req.Action, req.At, req.KnownAt = purpose.Use, t, t
	return req
}

// elsewhere is the request of somebody who works for a subcontractor and sits in a country.
func elsewhere(req policy.Request, country string) policy.Request {
	req.Principal.Organisation, req.Principal.Country = "subprocessor", country
	return req
}

// story is the day. Every answer comes from the register, the policies and the ledger; the table only says what is expected.
func story(p *people) []step {
	const (
		service  = "op.customer_service"
		credit   = "op.credit_assessment"
		collect  = "op.debt_collection"
		mailing  = "op.direct_marketing"
		profile  = "op.profiled_offers"
		loan     = "op.loan_case"
		regulate = "op.regulatory"
	)
	anna := func(purposeKey string) policy.Request { return by("anna", "customer_service_agent", purposeKey) }
	david := func(purposeKey string) policy.Request { return by("david", "marketing_agent", purposeKey) }
	order := []purpose.NamedValue{is("authority_request.compelling"), purpose.Named("authority_request.ref", purpose.TextValue("a-2026-117"))}
	held := func(categories ...string) (list []rights.Holding) {
		for _, c := range categories {
			list = append(list, rights.Holding{Category: c, Origin: rights.Provided})
		}
		return list
	}
	return []step{
		{part: "Customer service", what: "anna looks up a customer", do: read[ServiceView](anna(service), &p.birgit), want: released},
		{what: "jonas, whose last day was 31 December, looks up the same customer", do: read[ServiceView](by("jonas", "customer_service_agent", service), &p.birgit),
			want: refused, code: "policy.denied"},
		{what: "anna opens more than service needs", do: permitted[CuriousView](anna(service), &p.birgit), want: partly, code: "purpose.tag"},
		{what: "a caller is recognised by the number", do: read[CallerView](anna("op.customer_identification"), &p.birgit), want: released},
		{what: "anna sees in which language to answer", do: read[LanguageView](anna("op.customer_relations"), &p.birgit), want: released},
		{what: "anna finds whom to send the invoice to", do: read[ContactView](anna("op.invoicing_payment"), &p.birgit), want: released},
		{what: "karin trains new colleagues with the history of cases", do: read[LessonView](by("karin", "hr_agent", "op.staff_training"), &p.birgit), want: released},
		{what: "karin wants names in the lesson", do: read[ServiceView](by("karin", "hr_agent", "op.staff_training"), &p.birgit), want: refused, code: "purpose.category"},

		{part: "Credit", what: "an address comes in from the population register",
			do: decide(from(by("core", "system", "op.register_maintenance"), "src.population_register"), &p.sara, "Address"), want: allowed},
		{what: "an address comes in from a source that the notice does not name",
			do: decide(from(by("core", "system", "op.register_maintenance"), "src.social_media"), &p.sara, "Address"), want: refused, code: "source.undeclared"},
		{what: "bertil assesses an application", do: read[CreditView](by("bertil", "credit_officer", credit), &p.sara), want: released},
		{what: "bertil decides", do: decide(decidedBy(by("bertil", "credit_officer", credit), "bertil"), &p.sara, "Credit", "Relation"), want: allowed},
		{what: "a machine decides alone, and claims no exception",
			do:   decide(decidedBy(by("core", "system", credit, isNot("decision.necessary_for_contract"), isNot("decision.authorised_by_law")), ""), &p.sara, "Credit", "Relation"),
			want: refused, code: "automated.no-ground"},
		{what: "a machine decides alone, because the agreement needs it",
			do: decide(decidedBy(by("core", "system", credit, is("decision.necessary_for_contract")), ""), &p.sara, "Credit", "Relation"), want: allowed},

		{part: "Money", what: "cecilia reminds of an instalment that is late", do: read[ReminderView](by("cecilia", "collections_agent", "op.reminder", is("payment_late")), &p.oskar), want: released},
		{what: "cecilia hands a debt on that is not due", do: share[ClaimView](by("cecilia", "collections_agent", collect, isNot("payment_late")).To("debt_collection_partner"), &p.birgit),
			want: refused, code: "recipient.condition"},
		{what: "cecilia hands on the one that is", do: share[ClaimView](by("cecilia", "collections_agent", collect, is("payment_late")).To("debt_collection_partner"), &p.oskar), want: released},
		{what: "the customer says that the payments are recorded wrongly, and asks to have them left alone",
			do:   asks(rights.Request{Kind: purpose.RestrictionRight, DataSubject: p.oskar.ID, Ground: rights.Inaccurate, Categories: []string{"payment"}, Holdings: held("payment.payment_data")}),
			want: "granted"},
		{what: "cecilia sends the collector an update", do: share[ClaimView](by("cecilia", "collections_agent", collect, is("payment_late")).To("debt_collection_partner"), &p.oskar),
			want: refused, code: "restriction.in-force"},

		{part: "Marketing", what: "david writes to a customer", do: read[MailingView](david(mailing), &p.birgit), want: released},
		{what: "a company of the group gets the address", do: share[MailingView](in(david(mailing).To("group_company"), "FI"), &p.birgit), want: released},
		{what: "a partner asks for the credit data too", do: permitted[PartnerView](acting(in(david(mailing).To("business_partner"), "SE"), purpose.Share), &p.birgit), want: partly, code: "purpose.category"},
		{what: "david profiles credit data, as she agreed to", do: read[ProfileView](david(profile), &p.birgit), want: released},
		{what: "she takes that back", do: asks(rights.Request{Kind: purpose.WithdrawalRight, DataSubject: p.birgit.ID, Scopes: []string{"profiling.credit_data"}}), want: "granted"},
		{what: "david profiles credit data", do: read[ProfileView](david(profile), &p.birgit), want: refused, code: "basis.consent-withdrawn"},
		{what: "and wants no more advertising", do: asks(rights.Request{Kind: purpose.MarketingObjectionRight, DataSubject: p.birgit.ID}), want: "granted"},
		{what: "david writes to her", do: read[MailingView](david(mailing), &p.birgit), want: refused, code: "objection.marketing"},
		{what: "the agency writes to her", do: share[MailingView](in(david(mailing).To("direct_marketing_provider"), "SE"), &p.birgit), want: refused, code: "objection.marketing"},
		{what: "was the letter of 09:20 right?", do: decide(asOf(david(mailing), minute(20).Add(30*time.Second)), &p.birgit, "Name", "Email"), want: allowed},

		{part: "Out of the house", what: "hosting in Sweden gets the loan case", do: share[NameView](in(by("core", "system", loan).To("subprocessor"), "SE"), &p.sara), want: released},
		{what: "hosting in the United States", do: share[NameView](in(by("core", "system", loan).To("subprocessor"), "US"), &p.sara), want: refused, code: "transfer.country-differs"},
		{what: "somebody in India looks at the server in Sweden", do: read[NameView](elsewhere(by("core", "system", loan), "IN"), &p.sara), want: refused, code: "transfer.remote-access"},
		{what: "an authority would like to know", do: share[OrderView](by("elin", "compliance_officer", regulate, isNot("authority_request.compelling"), order[1]).To("authority"), &p.birgit),
			want: refused, code: "recipient.condition"},
		{what: "an authority shows its order", do: share[OrderView](by("elin", "compliance_officer", regulate, order...).To("authority"), &p.birgit), want: released},

		{part: "The web site", what: "hugo counts a visit with consent to statistics", do: read[VisitView](by("hugo", "web_analyst", "op.site_evaluation"), &p.visitor), want: released},
		{what: "hugo counts a visit without", do: read[VisitView](by("hugo", "web_analyst", "op.site_evaluation"), &p.shy), want: refused, code: "basis.consent-missing"},

		{part: "What people ask for", what: "an objection to surveys that gives no reason", do: asks(rights.Request{Kind: purpose.ObjectionRight, DataSubject: p.birgit.ID, Purposes: []string{"op.customer_survey"}}),
			want: "refused", code: "right.statement-missing"},
		{what: "an objection to credit assessment, with a reason", do: asks(rights.Request{Kind: purpose.ObjectionRight, DataSubject: p.birgit.ID, Purposes: []string{credit}, Ground: rights.OwnSituation}),
			want: "refused", code: "right.not-objectable"},
		{what: "erase gender and payments", do: asks(rights.Request{Kind: purpose.ErasureRight, DataSubject: p.birgit.ID, Holdings: held("consented.gender", "payment.payment_data")}),
			want: "partial", code: "right.legal-obligation"},
		{what: "send what I gave you to another lender", do: asks(rights.Request{Kind: purpose.PortabilityRight, DataSubject: p.birgit.ID, TransferTo: "another lender",
			Holdings: held("basic.name", "contact.email", "relation.contracts_past_current")}), want: "partial", code: "right.transfer-infeasible"},
		{what: "a complaint by post", do: asks(rights.Request{Kind: purpose.ComplaintRight, DataSubject: p.oskar.ID, Channel: "post"}), want: "granted"},
	}
}
