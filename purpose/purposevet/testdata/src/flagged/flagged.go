// Package flagged names no register.
package flagged

import "github.com/purposebound/purposebound/policy"

type record struct {
	Name string `personal:"contact.nmae"` // want `register: flagged.record.Name`
}

var request = policy.Request{Purpose: "invoicin"} // want `register: "invoicin"`
