// Package dump has helpers that print what they are given.
package dump

import (
	"fmt"
	"log/slog"
)

// Value prints.
func Value(v any) string { return fmt.Sprintf("%v", v) }

// To logs.
type To struct{ l *slog.Logger }

// Put logs.
func (t To) Put(key string, v any) { t.l.Info("put", key, v) }
