package main

import "github.com/purposebound/purposebound/purpose/sealed"

// Application is a loan application as it is stored. From the database to the guard its values are sealed.
type Application struct {
	ID      string `personal:"-"` // number of the application
	Person  string `subject:"id"`
	Officer string `personal:"-"` // id of the principal who works on it

	Name       sealed.Value[string] `personal:"contact.name"`
	Email      sealed.Value[string] `personal:"contact.email"`
	CPR        sealed.Value[string] `personal:"national-id.cpr_number" basis:"legal-obligation"`
	Income     sealed.Value[int64]  `personal:"economy.income"`
	Occupation sealed.Value[string] `personal:"work.occupation"`
	Account    sealed.Value[string] `personal:"payment.bank_payment_info"`
	Credit     sealed.Value[string] `personal:"credit.credit_information"`
}

// Views are the need to know: their fields leave the service, and nothing else.
type (
	// AssessmentView is what a credit officer assesses.
	AssessmentView struct {
		Name   string `json:"name"`
		Income int64  `json:"income"`
		Credit string `json:"credit"`
	}
	// FileView is what an advisor may find in a file, as far as that goes.
	FileView struct {
		Name    string `json:"name"`
		Email   string `json:"email"`
		CPR     string `json:"cpr"`
		Income  int64  `json:"income"`
		Account string `json:"account"`
	}
	// BureauView is what a credit bureau has to know to answer.
	BureauView struct {
		Name string `json:"name"`
		CPR  string `json:"cpr"`
	}
	// TestimonialView is what stands under a testimonial.
	TestimonialView struct {
		Name string `json:"name"`
	}
)
