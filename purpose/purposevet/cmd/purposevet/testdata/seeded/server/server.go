// Package server declares badly.
package server

import "example.com/seeded/domain"

//purposevet:stores // seeded: directive
func iban(b *domain.Borrower) string { return b.IBAN } // seeded: read

//purposevet:saves records // seeded: directive
func set(b *domain.Borrower) { b.IBAN = iban(&domain.Borrower{IBAN: "x"}) }

var _ = set
