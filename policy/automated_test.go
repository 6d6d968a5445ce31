package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// scoring is testSpec with activities that decide by machine on each ground of GDPR Art. 22(2).
func scoring() purpose.Spec {
	s := testSpec()
	s.Laws = []purpose.Law{{Key: "credit-act"}, {Key: "old-act", Through: "2024-12-31"}}
	s.Purposes = append(s.Purposes, purpose.Purpose{Key: "approval"}, purpose.Purpose{Key: "vetting"}, purpose.Purpose{Key: "offers"}, purpose.Purpose{Key: "bureau"}, purpose.Purpose{Key: "appeal"})
	s.Scopes = append(s.Scopes, purpose.Scope{Key: "offers", Explicit: true, Purposes: []purpose.ScopedPurpose{{Purpose: "offers"}}})
	s.Recipients = append(s.Recipients, purpose.Recipient{Key: "lender", Kind: purpose.SeparateController, Countries: []string{"DK"}, Decisive: true},
		purpose.Recipient{Key: "reader", Kind: purpose.SeparateController, Countries: []string{"DK"}})
	decides := []purpose.Action{purpose.Decide, purpose.Read, purpose.Share}
	activity := func(key string, ground purpose.Automation, claims ...basis.Claim) {
		s.Activities = append(s.Activities, purpose.Activity{Key: key, Purposes: []string{key}, Capacities: []string{"customer"},
			Categories: []string{"finance.income"}, Actions: decides, Claims: claims, Automated: ground, Retention: []string{"five-years"}, Clause: "7",
			Recipients: []purpose.Grant{{Recipient: "lender"}, {Recipient: "reader"}}})
	}
	activity("approval", purpose.ForContract, basis.Claim{Basis: basis.Contract}, basis.Claim{Basis: basis.LegalObligation, Laws: []string{"credit-act"}})
	activity("vetting", purpose.ByLaw, basis.Claim{Basis: basis.LegalObligation, Laws: []string{"credit-act"}})
	activity("offers", purpose.ExplicitConsent, basis.Claim{Basis: basis.Consent, Scope: "offers", Explicit: true})
	activity("bureau", purpose.NotAutomated, basis.Claim{Basis: basis.LegalObligation, Laws: []string{"credit-act"}})
	activity("appeal", purpose.ByPerson, basis.Claim{Basis: basis.LegalObligation, Laws: []string{"credit-act"}})
	return s
}

func TestMachinesDecideOnTheGroundsOfArticle22Alone(t *testing.T) {
	w := newWorldOf(t, scoring())
	decide := func(purposeKey string, change func(*policy.Request)) policy.Decision {
		t.Helper()
		req := w.request(purposeKey)
		req.Action = purpose.Decide
		if change != nil {
			change(&req)
		}
		d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Income")
		require.NoError(t, err)
		return d
	}
	reviewed := func(r *policy.Request) { r.Reviewer = "u44" }
	minor := func(r *policy.Request) { r.Minor = true }
	safeguards := []string{policy.ObligationContest, policy.ObligationIntervention}

	d := decide("approval", nil)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
	require.Equal(t, safeguards, d.Obligations(), "Art. 22(3): the contract obliges")
	d = decide("vetting", nil)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
	require.Empty(t, d.Obligations(), "the law lays down its own safeguards")
	d = decide("appeal", nil)
	require.Equal(t, policy.CodeAutomatedPerson, d.Because())
	require.True(t, d.PersonDecides, "nothing else stands in the way")
	d = decide("appeal", reviewed)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, "a person decides: %s", d.Explain())
	require.False(t, d.PersonDecides)
	d = decide("appeal", func(r *policy.Request) { r.DataSubject = "bob" })
	require.Equal(t, policy.OutcomeDenied, d.Outcome)
	require.False(t, d.PersonDecides, "what is refused anyway waits for nobody")
	d = decide("bureau", nil)
	require.Equal(t, policy.CodeAutomated, d.Because())
	d = decide("bureau", reviewed)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, "a person decides: %s", d.Explain())
	d = decide("bureau", minor)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, "nothing hangs on it: %s", d.Explain())
	d = decide("offers", nil)
	require.NotEqual(t, policy.OutcomePermitted, d.Outcome)
	explicit := basis.GoodConsent()
	explicit.Explicit = true
	w.happened(ada, basis.ConsentGiven{Scope: "offers", Quality: explicit})
	d = decide("offers", nil)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
	require.Equal(t, safeguards, d.Obligations())

	w.happened(ada, basis.Occurred{Event: "ended"})
	d = decide("approval", nil)
	require.Equal(t, policy.CodeAutomatedClaim, d.Because(), "the law still lets the data be used, the ground of the machine is gone")
	d = decide("approval", reviewed)
	require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
	require.Equal(t, basis.LegalObligation, d.Grounds()[0].Basis)
	require.Equal(t, basis.Contract, d.Rejected()[0].Basis, "claims are tried in order and the rejected ones are named")
}

// CJEU C-634/21: establishing a score on which the recipient draws strongly is itself the decision.
func TestAScoreThatARecipientDrawsStronglyOnIsADecision(t *testing.T) {
	w := newWorldOf(t, scoring())
	share := func(purposeKey, to, reviewer string) policy.Code {
		t.Helper()
		req := w.request(purposeKey).To(to)
		req.Action, req.Reviewer = purpose.Share, reviewer
		d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Income")
		require.NoError(t, err)
		return d.Because()
	}
	require.Equal(t, policy.CodeAutomated, share("bureau", "lender", ""))
	require.Empty(t, share("bureau", "reader", ""), "who merely reads it decides for himself")
	require.Empty(t, share("bureau", "lender", "u44"), "a person stands behind the score")
	require.Empty(t, share("vetting", "lender", ""), "a law allows it")
}
