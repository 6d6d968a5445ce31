package oracle_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// The tests of this file are the smallest cases of what the oracle once judged otherwise than the guard, and the guard was wrong.

// decides asks about fields of a tenant.
func (h *house) decides(t *testing.T, req policy.Request, who string, fields ...string) policy.Decision {
	if req.Action == 0 {
		req.Action = purpose.Read
	}
	d, err := policy.Decide(context.Background(), h.guard, req, aTenant(who), fields...)
	require.NoError(t, err)
	return d
}

func law(key string) basis.Claim {
	return basis.Claim{Basis: basis.LegalObligation, Laws: []string{key}}
}

// scoring adds an activity that decides about special data.
func scoring(change func(*purpose.Activity)) func(*purpose.Spec) {
	return func(s *purpose.Spec) {
		s.Laws = []purpose.Law{{Key: "law.now"}, {Key: "law.past", Through: "2021-12-31"}}
		s.Categories[0].Class = purpose.Special
		s.Scopes = append(s.Scopes, purpose.Scope{Key: "health", Explicit: true, Purposes: []purpose.ScopedPurpose{{Purpose: "first"}}})
		a := purpose.Activity{Key: "scoring", Purposes: []string{"first"}, Capacities: []string{"tenant"}, Categories: []string{"contact.name", "contact.email"},
			Actions: []purpose.Action{purpose.Read, purpose.Decide}, Claims: []basis.Claim{law("law.now"), {Basis: basis.Contract}}, Automated: purpose.ForContract,
			Overlays:  []purpose.Overlay{{Class: purpose.Special, Ground: "gdpr:9-2-b", Claim: law("law.now")}},
			Retention: []string{"kept"}, Clause: "3"}
		change(&a)
		s.Activities = append(s.Activities[2:], a) // the others have no ground for what is special now
	}
}

func (h *house) decision() policy.Request {
	req := h.request("first")
	req.Action = purpose.Decide
	return req
}

func TestAGroundForSpecialDataInADecisionMustHold(t *testing.T) {
	h := newHouse(t, scoring(func(a *purpose.Activity) { // GDPR Art. 22(4): it is declared, and nobody consented
		a.Overlays = append(a.Overlays, purpose.Overlay{Class: purpose.Special, Ground: "gdpr:9-2-a", Claim: basis.Claim{Basis: basis.Consent, Scope: "health", Explicit: true}})
	}))
	d := h.decides(t, h.decision(), "ada", "Name", "Email")
	require.False(t, d.Permits("Name"))
	require.Equal(t, []policy.Code{policy.CodeAutomatedSpecial}, codesFor(&d, "Name"))
	require.True(t, d.Permits("Email"))

	explicit := basis.GoodConsent()
	explicit.Explicit = true
	h.record("ada", basis.ConsentGiven{Scope: "health", Quality: explicit})
	d = h.decides(t, h.decision(), "ada", "Name", "Email")
	require.Equal(t, policy.OutcomePermitted, d.Outcome)
	require.Equal(t, []string{policy.ObligationContest, policy.ObligationIntervention}, d.Obligations())
}

// codesFor are the codes of one field.
func codesFor(d *policy.Decision, field string) (list []policy.Code) {
	for _, r := range d.Reasons(field) {
		list = append(list, r.Code)
	}
	return list
}

func TestCriminalDataIsNotSpecialInADecision(t *testing.T) {
	h := newHouse(t, scoring(func(a *purpose.Activity) {
		a.Overlays[0] = purpose.Overlay{Class: purpose.Criminal, Ground: "gdpr:10", Claim: law("law.now")}
	}), func(s *purpose.Spec) { s.Categories[0].Class = purpose.Criminal })
	d := h.decides(t, h.decision(), "ada", "Name")
	require.Equal(t, policy.OutcomePermitted, d.Outcome)
}

func TestTheGroundOfADecisionNeedNotBeTheFirstBasis(t *testing.T) {
	for _, first := range []basis.Claim{law("law.now"), {Basis: basis.Contract}} {
		h := newHouse(t, scoring(func(a *purpose.Activity) {
			if a.Claims[0].Basis != first.Basis {
				a.Claims[0], a.Claims[1] = a.Claims[1], a.Claims[0]
			}
		}))
		d := h.decides(t, h.decision(), "ada", "Email")
		require.Equal(t, policy.OutcomePermitted, d.Outcome, "by %v first", first.Basis)
	}
}

func TestOnePersonsGroundForADecisionIsNotAnothers(t *testing.T) {
	type couple struct {
		Tenants []struct {
			ID    string `subject:"id"`
			Email string `personal:"contact.email"`
		}
	}
	h := newHouse(t, scoring(func(*purpose.Activity) {}), func(s *purpose.Spec) {
		s.Events = append(s.Events, purpose.Event{Key: "guest", Gives: []string{"tenant"}})
	})
	h.record("bob", basis.Occurred{Event: "guest"}) // no contract
	c := &couple{}
	c.Tenants = make([]struct {
		ID    string `subject:"id"`
		Email string `personal:"contact.email"`
	}, 2)
	c.Tenants[0].ID, c.Tenants[1].ID = "ada", "ada"
	d, err := policy.Decide(context.Background(), h.guard, h.decision(), c)
	require.NoError(t, err)
	require.Equal(t, policy.OutcomePermitted, d.Outcome)
	c.Tenants[1].ID = "bob"
	d, err = policy.Decide(context.Background(), h.guard, h.decision(), c)
	require.NoError(t, err)
	require.Equal(t, policy.OutcomeDenied, d.Outcome)
	require.Contains(t, codesOf(&d), policy.CodeAutomatedClaim)
}

func TestAGroundThatIsALawMustBeInForce(t *testing.T) {
	for key, want := range map[string]policy.Outcome{"law.past": policy.OutcomeDenied, "law.now": policy.OutcomePermitted} {
		h := newHouse(t, scoring(func(a *purpose.Activity) {
			a.Overlays[0] = purpose.Overlay{Class: purpose.NationalID, Ground: key, Claim: law("law.now")}
		}), func(s *purpose.Spec) { s.Categories[0].Class = purpose.NationalID })
		d := h.decides(t, h.request("first"), "ada", "Name")
		assert.Equal(t, want, d.Outcome, key)
	}
}

func TestAGroundOnConsentIsTestedForEachCategory(t *testing.T) {
	h := newHouse(t, scoring(func(a *purpose.Activity) {
		a.Overlays[0] = purpose.Overlay{Class: purpose.Special, Ground: "gdpr:9-2-a", Claim: basis.Claim{Basis: basis.Consent, Scope: "health", Explicit: true}}
	}), func(s *purpose.Spec) { s.Categories[1].Class = purpose.Special })
	explicit := basis.GoodConsent()
	explicit.Explicit = true
	h.record("ada", basis.ConsentGiven{Scope: "health", Quality: explicit}, basis.ConsentNarrowed{Scope: "health", Categories: []string{"contact.email"}})
	d := h.decides(t, h.request("first"), "ada", "Name", "Email")
	require.Equal(t, []string{"Name"}, d.Permitted())
}

func TestAGroundThatAnotherMakesNeedlessIsNoReason(t *testing.T) {
	h := newHouse(t, scoring(func(a *purpose.Activity) {
		a.Overlays = append([]purpose.Overlay{{Class: purpose.Special, Ground: "gdpr:9-2-h", Claim: law("law.past")}}, a.Overlays...)
		a.Sources = nil
	}))
	req := h.request("first")
	req.Provenance.Source = "gossip"
	d := h.decides(t, req, "ada", "Name")
	require.Equal(t, []policy.Code{policy.CodeSourceUndeclared}, codesFor(&d, "Name"))
}

// staffed puts the principal into the printer's organisation, whose agreement is changed.
func staffed(change func(*purpose.Agreement)) func(*purpose.Spec) {
	return func(s *purpose.Spec) {
		s.Controller.Key = "haus"
		s.Recipients = append(s.Recipients, purpose.Recipient{Key: "caretaker", Kind: purpose.Processor, Countries: []string{"DK"},
			Agreement: &purpose.Agreement{Reference: "dpa", From: "2020-01-01"}})
		change(s.Recipients[2].Agreement)
		s.Activities[0].Recipients = append(s.Activities[0].Recipients, purpose.Grant{Recipient: "caretaker"})
	}
}

func (h *house) byCaretaker(purpose string) policy.Request {
	req := h.request(purpose)
	req.Principal.Organisation = "caretaker"
	return req
}

func TestAProcessorServesTheActivitiesThatNameItAndNoOther(t *testing.T) {
	h := newHouse(t, staffed(func(*purpose.Agreement) {})) // it lists no purposes
	h.record("ada", basis.ConsentGiven{Scope: "news", Quality: basis.GoodConsent()})
	d := h.decides(t, h.byCaretaker("rent"), "ada", "Name")
	require.Equal(t, policy.OutcomePermitted, d.Outcome)
	d = h.decides(t, h.byCaretaker("newsletter"), "ada", "Name")
	require.Equal(t, []policy.Code{policy.CodeOutsideInstruction}, codesFor(&d, "Name"))
}

func TestAnAgreementOnTheLedgerWidensNoInstruction(t *testing.T) {
	h := newHouse(t, staffed(func(a *purpose.Agreement) {
		a.Ledger, a.Purposes, a.Categories = true, []string{"rent"}, []string{"contact.name"}
	}))
	h.record(basis.ControllerWide, basis.AgreementSigned{Recipient: "caretaker", Purposes: []string{"rent", "newsletter"}, Reference: "dms"})
	h.record("ada", basis.ConsentGiven{Scope: "news", Quality: basis.GoodConsent()})
	d := h.decides(t, h.byCaretaker("rent"), "ada", "Name", "Email")
	require.Equal(t, []string{"Name"}, d.Permitted())
	d = h.decides(t, h.byCaretaker("newsletter"), "ada", "Name")
	require.Equal(t, policy.OutcomeDenied, d.Outcome)
}

func TestTwoAgreementsOnTheLedgerAddUp(t *testing.T) {
	h := newHouse(t, staffed(func(a *purpose.Agreement) { a.Ledger = true }))
	for _, node := range []string{"contact.name", "contact.email"} {
		h.record(basis.ControllerWide, basis.AgreementSigned{Recipient: "caretaker", Purposes: []string{"rent"}, Categories: []string{node}, Reference: "dms"})
	}
	d := h.decides(t, h.byCaretaker("rent"), "ada", "Name", "Email", "Age")
	require.Equal(t, []string{"Name", "Email"}, d.Permitted())
}

func TestAConsentLiftsAnObjectionToMarketingAsFarAsItGoes(t *testing.T) {
	h := newHouse(t, func(s *purpose.Spec) {
		s.Assessments = []purpose.Assessment{{Key: "lia", Reference: "dms", Purposes: []string{"newsletter"}, From: "2020-01-01"}}
		s.Activities[1].Claims = []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "letters", Assessment: "lia"}}
		s.Activities[1].Recipients = []purpose.Grant{{Recipient: "bank"}}
	})
	d := h.decides(t, h.request("newsletter"), "ada", "Name", "Email")
	require.Equal(t, policy.OutcomePermitted, d.Outcome)
	h.record("ada", basis.ObjectionRaised{Ground: basis.Marketing})
	d = h.decides(t, h.request("newsletter"), "ada", "Name", "Email")
	require.Equal(t, policy.OutcomeDenied, d.Outcome)

	h.record("ada", basis.ConsentGiven{Scope: "news", Quality: basis.GoodConsent()}, basis.ConsentNarrowed{Scope: "news", Categories: []string{"contact.email"}})
	d = h.decides(t, h.request("newsletter"), "ada", "Name", "Email")
	require.Equal(t, []string{"Name"}, d.Permitted())
	share := h.request("newsletter").To("bank")
	share.Action = purpose.Share
	d = h.decides(t, share, "ada", "Name")
	require.Equal(t, []policy.Code{policy.CodeObjectionMarketing}, codesFor(&d, "Name"))
}

func TestAFactThatIsStatedTwiceIsNoFact(t *testing.T) {
	h := newHouse(t)
	for _, second := range []purpose.Value{purpose.True(), purpose.False()} {
		req := h.request("audit").With(purpose.Named("urgent", purpose.True()), purpose.Named("urgent", second))
		d := h.decides(t, req, "ada", "Income")
		require.Equal(t, policy.OutcomeDenied, d.Outcome)
		require.Contains(t, codesOf(&d), policy.CodeFactRepeated)
	}
}

func TestWhatConcernsNoFieldIsNoReasonForAny(t *testing.T) {
	h := newHouse(t, func(s *purpose.Spec) {
		s.Activities[0].Recipients[0] = purpose.Grant{Recipient: "bank", Categories: []string{"contact.age"}, Conditions: []purpose.Condition{{Fact: "urgent"}}}
	})
	h.clerk.decide = func(_ context.Context, in *policy.Input) (policy.Verdict, error) {
		return policy.Verdict{Permit: in.Fields, Redactions: []policy.Redaction{{Mask: 99}}}, nil
	}
	share := h.request("rent").To("bank")
	share.Action = purpose.Share
	d := h.decides(t, share, "ada", "Name")
	require.Equal(t, []policy.Code{policy.CodeRecipientMask}, codesFor(&d, "Name"))
}

func TestAClockOfCollectionThatNobodyStatedDoesNotStandStill(t *testing.T) {
	h := newHouse(t, func(s *purpose.Spec) {
		s.Retention[0].Anchor = retention.Anchor{Kind: retention.OnEvent, Events: []string{purpose.EventCollected}}
	})
	for _, x := range []struct {
		at   time.Time
		want policy.Code
	}{
		{time.Time{}, policy.CodeCollectedMissing}, {h.now.Add(time.Hour), policy.CodeCollectedMissing},
		{h.now.AddDate(-2, 0, 0), policy.CodeExpired}, {h.now.AddDate(0, -2, 0), ""},
	} {
		req := h.request("rent")
		req.Provenance.CollectedAt = x.at
		d := h.decides(t, req, "ada", "Name")
		assert.Equal(t, x.want == "", d.Permits("Name"))
		if x.want != "" {
			assert.Equal(t, []policy.Code{x.want}, codesFor(&d, "Name"))
		}
	}
}

func TestTheOrderOfAMapChangesNoExplanation(t *testing.T) {
	type owner struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name"`
	}
	type block struct{ Owners map[int]owner }
	h := newHouse(t)
	b := &block{Owners: map[int]owner{}}
	for i, who := range []string{"ada", "bob", "", "cyd", "dan", "ada", "eve"} {
		b.Owners[i] = owner{ID: who}
	}
	req := h.request("rent")
	req.Action = purpose.Read
	var first []byte
	for range 50 {
		e, err := policy.Explain(context.Background(), h.guard, req, b)
		require.NoError(t, err)
		text, err := json.Marshal(e)
		require.NoError(t, err)
		if first == nil {
			first = text
		}
		require.Equal(t, string(first), string(text))
	}
}
