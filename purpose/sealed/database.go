package sealed

import (
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/purposebound/purposebound/internal/unseal"
)

var (
	_ sql.Scanner   = (*Value[int])(nil)
	_ driver.Valuer = Value[int]{}
)

// Scan seals a database value, converted as [sql.Rows.Scan] converts it to a *T, which may be a [sql.Scanner]; NULL
// unsets. On error v is unset. T may not be [sql.RawBytes], which the next row would overwrite.
func (v *Value[T]) Scan(src any) error {
	*v = Value[T]{}
	var n sql.Null[T]
	if _, raw := any(&n.V).(*sql.RawBytes); raw || attempt(func() error { return n.Scan(src) }) != nil {
		return noConversion(fmt.Sprintf("%T", src), typeName[T]())
	}
	if n.Valid {
		*v = Of(n.V)
	}
	return nil
}

// Value hands the plaintext to a database driver, as T's own [driver.Valuer] or [driver.DefaultParameterConverter] has
// it; NULL when unset. It is for package database/sql to call and no one else: see the package comment.
func (v Value[T]) Value() (driver.Value, error) {
	t, set := unseal.Plain(v.cell)
	if !set {
		return nil, nil
	}
	var dv driver.Value
	err := attempt(func() (err error) {
		dv, err = driver.DefaultParameterConverter.ConvertValue(t)
		return err
	})
	if err != nil {
		return nil, noConversion(typeName[T](), "a database value")
	}
	return dv, nil
}
