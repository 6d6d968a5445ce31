package redactlog

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
)

// Mask stands for what is not shown.
const Mask = "[personal]"

// Redactor masks tagged personal data in attributes. It is safe for concurrent use; the zero Redactor is ready.
type Redactor struct {
	classes sync.Map // reflect.Type to class
}

// ReplaceAttr is for slog.HandlerOptions, which asks a LogValuer first what to log: a record that makes a text of itself there is
// not recognised. Handler comes before.
func (r *Redactor) ReplaceAttr(_ []string, a slog.Attr) slog.Attr {
	a.Value = r.Value(a.Value)
	return a
}

// Value is v as far as it may be shown.
func (r *Redactor) Value(v slog.Value) slog.Value {
	return r.value(v, 0)
}

// maxDepth is how far groups, LogValuers and values are followed.
const maxDepth = 64

func (r *Redactor) value(v slog.Value, depth int) slog.Value {
	if depth > maxDepth {
		return slog.StringValue(Mask)
	}
	switch v.Kind() {
	case slog.KindGroup:
		members := v.Group()
		shown := make([]slog.Attr, len(members))
		for i, a := range members {
			shown[i] = slog.Attr{Key: a.Key, Value: r.value(a.Value, depth+1)}
		}
		return slog.GroupValue(shown...)
	case slog.KindLogValuer:
		if shown, changed := r.show(v.Any()); changed {
			return slog.AnyValue(shown) // whatever it would say of itself
		}
		return r.value(v.Resolve(), depth+1)
	case slog.KindAny:
		if attrs, ok := v.Any().([]slog.Attr); ok {
			return r.value(slog.GroupValue(attrs...), depth+1)
		}
		if shown, changed := r.show(v.Any()); changed {
			return slog.AnyValue(shown)
		}
	}
	return v
}

// show returns v as far as it may be shown, and whether that is not all of it.
func (r *Redactor) show(v any) (shown any, changed bool) {
	defer func() {
		if recover() != nil {
			shown, changed = Mask, true
		}
	}()
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || r.harmless(rv) {
		return v, false
	}
	b := &builder{r: r}
	return b.build(rv, 0), true
}

// Handler puts the redactor in front of a handler.
func (r *Redactor) Handler(next slog.Handler) slog.Handler { return &handler{r, next} }

type handler struct {
	r    *Redactor
	next slog.Handler
}

func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *handler) Handle(ctx context.Context, rec slog.Record) error {
	shown := slog.NewRecord(rec.Time, rec.Level, rec.Message, rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		shown.AddAttrs(h.r.ReplaceAttr(nil, a))
		return true
	})
	return h.next.Handle(ctx, shown)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	shown := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		shown[i] = h.r.ReplaceAttr(nil, a)
	}
	return &handler{h.r, h.next.WithAttrs(shown)}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.r, h.next.WithGroup(name)}
}
