package main

import "github.com/purposebound/purposebound/purpose/sealed"

// Origin is what the bureau keeps with every record: which body of data it is in, for whom it holds it, and what it was
// obtained for.
type Origin struct {
	Dataset     string   `personal:"-"`
	Controller  string   `personal:"-"` // who handed it over, where the bureau is processor
	ObtainedFor []string `personal:"-"` // purposes
}

// Person is the databank's file on somebody.
type Person struct {
	Origin
	ID                 string               `subject:"id"`
	Name               sealed.Value[string] `personal:"contact.name"`
	DateOfBirth        sealed.Value[string] `personal:"contact.date_of_birth"`
	Address            sealed.Value[string] `personal:"contact.address"`
	City               sealed.Value[string] `personal:"contact.city"`
	Email              sealed.Value[string] `personal:"contact.email"`
	Phone              sealed.Value[string] `personal:"contact.phone"`
	BankAccount        sealed.Value[string] `personal:"account.bank_account"`
	Contract           sealed.Value[string] `personal:"contract.contract_data"`
	CurrentPayments    sealed.Value[string] `personal:"payment.current_payment_data"`
	HistoricalPayments sealed.Value[string] `personal:"payment.historical_payment_data"`
	ProblemDebt        sealed.Value[string] `personal:"profile.problem_debt"`
	PaymentRisk        sealed.Value[string] `personal:"profile.payment_risk"`
	Score              sealed.Value[int64]  `personal:"profile.score"`
	PastCheck          sealed.Value[string] `personal:"check.historical_check" purpose:"fo.p01_credit_risk_support,fo.p02_overcredit_prevention,fo.p03_claims_administration,fo.p04_collectability_tracing,fo.p06_fraud_crime_prevention,fo.p13_legal_compliance"`
}

// Debtor is what a client handed over to have a customer checked.
type Debtor struct {
	Origin
	ID       string               `subject:"id"`
	Name     sealed.Value[string] `personal:"contact.name"`
	Address  sealed.Value[string] `personal:"contact.address"`
	Contract sealed.Value[string] `personal:"contract.contract_data"`
}

// Publication is what a court sends. The sentence has a field so that it can be told from what may enter.
type Publication struct {
	Origin
	ID         string               `subject:"id"`
	Insolvency sealed.Value[string] `personal:"public.insolvency_notice"`
	Sentence   sealed.Value[string] `personal:"offence.criminal_data"`
}

// Visitor is known by a cookie.
type Visitor struct {
	Origin
	ID    string               `subject:"id"`
	Usage sealed.Value[string] `personal:"website.cookie_usage_data"`
}

// Views are the need to know: their fields leave the guard, and nothing else.
type (
	ReportView struct {
		Name, Address, City string
		ProblemDebt         string
		PaymentRisk         string
		Score               int64
	}
	ScoreView    struct{ Score int64 }
	AddressView  struct{ Name, Address, BankAccount string }
	ContactView  struct{ Phone, Email string }
	ClaimView    struct{ Name, Address, Contract string }
	CheckView    struct{ PastCheck string }
	PaymentsView struct{ CurrentPayments, HistoricalPayments string }
	PublicView   struct{ Insolvency, Sentence string }
	UsageView    struct{ Usage string }
)
