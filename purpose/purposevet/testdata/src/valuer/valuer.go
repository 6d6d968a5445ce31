// Package valuer calls Value by hand.
package valuer

import (
	"database/sql"
	"database/sql/driver"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
	"github.com/purposebound/purposebound/purpose/sealed"
)

type embedding struct{ sealed.Value[string] }

func takes(l *domain.Lessee, e embedding, db *sql.DB) {
	_, _ = l.CPR.Value() // want `valuer: the plaintext of a sealed value is taken past the guard: Value is for database/sql to call`
	f := l.CPR.Value     // want `valuer: .*Value is for`
	_, _ = f()
	_, _ = sealed.Value[string].Value(l.CPR)                    // want `valuer: .*Value is for`
	_, _ = driver.Valuer(l.CPR).Value()                         // want `valuer: .*driver.Valuer is for`
	_, _ = driver.DefaultParameterConverter.ConvertValue(l.CPR) // want `valuer: .*ConvertValue is for`
	_, _ = e.Value.Value()                                      // want `valuer: .*Value is for`

	_, _ = db.Exec("insert into lessee values (?)", l.CPR)
	_, _ = driver.Valuer(sql.NullString{}).Value()
	_ = e.Value
	_ = l.CPR.String()
}

// scan is the store's own.
//
//purposevet:stores a driver without driver.Valuer
func scan(l *domain.Lessee) (driver.Value, error) { return l.CPR.Value() }
