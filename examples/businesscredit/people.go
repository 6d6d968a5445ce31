package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// people are those the day is about: two customers, one who applies, and two visitors of the web site.
type people struct {
	birgit, oskar, sara Customer
	visitor, shy        Visitor
}

func newPeople() *people {
	return &people{
		birgit: Customer{
			ID: "customer-1", Number: "10412", Name: sealed.Of("Birgit Ekdahl"), IdentityNumber: sealed.Of("19710302-2399"), Email: sealed.Of("birgit@ekdahl.example"),
			Phone: sealed.Of("+46 8 555 104 12"), Address: sealed.Of("Kvarngatan 7, 118 47 Stockholm"), Relation: sealed.Of("joinery, since 2024"),
			Cases: sealed.Of("asked for an instalment plan"), Credit: sealed.Of("no remarks, two enquiries"), Payments: sealed.Of("27 of 36 instalments"),
			Gender: sealed.Of("woman"), MotherTongue: sealed.Of("Finnish"),
			ContactPerson: &ContactPerson{ID: "contact-1", Name: sealed.Of("Emil Ekdahl"), Reach: sealed.Of("emil@ekdahl.example")},
		},
		oskar: Customer{
			ID: "customer-2", Number: "10733", Name: sealed.Of("Oskar Lindroth"), IdentityNumber: sealed.Of("19830917-9813"), Email: sealed.Of("oskar@lindroth.example"),
			Phone: sealed.Of("+46 8 555 107 33"), Address: sealed.Of("Hamngatan 21, 791 71 Falun"), Relation: sealed.Of("haulage, since 2025"),
			Credit: sealed.Of("one remark"), Payments: sealed.Of("instalment of March unpaid"),
		},
		sara: Customer{
			ID: "applicant-1", Name: sealed.Of("Sara Nyblom"), IdentityNumber: sealed.Of("19900228-2385"), Address: sealed.Of("Storgatan 4, 903 26 Umeå"),
			Relation: sealed.Of("bakery, new"), Credit: sealed.Of("no remarks"),
		},
		visitor: Visitor{ID: "visitor-1", Visit: sealed.Of("calculator, 3 min")},
		shy:     Visitor{ID: "visitor-2", Visit: sealed.Of("news, 10 s")},
	}
}

// past is what the ledger knows when the day begins.
func (p *people) past() []basis.Event {
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 10, 0, 0, 0, time.UTC)
	}
	occurred := func(id, who, event string, at time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: basis.Occurred{Event: event}}
	}
	consent := func(id, who, scope string, at time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: basis.ConsentGiven{Scope: scope, Quality: basis.GoodConsent()}}
	}
	signed := func(id, recipient, purpose string) basis.Event {
		return basis.Event{ID: id, DataSubject: basis.ControllerWide, ValidAt: day(2022, time.January, 10),
			Body: basis.AgreementSigned{Recipient: recipient, Purposes: []string{purpose}, Reference: id}}
	}
	return []basis.Event{
		occurred("loan-1", p.birgit.ID, "agreement_started", day(2024, time.February, 1)),
		occurred("contact-person-1", p.birgit.ContactPerson.ID, "contact_person_named", day(2024, time.February, 1)),
		consent("consent-1", p.birgit.ID, "consented_other", day(2024, time.February, 1)),
		consent("consent-2", p.birgit.ID, "profiling.credit_data", day(2025, time.June, 2)),
		occurred("loan-2", p.oskar.ID, "agreement_started", day(2025, time.March, 3)),
		occurred("application-3", p.sara.ID, "application_filed", day(2026, time.May, 1)),
		occurred("visit-1", p.visitor.ID, "site_visit", day(2026, time.May, 3)),
		consent("cookies-1", p.visitor.ID, "cookies.statistics", day(2026, time.May, 3)),
		occurred("visit-2", p.shy.ID, "site_visit", day(2026, time.May, 3)),
		signed("agreement-hosting", "subprocessor", "op.loan_case"),
		signed("agreement-agency", "direct_marketing_provider", "op.direct_marketing"),
	}
}
