package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// people are those the day is about: two who asked for a loan, three customers, an owner of a business, and a visit.
type people struct {
	karl, lone          Applicant
	maja, rasmus, ditte Customer
	olivia              Owner
	visit               Visit
}

func newPeople() *people {
	return &people{
		karl: Applicant{
			ID: "applicant-1", Name: sealed.Of("Karl Brandstrup"), Email: sealed.Of("karl@brandstrup.example"), Question: sealed.Of("a loan for geothermal heating"),
			CPR: sealed.Of("110379-9993"), Passport: sealed.Of("passport 209114775"), Income: sealed.Of[int64](438_217), TaxReturn: sealed.Of("årsopgørelse 2025, 131.870 kr"),
			Account: sealed.Of("DK2150510001842277"), Occupation: sealed.Of("chimney sweep"), Credit: sealed.Of("no remarks recorded"), Result: sealed.Of("godkendt manuelt"),
			Home: &Household{ID: "household-1", Info: sealed.Of("spouse Freja, twins aged seven")},
		},
		lone: Applicant{
			ID: "applicant-2", Name: sealed.Of("Lone Skovgaard"), Letter: sealed.Of("begrundet afslag af 2. marts"), Income: sealed.Of[int64](201_905),
			Result: sealed.Of("afslag, rådighedsbeløbet er 4.100 kr"),
		},
		maja: Customer{
			ID: "customer-1", Name: sealed.Of("Maja Thorvaldsen"), Address: sealed.Of("Kirkevej 88, 4534 Hørve"), BirthDate: sealed.Of("1986-09-24"),
			Number: sealed.Of("K-204418"), CPR: sealed.Of("240986-9998"), Income: sealed.Of[int64](366_540), Account: sealed.Of("DK6400400440116243"),
			Complaint: sealed.Of("kontoudtog modtaget dobbelt"), Arrears: sealed.Of("nothing outstanding"), Products: sealed.Of("heat-pump loan 11-2290"),
			Payments: sealed.Of("instalment 27 of 120"), KYC: sealed.Of("licence seen in branch"), Suspicion: sealed.Of("usædvanlig overførsel 14. april"), ContractNo: "11-2290",
		},
		rasmus: Customer{
			ID: "customer-2", Name: sealed.Of("Rasmus Hjortholm"), Arrears: sealed.Of("three instalments overdue"), Products: sealed.Of("solar loan 11-1873"),
			BirthDate: sealed.Of("1974-12-03"), ContractNo: "11-1873",
		},
		ditte: Customer{ID: "customer-3", Name: sealed.Of("Ditte Lauridsen"), Products: sealed.Of("car loan 09-0417"), Complaint: sealed.Of("afskedsbrev"), ContractNo: "09-0417"},
		olivia: Owner{
			ID: "owner-1", Name: sealed.Of("Olivia Kjeldgaard"), Address: sealed.Of("Torvet 21, 4500 Nykøbing"), Passport: sealed.Of("passport 208830417"),
			Income: sealed.Of[int64](912_006), Business: "Kjeldgaard Biler ApS",
		},
		visit: Visit{ID: "visitor-1", Browser: sealed.Of("Falkon 26.1"), System: sealed.Of("Haiku R2"), Content: sealed.Of("calculator, solar cells")},
	}
}

// date is ten in the morning of a day.
func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 8, 0, 0, 0, time.UTC)
}

// past is what the ledger knows when the day begins.
func (p *people) past() []basis.Event {
	happened := func(id, who, event string, at time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: at, Body: basis.Occurred{Event: event}}
	}
	signed := func(id, recipient string, purposes ...string) basis.Event {
		return basis.Event{ID: id, DataSubject: basis.ControllerWide, ValidAt: date(2024, time.January, 2),
			Body: basis.AgreementSigned{Recipient: recipient, Purposes: purposes, Reference: id}}
	}
	return []basis.Event{
		happened("enquiry-1", p.karl.ID, "enquiry", date(2026, time.April, 28)),
		{ID: "enquiry-1-open", DataSubject: p.karl.ID, ValidAt: date(2026, time.April, 28), Body: basis.NecessityJudged{Rule: "ar.ret.enquiry", Necessary: true}},

		happened("enquiry-2", p.lone.ID, "enquiry", date(2026, time.February, 9)),
		happened("application-2", p.lone.ID, "application_filed", date(2026, time.February, 12)),
		happened("application-2-refused", p.lone.ID, "application_closed", date(2026, time.March, 2)),

		happened("loan-1", p.maja.ID, "customer_relation_started", date(2024, time.February, 1)),
		{ID: "testimonial-1", DataSubject: p.maja.ID, ValidAt: date(2025, time.June, 2), Body: basis.ConsentGiven{Scope: "ext.testimonial", Quality: basis.GoodConsent()}},

		happened("loan-2", p.rasmus.ID, "customer_relation_started", date(2023, time.May, 8)),
		happened("default-2", p.rasmus.ID, "default", date(2026, time.February, 1)),
		happened("papers-2", p.rasmus.ID, "identity_refresh_due", date(2026, time.April, 1)),

		happened("loan-3", p.ditte.ID, "customer_relation_started", date(2019, time.March, 4)),
		happened("loan-3-end", p.ditte.ID, "customer_relation_ended", date(2023, time.March, 31)),

		happened("owner-1-named", p.olivia.ID, "beneficial_owner_named", date(2025, time.January, 20)),
		happened("business-1", p.olivia.ID, "business_relation_started", date(2025, time.January, 31)),

		happened("visit-1", p.visit.ID, "digital_service_used", date(2026, time.April, 30)),
		happened("visit-1-record", p.visit.ID, "record_registered", date(2026, time.April, 30)),

		signed("agreement-support", "in_support_provider", "ar.payment_collection"),
		signed("agreement-monthio", "monthio", "ar.credit_assessment", "ar.aml_compliance"),
	}
}
