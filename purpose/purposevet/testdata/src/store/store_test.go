package store

import (
	"testing"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

func TestSave(t *testing.T) {
	l := domain.Lessee{Name: "x"}
	if l.Name != "x" {
		t.Fatal(NameOf(&l) == "x")
	}
}
