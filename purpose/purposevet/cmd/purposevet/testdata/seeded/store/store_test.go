package store

import (
	"testing"

	"example.com/seeded/domain"
)

func TestSave(t *testing.T) {
	b := &domain.Borrower{IBAN: "x"}
	if _, err := Save(b); err != nil {
		t.Errorf("%v: %v", b, err) // seeded: whole
	}
}
