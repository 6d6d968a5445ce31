package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// Purposes of the notice, by their numbers in its list.
const (
	check     = "fo.p01_credit_risk_support"
	overlend  = "fo.p02_overcredit_prevention"
	claims    = "fo.p03_claims_administration"
	terms     = "fo.p07_credit_employment_terms"
	models    = "fo.p08_risk_models"
	purchase  = "fo.p10_claim_purchase"
	contact   = "fo.p12_contact_data_verification"
	inGroup   = "fo.p14_group_sharing"
	toPartner = "fo.p15_partner_sharing"
	cookies   = "fo.cookie_functional"
)

// people are those the day is about.
type people struct {
	sanne   Person      // in the databank
	joris   Debtor      // a client's customer
	ruling  Publication // of a court, about Sanne
	visitor Visitor
}

func newPeople() *people {
	databank := Origin{Dataset: "databank", ObtainedFor: []string{check, overlend, claims, terms, contact, inGroup, toPartner}}
	return &people{
		sanne: Person{
			Origin: databank,
			ID:     "person-1", Name: sealed.Of("Sanne Verhoeven"), DateOfBirth: sealed.Of("1984-05-17"), Address: sealed.Of("Lindelaan 12"),
			City: sealed.Of("Amersfoort"), Email: sealed.Of("sanne@verhoeven.example"), Phone: sealed.Of("+31 6 5551 0788"),
			BankAccount: sealed.Of("NL91ABNA0417164300"), Contract: sealed.Of("sofa, 24 instalments"), CurrentPayments: sealed.Of("two instalments behind"),
			HistoricalPayments: sealed.Of("washing machine, paid off 2014"), ProblemDebt: sealed.Of("none registered"), PaymentRisk: sealed.Of("moderate"),
			Score: sealed.Of[int64](648), PastCheck: sealed.Of("mobile plan, 2016-11-03, accepted"),
		},
		joris: Debtor{
			Origin: Origin{Dataset: "client_data", Controller: "client.webshop", ObtainedFor: []string{check}},
			ID:     "person-2", Name: sealed.Of("Joris Dekker"), Address: sealed.Of("Havenstraat 3, Kampen"), Contract: sealed.Of("order 7731, pay later"),
		},
		ruling: Publication{
			Origin: Origin{Dataset: "databank", ObtainedFor: []string{check}},
			ID:     "person-1", Insolvency: sealed.Of("debts discharged 2012"), Sentence: sealed.Of("acquitted of fencing"),
		},
		visitor: Visitor{Origin: Origin{Dataset: "website", ObtainedFor: []string{cookies}}, ID: "visitor-1", Usage: sealed.Of("language nl")},
	}
}

// past is what the ledger knows when the day begins.
func (p *people) past() []basis.Event {
	on := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 10, 0, 0, 0, time.UTC)
	}
	happened := func(id, who, event string, at time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: basis.Occurred{Event: event}}
	}
	// The yearly review asked whether the data is still needed, and for what.
	needed := func(id, who, rule string) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: on(2017, time.March, 1),
			Body: basis.NecessityJudged{Rule: rule, Necessary: true, ReviewAt: on(2018, time.March, 1), Reference: "review 2017"}}
	}
	return []basis.Event{
		happened("check-1", p.sanne.ID, "check_requested", on(2016, time.November, 3)),
		happened("claim-1", p.sanne.ID, "claim_received", on(2017, time.June, 20)),
		needed("review-1-checks", p.sanne.ID, "fo.ret.checks"),
		needed("review-1-claims", p.sanne.ID, "fo.ret.claims"),
		needed("review-1-past", p.sanne.ID, "fo.ret.historical_check"),

		happened("claim-2", p.joris.ID, "claim_received", on(2017, time.September, 28)),
		needed("review-2-checks", p.joris.ID, "fo.ret.checks"),

		happened("visit-1", p.visitor.ID, "site_visited", on(2017, time.October, 9)),
		needed("review-3-website", p.visitor.ID, "fo.ret.website"),

		{ID: "agreement-scoring", DataSubject: basis.ControllerWide, ValidAt: on(2016, time.January, 1),
			Body: basis.AgreementSigned{Recipient: "processor", Purposes: []string{check, overlend}, Reference: "scoring"}},
	}
}
