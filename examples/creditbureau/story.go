package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// chapter is a part of the day.
type chapter struct {
	title string
	steps []step
}

// step is one request, with the answer that it must get.
type step struct {
	what   string
	before *basis.Event // happens first
	req    policy.Request
	do     call
	want   string      // outcome
	code   policy.Code // why anything is withheld; empty where nothing is
}

// minute n of the day: step n takes place in it.
func minute(n int) time.Time {
	return time.Date(2017, time.October, 10, 9, n, 0, 0, time.FixedZone("CEST", 2*60*60))
}

// by makes the request of somebody with a role, whom the function authorises, about a record that came from somewhere.
func by(role, purposeKey string, about Origin) policy.Request {
	req := policy.Request{
		Principal:  policy.Principal{ID: "staff-" + role, Roles: []string{role}},
		Purpose:    purposeKey,
		Dataset:    about.Dataset,
		Provenance: policy.Provenance{ObtainedFor: about.ObtainedFor},
		Facts: purpose.Facts{
			purpose.Named("actor_function_authorised", purpose.True()),
			purpose.Named("product", purpose.TextValue("credit_check")),
		},
	}
	if about.Controller != "" {
		req = req.With(purpose.Named("data_controller", purpose.TextValue(about.Controller)))
	}
	return req
}

// with states a fact, in the place of one of the same name.
func with(req policy.Request, fact string, v purpose.Value) policy.Request {
	var facts purpose.Facts
	for _, f := range req.Facts {
		if f.Fact != fact {
			facts = append(facts, f)
		}
	}
	req.Facts = append(facts, purpose.Named(fact, v))
	return req
}

// on is the request for a client's data, on behalf of a client.
func on(req policy.Request, client string) policy.Request {
	return with(req, "on_behalf_of", purpose.TextValue(client))
}

// risk is the request of a client that runs a credit risk and has something to decide.
func risk(req policy.Request, context string) policy.Request {
	req.Country = "NL"
	return with(with(req.To("client_organisation"), "client_exposed_to_credit_risk", purpose.True()), "decision_context", purpose.TextValue(context))
}

// to is the request for a recipient in a country.
func to(req policy.Request, recipient, country string, m purpose.Mechanism) policy.Request {
	req = req.To(recipient)
	req.Country, req.Mechanism = country, m
	return req
}

// from is the request to take in what a source sends.
func from(req policy.Request, source string) policy.Request {
	req.Provenance.Source = source
	return req
}

// into is the request to move a record into another body of data, which makes the one that it was in its source.
func into(req policy.Request, dataset string) policy.Request {
	req.Provenance.Source, req.Dataset = req.Dataset, dataset
	return req
}

// asOf is the request about the past, with what was known then.
func asOf(req policy.Request, t time.Time) policy.Request {
	req.At, req.KnownAt = t, t
	return req
}

// story is the day. Every answer comes from the register, the policies and the ledger; the table only says what is expected.
func story(p *people) []chapter {
	text := purpose.TextValue
	return []chapter{
		{"Credit checks", []step{
			{what: "the system scores a customer of a web shop", req: by("system", check, p.sanne.Origin), do: read[ReportView](&p.sanne), want: permit},
			{what: "the web shop gets the score, to decide about a sale", req: risk(by("analyst", check, p.sanne.Origin), "start_trade"),
				do: share[ScoreView](&p.sanne), want: permit},
			{what: "a landlord who runs no credit risk asks for one", req: with(risk(by("analyst", check, p.sanne.Origin), "start_trade"), "client_exposed_to_credit_risk", purpose.False()),
				do: share[ScoreView](&p.sanne), want: deny, code: policy.CodeRecipientCondition},
			{what: "the check of an address asks for the account too", req: with(by("analyst", check, p.sanne.Origin), "product", text("address_check")),
				do: permitted[AddressView](&p.sanne), want: partial, code: policy.CodePolicyDeny},
			{what: "an analyst looks at past checks", req: by("analyst", check, p.sanne.Origin), do: read[CheckView](&p.sanne), want: permit},
			{what: "the same, to set terms of credit", req: with(by("analyst", terms, p.sanne.Origin), "instructing_organisation", text("client_organisation")),
				do: read[CheckView](&p.sanne), want: deny, code: policy.CodeTagPurpose},
			{what: "a trainee whose function does not cover it opens the file", req: with(by("analyst", check, p.sanne.Origin), "actor_function_authorised", purpose.False()),
				do: read[ReportView](&p.sanne), want: deny, code: policy.CodeCondition},
			//purposevet:purposes the bureau has no such purpose, and is refused
			{what: "marketing wants the address for a mailing", req: by("marketing_agent", "fo.marketing", p.sanne.Origin), do: read[ContactView](&p.sanne),
				want: deny, code: policy.CodePurposeUnknown},
			{what: "payments are weighed for the purchase of a claim", req: by("analyst", purchase, p.sanne.Origin), do: read[PaymentsView](&p.sanne),
				want: deny, code: policy.CodeObtainedFor},
		}},
		{"Whose data it is", []step{
			{what: "an analyst checks a customer for the client that sent the file", req: on(by("analyst", check, p.joris.Origin), "client.webshop"),
				do: read[ClaimView](&p.joris), want: permit},
			{what: "the same, while working for another client", req: on(by("analyst", check, p.joris.Origin), "client.telecom"),
				do: read[ClaimView](&p.joris), want: deny, code: policy.CodePolicyPermit},
			{what: "a model is trained on the client's file", req: on(by("analyst", models, p.joris.Origin), "client.webshop"),
				do: read[ClaimView](&p.joris), want: deny, code: policy.CodeOutsideInstruction},
			{what: "the file is copied into the databank", req: into(by("system", check, p.joris.Origin), "databank"),
				do: decide(&p.joris, purpose.Store, "Name", "Contract"), want: deny, code: policy.CodeFactMissing},
			{what: "the same, with the client's permission", req: with(into(by("system", check, p.joris.Origin), "databank"), "instructing_party_permits", purpose.True()),
				do: decide(&p.joris, purpose.Store, "Name", "Contract"), want: permit},
		}},
		{"Disclosures", []step{
			{what: "the sister company collects a claim", req: to(by("analyst", claims, p.sanne.Origin), "vesting_finance_incasso", "", 0), do: share[ClaimView](&p.sanne), want: permit},
			{what: "a bailiff is needed for it", req: with(to(by("analyst", claims, p.sanne.Origin), "bailiff", "NL", 0), "necessary", purpose.True()),
				do: share[ClaimView](&p.sanne), want: permit},
			//purposevet:purposes a disclosure is no purpose to ask for, and is refused
			{what: "the file goes to the group, for no purpose but sharing", req: to(by("analyst", inGroup, p.sanne.Origin), "vesting_finance_group", "", 0),
				do: share[ClaimView](&p.sanne), want: deny, code: policy.CodePurposeDisclosure},
			{what: "an advertising network wants scores", req: to(by("analyst", check, p.sanne.Origin), "ad_network", "NL", 0), do: share[ScoreView](&p.sanne),
				want: deny, code: policy.CodeRecipientUnknown},
			{what: "an employer that asked for it gets a score", req: with(with(to(by("analyst", terms, p.sanne.Origin), "employer", "NL", 0),
				"instructing_organisation", text("employer")), "employment_relation", text("being_started")), do: share[ScoreView](&p.sanne), want: permit},
			{what: "a client wants the telephone number to sell something", req: with(to(by("analyst", contact, p.sanne.Origin), "client_organisation", "NL", 0), "client_aim", text("sales_call")),
				do: share[ContactView](&p.sanne), want: deny, code: policy.CodeRecipientCondition},
			{what: "an affiliate in the USA gets a score under standard clauses", req: to(by("system", check, p.sanne.Origin), "affiliate_outside_eea", "US", purpose.SCC),
				do: share[ScoreView](&p.sanne), want: permit},
			{what: "the same, with no mechanism", req: to(by("system", check, p.sanne.Origin), "affiliate_outside_eea", "US", 0),
				do: share[ScoreView](&p.sanne), want: deny, code: policy.CodeMechanismMissing},
		}},
		{"At the door", []step{
			{what: "a court sends an insolvency and a sentence", req: from(by("system", check, p.ruling.Origin), "src.court"),
				do: decide(&p.ruling, purpose.Collect), want: partial, code: policy.CodeProhibited},
			{what: "another bureau sends payments, for models", req: from(by("analyst", models, p.sanne.Origin), "src.information_bureau"),
				do: decide(&p.sanne, purpose.Collect, "CurrentPayments"), want: deny, code: policy.CodeSourceUndeclared},
			{what: "the web site places a functional cookie", req: from(with(by("system", cookies, p.visitor.Origin), "cookie", text("functional")), "cookie"),
				do: decide(&p.visitor, purpose.Collect), want: permit},
			{what: "and one that follows the visitor", req: from(with(by("system", cookies, p.visitor.Origin), "cookie", text("tracking")), "cookie"),
				do: decide(&p.visitor, purpose.Collect), want: deny, code: policy.CodeCondition},
		}},
		{"The person speaks up", []step{
			{what: "a machine decides by her score", req: by("system", check, p.sanne.Origin), do: decide(&p.sanne, purpose.Decide, "Score"),
				want: deny, code: policy.CodeAutomated},
			{what: "the same, after she agreed to it expressly", req: by("system", check, p.sanne.Origin), do: decide(&p.sanne, purpose.Decide, "Score"),
				before: &basis.Event{ID: "agreed-1", DataSubject: p.sanne.ID, Body: basis.ConsentGiven{Scope: "automated_score", Quality: express()}}, want: permit},
			{what: "and after she changed her mind", req: by("system", check, p.sanne.Origin), do: decide(&p.sanne, purpose.Decide, "Score"),
				before: &basis.Event{ID: "agreed-1-withdrawn", DataSubject: p.sanne.ID, Body: basis.ConsentWithdrawn{Scope: "automated_score"}},
				want:   deny, code: policy.CodeConsentWithdrawn},
			{what: "she contests the score, which is shielded; an analyst reads it", req: by("analyst", check, p.sanne.Origin), do: read[ScoreView](&p.sanne),
				before: &basis.Event{ID: "shielded-1", DataSubject: p.sanne.ID,
					Body: basis.RestrictionImposed{Categories: []string{"profile.score"}, Reason: "accuracy-contested"}}, want: deny, code: policy.CodeRestricted},
			{what: "her claim is administered all the same", req: by("analyst", claims, p.sanne.Origin), do: read[ClaimView](&p.sanne), want: permit},
			{what: "she objects to checks; past ones are looked at", req: by("analyst", check, p.sanne.Origin), do: read[CheckView](&p.sanne),
				before: &basis.Event{ID: "objection-1", DataSubject: p.sanne.ID, Body: basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{check}}},
				want:   deny, code: policy.CodeBasisObjection},
			{what: "an auditor asks again what was right at 09:05", req: asOf(by("analyst", check, p.sanne.Origin), minute(5)),
				do: decide(&p.sanne, purpose.Read, "PastCheck"), want: permit},
		}},
	}
}

// express is a consent by an express statement.
func express() basis.Quality {
	q := basis.GoodConsent()
	q.Explicit = true
	return q
}
