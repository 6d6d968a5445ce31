package redactlog_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/purposebound/purposebound/purpose/redactlog"
)

// BenchmarkHandler is what the redactor costs beside a handler that drops everything.
func BenchmarkHandler(b *testing.B) {
	texts := []any{"path", "/lessees", "status", 200, "took", 1.5}
	type plain struct{ Rows, Pages int }
	for name, attrs := range map[string][]any{"texts": texts, "plain struct": {"stats", &plain{1, 2}}, "record": {"lessee", new(hedda())},
		"map": {"m", map[string]any{"a": 1, "who": hedda()}}} {
		for _, redacted := range []bool{false, true} {
			h := slog.Handler(dropping{})
			label := name + "/without"
			if redacted {
				h, label = new(redactlog.Redactor).Handler(h), name+"/with"
			}
			b.Run(label, func(b *testing.B) {
				l := slog.New(h)
				b.ReportAllocs()
				for b.Loop() {
					l.Info("message", attrs...)
				}
			})
		}
	}
}

type dropping struct{}

func (dropping) Enabled(context.Context, slog.Level) bool  { return true }
func (dropping) Handle(context.Context, slog.Record) error { return nil }
func (d dropping) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d dropping) WithGroup(string) slog.Handler           { return d }
