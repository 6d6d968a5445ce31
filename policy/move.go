package policy

import (
	"reflect"
	"time"
	"unsafe"

	"github.com/purposebound/purposebound/internal/unseal"
)

// shorten finds the way without reflection for a field that lies in the record itself, not behind a pointer, and is sealed or
// of a type that is copied by assignment. The types of both sides were compared before.
func (o *op) shorten(v reflect.StructField, record reflect.Type, r reflect.StructField) {
	from := uintptr(0)
	for _, i := range r.Index {
		if record.Kind() != reflect.Struct {
			return // embedded by pointer
		}
		f := record.Field(i)
		from, record = from+f.Offset, f.Type
	}
	o.to, o.from = v.Offset, from
	if o.sealed {
		o.direct = unseal.Mover(r.Type)
	} else {
		o.direct = mover(r.Type)
	}
}

// mover copies values of a type; nil where reflection must.
func mover(t reflect.Type) unseal.Move {
	switch t.Kind() {
	case reflect.String:
		return move[string]
	case reflect.Int64, reflect.Uint64, reflect.Float64:
		return move[uint64]
	case reflect.Int, reflect.Uint:
		return move[uint]
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return move[uint32]
	case reflect.Int16, reflect.Uint16:
		return move[uint16]
	case reflect.Int8, reflect.Uint8, reflect.Bool:
		return move[uint8]
	case reflect.Struct:
		if t == timeType {
			return move[time.Time]
		}
	}
	return nil
}

func move[T any](dst, src unsafe.Pointer) { *(*T)(dst) = *(*T)(src) }
