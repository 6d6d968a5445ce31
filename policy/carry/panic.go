package carry

import (
	"fmt"
	"runtime/debug"
)

// PanicError is what became of a panic: where it was and of what type, and nothing of its value, which may be of a record.
type PanicError struct {
	Where string
	Type  string
	Stack []byte
}

// Panicked makes a PanicError of what recover returned, in the function that recovered.
func Panicked(where string, value any) *PanicError {
	return &PanicError{where, fmt.Sprintf("%T", value), debug.Stack()}
}

// Error says where and of what type.
func (e *PanicError) Error() string { return fmt.Sprintf("%s panicked with a %s", e.Where, e.Type) }
