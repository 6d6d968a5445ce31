// Package convert takes the tags off.
package convert

import (
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
	"github.com/purposebound/purposebound/purpose/sealed"
)

type tagged struct {
	Name string               `personal:"contact.name"`
	CPR  sealed.Value[string] `personal:"national-id.cpr" purpose:"kyc"`
}

type (
	bare struct {
		Name string
		CPR  sealed.Value[string]
	}
	other struct {
		Name string               `personal:"contact.name" json:"n"`
		CPR  sealed.Value[string] `personal:"contact.name" purpose:"kyc"`
	}
	wider struct {
		Name string               `personal:"contact.name"`
		CPR  sealed.Value[string] `personal:"national-id.cpr"`
	}
	alike struct {
		Name string               `json:"name" personal:"contact.name"`
		CPR  sealed.Value[string] `personal:"national-id.cpr" purpose:"kyc"`
	}
)

func converts(t tagged, b bare) {
	_ = bare(t)     // want `convert: convert.tagged.Name \(contact.name\) has no category in convert.bare`
	_ = (*bare)(&t) // want `convert: convert.tagged.Name \(contact.name\) has no category in convert.bare`
	_ = other(t)    // want `convert: convert.tagged.CPR \(national-id.cpr\) has other tags in convert.other`
	_ = wider(t)    // want `convert: convert.tagged.CPR \(national-id.cpr\) has other tags in convert.wider`
	_ = struct {    // want `convert: convert.tagged.Name \(contact.name\) has no category in a struct`
		Name string
		CPR  sealed.Value[string]
	}(t)
	_ = alike(t)
	_ = tagged(b)
	_ = tagged(t)
	_ = any(t)
	_ = domain.Lessee(domain.Lessee{})
}
