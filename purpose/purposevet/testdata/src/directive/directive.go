//purposevet:stores // want `directive: //purposevet:stores needs a reason, and declares nothing without one`
//purposevet:register // want `directive: //purposevet:register needs a path`
//purposevet:store for a reason // want `directive: unknown directive "store"; did you mean "stores"\?`
//purposevet:quiet for a reason // want `directive: unknown directive "quiet"`
// purposevet:stores for a reason // want `directive: a directive has no blanks before its name`

// Package directive declares nothing that counts.
package directive

import "github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"

//purposevet:stores a variable // want `directive: //purposevet:stores stands before the package clause or in the comment of a function, and declares nothing here`
var none = 1

func name(l *domain.Lessee) string {
	//purposevet:stores inside // want `directive: //purposevet:stores stands before`
	return l.Name // want `read: domain.Lessee.Name`
}
