// Package domain has the records of the tests.
package domain

import "github.com/purposebound/purposebound/purpose/sealed"

// Lessee has plain and sealed fields.
type Lessee struct {
	ID     string               `subject:"id"`
	Name   string               `personal:"contact.name" json:"name"`
	CPR    sealed.Value[string] `personal:"national-id.cpr"`
	Income int64                `personal:"finance.income"`
	Phones []string             `personal:"contact.phone"`
	Home   Address              `personal:"contact.address"`
	Number string               `personal:"-"`
	Since  int
}

// Address is plain.
type Address struct{ Street, City string }

// Sealed has sealed fields alone.
type Sealed struct {
	ID  string                 `subject:"id"`
	CPR sealed.Value[string]   `personal:"national-id.cpr"`
	Old []sealed.Value[string] `personal:"contact.name"`
}

// Contract embeds a lessee.
type Contract struct {
	Lessee
	Vehicle string
}

// Fleet holds lessees in all ways.
type Fleet struct {
	Drivers map[string][]*Lessee
}

// Quiet encodes nothing of its field.
type Quiet struct {
	Name string `personal:"contact.name" json:"-" xml:"-"`
}

// Redacted says itself how it prints.
type Redacted struct {
	Name string `personal:"contact.name"`
}

// String shows nothing.
func (Redacted) String() string { return "redacted" }

// Node is recursive.
type Node struct {
	Next *Node
	Name string `personal:"contact.name"`
}
