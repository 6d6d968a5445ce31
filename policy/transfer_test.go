package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// abroad is testSpec with recipients outside the EEA on every mechanism of GDPR chapter V.
func abroad() purpose.Spec {
	s := testSpec()
	s.Purposes = append(s.Purposes, purpose.Purpose{Key: "abroad"})
	s.Scopes = append(s.Scopes, purpose.Scope{Key: "travel", Purposes: []purpose.ScopedPurpose{{Purpose: "invoicing"}}, Recipients: []string{"hotel"}, Explicit: true})
	s.Transfers = purpose.Transfers{
		Mechanisms: []purpose.Mechanism{purpose.Adequacy, purpose.SCC, purpose.Derogation},
		Adequacy: []purpose.AdequacyDecision{{Country: "US", Reference: "2023/1795", Recipients: []string{"certified"}, From: "2023-07-10"},
			{Country: "GB", Reference: "2021/1772", From: "2021-06-28", Through: "2026-12-27"}},
	}
	agreement := &purpose.Agreement{Reference: "dpa-1", From: "2024-01-01"}
	s.Recipients = append(s.Recipients,
		purpose.Recipient{Key: "certified", Kind: purpose.SeparateController, Countries: []string{"US"}},
		purpose.Recipient{Key: "printer", Kind: purpose.SeparateController, Countries: []string{"GB"}},
		purpose.Recipient{Key: "support", Kind: purpose.Processor, Countries: []string{"IN", "DK"}, Agreement: agreement,
			Safeguards: []purpose.Safeguard{{Mechanism: purpose.SCC, Countries: []string{"IN"}, Reference: "scc-7", From: "2024-01-01", Through: "2026-06-30"}}},
		purpose.Recipient{Key: "hotel", Kind: purpose.SeparateController, Countries: []string{"TH"},
			Safeguards: []purpose.Safeguard{{Mechanism: purpose.Derogation, Countries: []string{"TH"}, Reference: "49(1)(a)",
				Claim: basis.Claim{Basis: basis.Consent, Scope: "travel", Explicit: true}}}})
	for _, r := range []string{"certified", "printer", "support", "hotel"} {
		s.Activities[0].Recipients = append(s.Activities[0].Recipients, purpose.Grant{Recipient: r})
	}
	return s
}

func TestTransfersNeedTheMechanismThatIsOnFile(t *testing.T) {
	w := newWorldOf(t, abroad())
	decide := func(to, country string, m purpose.Mechanism) policy.Code {
		t.Helper()
		req := w.request("invoicing").To(to)
		req.Action, req.Country, req.Mechanism = purpose.Share, country, m
		d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Name")
		require.NoError(t, err)
		return d.Because()
	}
	require.Empty(t, decide("hausbank", "", 0), "inside the EEA nothing is needed")
	require.Equal(t, policy.CodeMechanismMissing, decide("certified", "", 0))
	require.Empty(t, decide("certified", "", purpose.Adequacy), "Art. 45, within the scope of the decision")
	require.Equal(t, policy.CodeSafeguard, decide("certified", "", purpose.SCC))
	require.Empty(t, decide("printer", "", purpose.Adequacy))
	require.Equal(t, policy.CodeCountryMissing, decide("support", "", purpose.SCC))
	require.Empty(t, decide("support", "DK", 0))
	require.Empty(t, decide("support", "IN", purpose.SCC))
	require.Equal(t, policy.CodeSafeguard, decide("support", "IN", purpose.Adequacy))
	require.Equal(t, policy.CodeCountryDiffers, decide("support", "US", purpose.SCC))

	w.clock.advance(90 * 24 * time.Hour)
	require.Equal(t, policy.CodeSafeguard, decide("support", "IN", purpose.SCC), "the clauses ran out on the last of June")
	require.Empty(t, decide("printer", "", purpose.Adequacy), "this decision is in force to the end of the year")
	w.clock.advance(200 * 24 * time.Hour)
	require.Equal(t, policy.CodeSafeguard, decide("printer", "", purpose.Adequacy), "adequacy ends too")
}

func TestADerogationHoldsForEveryTransferAndPerson(t *testing.T) {
	w := newWorldOf(t, abroad())
	req := w.request("invoicing").To("hotel")
	req.Mechanism = purpose.Derogation
	type view struct{ Name string }
	_, err := policy.Share[view](ctx, w.guard, req, adaRecord())
	require.Equal(t, []policy.Code{policy.CodeSafeguard}, codesOf(t, err), "Art. 49(1)(a): she has not consented to the transfer")
	plain := basis.GoodConsent()
	w.happened(ada, basis.ConsentGiven{Scope: "travel", Quality: plain})
	_, err = policy.Share[view](ctx, w.guard, req, adaRecord())
	require.Equal(t, []policy.Code{policy.CodeSafeguard}, codesOf(t, err), "not explicitly")
	plain.Explicit = true
	w.happened(ada, basis.ConsentGiven{Scope: "travel", Quality: plain})
	_, err = policy.Share[view](ctx, w.guard, req, adaRecord())
	require.NoError(t, err)
	w.happened(ada, basis.ConsentWithdrawn{Scope: "travel"})
	_, err = policy.Share[view](ctx, w.guard, req, adaRecord())
	require.Equal(t, []policy.Code{policy.CodeSafeguard}, codesOf(t, err))
}

func TestRemoteAccessIsATransfer(t *testing.T) {
	spec := abroad()
	spec.Controller.Key = "acme"
	w := newWorldOf(t, spec)
	decide := func(organisation, from string, m purpose.Mechanism) policy.Code {
		t.Helper()
		req := read(w.request("invoicing"))
		req.Principal.Organisation, req.Principal.Country, req.Mechanism = organisation, from, m
		d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Name")
		require.NoError(t, err)
		return d.Because()
	}
	require.Empty(t, decide("acme", "", 0))
	require.Empty(t, decide("acme", "NO", 0), "Norway is in the EEA")
	require.Equal(t, policy.CodeRemoteAccess, decide("acme", "IN", purpose.SCC), "our own staff abroad have no safeguard")
	require.Empty(t, decide("support", "DK", 0))
	require.Empty(t, decide("support", "IN", purpose.SCC))
	require.Equal(t, policy.CodeRemoteAccess, decide("support", "IN", 0))
	require.Equal(t, policy.CodeRemoteAccess, decide("support", "US", purpose.SCC))
	require.Equal(t, policy.CodeOrganisationMissing, decide("", "", 0))
	require.Equal(t, policy.CodeOrganisationUnknown, decide("hausbank", "", 0), "a bank is no processor of ours")
}

func TestSilenceAboutTransfersMeansNone(t *testing.T) {
	s := abroad()
	s.Transfers = purpose.Transfers{}
	_, err := purpose.Compile(s)
	require.ErrorContains(t, err, "transfer.mechanism")
	s.Recipients = s.Recipients[:2]
	s.Recipients[0].Countries = []string{"NO"}
	s.Activities[0].Recipients, s.Scopes[1].Recipients = s.Activities[0].Recipients[:1], nil
	_, err = purpose.Compile(s)
	require.NoError(t, err, "the control")
	s.Transfers.Area = purpose.EU
	_, err = purpose.Compile(s)
	require.ErrorContains(t, err, "transfer.safeguard", "the EU and the EEA differ")
}

func TestAssessmentsAndAgreementsCanLiveOnTheLedger(t *testing.T) {
	s := abroad()
	s.Assessments[0].Ledger = true
	for i := range s.Recipients {
		if a := s.Recipients[i].Agreement; a != nil {
			a.Ledger = true
		}
	}
	w := newWorldOf(t, s)
	improve := read(w.request("improvement").With(purpose.Named("overdue", purpose.False())))
	support := w.request("invoicing").To("support")
	support.Action, support.Country = purpose.Share, "DK"
	because := func(req policy.Request) policy.Code {
		d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Name")
		require.NoError(t, err)
		return d.Because()
	}
	require.Equal(t, policy.CodeAssessmentOutOfDate, because(improve))
	require.Equal(t, policy.CodeAgreement, because(support))
	w.happened(basis.ControllerWide, basis.AssessmentFiled{Assessment: "lia-1", Purposes: []string{"improvement"}, Reference: "LIA/1", Until: w.clock.now().Add(time.Hour)})
	w.happened(basis.ControllerWide, basis.AgreementSigned{Recipient: "support", Purposes: []string{"improvement"}, Reference: "DPA/1"})
	require.Empty(t, because(improve))
	require.Equal(t, policy.CodeInstruction, because(support), "signed, and not for this purpose")
	w.happened(basis.ControllerWide, basis.AgreementSigned{Recipient: "support", Purposes: []string{"invoicing"}, Reference: "DPA/2"})
	require.Empty(t, because(support))
	w.clock.advance(2 * time.Hour)
	require.Equal(t, policy.CodeAssessmentOutOfDate, because(improve), "assessments expire")
}

func TestDatasetsHaveRolesOfTheirOwn(t *testing.T) {
	s := testSpec()
	s.Datasets = []purpose.Dataset{{Key: "databank", Role: purpose.AsController},
		{Key: "client-data", Role: purpose.AsProcessor, OnBehalfOf: "the client", Purposes: []string{"invoicing"}}}
	w := newWorldOf(t, s)
	decide := func(dataset, purposeKey string) policy.Decision {
		req := read(w.request(purposeKey).With(purpose.Named("overdue", purpose.False())))
		req.Dataset = dataset
		d, err := policy.Decide(ctx, w.guard, req, adaRecord(), "Name")
		require.NoError(t, err)
		return d
	}
	d := decide("databank", "improvement")
	require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
	d = decide("client-data", "invoicing")
	require.Equal(t, policy.OutcomePermitted, d.Outcome, d.Explain())
	d = decide("client-data", "improvement")
	require.Equal(t, policy.CodeOutsideInstruction, d.Because(), "the same fact, in another role (Art. 28(3)(a))")
	require.Equal(t, "the client", d.ReferTo)
	d = decide("", "improvement")
	require.Equal(t, policy.CodeDatasetMissing, d.Because())
	d = decide("databnak", "improvement")
	require.Equal(t, policy.CodeDatasetUnknown, d.Because())
}
