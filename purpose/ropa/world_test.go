package ropa_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// bureau is a small register that has everything that a record can hold: the own databank, and data held for a client.
func bureau() purpose.Spec {
	return purpose.Spec{
		Controller: purpose.Controller{Name: "Bureau A/S", Contact: "privacy@bureau.example", Officer: "dpo@bureau.example", Joint: []string{"Sister ApS, sister@bureau.example"},
			Authority: "Datatilsynet", Country: "DK", Zone: "Europe/Copenhagen"},
		Notices: []purpose.Notice{
			{Version: "1", From: "2020-01-01", Through: "2021-12-31", ObjectionClause: "N-9"},
			{Version: "2", From: "2022-01-01", ObjectionClause: "N-9"},
		},
		Purposes: []purpose.Purpose{
			{Key: "score", Title: "Score creditworthiness", Clause: "N-1", Concept: "https://w3id.org/dpv/sector/finance#CreditScoreEvaluation"},
			{Key: "collect", Title: "Collect debts for a client", Clause: "N-2", Concept: "https://bureau.example/terms#DebtCollection"},
			{Key: "fax", Title: "Send faxes"},
		},
		Categories: []purpose.Category{
			{Key: "name", Title: "Name", Concept: "https://w3id.org/dpv/pd#Name"},
			{Key: "score", Title: "Credit score", Class: purpose.Confidential, Concept: "https://w3id.org/dpv/pd#CreditScore"},
			{Key: "health", Title: "Health", Class: purpose.Special, Concept: "https://w3id.org/dpv/pd#Health"},
			{Key: "debt", Title: "Debt"},
		},
		Capacities:  []purpose.Capacity{{Key: "person", Title: "Person in the databank"}},
		Events:      []purpose.Event{{Key: "entered", Gives: []string{"person"}}, {Key: "paid"}},
		Facts:       []purpose.Fact{{Key: "asked", Type: purpose.Bool}},
		Sources:     []purpose.Source{{Key: "courts", Title: "Court lists"}},
		Laws:        []purpose.Law{{Key: "act", Title: "The Act"}},
		Assessments: []purpose.Assessment{{Key: "lia", Reference: "balancing test 1", Purposes: []string{"score", "fax"}, From: "2020-01-01"}},
		Scopes:      []purpose.Scope{{Key: "health", Purposes: []purpose.ScopedPurpose{{Purpose: "score"}}, Explicit: true}},
		Transfers: purpose.Transfers{Mechanisms: []purpose.Mechanism{purpose.SCC, purpose.Adequacy, purpose.Derogation},
			Adequacy: []purpose.AdequacyDecision{{Country: "GB", Reference: "Decision 2021/1772", From: "2021-06-28"}}},
		Recipients: []purpose.Recipient{
			{Key: "host", Title: "Hosting", Kind: purpose.Processor, Countries: []string{"DK", "IN"}, Agreement: &purpose.Agreement{Reference: "agreement 7", From: "2020-01-01"},
				Safeguards: []purpose.Safeguard{{Mechanism: purpose.SCC, Countries: []string{"IN"}, Reference: "clauses 2021/914", From: "2020-01-01", Through: "2025-12-31"}}},
			{Key: "bank", Title: "Banks", Kind: purpose.SeparateController, Countries: []string{"GB"}, Conditions: []purpose.Condition{{Fact: "asked"}},
				Assumed: true, Note: "the notice says lenders"},
			{Key: "sister", Title: "The sister company", Kind: purpose.JointController, Countries: []string{"DK"}, Agreement: &purpose.Agreement{Reference: "arrangement 1", From: "2020-01-01"}},
			{Key: "court", Title: "Courts abroad", Kind: purpose.Authority, Countries: []string{"CH"}, Statute: true,
				Safeguards: []purpose.Safeguard{{Mechanism: purpose.Derogation, Countries: []string{"CH"}, Reference: "Art. 49(1)(a)", Claim: basis.Claim{Basis: basis.Consent, Scope: "health", Explicit: true}}}},
		},
		Datasets: []purpose.Dataset{
			{Key: "databank", Role: purpose.AsController, Purposes: []string{"score", "fax"}},
			{Key: "client_data", Role: purpose.AsProcessor, OnBehalfOf: "each client", Contact: "in the client register", Purposes: []string{"collect"}, Clause: "N-2"},
		},
		Retention: []retention.Rule{
			{Key: "five", Clause: "N-5", Anchor: retention.After("entered"), Ceiling: retention.MustPeriod("P5Y")},
			{Key: "law", Law: "act", Anchor: retention.After("entered"), Floor: retention.MustPeriod("P1Y6M"), Categories: []string{"debt"}},
			{Key: "paid", Anchor: retention.After("paid"), Ceiling: retention.MustPeriod("P0D"), Then: retention.Anonymise, Assumed: true, Note: "not stated"},
			{Key: "need", Clause: "N-3", Criterion: retention.Criterion{Question: "need", Review: retention.MustPeriod("P1Y")}},
		},
		Activities: []purpose.Activity{
			{Key: "score-people", Title: "Score people", Purposes: []string{"score"}, Capacities: []string{"person"}, Categories: []string{"name", "score", "health"},
				Sources: []string{"courts"}, Retention: []string{"five"}, Clause: "N-1", Automated: purpose.ExplicitConsent,
				Actions: []purpose.Action{purpose.Collect, purpose.Read, purpose.Decide, purpose.Share},
				Claims: []basis.Claim{
					{Basis: basis.Consent, Scope: "health", Explicit: true},
					{Basis: basis.LegitimateInterests, Interest: "Sound lending", Assessment: "lia", Clause: "N-1", Assumed: true, Note: "no basis is named"}},
				Overlays:   []purpose.Overlay{{Class: purpose.Special, Ground: "gdpr:9-2-a", Claim: basis.Claim{Basis: basis.Consent, Scope: "health", Explicit: true}}},
				Recipients: []purpose.Grant{{Recipient: "host"}, {Recipient: "bank", Categories: []string{"score"}}, {Recipient: "sister"}, {Recipient: "court"}}},
			{Key: "collect-debts", Title: "Collect debts", Purposes: []string{"collect"}, Capacities: []string{"person"}, Categories: []string{"name", "debt"},
				Claims: []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"act"}}}, Recipients: []purpose.Grant{{Recipient: "host"}},
				Retention: []string{"paid", "law"}, Clause: "N-2"},
			{Key: "send-faxes", Title: "Send faxes", Purposes: []string{"fax"}, Capacities: []string{"person"}, Categories: []string{"name"}, Notices: []string{"1"},
				Claims: []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "Sales", Assessment: "lia"}}, Retention: []string{"need"}, Clause: "N-3"},
		},
		Measures: []purpose.Measure{{Title: "Access by role, logged", Clause: "N-6"}},
	}
}

// compiled compiles the register with a change.
func compiled(t testing.TB, change func(*purpose.Spec)) *purpose.Register {
	t.Helper()
	spec := bureau()
	if change != nil {
		change(&spec)
	}
	r, err := purpose.Compile(spec)
	require.NoError(t, err)
	return r
}

// relationEvents bring a relation to every stage.
func relationEvents() (list []purpose.Event) {
	for s := basis.Enquiry; s <= basis.Settled; s++ {
		list = append(list, purpose.Event{Key: "stage-" + s.String(), Relation: "loan", Stage: s})
	}
	return list
}

// contract is a claim that holds in some stages.
func contract(t testing.TB, stages string) basis.Claim {
	k := basis.Claim{Basis: basis.Contract, Relation: "loan"}
	for _, name := range strings.Fields(stages) {
		var s basis.Stage
		require.NoError(t, s.UnmarshalText([]byte(name)))
		k.Stages = append(k.Stages, s)
	}
	return k
}
