package sealed

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/purposebound/purposebound/internal/unseal"
)

// cell is embedded under an unexported name, for its unexported methods.
type cell[T any] = unseal.Cell[T]

// Value holds one T that only the guard and a database driver can open. The zero Value is unset: it opens as the zero T
// and is NULL in a database. A Value is immutable and a copy shares its content; UnmarshalJSON and its like, and Scan,
// replace it and need the care that any assignment needs. It is not comparable with ==: see [Value.Equal].
type Value[T any] struct {
	cell[T]
}

var (
	_ unseal.Opener  = Value[int]{}
	_ fmt.Formatter  = Value[int]{}
	_ fmt.GoStringer = Value[int]{}
	_ slog.LogValuer = Value[int]{}
)

// Of seals v. What v points to (the elements of a slice or a map) stays shared with the caller.
func Of[T any](v T) Value[T] {
	return Value[T]{unseal.Close(v)}
}

// IsSet reports whether v holds anything, be it the zero T.
func (v Value[T]) IsSet() bool {
	_, set := unseal.Plain(v.cell)
	return set
}

// Equal reports whether v and w hold equal values or are both unset. It asks T's own Equal(T) bool method if there is
// one (a panic there counts as unequal), compares strings and byte slices in a time that depends on their lengths alone,
// and leaves everything else to [reflect.DeepEqual].
func (v Value[T]) Equal(w Value[T]) (same bool) {
	a, aSet := unseal.Plain(v.cell)
	b, bSet := unseal.Plain(w.cell)
	if !aSet || !bSet {
		return aSet == bSet
	}
	defer func() {
		if recover() != nil {
			same = false
		}
	}()
	return equal(a, b)
}

func equal[T any](a, b T) bool {
	if e, ok := any(a).(interface{ Equal(T) bool }); ok {
		return e.Equal(b)
	}
	t, x, y := reflect.TypeFor[T](), reflect.ValueOf(a), reflect.ValueOf(b)
	switch {
	case t.Kind() == reflect.String:
		return subtle.ConstantTimeCompare([]byte(x.String()), []byte(y.String())) == 1
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return subtle.ConstantTimeCompare(x.Bytes(), y.Bytes()) == 1
	}
	return reflect.DeepEqual(a, b)
}
