package sealed

import (
	"encoding"
	"encoding/json"
	"errors"
)

// ErrSealed is what every encoder gets from a [Value], set or not. Encode a view that the guard released instead.
var ErrSealed = errors.New("sealed: a sealed value does not encode")

var (
	_ json.Marshaler           = Value[int]{}
	_ encoding.TextMarshaler   = Value[int]{}
	_ encoding.BinaryMarshaler = Value[int]{}
)

// MarshalJSON returns [ErrSealed].
func (Value[T]) MarshalJSON() ([]byte, error) { return nil, ErrSealed }

// MarshalText returns [ErrSealed], also to encoding/xml, for elements and attributes.
func (Value[T]) MarshalText() ([]byte, error) { return nil, ErrSealed }

// MarshalBinary returns [ErrSealed].
func (Value[T]) MarshalBinary() ([]byte, error) { return nil, ErrSealed }

// MarshalYAML returns [ErrSealed].
func (Value[T]) MarshalYAML() (any, error) { return nil, ErrSealed }

// GobEncode returns [ErrSealed].
func (Value[T]) GobEncode() ([]byte, error) { return nil, ErrSealed }
