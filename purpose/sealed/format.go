package sealed

import (
	"fmt"
	"io"
	"log/slog"
)

// mask stands for every Value, set or not.
const mask = "[sealed]"

// Format writes the mask, the word sealed in brackets, for every verb and flag.
func (Value[T]) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, mask) }

// String returns the mask.
func (Value[T]) String() string { return mask }

// GoString returns the mask.
func (Value[T]) GoString() string { return mask }

// LogValue returns the mask.
func (Value[T]) LogValue() slog.Value { return slog.StringValue(mask) }
