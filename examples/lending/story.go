package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
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

// by makes the request of somebody with a role who works on the case.
func by(role, purposeKey string, facts ...purpose.NamedValue) policy.Request {
	return policy.Request{Principal: policy.Principal{ID: "staff-" + role, Roles: []string{role}}, Purpose: purposeKey,
		Facts: append(purpose.Facts{is("actor_assigned_to_case")}, facts...)}
}

func is(fact string) purpose.NamedValue         { return purpose.Named(fact, purpose.True()) }
func isNot(fact string) purpose.NamedValue      { return purpose.Named(fact, purpose.False()) }
func says(fact, text string) purpose.NamedValue { return purpose.Named(fact, purpose.TextValue(text)) }
func lacks(fields ...string) purpose.NamedValue {
	return purpose.Named("missing", purpose.TextsValue(fields...))
}
func occurs(event string) basis.Body     { return basis.Occurred{Event: event} }
func old(category string) rights.Holding { return rights.Holding{Category: category} }
func given(category, field string) rights.Holding { // by the person, under the agreement
	return rights.Holding{Category: category, Field: field, Origin: rights.Provided, Basis: basis.Contract}
}

// under is the request that names the law it rests on.
func under(req policy.Request, law string) policy.Request {
	req.Statute = law
	return req
}

// from is the request to collect from a source.
func from(req policy.Request, source string) policy.Request {
	req.Action, req.Provenance.Source = purpose.Collect, source
	return req
}

// decided is the request to decide: by a person who is named, or by a machine.
func decided(req policy.Request, reviewer string) policy.Request {
	req.Action, req.Reviewer = purpose.Decide, reviewer
	return req
}

// abroad is the request for a recipient in a third country.
func abroad(req policy.Request, country string, m purpose.Mechanism) policy.Request {
	req.Country, req.Mechanism = country, m
	return req
}

// acting is the request with an action, for calls that do not imply one.
func acting(req policy.Request, a purpose.Action) policy.Request {
	req.Action = a
	return req
}

// asOf is the request about the past, with what was known then.
func asOf(req policy.Request, t time.Time) policy.Request {
	req.Action, req.At, req.KnownAt = purpose.Use, t, t
	return req
}

// inside is the request of an operator at a processor.
func inside(req policy.Request, organisation string) policy.Request {
	req.Action, req.Principal.Organisation = purpose.Use, organisation
	return req
}

// request is what a person asks for.
func request(who string, kind purpose.RightKind) rights.Request {
	return rights.Request{Kind: kind, DataSubject: who, Channel: "phone", Identity: rights.Proven, Handler: "staff-dpo"}
}

// story is the day. Every answer comes from the register, the policies and the ledger; the table only says what is expected.
func story(p *people) []step {
	var all []step
	for _, part := range [][]step{p.loan(), p.customers(), p.recipients(), p.requests()} {
		all = append(all, part...)
	}
	return all
}

// loan is an application from the first question to the agreement, and one that was refused before.
func (p *people) loan() []step {
	const assess, handle, agree = "ar.credit_assessment", "ar.handle_application", "ar.conclude_agreement"
	home := func(use string) policy.Request {
		return by("credit_officer", assess, is("household_relevant"), says("use", use))
	}
	return []step{
		{part: "Karl asks about a loan", what: "an advisor answers his question", do: read[EnquiryView](by("advisor", "ar.handle_enquiry"), &p.karl), want: released},
		{what: "the advisor wants his income, and he has not applied", do: read[AssessmentView](by("advisor", handle), &p.karl), want: refused, code: "purpose.capacity"},
		{what: "he fills in an application", do: happens(p.karl.ID, occurs("application_filed")), want: noted},
		{what: "a credit officer gets the tax statement from the tax authority", do: decide(from(by("credit_officer", assess), "src.skat"), &p.karl, "TaxReturn"), want: allowed},
		{what: "and a look at his social media", do: decide(from(by("credit_officer", assess), "src.social_media"), &p.karl, "Occupation"), want: refused, code: "source.undeclared"},
		{what: "his household is collected, and nobody has attested that they know", do: decide(from(home("disposable_income"), "data_subject"), &p.karl, "Home.Info"),
			want: refused, code: "purpose.capacity"},
		{what: "he attests it", do: happens(p.karl.Home.ID, occurs("household_member_named"), basis.AttestationGiven{By: p.karl.ID, Categories: []string{"household"}}), want: noted},
		{what: "the disposable income is computed", do: read[HomeView](home("disposable_income"), &p.karl), want: released},
		{what: "the household is used to sell more", do: read[HomeView](home("cross_selling"), &p.karl), want: refused, code: "facts.condition"},
		{what: "the credit bureau is asked by CPR number, and no law is named", do: share[NumberView](by("credit_officer", assess).To("credit_bureau"), &p.karl),
			want: refused, code: "basis.law-unnamed"},
		{what: "the credit bureau is asked under the credit agreements act", do: share[NumberView](under(by("credit_officer", assess).To("credit_bureau"), "dk.kal"), &p.karl), want: released},
		{what: "a debt collector would like to know him too", do: share[NameView](by("collections_agent", "ar.payment_collection").To("debt_collector"), &p.karl), want: refused, code: "purpose.capacity"},
		{what: "a machine decides in the name of the credit officer", do: decide(decided(by("credit_officer", assess), ""), &p.karl, "Income", "Credit"), want: refused, code: "automated.no-ground"},
		{what: "the credit officer decides in person", do: decide(decided(by("credit_officer", assess), "staff-credit_officer"), &p.karl, "Income", "Credit"), want: allowed},
		{what: "an agreement without the CPR number", do: decide(decided(by("advisor", agree, lacks("cpr_number"), is("cpr_relevant")), "staff-advisor"), &p.karl, "Name"),
			want: refused, code: "policy.denied"},
		{what: "an agreement with all that is mandatory", do: decide(decided(by("advisor", agree, lacks(), is("cpr_relevant")), "staff-advisor"), &p.karl, "Name"), want: allowed},
		{what: "it is signed", do: happens(p.karl.ID, occurs("customer_relation_started")), want: noted},
		{what: "Lone was refused in March: a credit officer looks at her again", do: read[AssessmentView](by("credit_officer", assess), &p.lone), want: refused, code: "purpose.capacity"},
		{what: "a compliance officer shows why she was refused", do: read[RefusalView](by("compliance_officer", "ar.documentation"), &p.lone), want: released},
	}
}

// customers is what happens with data of those who have a loan.
func (p *people) customers() []step {
	const service, aml = "ar.customer_service", "ar.aml_compliance"
	return []step{
		{part: "Customers", what: "Maja calls: an agent recognises her by her date of birth", do: read[CallerView](by("customer_service_agent", "ar.identify_on_contact"), &p.maja), want: released},
		{what: "and handles her complaint", do: read[ServiceView](by("customer_service_agent", service), &p.maja), want: released},
		{what: "and opens the whole file", do: permitted[WholeView](by("customer_service_agent", service), &p.maja), want: partly, code: "purpose.category"},
		{what: "the CPR register has a new address", do: decide(from(by("customer_service_agent", "ar.data_cleansing"), "src.cpr_register"), &p.maja, "Address"), want: allowed},
		{what: "an analyst weighs the risk of the portfolio", do: read[RiskView](by("analyst", "ar.risk_management"), &p.maja), want: released},
		{what: "an officer knows Rasmus, whose papers are overdue", do: read[NameView](by("aml_officer", aml), &p.rasmus), want: released},
		{what: "and Maja, by number and file under the act", do: read[IdentityView](under(by("aml_officer", aml), "dk.hvl"), &p.maja), want: released},
		{what: "and Olivia, who owns a business customer", do: read[OwnerView](under(by("aml_officer", aml, is("id_required_by_law")), "dk.hvl"), &p.olivia), want: released},
		{what: "the officer wants to know what Olivia earns", do: decide(acting(by("aml_officer", aml), purpose.Read), &p.olivia, "Income"), want: refused, code: "purpose.category"},
		{what: "marketing looks at payments", do: read[PaymentView](by("marketing_agent", "ar.compliance_testing"), &p.maja), want: refused, code: "policy.not-permitted"},
	}
}

// recipients is who else gets data, and who does not.
func (p *people) recipients() []step {
	const collect, report, pay, handle = "ar.payment_collection", "ar.default_reporting", "ar.payout", "ar.customer_request"
	visit := by("legal_counsel", "ar.digital_service_admin").To("public_authority")
	return []step{
		{part: "Who gets what", what: "Rasmus is reported to the warning register, as the law allows", do: share[DefaultView](by("collections_agent", report, is("statutory_conditions_met")).To("warning_register"), &p.rasmus), want: released},
		{what: "the debt collector gets his case", do: share[DefaultView](by("collections_agent", collect).To("debt_collector"), &p.rasmus), want: released},
		{what: "Maja is reported, who owes nothing", do: share[DefaultView](by("collections_agent", report, is("statutory_conditions_met")).To("warning_register"), &p.maja),
			want: refused, code: "purpose.capacity"},
		{what: "a payee learns who pays, and no more", do: share[PayoutView](by("advisor", pay, says("payout_instruction", "payee-1")).To("payout_payee"), &p.maja), want: refused, code: "recipient.category"},
		{what: "somebody without a power of attorney asks for her products", do: share[ProductsView](by("customer_service_agent", handle, isNot("power_of_attorney")).To("authorised_third_party"), &p.maja),
			want: refused, code: "recipient.condition"},
		{what: "a group company for administration", do: share[GroupView](by("it_operator", collect, says("disclosure_reason", "administrative")).To("group_company"), &p.maja), want: released},
		{what: "the same for its advertising", do: share[GroupView](by("it_operator", collect, says("disclosure_reason", "advertising")).To("group_company"), &p.maja), want: refused, code: "recipient.condition"},
		{what: "support in India on standard clauses", do: share[GroupView](abroad(by("it_operator", collect).To("in_support_provider"), "IN", purpose.SCC), &p.maja), want: released},
		{what: "the same on a derogation", do: share[GroupView](abroad(by("it_operator", collect).To("in_support_provider"), "IN", purpose.Derogation), &p.maja), want: refused, code: "transfer.safeguard"},
		{what: "Monthio studies the market with her account", do: decide(inside(by("processor_operator", "ar.market_research"), "monthio"), &p.maja, "Account"), want: refused, code: "role.outside-instruction"},
		{what: "an authority asks for payments, and no law imposes it", do: share[PaymentView](by("legal_counsel", handle).To("public_authority"), &p.maja), want: refused, code: "recipient.statute-missing"},
		{what: "a court orders what a visitor saw", do: share[UseView](under(visit.With(says("court_order", "case-77")), "court_order"), &p.visit), want: released},
	}
}

// requests is what people ask for, and what follows.
func (p *people) requests() []step {
	const stats, studies, quote, collect = "ar.statistics", "ar.internal_studies", "ar.ext_consent_activity", "ar.payment_collection"
	maja := func(kind purpose.RightKind) rights.Request { return request(p.maja.ID, kind) }
	contested := maja(purpose.RestrictionRight)
	contested.Categories, contested.Ground, contested.Holdings = []string{"economy.income"}, rights.Inaccurate, []rights.Holding{given("economy.income", "Income")}
	objection := request(p.visit.ID, purpose.ObjectionRight)
	objection.Purposes, objection.Ground, objection.Stated = []string{stats}, rights.OwnSituation, []string{"grounds"}
	withdrawal := maja(purpose.WithdrawalRight)
	withdrawal.Scopes = []string{"ext.testimonial"}
	corrected := maja(purpose.RectificationRight)
	corrected.Categories, corrected.Stated, corrected.Holdings = []string{"contact.address"}, []string{"changes"}, []rights.Holding{given("contact.address", "Address")}
	corrected.Ground, corrected.Finding = rights.Inaccurate, rights.Finding{Verdict: rights.Founded, By: "staff-dpo", Reference: "letter 4"}
	forgotten := request(p.ditte.ID, purpose.ErasureRight)
	forgotten.Holdings = []rights.Holding{old("aml.kyc_record"), old("digital.content_viewed")}
	carried := maja(purpose.PortabilityRight)
	carried.Holdings = []rights.Holding{given("economy.income", "Income"), {Category: "credit.credit_score", Origin: rights.Inferred, Basis: basis.Contract},
		{Category: "aml.kyc_record", Origin: rights.Provided, Basis: basis.LegalObligation}}
	shown := maja(purpose.AccessRight)
	shown.Holdings = []rights.Holding{given("contact.name", "Name"), given("economy.income", "Income"), old("aml.suspicion_report")}

	return []step{
		{part: "What people ask for", what: "Maja contests the income on file, by telephone", do: asks(contested), want: "granted"},
		{what: "a credit officer uses it all the same", do: read[IncomeView](by("credit_officer", "ar.credit_assessment"), &p.maja), want: refused, code: "restriction.in-force"},
		{what: "an analyst counts visits", do: read[UseView](by("analyst", stats), &p.visit), want: released},
		{what: "the visitor objects, for reasons of the own situation", do: asks(objection), want: "granted"},
		{what: "the analyst counts again", do: read[UseView](by("analyst", stats), &p.visit), want: refused, code: "basis.objection-standing"},
		{what: "and studies how to write better, to which nobody objected", do: read[UseView](by("analyst", studies), &p.visit), want: released},
		{what: "marketing quotes Maja, who agreed", do: read[NameView](by("marketing_agent", quote), &p.maja), want: released},
		{what: "she withdraws her consent", do: asks(withdrawal), want: "granted"},
		{what: "marketing quotes her again", do: read[NameView](by("marketing_agent", quote), &p.maja), want: refused, code: "basis.consent-withdrawn"},
		{what: "her payments are collected as before", do: read[PaymentView](by("advisor", collect), &p.maja), want: released},
		{what: "an auditor asks whether the first quotation was right", do: decide(asOf(by("marketing_agent", quote), minute(48)), &p.maja, "Name"), want: allowed},
		{what: "Maja has her address corrected", do: asks(corrected), want: "granted"},
		{what: "Ditte, whose loan ended in 2023, wants to be forgotten", do: asks(forgotten), want: "partial", code: "right.legal-obligation"},
		{what: "Maja takes her data elsewhere", do: asks(carried), want: "granted"},
		{what: "and asks what is held; a report of a suspicion is there, and the law forbids to tell", do: asks(shown), want: "granted"},
	}
}
