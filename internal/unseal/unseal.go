// Package unseal is the bridge between sealed values and the guard that may open them.
//
// The right to open is not a token that could be copied or captured: it is the right to import this package. A sealed
// value carries its plaintext in a [Cell], whose methods are unexported here, so that no other package can call them,
// declare an interface with them, or shadow them in a type that embeds a sealed value. What remains open to code in the
// same process is package unsafe.
package unseal

import (
	"reflect"
	"unsafe"
)

// Cell keeps one T behind a closure, where fmt, encoders, diffs and reflect find a code address and nothing else. It is
// not comparable with ==. The zero Cell is empty and opens as the zero T. A Cell is immutable and safe for concurrent
// use; a copy shares the closure.
type Cell[T any] struct {
	open func() T
}

// Close returns a Cell that opens as v. What v points to stays shared with the caller. Inlined, it would give every call
// site a closure code of its own, and the address that fmt prints would tell where a value came from.
//
//go:noinline
func Close[T any](v T) Cell[T] {
	return Cell[T]{open: func() T { return v }}
}

// Plain returns the content and whether there is any. It is for package sealed.
func Plain[T any](c Cell[T]) (v T, ok bool) {
	if c.open == nil {
		return v, false
	}
	return c.open(), true
}

// Opener is what sealed.Value[T] and *sealed.Value[T] implement by embedding a [Cell], for any T, and so does a struct
// that embeds a sealed value: it opens as the embedded one, whatever methods it declares.
type Opener interface {
	openInto(dst any) bool
	elemType() reflect.Type
	mover() (of reflect.Type, move Move)
}

// Move stores the plaintext of the sealed value at src in the T at dst; an empty one stores the zero T. Whoever calls it
// answers for the types of both.
type Move func(dst, src unsafe.Pointer)

// OpenInto stores the plaintext of o in *dst, whose type must be *T; an empty o stores the zero T. It reports false, and
// leaves *dst alone, when o or dst is nil or a nil pointer, or dst is of another type. It does not allocate.
func OpenInto(o Opener, dst any) (ok bool) {
	defer func() {
		if recover() != nil { // a nil pointer on the way to the cell
			ok = false
		}
	}()
	return o.openInto(dst)
}

// Mover is how values of a sealed type are opened in place, without a look at their types; nil for a type that is not sealed
// or keeps more than its cell.
func Mover(t reflect.Type) Move {
	o, ok := reflect.New(t).Interface().(Opener)
	if !ok {
		return nil
	}
	cell, move := o.mover()
	for t != cell {
		if t.Kind() != reflect.Struct || t.NumField() != 1 {
			return nil
		}
		t = t.Field(0).Type
	}
	return move
}

// ElemType reports T, or nil when o is nil or a nil pointer.
func ElemType(o Opener) (t reflect.Type) {
	defer func() {
		if recover() != nil {
			t = nil
		}
	}()
	return o.elemType()
}

func (c Cell[T]) openInto(dst any) bool {
	p, ok := dst.(*T)
	if !ok || p == nil {
		return false
	}
	*p, _ = Plain(c)
	return true
}

func (Cell[T]) mover() (reflect.Type, Move) {
	return reflect.TypeFor[Cell[T]](), func(dst, src unsafe.Pointer) { *(*T)(dst), _ = Plain(*(*Cell[T])(src)) }
}

func (Cell[T]) elemType() reflect.Type { return reflect.TypeFor[T]() }
