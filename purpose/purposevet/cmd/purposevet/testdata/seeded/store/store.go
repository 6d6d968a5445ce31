//purposevet:stores the repository of borrowers

// Package store keeps borrowers.
package store

import (
	"encoding/json"
	"log"

	"example.com/seeded/domain"
)

// Row is what the database has.
type Row struct{ ID, IBAN string }

// Save may read what it stores.
func Save(b *domain.Borrower) ([]byte, error) {
	r := Row{b.ID, b.IBAN}
	log.Println("saved", r.ID)
	log.Println("saved", b) // seeded: whole
	return json.Marshal(r)
}

// Account launders for whoever calls it.
func Account(b *domain.Borrower) string { return "IBAN " + b.IBAN }
