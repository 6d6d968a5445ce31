package purpose_test

import (
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

// sound is a register of a leasing company that uses every part of a Spec and has nothing wrong.
func sound() purpose.Spec {
	month := retention.MustPeriod("P1M")
	fiveYears := retention.MustPeriod("P5Y")
	return purpose.Spec{
		Controller: purpose.Controller{
			Key: "lessor", Name: "Lessor A/S", Contact: "Main Street 1", Officer: "dpo@lessor.example", Country: "DK", Zone: "Europe/Copenhagen",
			Representative: "Rep ApS", Joint: []string{"Dealer A/S"}, Authority: "Datatilsynet", Announces: true, Conditions: []purpose.Condition{{Fact: "instructed"}},
			FinancialYears: purpose.FinancialYears{Table: []purpose.FinancialYear{{Start: "2021-07-01", End: "2022-12-31"}, {Start: "2023-01-01", End: "2023-12-31"}},
				Assumed: true, Note: "the annual report"},
		},
		Notices: []purpose.Notice{
			{Version: "2.3", From: "2022-01-01", Through: "2022-12-31", Note: "first"},
			{Version: "2.4", From: "2023-02-01", ObjectionClause: "7", Material: true, Announced: "2023-01-01",
				Regime: "dk.dbl.11", Digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
				Annexes: []purpose.Annex{{Key: "cookies", Title: "Cookie policy", Reference: "https://lessor.example/cookies", Assumed: true, Note: "not at hand"}}},
		},
		Purposes: []purpose.Purpose{
			{Key: "service.contract", Title: "Run the lease", Clause: "2.1", Concept: "https://w3id.org/dpv#ServiceProvision"},
			{Key: "kyc", Bases: []basis.Basis{basis.LegalObligation}}, {Key: "statistics"}, {Key: "scoring"},
			{Key: "newsletter", Marketing: true, ConsentOnly: true}, {Key: "to-partners", Disclosure: true},
		},
		Categories: []purpose.Category{
			{Key: "contact", Class: purpose.Confidential},
			{Key: "contact.name", Title: "Name", Clause: "2.1", Concept: "https://w3id.org/dpv/pd#Name"}, {Key: "contact.email"},
			{Key: "finance.income"}, {Key: "health", Class: purpose.Special}, {Key: "conviction", Class: purpose.Criminal},
			{Key: "national-id.cpr", Class: purpose.NationalID}, {Key: "household", Class: purpose.ThirdParty}, {Key: "religion", Class: purpose.Special},
		},
		Prohibited: []purpose.Prohibition{{
			Key: "no-religion", Categories: []string{"religion"}, Actions: []purpose.Action{purpose.Collect}, Purposes: []string{"service"},
			Recipients: []string{"workshop"}, Unless: []purpose.Condition{{Fact: "region", Is: []purpose.Value{purpose.TextValue("north")}}}, Clause: "6", Obligations: []string{"send-back"},
		}},
		Capacities: []purpose.Capacity{{Key: "customer", Title: "Customer", Clause: "1"}, {Key: "subscriber"}},
		Events: []purpose.Event{
			{Key: "signed", Relation: "lease", Stage: basis.Active, Gives: []string{"customer"}, Clause: "2"},
			{Key: "ended", Relation: "lease", Stage: basis.Ended, Ends: []string{"customer"}},
		},
		Facts: []purpose.Fact{
			{Key: "instructed", Type: purpose.Bool, Clause: "6.2"},
			{Key: "region", Type: purpose.Text, Values: []string{"north", "south"}},
			{Key: "channels", Type: purpose.TextList, Values: []string{"web", "phone"}},
		},
		Sources: []purpose.Source{{Key: "person", Title: "The person", Clause: "2"}},
		Laws: []purpose.Law{
			{Key: "dk.hvl", Title: "AML act", From: "2018-01-01", Through: "2039-12-31"}, {Key: "dk.dbl.11", Registration: true},
		},
		Assessments: []purpose.Assessment{
			{Key: "lia-1", Reference: "file 7", Purposes: []string{"statistics"}, From: "2022-01-01", Through: "2030-01-01", Assumed: true, Note: "kept by the DPO"},
			{Key: "compat-1", Reference: "file 8", Purposes: []string{"statistics"}, From: "2022-01-01"},
		},
		Scopes: []purpose.Scope{
			{Key: "mail", Purposes: []purpose.ScopedPurpose{{Purpose: "newsletter", Since: "2.3"}}, Recipients: []string{"mailer"}, Clause: "2.4"},
			{Key: "express", Purposes: []purpose.ScopedPurpose{{Purpose: "scoring"}, {Purpose: "kyc"}}, Explicit: true},
		},
		Recipients: []purpose.Recipient{
			{Key: "mailer", Title: "Mailer", Kind: purpose.Processor, Countries: []string{"DE", "US"},
				Agreement:  &purpose.Agreement{Reference: "dpa-1", From: "2022-01-01", Through: "2030-12-31", Purposes: []string{"newsletter"}, Categories: []string{"contact"}, Ledger: true},
				Safeguards: []purpose.Safeguard{{Mechanism: purpose.SCC, Countries: []string{"US"}, Reference: "scc-1", From: "2022-01-01", Through: "2030-01-01"}},
				Conditions: []purpose.Condition{{Fact: "channels", Is: []purpose.Value{purpose.TextsValue("web")}}}, Clause: "3.2", Assumed: true, Note: "not named"},
			{Key: "workshop", Kind: purpose.SeparateController, Countries: []string{"NO"}, Decisive: true},
			{Key: "police", Kind: purpose.Authority, Countries: []string{"DK"}, Statute: true},
		},
		Transfers: purpose.Transfers{Area: purpose.EEA, Mechanisms: []purpose.Mechanism{purpose.SCC, purpose.Adequacy}, Adequacy: []purpose.AdequacyDecision{{
			Country: "JP", Reference: "2019/419", Only: []purpose.RecipientKind{purpose.Processor}, Recipients: []string{"mailer"}, From: "2019-01-23", Through: "2031-01-01"}}, Only: []purpose.RecipientKind{purpose.Processor}, Clause: "3.2"},
		Datasets: []purpose.Dataset{
			{Key: "own", Role: purpose.AsController, Purposes: []string{"service"}, Clause: "1"},
			{Key: "dealer", Role: purpose.AsProcessor, OnBehalfOf: "Dealer A/S", Contact: "Harbour 2", Purposes: []string{"service"}},
		},
		Retention: []retention.Rule{
			{Key: "keep", Clause: "5.2", Anchor: retention.Anchor{Kind: retention.OnCaseEnd, Events: []string{"ended"}, Reopened: []string{"signed"}}, Ceiling: month,
				When: retention.Condition{Happened: []string{"signed"}}},
			{Key: "aml", Law: "dk.hvl", Categories: []string{"national-id.cpr", "contact"}, Purposes: []string{"kyc"},
				Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"ended"}}, Floor: fiveYears, Ceiling: fiveYears, Then: retention.Anonymise},
			{Key: "fresh", Clause: "5.3", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{purpose.EventCollected}}, Ceiling: retention.MustPeriod("P3D"), Unit: retention.ElapsedTime},
			{Key: "as-needed", Assumed: true, Note: "the notice is silent", Criterion: retention.Criterion{Question: "needed", Review: fiveYears}},
		},
		Activities: []purpose.Activity{
			{Key: "lease", Title: "Lease", Purposes: []string{"service"}, Capacities: []string{"customer"}, Categories: []string{"contact", "household"}, Sources: []string{"person"},
				Actions: []purpose.Action{purpose.Read, purpose.Share}, Claims: []basis.Claim{{Basis: basis.Contract, Relation: "lease", Stages: []basis.Stage{basis.Active}, Capacities: []string{"customer"}, Clause: "2.3"}},
				Overlays:   []purpose.Overlay{{Class: purpose.ThirdParty, Ground: purpose.Attestation, Clause: "2"}},
				Recipients: []purpose.Grant{{Recipient: "workshop", Categories: []string{"contact.name"}, Via: "to-partners", Conditions: []purpose.Condition{{Fact: "instructed"}}, Clause: "3.3"}, {Recipient: "police"}},
				Retention:  []string{"keep"}, Conditions: []purpose.Condition{{Fact: "instructed", Is: []purpose.Value{purpose.True()}}}, Provenance: true, Bound: true,
				Obligations: []string{"inform"}, Notices: []string{"2.4"}, Clause: "2.1", Assumed: true, Note: "categories are examples", Registration: "entry 1"},
			{Key: "identify", Purposes: []string{"kyc"}, Capacities: []string{"customer"}, Categories: []string{"national-id", "contact.name", "conviction", "health"},
				Claims: []basis.Claim{{Basis: basis.LegalObligation, Laws: []string{"dk.hvl"}, Named: true, All: []basis.Claim{{Basis: basis.PublicTask, Laws: []string{"dk.dbl.11"}}}}},
				Overlays: []purpose.Overlay{
					{Class: purpose.NationalID, Ground: "dk.dbl.11", Claim: basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.hvl"}}},
					{Class: purpose.Criminal, Ground: "gdpr:10", Claim: basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.hvl"}}, Actions: []purpose.Action{purpose.Read}},
					{Class: purpose.Special, Categories: []string{"health"}, Ground: "gdpr:9-2-a", Claim: basis.Claim{Basis: basis.Consent, Scope: "express", Explicit: true}},
				}, Retention: []string{"aml", "as-needed"}, Clause: "2.1", Registration: "entry 1"},
			{Key: "count", Purposes: []string{"statistics"}, Capacities: []string{"customer"}, Categories: []string{"finance"}, Retention: []string{"fresh"}, Clause: "2.2", Registration: "entry 1",
				Claims: []basis.Claim{{Basis: basis.LegitimateInterests, Interest: "improve the site", Assessment: "lia-1", Assumed: true, Note: "test on file"}}},
			{Key: "score", Purposes: []string{"scoring"}, Capacities: []string{"customer"}, Categories: []string{"finance"}, Retention: []string{"keep"}, Clause: "2.5", Registration: "entry 1",
				Claims: []basis.Claim{{Basis: basis.Consent, Scope: "express", Explicit: true}}, Automated: purpose.ExplicitConsent, Logic: "a points table", Effects: "a higher price", Actions: []purpose.Action{purpose.Use, purpose.Decide}},
			{Key: "mailing", Purposes: []string{"newsletter"}, Capacities: []string{"subscriber"}, Categories: []string{"contact"}, Retention: []string{"keep"}, Clause: "2.4", Registration: "entry 1",
				Claims: []basis.Claim{{Basis: basis.Consent, Scope: "mail"}}, Recipients: []purpose.Grant{{Recipient: "mailer"}}},
		},
		Locks:      []purpose.Lock{{Key: "aml-only", Categories: []string{"national-id"}, Purposes: []string{"kyc"}, Law: "dk.hvl", Clause: "2.3"}},
		Compatible: []purpose.Compatible{{From: "service.contract", To: "statistics", Categories: []string{"finance"}, Assessment: "compat-1"}},
		Rights: []purpose.Right{
			{Kind: purpose.AccessRight, Clause: "4.1", Identity: true, Channels: []string{"written"}, Within: retention.MustPeriod("P30D"), Warn: retention.MustPeriod("P28D"),
				Extension: month, Aim: 5, Conditions: []purpose.Condition{{Fact: "instructed"}}, Assumed: true, Note: "the aim is the desk's",
				Except: []purpose.RightException{{Categories: []string{"conviction"}, Purposes: []string{"statistics"}, Recipients: []string{"mailer"}, Law: "dk.hvl", Silent: true, Clause: "4.1", Assumed: true, Note: "the act forbids to tip off"}}},
			{Kind: purpose.RectificationRight, Clause: "4.2", States: []string{"changes"}, Grounds: []string{"irrelevant"}},
		},
		Measures: []purpose.Measure{{Title: "Only who needs the data can open it", Clause: "6.1", Assumed: true, Note: "as told"}},
	}
}
