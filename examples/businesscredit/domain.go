package main

import "github.com/purposebound/purposebound/purpose/sealed"

// Customer is who borrows for a business, or applies to.
type Customer struct {
	ID             string               `subject:"id"`
	Number         string               `personal:"-"`
	Name           sealed.Value[string] `personal:"basic.name"`
	IdentityNumber sealed.Value[string] `personal:"national-id.personal_identity_number" purpose:"op.customer_identification,op.credit_assessment,op.debt_collection"`
	Email          sealed.Value[string] `personal:"contact.email"`
	Phone          sealed.Value[string] `personal:"contact.phone"`
	Address        sealed.Value[string] `personal:"contact.address"`
	Relation       sealed.Value[string] `personal:"relation.relationship_info"`
	Cases          sealed.Value[string] `personal:"case.case_history"`
	Credit         sealed.Value[string] `personal:"credit.credit_data"`
	Payments       sealed.Value[string] `personal:"payment.payment_data"`
	Gender         sealed.Value[string] `personal:"consented.gender"`
	MotherTongue   sealed.Value[string] `personal:"consented.mother_tongue"`
	ContactPerson  *ContactPerson
}

// ContactPerson acts for a customer and is a data subject of their own.
type ContactPerson struct {
	ID    string               `subject:"id"`
	Name  sealed.Value[string] `personal:"company.contact_person_name"`
	Reach sealed.Value[string] `personal:"company.contact_person_contact"`
}

// Visitor of the web site is known by a cookie.
type Visitor struct {
	ID    string               `subject:"id"`
	Visit sealed.Value[string] `personal:"visit.cookie_usage_data"`
}

// Views are the need to know: their fields leave the guard, and nothing else.
type (
	ServiceView  struct{ Name, Email, Cases string }
	CallerView   struct{ Name, IdentityNumber string }
	CuriousView  struct{ Name, Cases, Credit, IdentityNumber string }
	LanguageView struct{ MotherTongue string }
	ContactView  struct{ ContactPerson struct{ Name, Reach string } }
	LessonView   struct{ Cases string }
	CreditView   struct{ Name, IdentityNumber, Credit, Relation string }
	NameView     struct{ Name string }
	ReminderView struct{ Name, Phone, Payments string }
	ClaimView    struct{ Name, IdentityNumber, Address, Payments string }
	OrderView    struct{ Name, Payments string }
	MailingView  struct{ Name, Email string }
	PartnerView  struct{ Name, Email, Credit string }
	ProfileView  struct{ Credit string }
	VisitView    struct{ Visit string }
)
