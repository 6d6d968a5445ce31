package main

import (
	"context"
	"time"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// letter is what a person asks for (GDPR Art. 15 to 22), with the answer that it must get.
type letter struct {
	what string
	req  rights.Request
	want rights.Result
}

// letters are those of the day, answered at the end of it.
func letters(p *people) []letter {
	from := func(who string, kind purpose.RightKind, channel string, id rights.Identity) rights.Request {
		return rights.Request{Kind: kind, DataSubject: who, Received: minute(10), Channel: channel, Identity: id, Handler: "staff-advisor"}
	}
	held := func(category, field string) rights.Holding {
		return rights.Holding{Category: category, Field: field, Origin: rights.Provided, CollectedAt: time.Date(2024, time.February, 1, 10, 0, 0, 0, time.UTC)}
	}
	forget := from(p.anna.ID, purpose.ErasureRight, "email", rights.Proven)
	forget.Holdings = []rights.Holding{held("newsletter.signup", "Signup"), held("aml.kyc_record", "KYCRecord")}
	take := from(p.anna.ID, purpose.PortabilityRight, "email", rights.Proven)
	take.Holdings = []rights.Holding{held("contact.address", "Address"), held("aml.kyc_record", "KYCRecord")}
	copied := from(p.bo.ID, purpose.CopyRight, "email", rights.Unknown)
	shown := from(p.visitor.ID, purpose.AccessRight, "email", rights.Proven)
	shown.Organisation = "facebook"
	return []letter{
		{"Forget me: newsletter and identification", forget, rights.Partial},
		{"Give me what I may take elsewhere", take, rights.Granted},
		{"Send me a copy of everything, says somebody", copied, rights.Refused},
		{"What does Facebook know of me?", shown, rights.Referred},
	}
}

// answered is a letter with its answer.
type answered struct {
	What     string         `json:"what"`
	Outcome  rights.Outcome `json:"outcome"`
	Surprise string         `json:"surprise,omitempty"`
}

// answer serves the letters: each is on record before it takes effect.
func (s *service) answer(ctx context.Context, list []letter) (out []answered, err error) {
	for _, l := range list {
		o, err := s.desk.Serve(ctx, l.req)
		if err != nil {
			return nil, err
		}
		a := answered{What: l.what, Outcome: o.Told()}
		if o.Result != l.want {
			a.Surprise = "expected " + l.want.String()
		}
		out = append(out, a)
	}
	return out, nil
}

// paper is one thing in the archive of those who are customers no longer.
type paper struct {
	what, who string
	holding   rights.Holding
	want      retention.Status
}

// formerLessees are in the archive alone.
const ended, endedLater = "lessee-3", "lessee-4"

// archive is what the night goes through.
func archive() []paper {
	invoice := func(year int, month time.Month, day int) rights.Holding {
		return rights.Holding{Category: "purchase.invoice", Events: []retention.Event{{Key: "purchase_booked", At: time.Date(year, month, day, 12, 0, 0, 0, time.UTC)}}}
	}
	of := func(category string) rights.Holding { return rights.Holding{Category: category} }
	return []paper{
		{"identification of a lessee who left on 4 May 2021", ended, of("aml.kyc_record"), retention.MustErase},
		{"identification of one who left a day later", endedLater, of("aml.kyc_record"), retention.MustKeep},
		{"address of the first", ended, of("contact.address"), retention.MustErase},
		{"an invoice of 30 November 2020", ended, invoice(2020, time.November, 30), retention.MustErase},
		{"an invoice of 4 January 2021", ended, invoice(2021, time.January, 4), retention.MustKeep},
		{"search topics of a visitor of last spring", "visitor-3", of("visit.search_topics"), retention.MustErase},
	}
}

// formerly is what the ledger knows of those in the archive.
func formerly() []basis.Event {
	at := func(id, who, event string, t time.Time) basis.Event {
		return basis.Event{ID: id, DataSubject: who, ValidAt: t, Body: basis.Occurred{Event: event}}
	}
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 10, 0, 0, 0, time.UTC)
	}
	return []basis.Event{
		at("lease-3", ended, "customer_relation_started", day(2018, time.May, 2)),
		at("lease-3-end", ended, "customer_relation_ended", day(2021, time.May, 4)),
		at("lease-4", endedLater, "customer_relation_started", day(2018, time.May, 2)),
		at("lease-4-end", endedLater, "customer_relation_ended", day(2021, time.May, 5)),
	}
}

// kept is what must happen to a paper.
type kept struct {
	What     string           `json:"what"`
	Status   retention.Status `json:"status"`
	Because  retention.Reason `json:"because"`
	Rule     string           `json:"rule,omitempty"`
	Law      string           `json:"law,omitempty"`
	Clause   string           `json:"clause,omitempty"`
	LastDay  retention.Date   `json:"last_day,omitzero"`
	Surprise string           `json:"surprise,omitempty"`
}

// tonight asks of every paper whether it may stay.
func (s *service) tonight(ctx context.Context, list []paper) (out []kept, err error) {
	for _, p := range list {
		k, err := s.desk.Evaluate(ctx, rights.Query{DataSubject: p.who, Holding: p.holding})
		if err != nil {
			return nil, err
		}
		x := kept{What: p.what, Status: k.Status, Because: k.Because.Reason, Rule: k.Because.Rule, Law: k.Because.Law, Clause: k.Because.Clause, LastDay: k.LastDay}
		if k.Status != p.want {
			x.Surprise = "expected " + p.want.String()
		}
		out = append(out, x)
	}
	return out, nil
}

// midnight after the day.
func midnight() time.Time { return time.Date(2026, time.May, 5, 0, 0, 0, 0, minute(0).Location()) }
