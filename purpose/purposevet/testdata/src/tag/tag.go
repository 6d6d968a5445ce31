// Package tag has tags that are wrong.
package tag

import "github.com/purposebound/purposebound/purpose/sealed"

type record struct {
	Name    string               `persnal:"contact.name"`          // want `tag: tag.record.Name: unknown key "persnal"; did you mean "personal"\?`
	Phone   string               `json:"phone" Personal:"contact"` // want `tag: tag.record.Phone: .*did you mean "personal"`
	Email   string               `personal:"contact email"`        // want `tag: tag.record.Email: .*"contact email" is no data category`
	Twice   string               `personal:"a" personal:"b"`       // want `tag: tag.record.Twice: .*duplicate key "personal"`
	Basis   string               `personal:"a" basis:"because"`    // want `tag: tag.record.Basis: .*"because" is no legal basis`
	Alone   string               `purpose:"kyc"`                   // want `tag: tag.record.Alone: .*"personal" is missing`
	Open    string               `personal:"a`                     // want `tag: tag.record.Open: .*a value that does not end`
	Both    string               `persnal:"a" personal:"b"`        // want `tag: tag.record.Both: .*did you mean "personal"`
	Foreign string               `json:"a" db:"b,omitempty"`
	hidden  string               `personal:"contact.name"` // want `tag: tag.record.hidden: a tagged field must be exported`
	Loose   sealed.Value[string] // want `tag: tag.record.Loose: a sealed value without the tag "personal" could never be opened`
	Good    sealed.Value[string] `personal:"contact.name"`
}

// carrier holds sealed values and is no record.
type carrier struct {
	Name sealed.Value[string]
}

var _ = struct {
	X string `subject:"Id"` // want `tag: struct.X: .*"Id" names no data subject`
}{}
