// Package domain has the records of a small lender.
package domain

import "github.com/purposebound/purposebound/purpose/sealed"

// Borrower has a plain income, for sums.
type Borrower struct {
	ID     string               `subject:"id"`
	Name   sealed.Value[string] `personal:"contact.name"`
	IBAN   string               `personal:"finance.iban"`
	Nick   string               `personal:"contact.nick"`                       // seeded: register
	Old    string               `persnal:"contact.name"`                        // seeded: tag
	Aim    string               `personal:"contact.name" purpose:"advertising"` // seeded: register
	Closed bool
}

// Loan embeds a borrower.
type Loan struct {
	Borrower
	Amount int64
}
