package rights_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

// What the notice asks of a request, and what the law does not let it ask.
func TestFormOfARequest(t *testing.T) {
	for name, c := range map[string]struct {
		req     rights.Request
		want    rights.Result
		code    rights.Code
		missing []string
	}{
		"access without proof, where none is asked for": {rights.Request{Kind: purpose.AccessRight}, rights.Granted, "", nil},
		"access in doubt (Art. 12(6))":                  {rights.Request{Kind: purpose.AccessRight, Identity: rights.Doubted}, rights.Refused, rights.CodeIdentityDoubted, []string{"identity"}},
		"a copy without proof":                          {rights.Request{Kind: purpose.CopyRight}, rights.Refused, rights.CodeIdentityMissing, []string{"identity"}},
		"a copy with proof, in writing":                 {rights.Request{Kind: purpose.CopyRight, Identity: rights.Proven, Channel: "email"}, rights.Granted, "", nil},
		"a copy asked for by phone":                     {rights.Request{Kind: purpose.CopyRight, Identity: rights.Proven, Channel: "phone"}, rights.Refused, rights.CodeChannel, []string{"channel"}},
		"the way it came is not on record":              {rights.Request{Kind: purpose.CopyRight, Identity: rights.Proven}, rights.Granted, "", nil},
		"rectification without what to change":          {rights.Request{Kind: purpose.RectificationRight, Identity: rights.Proven}, rights.Refused, rights.CodeStatement, []string{"changes"}},
		"rectification with all of it":                  {rights.Request{Kind: purpose.RectificationRight, Identity: rights.Proven, Stated: []string{"changes"}}, rights.Granted, "", nil},
		"everything that lacks is said":                 {rights.Request{Kind: purpose.RectificationRight}, rights.Refused, rights.CodeIdentityMissing, []string{"identity", "changes"}},
		"marketing objection in doubt (Art. 21(3))":     {rights.Request{Kind: purpose.MarketingObjectionRight, Identity: rights.Doubted}, rights.Granted, "", nil},
		"withdrawal in doubt (Art. 7(3))":               {rights.Request{Kind: purpose.WithdrawalRight, Identity: rights.Doubted, Scopes: []string{"letter"}}, rights.Granted, "", nil},
		"complaint in doubt (Art. 77)":                  {rights.Request{Kind: purpose.ComplaintRight, Identity: rights.Doubted}, rights.Granted, "", nil},
		"objection without grounds (Art. 21(1))":        {rights.Request{Kind: purpose.ObjectionRight, Purposes: []string{"statistics"}}, rights.Refused, rights.CodeStatement, []string{"grounds"}},
		"objection with grounds":                        {rights.Request{Kind: purpose.ObjectionRight, Purposes: []string{"statistics"}, Stated: []string{"grounds"}}, rights.Granted, "", nil},
		"objection to marketing needs none":             {rights.Request{Kind: purpose.ObjectionRight, Purposes: []string{"news"}}, rights.Granted, "", nil},
		"a condition that is not met":                   {rights.Request{Kind: purpose.ReviewRight, DecisionID: decision, Reviewer: "u1", Facts: purpose.Facts{{Fact: "suspicion", Value: purpose.True()}}}, rights.Refused, rights.CodeConditionUnmet, nil},
		"a condition that nobody stated":                {rights.Request{Kind: purpose.ReviewRight, DecisionID: decision, Reviewer: "u1"}, rights.Refused, rights.CodeConditionUnmet, nil},
		"a condition that is met":                       {rights.Request{Kind: purpose.ReviewRight, DecisionID: decision, Reviewer: "u1", Facts: calm}, rights.Granted, "", nil},
		"excessive, with a record of why (Art. 12(5))":  {rights.Request{Kind: purpose.AccessRight, Finding: rights.Finding{Verdict: rights.Excessive, By: "u1", Reference: "f1"}}, rights.Refused, rights.CodeExcessive, nil},
		"excessive, and no record of why":               {rights.Request{Kind: purpose.AccessRight, Finding: rights.Finding{Verdict: rights.Excessive, By: "u1"}}, rights.Escalated, rights.CodeReferenceMissing, nil},
		"excessive, found by nobody":                    {rights.Request{Kind: purpose.AccessRight, Finding: rights.Finding{Verdict: rights.Excessive, Reference: "f1"}}, rights.Granted, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			subscriber(w)
			o := w.ask("2024-04-15", c.req)
			assert.Equal(t, c.want, o.Result, "%v %v", o.Reasons, o.Items)
			assert.Equal(t, c.code, code(o, ""))
			assert.Equal(t, c.missing, o.Missing)
		})
	}
}

// GDPR Art. 21(1) reaches what rests on legitimate interests for the person who objects, not for others under the same purpose.
func TestObjectionConcernsThePersonsOwnCapacity(t *testing.T) {
	shared := func(s *purpose.Spec) {
		for i := range s.Activities {
			switch a := &s.Activities[i]; a.Key {
			case "serve": // a customer's on contract, of others on legitimate interests
				a.Capacities, a.Purposes = append(a.Capacities, "partner"), []string{"relations"}
				a.Claims = append(a.Claims, basis.Claim{Basis: basis.LegitimateInterests, Interest: "the relation", Assessment: "lia.claims", Capacities: []string{"partner"}})
			}
		}
	}
	for name, c := range map[string]struct {
		events []string
		want   rights.Result
	}{
		"for the customer it rests on the contract":     {[]string{"signed"}, rights.Refused},
		"for the partner it rests on the interest":      {[]string{"partnered"}, rights.Granted},
		"a partner of old may still be processed":       {[]string{"partnered", "parted", "signed"}, rights.Granted},
		"of somebody whom nothing concerns all of them": {[]string{"visited"}, rights.Granted},
		"of somebody unknown all of them":               {nil, rights.Granted},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, shared)
			w.happened("2023-01-01", c.events...)
			o := w.ask("2024-04-15", rights.Request{Kind: purpose.ObjectionRight, Purposes: []string{"relations"}, Stated: []string{"grounds"}})
			assert.Equal(t, c.want, o.Result, "%v", o.Items)
			if c.want == rights.Refused {
				assert.Equal(t, rights.CodeNotObjectable, code(o, "relations"))
			}
		})
	}
}

const decision = "01HZ0000000000000000000000"

var calm = purpose.Facts{{Fact: "suspicion", Value: purpose.False()}}

// Data held for somebody else, and processing of somebody else's, is theirs to answer.
func TestReferral(t *testing.T) {
	w := newWorld(t)
	w.happened("2023-01-01", "checked")
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Organisation: "waitlist", Holdings: held("contact.name")})
	assert.Equal(t, rights.Referred, o.Result)
	assert.Equal(t, []string{"waitlist"}, o.ReferTo)
	assert.Empty(t, o.Items, "what is held here was not asked for")

	for _, ours := range []string{"", "lender", "administrator"} { // Art. 28: a processor's processing is the controller's
		o = w.ask("2024-04-15", rights.Request{Kind: purpose.AccessRight, Organisation: ours, AddressedTo: "administrator"})
		assert.Equal(t, rights.Granted, o.Result, ours)
	}

	client := rights.Holding{Dataset: "client"}
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.AccessRight, Holdings: []rights.Holding{client}})
	assert.Equal(t, rights.Referred, o.Result)
	assert.Equal(t, []string{"Client B.V."}, o.ReferTo)
	assert.Contains(t, o.Obligations, rights.ForwardRequest)

	client.Controller = "client_1"
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.AccessRight, Holdings: []rights.Holding{{Dataset: "databank"}, client}})
	assert.Equal(t, rights.Partial, o.Result)
	assert.Equal(t, []string{"databank"}, o.Of(rights.Granted))
	assert.Equal(t, []string{"client"}, o.Of(rights.Referred))
	assert.Equal(t, []string{"client_1"}, o.ReferTo)

	for _, kind := range []purpose.RightKind{purpose.ErasureRight, purpose.PortabilityRight, purpose.ObjectionRight, purpose.MarketingObjectionRight, purpose.WithdrawalRight} {
		req := rights.Request{Kind: kind, Stated: []string{"grounds"}, Holdings: []rights.Holding{client}} // a whole dataset: it is not ours to say what is in it
		o = w.serve("2024-04-15", req)
		assert.Equal(t, rights.Referred, o.Result, kind)
		assert.Equal(t, []string{"client_1"}, o.ReferTo, kind)
		assert.Contains(t, o.Obligations, rights.ForwardRequest)
	}
	assert.Empty(t, w.state().Objections, "what the client decides on is not on this ledger")
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.ObjectionRight, Stated: []string{"grounds"}, Holdings: []rights.Holding{client, {Category: "history", Dataset: "own"}}})
	assert.Equal(t, rights.Granted, o.Result, "some of it is held here")

	o = w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: []rights.Holding{{Category: "history", Dataset: "client"}, {Category: "history", Dataset: "own"}}})
	assert.Equal(t, []rights.Result{rights.Referred, rights.Escalated}, []rights.Result{o.Items[0].Result, o.Items[1].Result})
}

// GDPR Art. 15: everything of the person, restricted or not, but nobody else's and nothing that a law forbids to tell.
func TestAccess(t *testing.T) {
	w := newWorld(t, func(s *purpose.Spec) {
		s.Rights[0].Except = []purpose.RightException{{Categories: []string{"aml.suspicion"}, Law: "dk.hvl", Silent: true, Clause: "3.4"},
			{Categories: []string{"finance.score"}, Law: "dk.stat"}, {Categories: []string{"contact"}, Law: "dk.old"}}
		s.Laws = append(s.Laws, purpose.Law{Key: "dk.old", Through: "2020-12-31"})
	})
	customer(w)
	w.record("2023-01-01", basis.RestrictionImposed{Reason: "accuracy-contested"})
	for _, kind := range []purpose.RightKind{purpose.AccessRight, purpose.CopyRight} {
		o := w.ask("2024-04-15", rights.Request{Kind: kind, Identity: rights.Proven, Holdings: append(held("contact.name", "aml.suspicion", "finance.score"), rights.Holding{Category: "contact.email", Person: "guarantor", Dataset: "own"},
			rights.Holding{Category: "history", Withheld: "dk.bfl", Dataset: "own"})})
		assert.Equal(t, rights.Granted, o.Result, "a law keeps something back, which refuses nothing")
		assert.Equal(t, []string{"contact.name"}, o.Of(rights.Granted))
		assert.Equal(t, []string{"finance.score", "contact.email"}, o.Of(rights.Outside), "told that it is left out")
		assert.Len(t, o.Items, 5)
		assert.Len(t, o.Told().Items, 3, "of two nothing is told")
		assert.Len(t, o.Items, 5, "telling changes nothing")
	}
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.AccessRight, Holdings: held("aml.suspicion")})
	assert.Equal(t, rights.Granted, o.Result, "the same answer as where nothing is held")
	assert.Empty(t, o.Told().Items)
	assert.Equal(t, w.ask("2024-04-15", rights.Request{Kind: purpose.AccessRight}).Told(), func() rights.Outcome { x := o.Told(); x.Items = nil; return x }())
}

// GDPR Art. 16.
func TestRectification(t *testing.T) {
	w := newWorld(t)
	customer(w)
	req := rights.Request{Kind: purpose.RectificationRight, Identity: rights.Proven, Stated: []string{"changes"}, Categories: []string{"contact.email"}}
	o := w.ask("2024-04-15", req)
	assert.Equal(t, rights.Granted, o.Result)
	assert.Contains(t, o.Obligations, rights.NotifyRecipients)
	assert.Equal(t, []string{"contact.email"}, o.Changed())
	req.Finding = rights.Finding{Verdict: rights.Unfounded, By: "u1"}
	o = w.ask("2024-04-15", req)
	assert.Equal(t, rights.Refused, o.Result)
	assert.Equal(t, rights.CodeAccurate, code(o, "contact.email"))
	assert.Empty(t, o.Changed())
	req.Categories = nil
	assert.Equal(t, rights.CodeAccurate, code(w.ask("2024-04-15", req), ""))
}

// GDPR Art. 20(1): provided by the person, on consent or for a contract, in automated processing.
func TestPortability(t *testing.T) {
	w := newWorld(t)
	customer(w)
	visitor(w)
	req := rights.Request{Kind: purpose.PortabilityRight, Holdings: []rights.Holding{
		{Category: "contact.name", Origin: rights.Provided, Basis: basis.Contract, Dataset: "own"},
		{Category: "finance.income", Origin: rights.Provided, Dataset: "own"}, // a running agreement bears it out
		{Category: "finance.score", Origin: rights.Derived, Basis: basis.Contract, Dataset: "own"},
		{Category: "history", Origin: rights.Obtained, Basis: basis.Contract, Dataset: "own"},
		{Category: "aml.record", Origin: rights.Provided, Basis: basis.LegalObligation, Dataset: "own"},
		{Category: "visit.page", Origin: rights.Observed, Dataset: "own"},
		{Category: "contact.email", Origin: rights.Provided, Basis: basis.Consent, Manual: true, Dataset: "own"},
		{Category: "gender", Origin: rights.UnknownOrigin, Basis: basis.Consent, Dataset: "own"},
	}}
	o := w.ask("2024-04-15", req)
	assert.Equal(t, rights.Granted, o.Result)
	assert.Equal(t, []string{"contact.name", "finance.income"}, o.Of(rights.Granted))
	want := map[string]rights.Code{"finance.score": rights.CodeNotProvided, "history": rights.CodeNotProvided, "aml.record": rights.CodeNotPortable,
		"visit.page": rights.CodeNotPortable, "contact.email": rights.CodeNotAutomated, "gender": rights.CodeNotProvided}
	for part, why := range want {
		assert.Equal(t, why, code(o, part), part)
	}
	assert.Len(t, o.Of(rights.Outside), len(want))

	none := req
	none.Holdings = req.Holdings[2:]
	o = w.ask("2024-04-15", none)
	assert.Equal(t, rights.Refused, o.Result)
	assert.Equal(t, rights.CodeNothingPortable, code(o, ""))

	// Art. 20(2): straight to another controller, where that can be done.
	req.TransferTo = "another lender"
	o = w.ask("2024-04-15", req)
	assert.Equal(t, rights.Partial, o.Result)
	assert.Contains(t, o.Of(rights.Granted), rights.PartExport)
	assert.Equal(t, []string{rights.PartDirectTransfer}, o.Of(rights.Refused))
	req.TransferFeasible = true
	o = w.ask("2024-04-15", req)
	assert.Equal(t, rights.Granted, o.Result)
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.PortabilityRight, TransferTo: "another lender"})
	assert.Equal(t, rights.Partial, o.Result, "nothing listed yet: the right stands")
}

// GDPR Art. 77: the person learns whom to turn to.
func TestComplaint(t *testing.T) {
	w := newWorld(t)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ComplaintRight})
	assert.Equal(t, "Datatilsynet", o.Authority)
	assert.Equal(t, "dpo@lender.example", o.Officer)
	w = newWorld(t, func(s *purpose.Spec) { s.Controller.Authority = "" })
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.ComplaintRight})
	assert.Equal(t, rights.Escalated, o.Result)
	assert.Equal(t, rights.CodeAuthorityMissing, code(o, ""))
}

func TestReview(t *testing.T) {
	w := newWorld(t)
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ReviewRight, Facts: calm, Reviewer: "u1"})
	assert.Equal(t, rights.CodeDecisionMissing, code(o, ""))
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.ReviewRight, Facts: calm, DecisionID: decision})
	assert.Equal(t, rights.Escalated, o.Result, "the right stands; somebody must be found")
	assert.Equal(t, rights.CodeReviewerMissing, code(o, ""))
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.ReviewRight, Facts: calm, DecisionID: decision, Reviewer: "u1"})
	assert.Equal(t, rights.Granted, o.Result)
	assert.Equal(t, []string{rights.HumanIntervention, rights.HearThePerson}, o.Obligations)
}

// A mistake of the program is an error, not an answer, and holds no value of the request.
func TestRequestsThatContradictTheRegisterAreErrors(t *testing.T) {
	w := newWorld(t)
	customer(w)
	const canary = "ada.lovelace@example.org"
	for name, edit := range map[string]func(*rights.Request){
		"no kind":                     func(r *rights.Request) { r.Kind = 0 },
		"another kind":                func(r *rights.Request) { r.Kind = 77 },
		"nobody":                      func(r *rights.Request) { r.DataSubject = "*" },
		"received tomorrow":           func(r *rights.Request) { r.Received = w.now.AddDate(0, 0, 1) },
		"another identity":            func(r *rights.Request) { r.Identity = 9 },
		"another ground":              func(r *rights.Request) { r.Ground = 99 },
		"another verdict":             func(r *rights.Request) { r.Finding.Verdict = 9 },
		"a channel that is no key":    func(r *rights.Request) { r.Channel = canary },
		"a statement that is no key":  func(r *rights.Request) { r.Stated = []string{canary} },
		"an unknown organisation":     func(r *rights.Request) { r.Organisation = canary },
		"an unknown addressee":        func(r *rights.Request) { r.AddressedTo = canary },
		"an unknown category":         func(r *rights.Request) { r.Categories = []string{canary} },
		"an unknown purpose":          func(r *rights.Request) { r.Purposes = []string{canary} },
		"an unknown scope":            func(r *rights.Request) { r.Scopes = []string{canary} },
		"an id that is none":          func(r *rights.Request) { r.ID = canary },
		"a decision that is none":     func(r *rights.Request) { r.DecisionID = canary },
		"a holding of no category":    func(r *rights.Request) { r.Holdings = []rights.Holding{{}} },
		"a holding of an unknown one": func(r *rights.Request) { r.Holdings = held(canary) },
		"an unknown dataset, whole": func(r *rights.Request) {
			r.Kind, r.Holdings = purpose.AccessRight, []rights.Holding{{Dataset: canary}}
		},
		"a holding of nothing":      func(r *rights.Request) { r.Kind, r.Holdings = purpose.AccessRight, []rights.Holding{{}} },
		"an unknown dataset":        func(r *rights.Request) { r.Holdings = []rights.Holding{{Category: "gender", Dataset: canary}} },
		"a dataset and no category": func(r *rights.Request) { r.Holdings = []rights.Holding{{Dataset: "own"}} },
		"obtained for what is not": func(r *rights.Request) {
			r.Holdings = []rights.Holding{{Category: "gender", ObtainedFor: []string{canary}}}
		},
		"an unknown source": func(r *rights.Request) {
			r.Holdings = []rights.Holding{{Category: "gender", Source: canary, Dataset: "own"}}
		},
		"withheld by no law": func(r *rights.Request) {
			r.Holdings = []rights.Holding{{Category: "gender", Withheld: canary, Dataset: "own"}}
		},
		"another basis": func(r *rights.Request) {
			r.Holdings = []rights.Holding{{Category: "gender", Basis: 77, Dataset: "own"}}
		},
		"an undeclared fact": func(r *rights.Request) { r.Facts = purpose.Facts{{Fact: canary, Value: purpose.True()}} },
		"a fact of another type": func(r *rights.Request) {
			r.Facts = purpose.Facts{{Fact: "suspicion", Value: purpose.TextValue(canary)}}
		},
		"a fact outside its list": func(r *rights.Request) { r.Facts = purpose.Facts{{Fact: "region", Value: purpose.TextValue(canary)}} },
		"a fact stated twice":     func(r *rights.Request) { r.Facts = append(calm, calm...) },
		"marketing that is none":  func(r *rights.Request) { r.Kind, r.Purposes = purpose.MarketingObjectionRight, []string{"books"} },
	} {
		req := w.fill(rights.Request{Kind: purpose.ErasureRight, Holdings: held("contact.name")})
		edit(&req)
		o, err := w.desk.Decide(context.Background(), req)
		assert.ErrorIs(t, err, rights.ErrRequest, name)
		assert.Zero(t, o, name)
		if err != nil {
			assert.NotContains(t, err.Error(), canary, name)
		}
		_, err = w.desk.Serve(context.Background(), req)
		assert.Error(t, err, name)
	}
	assert.Empty(t, w.trail.Events(), "nothing was recorded")
	_, err := w.desk.Decide(context.Background(), rights.Request{Kind: purpose.AccessRight, DataSubject: person})
	require.ErrorIs(t, err, rights.ErrRequest, "not received")
}

// A notice may grant a right on more grounds than the law; somebody finds whether they are so.
func TestGroundsOfTheNotice(t *testing.T) {
	founded := rights.Finding{Verdict: rights.Founded, By: "u1"}
	notice := func(s *purpose.Spec) {
		s.Rights = append(s.Rights, purpose.Right{Kind: purpose.RestrictionRight, Clause: "6.4", Grounds: []string{"irrelevant", "incomplete"}})
		s.Rights[3].Grounds = []string{"incomplete"}
	}
	for name, c := range map[string]struct {
		kind    purpose.RightKind
		ground  rights.Ground
		finding rights.Finding
		worded  bool
		want    rights.Result
		code    rights.Code
	}{
		"irrelevant, as found":             {purpose.RestrictionRight, rights.Irrelevant, founded, true, rights.Granted, ""},
		"irrelevant, as nobody has found":  {purpose.RestrictionRight, rights.Irrelevant, rights.Finding{}, true, rights.Escalated, rights.CodePersonDecides},
		"found not to be irrelevant":       {purpose.RestrictionRight, rights.Irrelevant, rights.Finding{Verdict: rights.Unfounded, By: "u1"}, true, rights.Refused, rights.CodeUnfounded},
		"irrelevant, not in the notice":    {purpose.RestrictionRight, rights.Irrelevant, founded, false, rights.Refused, rights.CodeGroundMissing},
		"incomplete":                       {purpose.RestrictionRight, rights.Incomplete, rights.Finding{}, true, rights.Granted, ""},
		"incomplete, not in the notice":    {purpose.RestrictionRight, rights.Incomplete, rights.Finding{}, false, rights.Refused, rights.CodeGroundMissing},
		"no ground":                        {purpose.RestrictionRight, rights.NoGround, founded, true, rights.Refused, rights.CodeGroundMissing},
		"erase what is incomplete":         {purpose.ErasureRight, rights.Incomplete, founded, true, rights.Granted, rights.CodeFounded},
		"erase what is said incomplete":    {purpose.ErasureRight, rights.Incomplete, rights.Finding{}, true, rights.Escalated, rights.CodePersonDecides},
		"erase incomplete, without notice": {purpose.ErasureRight, rights.Incomplete, founded, false, rights.Refused, rights.CodeNeeded},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.worded {
				w = newWorld(t, notice)
			}
			checked(w)
			req := rights.Request{Kind: c.kind, Ground: c.ground, Finding: c.finding, Holdings: held("history")}
			o := w.ask("2024-04-15", req)
			assert.Equal(t, c.want, o.Result)
			assert.Equal(t, c.code, code(o, "history"))
			req.Holdings[0].Dataset = "client"
			assert.Equal(t, rights.Referred, w.ask("2024-04-15", req).Result, "another controller's, whatever the ground")
		})
	}
	s := spec()
	s.Rights[3].Grounds = []string{"irelevant"}
	register, err := purpose.Compile(s)
	require.NoError(t, err)
	w := newWorld(t)
	_, err = rights.NewDesk(register, w.ledger, w.trail, rights.WithPseudonyms(w.names))
	assert.ErrorContains(t, err, "rights[3].grounds[0]")
}

// Data of other controllers is theirs to answer, whatever the own notice asks; but who asks must be known to be told.
func TestOtherControllersAskWhatTheirNoticesAsk(t *testing.T) {
	w := newWorld(t)
	client := []rights.Holding{{Category: "history", Dataset: "client"}}
	req := rights.Request{Kind: purpose.RectificationRight, Identity: rights.Proven, Holdings: client}
	o := w.ask("2024-04-15", req)
	assert.Equal(t, rights.Referred, o.Result, "no changes stated")
	assert.Empty(t, o.Missing)
	req.Identity = rights.Doubted
	o = w.ask("2024-04-15", req)
	assert.Equal(t, rights.Refused, o.Result)
	assert.Empty(t, o.ReferTo, "nobody is told what is held on somebody else")
	assert.Empty(t, o.Items)
	req.Identity, req.Holdings = rights.Proven, append(client, held("gender")...)
	o = w.ask("2024-04-15", req)
	assert.Equal(t, rights.Refused, o.Result, "some is the controller's own")
	assert.Equal(t, rights.CodeStatement, code(o, ""))
}

// Where nothing is granted, a part that waits for a person makes the whole wait; else it is refused, and refers for the rest.
func TestAnswersWithoutAGrant(t *testing.T) {
	w := newWorld(t)
	customer(w)
	client := rights.Holding{Category: "history", Dataset: "client"}
	o := w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: append(held("finance.income"), client)})
	assert.Equal(t, rights.Refused, o.Result)
	assert.Equal(t, []string{"Client B.V."}, o.ReferTo)
	o = w.ask("2024-04-15", rights.Request{Kind: purpose.ErasureRight, Holdings: append(held("finance.income", "orphan"), client)})
	assert.Equal(t, rights.Escalated, o.Result)
}
