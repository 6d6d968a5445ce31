package main

import (
	"fmt"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// people are those the day is about.
type people struct {
	maja, former, interested, listed, newcomer Tenant
	mail                                       Mail
	job                                        Job
	sublet                                     Sublet
	registered                                 Resident
	noisy                                      Complaint
	entries                                    []entry
	burglar, stranger                          Recording
	cleaning, sick                             Enquiry
}

// entry is a line of the log, with when and where apart from the values: the program finds lines by them.
type entry struct {
	LogEntry
	at   time.Time
	door string
}

func newPeople() *people {
	emil := Tenant{ID: "tenant-3", Name: sealed.Of("Emil Rosenkilde"), Address: sealed.Of("Lindealle 8, 3. th."), PostalCode: sealed.Of("2720"), City: sealed.Of("Vanløse"),
		Phone: sealed.Of("+45 55 50 17 42"), Email: sealed.Of("emil@rosenkilde.example"), Household: sealed.Of([]string{"Sofie Rosenkilde"})}
	p := &people{
		maja: Tenant{ID: "offer-12", Name: sealed.Of("Maja Thorsager"), Address: sealed.Of("Strandgade 40, 2. tv."), PostalCode: sealed.Of("1401"), City: sealed.Of("København K"),
			Phone: sealed.Of("+45 55 51 90 33"), Email: sealed.Of("maja@thorsager.example"), Household: sealed.Of([]string{"Viggo Thorsager"})},
		former: Tenant{ID: "tenant-9", Name: sealed.Of("Gorm Ulvedal"), Address: sealed.Of("Mosevej 2"), Phone: sealed.Of("+45 55 51 61 05"), Email: sealed.Of("gorm@ulvedal.example")},
		interested: Tenant{ID: "waitly-77", Name: sealed.Of("Ida Kastrup"), Email: sealed.Of("ida@kastrup.example"),
			Phone: sealed.Of("+45 55 52 48 19")},
		listed:   Tenant{ID: "list-5", Name: sealed.Of("Karl Rømer"), Email: sealed.Of("karl@roemer.example")},
		newcomer: Tenant{ID: "tenant-14", Name: sealed.Of("Liv Bækgaard")},
		mail:     Mail{ID: "tenant-3", Email: sealed.Of("emil@rosenkilde.example"), CPR: sealed.Of("110388-9995")},
		job: Job{Tenant: emil, Description: sealed.Of("water runs down the kitchen wall"), NoEntry: sealed.Of("16 and 17 April"),
			Why: sealed.Of("recovering from an operation")},
		sublet: Sublet{ID: "tenant-6", Absence: sealed.Of("a year at a clinic in Aarhus"), Health: sealed.Of("chemotherapy until spring"),
			Subtenant: Subtenant{ID: "subtenant-6", Name: sealed.Of("Oskar Damgaard")}},
		registered: Resident{ID: "resident-4", Name: sealed.Of("Ingrid Skovlund"), Registered: sealed.Of("2023-11-01")},
		noisy:      Complaint{ID: "tenant-8", Text: sealed.Of("drums at three in the morning")},
		burglar:    Recording{ID: "filmed-1", Footage: sealed.Of("frames of a crowbar and a hooded figure")},
		stranger:   Recording{ID: "filmed-2", Footage: sealed.Of("frames of somebody carrying groceries")},
		cleaning:   Enquiry{Sender: "tenant-3", Unchecked: sealed.Of("The stairs are sticky since Saturday."), Text: sealed.Of("The stairs are sticky since Saturday.")},
		sick:       Enquiry{Sender: "tenant-8", Sensitive: sealed.Of("My depression makes the drums worse.")},
	}
	for _, l := range []struct {
		at   time.Time
		door string
	}{
		{on(2024, time.March, 2, 18), "main"}, {on(2024, time.April, 11, 21), "cellar"}, {on(2024, time.April, 12, 3), "cellar"}, {on(2024, time.April, 13, 12), "laundry"},
	} {
		p.entries = append(p.entries, entry{LogEntry{Holder: "tenant-8", Key: sealed.Of("transponder 04:A1:7F"), Door: sealed.Of("door " + l.door), Time: sealed.Of(l.at.Format(time.RFC3339))}, l.at, l.door})
	}
	return p
}

var zone = time.FixedZone("CEST", 2*60*60)

// on is an hour of a day.
func on(year int, month time.Month, day, hour int) time.Time {
	return time.Date(year, month, day, hour, 0, 0, 0, zone)
}

// past is what the ledger knows when the day begins.
func (p *people) past() []basis.Event {
	n := 0
	happened := func(who, event string, at time.Time) basis.Event {
		n++
		return basis.Event{ID: fmt.Sprintf("event-%02d", n), DataSubject: who, ValidAt: at, Body: basis.Occurred{Event: event}}
	}
	explicit := basis.GoodConsent()
	explicit.Explicit = true
	return []basis.Event{
		{ID: "agreement-1", DataSubject: basis.ControllerWide, ValidAt: on(2021, time.March, 13, 9), Body: basis.AgreementSigned{Recipient: "property_administrator",
			Purposes: []string{"df.lease_creation", "df.student_eligibility", "df.sublet_room_registration", "df.sublet_whole_registration", "df.residency_control",
				"df.complaint_handling", "df.enquiry_forwarding", "df.lease_termination", "df.task_resolution"}, Reference: "agreement-1"}},

		happened(p.maja.ID, "tenancy_offered", on(2024, time.April, 12, 14)),
		happened(p.job.ID, "residential_tenancy_started", on(2020, time.May, 1, 12)),
		happened(p.sublet.ID, "residential_tenancy_started", on(2019, time.August, 1, 12)),
		happened(p.sublet.ID, "sublet_applied", on(2024, time.April, 2, 10)),
		{ID: "consent-6", DataSubject: p.sublet.ID, ValidAt: on(2024, time.April, 2, 10), Body: basis.ConsentGiven{Scope: "sublet_documentation", Quality: explicit}},
		happened(p.sublet.Subtenant.ID, "sublet_began", on(2024, time.April, 2, 10)),
		happened(p.registered.ID, "resident_registered", on(2023, time.November, 1, 12)),
		happened(p.noisy.ID, "residential_tenancy_started", on(2022, time.January, 1, 12)),
		happened(p.noisy.ID, "complaint_received", on(2024, time.April, 8, 9)),
		happened(p.noisy.ID, "key_issued", on(2022, time.January, 1, 12)),
		happened(p.newcomer.ID, "residential_tenancy_started", on(2024, time.April, 15, 8)),
		happened(p.newcomer.ID, "moved_in", on(2024, time.April, 15, 8)),

		happened(p.former.ID, "residential_tenancy_started", on(2015, time.February, 1, 12)),
		happened(p.former.ID, "key_issued", on(2015, time.February, 1, 12)),
		happened(p.former.ID, "key_returned", on(2023, time.September, 30, 12)),
		happened(p.former.ID, "cancellation_effected", on(2023, time.September, 1, 12)),
		happened(p.former.ID, "moved_out", on(2023, time.September, 30, 12)),
		happened(p.former.ID, "tenancy_ended", on(2023, time.September, 30, 12)),
		{ID: "judged-9", DataSubject: p.former.ID, ValidAt: on(2024, time.January, 8, 9), Body: basis.NecessityJudged{Rule: "df.ret.contact", Reference: "review 2024"}},

		happened(p.interested.ID, "interest_shown", on(2023, time.March, 20, 9)),
		happened(p.interested.ID, "dwelling_shown", on(2023, time.March, 31, 16)),
		happened(p.listed.ID, "joined_mailing_list", on(2012, time.January, 1, 12)),
		{ID: "hold-1", DataSubject: p.burglar.ID, ValidAt: on(2024, time.March, 20, 9), Body: basis.HoldPlaced{Categories: []string{"footage"}, Reason: "dispute-1"}},
	}
}
