package main

import "github.com/purposebound/purposebound/purpose/sealed"

// Applicant is a person who asks about a loan, and perhaps applies for one.
type Applicant struct {
	ID         string               `subject:"id"`
	Name       sealed.Value[string] `personal:"contact.name"`
	Email      sealed.Value[string] `personal:"contact.email"`
	Question   sealed.Value[string] `personal:"case.enquiry_text"`
	Letter     sealed.Value[string] `personal:"case.correspondence"`
	CPR        sealed.Value[string] `personal:"national-id.cpr_number" basis:"legal-obligation"`
	Passport   sealed.Value[string] `personal:"identity.id_document"`
	Income     sealed.Value[int64]  `personal:"economy.income"`
	TaxReturn  sealed.Value[string] `personal:"economy.annual_tax_statement"`
	Account    sealed.Value[string] `personal:"payment.bank_payment_info"`
	Occupation sealed.Value[string] `personal:"work.occupation"`
	Credit     sealed.Value[string] `personal:"credit.credit_information"`
	Result     sealed.Value[string] `personal:"credit.credit_assessment_result"`
	Home       *Household           // those the applicant lives with
}

// Household is about other people than the applicant: it has an id, and with it an attestation and rights of its own.
type Household struct {
	ID   string               `subject:"id"`
	Info sealed.Value[string] `personal:"household.family_household_info"`
}

// Customer is a person who has a loan, or had one.
type Customer struct {
	ID         string               `subject:"id"`
	Name       sealed.Value[string] `personal:"contact.name"`
	Address    sealed.Value[string] `personal:"contact.address"`
	BirthDate  sealed.Value[string] `personal:"identity.date_of_birth"`
	Number     sealed.Value[string] `personal:"identity.customer_number"`
	CPR        sealed.Value[string] `personal:"national-id.cpr_number" basis:"legal-obligation"`
	Income     sealed.Value[int64]  `personal:"economy.income"`
	Account    sealed.Value[string] `personal:"payment.bank_payment_info"`
	Complaint  sealed.Value[string] `personal:"case.complaint_case"`
	Arrears    sealed.Value[string] `personal:"arrears.insolvency_collection_info"`
	Products   sealed.Value[string] `personal:"product.products_services"`
	Payments   sealed.Value[string] `personal:"books.payment_record"`
	KYC        sealed.Value[string] `personal:"aml.kyc_record"`
	Suspicion  sealed.Value[string] `personal:"aml.suspicion_report"`
	ContractNo string               `personal:"-"`
}

// Owner is a person behind a business customer. The business itself is no person.
type Owner struct {
	ID       string               `subject:"id"`
	Name     sealed.Value[string] `personal:"contact.name"`
	Address  sealed.Value[string] `personal:"contact.address"`
	Passport sealed.Value[string] `personal:"identity.id_document"`
	Income   sealed.Value[int64]  `personal:"economy.income"`
	Business string               `personal:"-"`
}

// Visit is what somebody did on the digital services.
type Visit struct {
	ID      string               `subject:"id"`
	Browser sealed.Value[string] `personal:"digital.browser"`
	System  sealed.Value[string] `personal:"digital.operating_system"`
	Content sealed.Value[string] `personal:"digital.content_viewed"`
}

// Views are the need to know: their fields leave the guard, and nothing else.
type (
	EnquiryView    struct{ Name, Email, Question string }
	TaxView        struct{ TaxReturn string }
	HomeView       struct{ Home struct{ Info string } }
	AssessmentView struct {
		Name, Credit string
		Income       int64
	}
	NumberView   struct{ Name, CPR string }
	AgreeView    struct{ Name, Account, Occupation string }
	PassportView struct{ Name, Passport string }
	RefusalView  struct{ Letter, Result string }

	ServiceView struct{ Name, Complaint, Products string }
	WholeView   struct {
		Name, Complaint, CPR string
		Income               int64
	}
	CallerView   struct{ Name, BirthDate, Number string }
	AddressView  struct{ Address string }
	GroupView    struct{ Name, Number string }
	ProductsView struct{ Products string }
	PaymentView  struct{ Name, Payments string }
	PayoutView   struct{ Name, Account, Products string }
	DefaultView  struct{ Name, Arrears string }
	RiskView     struct{ Arrears, BirthDate string }
	IncomeView   struct{ Income int64 }
	IdentityView struct{ Name, CPR, KYC string }
	NameView     struct{ Name string }

	OwnerView struct{ Name, Address, Passport string }
	UseView   struct{ Browser, System, Content string }
)
