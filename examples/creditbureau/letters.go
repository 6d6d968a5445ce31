package main

import (
	"context"
	"strings"
	"time"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// letter is what a person asks, with the answer that it must get.
type letter struct {
	what  string
	req   rights.Request
	want  rights.Result
	carry func() // does what was granted
}

// answered is a letter with its answer.
type answered struct {
	letter
	outcome rights.Outcome
}

// letters are Sanne's of the evening.
func letters(p *people, received time.Time) []letter {
	held := func(field, category string) rights.Holding {
		return rights.Holding{Category: category, Field: field, Dataset: p.sanne.Dataset, ObtainedFor: p.sanne.ObtainedFor, Origin: rights.Obtained, CollectedAt: received.AddDate(0, -4, 0)}
	}
	name, score, payments := held("Name", "contact.name"), held("Score", "profile.score"), held("HistoricalPayments", "payment.historical_payment_data")
	order := rights.Holding{Category: "contract.contract_data", Field: "Contract", Dataset: "client_data", Controller: "client.telecom", ObtainedFor: []string{check}, Origin: rights.Obtained}
	ask := func(kind purpose.RightKind, holdings ...rights.Holding) rights.Request {
		return rights.Request{Kind: kind, DataSubject: p.sanne.ID, Received: received, Channel: "web-form", Identity: rights.Proven, Holdings: holdings,
			Handler: "staff-compliance"}
	}
	old := ask(purpose.ErasureRight, payments)
	old.Ground, old.Categories = rights.Irrelevant, []string{"payment"}
	founded := old
	founded.Stated = []string{"changes"}
	founded.Finding = rights.Finding{Verdict: rights.Founded, By: "staff-compliance", Reference: "note 17-118"}
	return []letter{
		{what: "What do you hold on me?", req: ask(purpose.AccessRight, name, score, payments, order), want: rights.Partial},
		{what: "Remove something about the washing machine.", req: old, want: rights.Refused},
		{what: "Remove the payments for the washing machine, they say nothing any more.", req: founded, want: rights.Granted,
			carry: func() { p.sanne.HistoricalPayments = sealed.Value[string]{} }},
	}
}

// answer serves the letters at the desk, on record, and does what was granted.
func (s *service) answer(ctx context.Context, list []letter) (out []answered, surprises int, err error) {
	for _, l := range list {
		o, err := s.desk.Serve(ctx, l.req)
		if err != nil {
			return nil, 0, err
		}
		if l.carry != nil && o.Result == rights.Granted {
			l.carry()
			c := rights.Case{ID: o.ID, Kind: o.Kind, DataSubject: l.req.DataSubject, Received: l.req.Received, Handler: l.req.Handler}
			if err := s.desk.CarriedOut(ctx, c, o.Items); err != nil {
				return nil, 0, err
			}
		}
		o = o.Told()
		if o.Result != l.want {
			surprises++
		}
		out = append(out, answered{l, o})
	}
	return out, surprises, nil
}

// lines are the answer in words.
func (a *answered) lines() (list []string) {
	for _, x := range a.outcome.Items {
		line := x.Field + ": " + x.Result.String()
		if x.Field == "" {
			line = x.Part + ": " + x.Result.String()
		}
		if x.ReferTo != "" {
			line += " to " + x.ReferTo
		}
		for _, r := range x.Reasons {
			line += ", " + r.String()
		}
		list = append(list, line)
	}
	for _, r := range a.outcome.Reasons {
		list = append(list, r.String())
	}
	if len(a.outcome.Missing) > 0 {
		list = append(list, "missing: "+strings.Join(a.outcome.Missing, ", "))
	}
	if len(a.outcome.Obligations) > 0 {
		list = append(list, "and: "+strings.Join(a.outcome.Obligations, ", "))
	}
	return list
}
