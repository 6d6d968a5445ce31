// Package read reads tagged fields.
package read

import (
	"fmt"
	"strings"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

func reads(l *domain.Lessee, list []domain.Lessee, c domain.Contract) {
	if l.Name == "" { // want `read: domain.Lessee.Name \(contact.name\) is read past the guard: release it in a view, or declare //purposevet:stores with a reason`
		return
	}
	n := strings.ToUpper(list[0].Name) // want `read: domain.Lessee.Name`
	_ = n
	_ = c.Name           // want `read: domain.Lessee.Name`
	_ = c.Lessee.Income  // want `read: domain.Lessee.Income \(finance.income\)`
	_ = l.Home.City      // want `read: domain.Lessee.Home`
	l.Income += 2        // want `read: domain.Lessee.Income`
	l.Income++           // want `read: domain.Lessee.Income`
	_ = &l.Name          // want `read: domain.Lessee.Name`
	_ = l.Phones[0]      // want `read: domain.Lessee.Phones`
	_ = len(l.Phones)    // want `read: domain.Lessee.Phones`
	for range l.Phones { // want `read: domain.Lessee.Phones`
	}
	l.Since = int(l.Income) // want `read: domain.Lessee.Income`
	m := map[string]int{}
	m[l.Name] = 1                        // want `read: domain.Lessee.Name`
	f := func() string { return l.Name } // want `read: domain.Lessee.Name`
	_ = f
	_, _ = fmt.Sscan("x", &l.Name) // want `read: domain.Lessee.Name`
}

type local[T any] struct {
	Value T `personal:"contact.name"`
}

func generic(x local[string]) string { return x.Value } // want `read: read.local\[string\].Value`

// embedded promotes a tagged struct.
type embedded struct {
	domain.Address `personal:"contact.address"`
}

func (e embedded) read() string { return e.City } // want `read: read.embedded.Address \(contact.address\)`

func writes(l *domain.Lessee, s domain.Sealed) {
	*l = domain.Lessee{ID: "1", Name: "x", Income: 3, Home: domain.Address{City: "y"}}
	l.Name = "x"
	l.Name, l.Income = "x", 3
	l.Home.City = "y"
	l.Phones[0] = "1"
	(*l).Phones = nil
	for _, l.Name = range []string{"x"} {
	}
	_ = l.ID
	_ = l.CPR
	_ = l.Since
	_ = l.Number
	_ = s.Old[0]
	_ = s.CPR.Equal(s.Old[0])
}

// fill constructs lessees.
//
//purposevet:stores a constructor
func fill(l *domain.Lessee) string { return l.Name + l.Home.City }

func outside(l *domain.Lessee) int64 { return l.Income } // want `read: domain.Lessee.Income`
