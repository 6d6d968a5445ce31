//purposevet:stores builds records for tests

package storetest

import (
	"testing"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

func TestName(t *testing.T) {
	l := domain.Lessee{Name: "x"}
	if l.Name == "" {
		t.Fatal()
	}
}
