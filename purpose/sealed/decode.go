package sealed

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// ErrConvert is what every failed conversion into or out of a [Value] wraps, in a message of type names and at most an
// offset. The error underneath is dropped, since it may quote the value.
var ErrConvert = errors.New("sealed: no conversion")

var (
	_ json.Unmarshaler         = (*Value[int])(nil)
	_ encoding.TextUnmarshaler = (*Value[int])(nil)
)

// UnmarshalJSON seals what data decodes to; null unsets. On error v is unset.
func (v *Value[T]) UnmarshalJSON(data []byte) error {
	*v = Value[T]{}
	var p *T
	if err := attempt(func() error { return json.Unmarshal(data, &p) }); err != nil {
		return noConversion("JSON", typeName[T]()+offset(err))
	}
	if p != nil {
		*v = Of(*p)
	}
	return nil
}

// UnmarshalYAML seals what a YAML package decodes; null, where the package passes it on, unsets. On error v is unset.
func (v *Value[T]) UnmarshalYAML(unmarshal func(any) error) error {
	*v = Value[T]{}
	var p *T
	if err := attempt(func() error { return unmarshal(&p) }); err != nil {
		return noConversion("YAML", typeName[T]())
	}
	if p != nil {
		*v = Of(*p)
	}
	return nil
}

// UnmarshalText seals text: as *T reads it if that is an [encoding.TextUnmarshaler], else as [Value.Scan] reads a string.
// On error v is unset.
func (v *Value[T]) UnmarshalText(text []byte) error {
	*v = Value[T]{}
	var t T
	u, ok := any(&t).(encoding.TextUnmarshaler)
	if !ok {
		return v.Scan(string(text))
	}
	if err := attempt(func() error { return u.UnmarshalText(text) }); err != nil {
		return noConversion("text", typeName[T]())
	}
	*v = Of(t)
	return nil
}

// attempt runs a conversion, which may run T's own code, and turns a panic into an error: its message may quote the value.
func attempt(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrConvert
		}
	}()
	return f()
}

func noConversion(from, to string) error { return fmt.Errorf("%w: %s to %s", ErrConvert, from, to) }

func typeName[T any]() string { return reflect.TypeFor[T]().String() }

// offset renders the byte offset that a JSON error names, if any.
func offset(err error) string {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(" at offset %d", e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf(" at offset %d", e.Offset)
	}
	return ""
}
