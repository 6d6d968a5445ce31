package main

import (
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// step is one request of the day, with the answer that it must get.
type step struct {
	chapter string // begins here
	what    string
	before  []basis.Event // happens first, and what says so
	req     policy.Request
	do      call
	want    string      // outcome
	code    policy.Code // the first reason; empty where nothing is withheld
}

// minute n of the day: step n takes place in it.
func minute(n int) time.Time { return time.Date(2024, time.April, 15, 9, n, 0, 0, zone) }

// by makes the request of somebody with a role who works on the case.
func by(role, purposeKey string, facts ...purpose.NamedValue) policy.Request {
	return policy.Request{
		Principal: policy.Principal{ID: "staff-" + role, Roles: []string{role}},
		Purpose:   purposeKey,
		Facts:     append(purpose.Facts{yes("actor_assigned_to_case")}, facts...),
	}
}

func yes(fact string) purpose.NamedValue { return purpose.Named(fact, purpose.True()) }
func no(fact string) purpose.NamedValue  { return purpose.Named(fact, purpose.False()) }
func text(fact, value string) purpose.NamedValue {
	return purpose.Named(fact, purpose.TextValue(value))
}
func instant(fact string, t time.Time) purpose.NamedValue {
	return purpose.Named(fact, purpose.InstantValue(t))
}

// on a task.
func tasked(req policy.Request, task string) policy.Request {
	req.Principal.Tasks = []string{task}
	return req
}

// from a source.
func from(req policy.Request, source string) policy.Request {
	req.Provenance.Source = source
	return req
}

// dated is the request for data from a time.
func dated(req policy.Request, t time.Time) policy.Request {
	req.Provenance.CollectedAt = t
	return req
}

// in a country.
func in(req policy.Request, country string, m purpose.Mechanism) policy.Request {
	req.Country, req.Mechanism = country, m
	return req
}

// story is the day. Every answer comes from the register, the policies and the ledger; the table only says what is expected.
func story(p *people) []step {
	explicit := basis.GoodConsent()
	explicit.Explicit = true
	administrator := func(req policy.Request) policy.Request { return in(req.To("property_administrator"), "DK", 0) }
	lease := by("letting_agent", "df.lease_creation", yes("offered_tenancy"), text("tenancy_kind", "residential"))
	task := tasked(by("property_manager", "df.task_resolution", yes("entry_needed")), "leak-3").To("craftsman")
	sublet := by("property_manager", "df.sublet_whole_assessment")
	control := by("property_manager", "df.residency_control", text("address_of", "own"))
	complaint := func(fact purpose.NamedValue) policy.Request {
		req := by("property_manager", "df.complaint_handling", fact)
		req.Reviewer = "staff-property_manager"
		return req
	}
	burglary := []purpose.NamedValue{text("incident.ref", "I-7"), text("incident.kind", "burglary")}
	log := func(facts ...purpose.NamedValue) policy.Request {
		return dated(by("security_officer", "df.key_log_investigation", facts...), p.entries[1].at)
	}
	crime := by("security_officer", "df.cctv_crime_investigation", yes("crime"))
	police := by("security_officer", "df.police_disclosure", text("police_request.ref", "P-3")).To("police")
	forward := by("property_manager", "df.enquiry_forwarding", text("responsible", "caretaker"))
	municipality := by("property_manager", "df.municipality_residency_reply", text("municipality_enquiry.ref", "M-1"),
		text("municipality_enquiry.about", "residency"), text("municipality_enquiry.tenancy", "T-12")).To("municipality")

	return []step{
		{chapter: "Letting", what: "The letting agent takes in what a lease needs from somebody who was offered flat 12", req: from(lease, "data_subject"),
			do: take(&p.maja, purpose.Collect), want: permit},
		{what: "The same from somebody who was offered nothing yet",
			req: from(by("letting_agent", "df.lease_creation", no("offered_tenancy")), "data_subject"),
			do:  take(&p.maja, purpose.Collect, "Name", "Phone"), want: deny, code: policy.CodeCondition},
		{what: "The administrator of the property gets it, under its agreement", req: administrator(lease), do: share[LeaseView](&p.maja), want: permit},
		{what: "It goes to a computer of the administrator's in the USA", req: in(lease.To("property_administrator"), "US", purpose.SCC), do: share[LeaseView](&p.maja),
			want: deny, code: policy.CodeCountryDiffers},
		{what: "A tenant sends a CPR number along by mail: the mail is stored, the number is not", req: by("letting_agent", "df.lease_creation"),
			do: take(&p.mail, purpose.Store), want: partial, code: policy.CodeProhibited},
		//purposevet:purposes the landlord has no such purpose, and is refused
		{what: "Marketing looks for addresses to write to", req: by("marketing_agent", "df.marketing"), do: read[MailingView](&p.maja),
			want: deny, code: policy.CodePurposeUnknown},

		{chapter: "A leak", what: "A craftsman gets the task, whom to call, and the days on which nobody may come", req: task, do: share[TaskView](&p.job), want: permit},
		{what: "The tenant is ill: why nobody may come is health data, and stays", req: task, do: some[SickTaskView](&p.job),
			want: partial, code: policy.CodeOverlayFails},
		{what: "The tenant consents to the craftsman knowing", req: task, do: share[SickTaskView](&p.job), want: permit,
			before: []basis.Event{{ID: "consent-3", DataSubject: p.job.ID, Body: basis.ConsentGiven{Scope: "share_sensitive.craftsman", Quality: explicit}}}},
		{what: "The tenant withdraws the consent", req: task, do: share[SickTaskView](&p.job), want: deny, code: policy.CodeOverlayFails,
			before: []basis.Event{{ID: "withdrawal-3", DataSubject: p.job.ID, Body: basis.ConsentWithdrawn{Scope: "share_sensitive.craftsman"}}}},
		{what: "Somebody collects names and numbers with no task at hand", req: by("property_manager", "df.task_resolution", yes("entry_needed")).To("craftsman"),
			do: share[TaskView](&p.job), want: deny, code: policy.CodePolicyPermit},

		{chapter: "A sublet", what: "The property manager judges why a tenant is away, illness included, with explicit consent", req: sublet, do: read[SubletView](&p.sublet), want: permit},
		{what: "The illness goes on file", req: sublet, do: take(&p.sublet, purpose.Store, "Health"), want: deny, code: policy.CodeProhibited},
		{what: "The judgement is made: nobody reads it again", req: sublet, do: read[SubletView](&p.sublet), want: deny, code: policy.CodeExpired,
			before: []basis.Event{{ID: "assessed-6", DataSubject: p.sublet.ID, Body: basis.Occurred{Event: "sublet_assessed"}}}},
		{what: "The caretaker gets the subtenant's name for the sign", req: by("property_manager", "df.name_sign_update").To("caretaker"), do: share[SignView](&p.sublet), want: permit},

		{chapter: "Who lives here, and how", what: "A name in the population register is compared with the lease", req: control, do: read[RegisterView](&p.registered), want: permit},
		{what: "The resident objects for a reason of her own", req: control, do: read[RegisterView](&p.registered), want: deny, code: policy.CodeBasisObjection,
			before: []basis.Event{{ID: "objection-4", DataSubject: p.registered.ID, Body: basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: []string{"df.residency_control"}}}}},
		{what: "A complaint about drums is read", req: complaint(no("rule_broken")), do: read[ComplaintView](&p.noisy), want: permit},
		{what: "A warning is given for it, though no breach is on record", req: complaint(no("rule_broken")), do: take(&p.noisy, purpose.Decide, "Text"), want: deny, code: policy.CodeCondition},
		{what: "A second complaint is borne out: now a warning may be given", req: complaint(yes("rule_broken")), do: take(&p.noisy, purpose.Decide, "Text"), want: permit},
		{what: "He contests what is written about him: the complaint rests", req: complaint(yes("rule_broken")), do: read[ComplaintView](&p.noisy), want: deny, code: policy.CodeRestricted,
			before: []basis.Event{{ID: "restriction-8", DataSubject: p.noisy.ID, Body: basis.RestrictionImposed{Categories: []string{"complaint"}, Reason: "accuracy-contested"}}}},

		{chapter: "A burglary", what: "The security officer browses the log of the locks", req: log(), do: read[LogView](&p.entries[1].LogEntry), want: deny, code: policy.CodeFactMissing},
		{what: "There was a burglary; no door or period is named", req: log(burglary...), do: read[LogView](&p.entries[1].LogEntry), want: deny, code: policy.CodePolicyDeny},
		{what: "The log is searched for the night, at the approved hours", req: log(append(burglary, window(on(2024, time.April, 11, 20), on(2024, time.April, 12, 6))...)...),
			do: search(p.entries), want: permit},
		{what: "The log is searched for six weeks: all but the approved hours is cut away",
			req: log(append(burglary, window(on(2024, time.March, 1, 0), on(2024, time.April, 15, 0))...)...), do: search(p.entries), want: permit},
		{what: "A recording of that night is ordered", req: dated(crime, on(2024, time.April, 12, 3)), do: read[FootageView](&p.burglar), want: permit},
		{what: "A recording of early March", req: dated(crime, on(2024, time.March, 1, 12)), do: read[FootageView](&p.burglar), want: deny, code: policy.CodeExpired},
		{what: "The police asks for the entries", req: dated(police, p.entries[1].at), do: share[LogView](&p.entries[1].LogEntry), want: permit},
		{what: "They are offered to the police unasked", req: dated(by("security_officer", "df.police_disclosure").To("police"), p.entries[1].at),
			do: share[LogView](&p.entries[1].LogEntry), want: deny, code: policy.CodeFactMissing},

		{chapter: "The post", what: "A letter goes on to the caretaker unread", req: forward.To("caretaker"), do: share[UncheckedView](&p.cleaning), want: deny, code: policy.CodeProhibited},
		{what: "It was read, and is about sticky stairs", req: forward.To("caretaker"), do: share[EnquiryView](&p.cleaning), want: permit},
		{what: "Another says something about the sender's health that cannot be cut out", req: forward.To("caretaker"), do: share[LetterView](&p.sick), want: deny, code: policy.CodeProhibited},
		{what: "The municipality asks who will live in flat 12", req: municipality.With(text("tenancy", "T-12")), do: share[NameView](&p.maja), want: permit},
		{what: "It gets no answer about another flat", req: municipality.With(text("tenancy", "T-10")), do: share[NameView](&p.maja), want: deny, code: policy.CodePolicyPermit},
		{what: "The tenants' representation hears who moved in this morning",
			req: by("property_manager", "df.tenant_representation_notice", yes("property_has_representation")).To("tenant_representation"), do: share[NameView](&p.newcomer), want: permit},
		{what: "The mailing list is written to", req: by("letting_agent", "df.mailing_list"), do: read[MailingView](&p.listed), want: permit},
		{what: "Somebody on it calls and wants to be off", req: by("letting_agent", "df.mailing_list"), do: read[MailingView](&p.listed), want: deny, code: policy.CodeExpired,
			before: []basis.Event{{ID: "removal-5", DataSubject: p.listed.ID, Body: basis.Occurred{Event: "removal_requested"}}}},
	}
}
