package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// people are those the day is about: two lessees, one with somebody who stands surety, and three visitors of the web site.
type people struct {
	anna                 Lessee
	bo                   Contract
	visitor, shy, lapsed SiteVisitor
}

func newPeople() *people {
	return &people{
		anna: Lessee{
			ID: "lessee-1", Name: sealed.Of("Anna Vestergaard"), Address: sealed.Of("Rosenhaven 14, 3480 Fredensborg"),
			Email: sealed.Of("anna@vestergaard.example"), Phone: sealed.Of("+45 55 51 07 88"), CPR: sealed.Of("170584-9996"),
			KYCRecord: sealed.Of("passport seen, no exposed position"), IBAN: sealed.Of("DK9520000123456789"), Income: sealed.Of[int64](412_345),
		},
		bo: Contract{
			Lessee: Lessee{
				ID: "lessee-2", Name: sealed.Of("Bo Lindegaard"), Address: sealed.Of("Havnegade 3, 3000 Helsingør"),
				Email: sealed.Of("bo@lindegaard.example"), Phone: sealed.Of("+45 55 50 61 12"), CPR: sealed.Of("020271-9995"),
				KYCRecord: sealed.Of("driving licence seen"), IBAN: sealed.Of("DK7340009876543210"), Income: sealed.Of[int64](287_654),
			},
			Number:    "2041",
			Vehicle:   sealed.Of("Volvo EX30, CX 44 871"),
			Guarantor: &Guarantor{ID: "guarantor-1", Name: sealed.Of("Carla Lindegaard"), Income: sealed.Of[int64](538_921)},
		},
		visitor: SiteVisitor{
			ID: "visitor-1", IPAddress: sealed.Of("198.51.100.23"), BrowserType: sealed.Of("Firefox 151"), SearchTopics: sealed.Of("electric estate"),
			WebsitesVisited: sealed.Of("cars.example"), Purchases: sealed.Of("roof box"), AdsSeen: sealed.Of("roadster campaign"), SiteUsage: sealed.Of("catalogue, 4 min"),
		},
		shy:    SiteVisitor{ID: "visitor-2", IPAddress: sealed.Of("203.0.113.77"), BrowserType: sealed.Of("Lynx 2.9")},
		lapsed: SiteVisitor{ID: "visitor-3", SearchTopics: sealed.Of("winter tyres")},
	}
}

// past is what the ledger knows when the day begins.
func (p *people) past() []basis.Event {
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 10, 0, 0, 0, time.UTC)
	}
	happened := func(id, who, event string, at time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: basis.Occurred{Event: event}}
	}
	agreed := func(id, who, scope string, at time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: basis.ConsentGiven{Scope: scope, Quality: basis.GoodConsent()}}
	}
	signed := func(id, recipient string, at time.Time, purposes ...string) basis.Event {
		return basis.Event{ID: id, DataSubject: basis.ControllerWide, ValidAt: at,
			Body: basis.AgreementSigned{Recipient: recipient, Purposes: purposes, Reference: id}}
	}
	return []basis.Event{
		happened("lease-1", p.anna.ID, "customer_relation_started", day(2024, time.February, 1)),
		happened("newsletter-1", p.anna.ID, "newsletter_subscribed", day(2024, time.February, 1)),
		agreed("newsletter-1-consent", p.anna.ID, "newsletter", day(2024, time.February, 1)),

		happened("lease-2", p.bo.ID, "customer_relation_started", day(2023, time.March, 10)),
		happened("newsletter-2", p.bo.ID, "newsletter_subscribed", day(2025, time.June, 2)),
		agreed("newsletter-2-consent", p.bo.ID, "newsletter", day(2025, time.June, 2)),
		happened("guarantee-2", p.bo.Guarantor.ID, "guarantee_signed", day(2023, time.March, 10)),

		happened("visit-1", p.visitor.ID, "site_visit", day(2026, time.April, 30)),
		agreed("visit-1-marketing", p.visitor.ID, "cookies.marketing", day(2026, time.April, 30)),
		happened("visit-2", p.shy.ID, "site_visit", day(2026, time.May, 1)),
		happened("visit-3", p.lapsed.ID, "site_visit", day(2025, time.April, 11)),
		agreed("visit-3-statistics", p.lapsed.ID, "cookies.statistics", day(2025, time.April, 11)),

		signed("agreement-support", "in_support_provider", day(2024, time.January, 1), "fx.customer_service"),
		signed("agreement-hosting", "processor", day(2023, time.January, 1), "fx.contract_service"),
	}
}
