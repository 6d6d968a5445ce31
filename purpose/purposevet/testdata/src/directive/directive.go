//purposevet:stores // want `directive: //purposevet:stores needs a reason, and declares nothing without one`
//purposevet:register // want `directive: //purposevet:register needs a path`
//purposevet:store for a reason // want `directive: unknown directive "store"; did you mean "stores"\?`
//purposevet:quiet for a reason // want `directive: unknown directive "quiet"`
// purposevet:stores for a reason // want `directive: a directive has no blanks before its name`

// Package directive declares nothing that counts.
package directive

import "github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"

//purposevet:stores a variable // want `directive: nothing on the line needs //purposevet:stores`
var none = 1

//purposevet:register no.yaml // want `directive: //purposevet:register stands before the package clause`
var other = 2

func name(l *domain.Lessee) string {
	//purposevet:stores the next line alone
	_ = l.Name
	_ = l.Name    // want `read: domain.Lessee.Name`
	_ = l.Name    //purposevet:stores this line
	return l.Name // want `read: domain.Lessee.Name`
}
