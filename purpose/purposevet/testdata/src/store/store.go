//purposevet:stores keeps lessees in files

// Package store may read, encode and convert, but not print.
package store

import (
	"encoding/json"
	"fmt"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

type row struct {
	ID   string
	Name string
}

func save(l *domain.Lessee) ([]byte, error) {
	r := row{l.ID, l.Name}
	_, _ = l.CPR.Value()
	fmt.Println(l) // want `whole: \*domain.Lessee goes into fmt.Println`
	fmt.Println(r)
	return json.Marshal(l)
}

// NameOf launders for others, who are told where they call it.
func NameOf(l *domain.Lessee) string { return l.Name } // want NameOf:`domain.Lessee.Name \(contact.name\) in 0`
