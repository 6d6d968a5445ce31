// Package blind shows what the analyzer does not see. Nothing here is reported.
package blind

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
)

// reflection reads any field.
func reflection(l *domain.Lessee) {
	fmt.Println(reflect.ValueOf(l).Elem().FieldByName("Name").String())
	fmt.Println(reflect.ValueOf(*l).Field(1).Interface())
}

// pointers do as well.
func pointers(l *domain.Lessee) string {
	return *(*string)(unsafe.Add(unsafe.Pointer(l), unsafe.Offsetof(struct {
		A string
		B string
	}{}.B)))
}

type namer interface{ name(any) string }

type printer struct{}

func (printer) name(v any) string { return fmt.Sprint(v) }

// interfaces hide which function is called.
func interfaces(n namer, l *domain.Lessee) string { return n.name(l) }

// values of functions do, too.
func values(l *domain.Lessee) {
	print := fmt.Println
	_, _ = print(l)
	for _, f := range []func(...any) string{fmt.Sprint} {
		f(l)
	}
}

type box struct{ v any }

// boxes are filled elsewhere.
func boxes(b *box, l *domain.Lessee) {
	put(b, l)
	fmt.Println(b.v)
}

func put(b *box, v any) { b.v = v }

// parameters are no place that lasts, as far as one function shows.
type out struct{ any }

func encoders(l *domain.Lessee) { unknown(l) }

// unknown encodes by reflection of its own.
func unknown(v any) string {
	s := ""
	for i := range reflect.ValueOf(v).Elem().NumField() {
		s += reflect.ValueOf(v).Elem().Field(i).String()
	}
	return s
}
