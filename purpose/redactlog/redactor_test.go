package redactlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose/redactlog"
	"github.com/purposebound/purposebound/purpose/sealed"
)

const canary = "Hedda-Gabler"

type lessee struct {
	ID       string               `subject:"id"`
	Name     string               `personal:"contact.name"`
	IBAN     sealed.Value[string] `personal:"finance.iban"`
	Contract string               `personal:"-"`
	Note     string               // nobody has said of it that it is not personal
}

// String tells everything, as many do.
func (l lessee) String() string { return l.Name + l.Note }

func hedda() lessee {
	return lessee{ID: canary, Name: canary, IBAN: sealed.Of(canary), Contract: "K-17", Note: canary}
}

type misspelt struct {
	Name string `personel:"contact.name"`
}

// who may be the key of a map.
type who struct {
	Name string `personal:"contact.name"`
}

type valuer struct{ l lessee }

func (v valuer) LogValue() slog.Value { return slog.AnyValue(v.l) }

// closed hides its record where reflection does not look, and gives it away as a LogValuer.
type closed func() lessee

func (c closed) LogValue() slog.Value { return slog.AnyValue(c()) }

type telling struct{ lessee }

func (t telling) LogValue() slog.Value         { return slog.StringValue(t.Name) }
func (t telling) MarshalJSON() ([]byte, error) { return json.Marshal(t.Name) }

type notFound struct{ who lessee }

func (e *notFound) Error() string { return "not found: " + e.who.Name }

type order struct {
	Number int
	Buyer  *lessee
	lessee []lessee
}

type node struct {
	Next *node
	Any  any
}

type loop map[string]any

func ringOf(v any) loop {
	m := loop{"v": v}
	m["self"] = m
	return m
}

type selfSlice []selfSlice

func shown(t testing.TB, attrs ...any) (outputs []string) {
	t.Helper()
	for _, make := range []func(w *bytes.Buffer) slog.Handler{
		func(w *bytes.Buffer) slog.Handler {
			return new(redactlog.Redactor).Handler(slog.NewJSONHandler(w, nil))
		},
		func(w *bytes.Buffer) slog.Handler {
			return new(redactlog.Redactor).Handler(slog.NewTextHandler(w, nil))
		},
		func(w *bytes.Buffer) slog.Handler {
			return slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: new(redactlog.Redactor).ReplaceAttr})
		},
		func(w *bytes.Buffer) slog.Handler {
			return slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: new(redactlog.Redactor).ReplaceAttr})
		},
	} {
		var w bytes.Buffer
		slog.New(make(&w)).Info("message", attrs...)
		outputs = append(outputs, w.String())
		w.Reset()
		slog.New(make(&w)).With(attrs...).WithGroup("g").Info("message", attrs...)
		outputs = append(outputs, w.String())
	}
	return outputs
}

func TestTaggedDataIsMaskedWhereverItIs(t *testing.T) {
	l := hedda()
	ring := &node{Any: l}
	ring.Next = ring
	var nothing *lessee
	for name, v := range map[string]any{
		"struct": l, "pointer": &l, "pointer to pointer": new(&l), "slice": []lessee{l}, "array": [1]lessee{l}, "map": map[string]lessee{canary: l},
		"map of pointers": map[string]*lessee{canary: &l}, "map key": map[who]int{{canary}: 1}, "map of any": map[string]any{"lessee": l, "n": 1},
		"map by any": map[any]any{who{canary}: 1}, "in a struct": order{Number: 7, Buyer: &l, lessee: []lessee{l}},
		"any in a struct": struct{ X any }{l}, "unexported": struct{ x any }{l}, "misspelt": misspelt{canary}, "nested any": []any{[]any{map[string]any{"a": &l}}},
		"LogValuer": valuer{l}, "closed LogValuer": closed(hedda), "tells of itself": telling{l}, "pointer that tells": &telling{l},
		"group": slog.GroupValue(slog.String("a", "b"), slog.Any("c", l)), "group in group": slog.GroupValue(slog.Group("d", slog.Any("c", valuer{l}))),
		"attrs": []slog.Attr{slog.Int("a", 1), slog.Any("b", l)}, "an attr": slog.Any("b", l), "group in an attr": slog.Group("x", slog.Int("a", 1), slog.Any("b", l)),
		"values": []slog.Value{slog.GroupValue(slog.Int("a", 1), slog.Any("b", &l))}, "error": &notFound{l}, "wrapped": fmt.Errorf("context: %w", &notFound{l}),
		"joined": errors.Join(errors.New("a"), &notFound{l}), "error in a struct": struct{ Err error }{&notFound{l}}, "errors": []error{&notFound{l}},
		"error in a map": map[string]any{"e": fmt.Errorf("x: %w", &notFound{l})}, "reflect.Value": reflect.ValueOf(l), "reflect.Values": []reflect.Value{reflect.ValueOf(&l)},
		"ring": ring, "map ring": ringOf(l), "view of a record": struct{ lessee }{l},
	} {
		outs := shown(t, "v", v)
		if name == "tells of itself" || name == "pointer that tells" {
			assert.Contains(t, outs[len(outs)-1], canary, "ReplaceAttr comes too late, as it says")
			outs = outs[:len(outs)/2]
		}
		for _, out := range outs {
			assert.NotContains(t, out, canary, name)
			assert.Contains(t, out, "message", name)
		}
		if name == "map ring" {
			continue // which would exhaust the stack
		}
		var w bytes.Buffer // the control: without a redactor the value is there, but where the standard library hides it by itself
		slog.New(slog.NewTextHandler(&w, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&w, nil)).Info("m", "v", v)
		if name != "pointer to pointer" && name != "reflect.Values" {
			assert.Contains(t, w.String(), canary, "control: %s", name)
		}
	}
	for _, out := range shown(t, "v", nothing) {
		assert.NotContains(t, out, canary)
	}
}

func TestWhatIsNotPersonalIsShown(t *testing.T) {
	outs := shown(t, "lessee", hedda(), "order", order{Number: 7, Buyer: new(hedda())}, "err", fmt.Errorf("context: %w", &notFound{hedda()}),
		"map", map[string]any{"n": 17, "who": hedda()}, "byID", map[string]lessee{canary: hedda()})
	require.Contains(t, outs[0], `"lessee":{"Contract":"K-17","IBAN":"[personal]","ID":"[personal]","Name":"[personal]","Note":"[personal]"}`)
	require.Contains(t, outs[0], `"order":{"Buyer":{"Contract":"K-17",`)
	require.Contains(t, outs[0], `"Number":7}`)
	require.Contains(t, outs[0], `"err":"[personal] *fmt.wrapError"`)
	require.Contains(t, outs[0], `"n":17`)
	require.Contains(t, outs[0], `"byID":"[personal] 1 of map[string]redactlog_test.lessee"`)
}

type plainValuer struct{}

func (plainValuer) LogValue() slog.Value { return slog.StringValue("valued") }

// What holds nothing tagged is logged byte for byte as without the redactor.
func TestWhatHoldsNothingTaggedIsLeftAlone(t *testing.T) {
	type point struct{ X, Y int }
	list := &node{Next: &node{}}
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	a, err := acme.New()
	require.NoError(t, err)
	_, denied := policy.Read[acme.DebitView](t.Context(), a.Guard, policy.Request{Principal: acme.Agent, Purpose: "invoicing"}, acme.Bob())
	require.ErrorIs(t, denied, policy.ErrDenied)
	for name, v := range map[string]any{
		"nil": nil, "text": "x", "number": 1.5, "time": at, "duration": time.Second, "bytes": []byte("x"), "struct": point{1, 2}, "pointer": &point{1, 2},
		"list": []any{1, "a", nil, point{}}, "map": map[string]any{"a": point{}}, "error": errors.New("x"), "wrapped": fmt.Errorf("a: %w", context.Canceled),
		"joined": errors.Join(errors.New("a"), errors.New("b")), "LogValuer": plainValuer{}, "sealed": sealed.Of("x"), "group": slog.GroupValue(slog.Int("a", 1)),
		"linked": list, "raw JSON": json.RawMessage(`{"a":1}`), "nil error": (*notFound)(nil), "refusal": denied, "wrapped refusal": fmt.Errorf("reading: %w", denied),
		"untagged key": map[string]int{"a": 1}, "marked": struct {
			A string `personal:"-"`
		}{"x"}, "reflect": reflect.ValueOf(3), "slog": []slog.Value{slog.IntValue(1), slog.GroupValue(slog.Int("a", 1))},
	} {
		for _, next := range []func(w *bytes.Buffer) slog.Handler{
			func(w *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(w, nil) },
			func(w *bytes.Buffer) slog.Handler { return slog.NewTextHandler(w, nil) },
		} {
			var with, without bytes.Buffer
			r := slog.NewRecord(at, slog.LevelInfo, "m", 0)
			r.AddAttrs(slog.Any("v", v))
			require.NoError(t, next(&without).Handle(t.Context(), r))
			require.NoError(t, new(redactlog.Redactor).Handler(next(&with)).Handle(t.Context(), r))
			require.Equal(t, without.String(), with.String(), name)
		}
	}
}

func TestCyclesAndDepthsEnd(t *testing.T) {
	self := selfSlice{nil}
	self[0] = self
	var deep any = hedda()
	for range 10_000 {
		deep = []any{deep}
	}
	wide := make([]any, 100_000)
	for i := range wide {
		wide[i] = i
	}
	wide[len(wide)-1] = hedda()
	group := slog.AnyValue(hedda())
	for range 1000 {
		group = slog.GroupValue(slog.Attr{Key: "g", Value: group})
	}
	for name, v := range map[string]any{"slice in itself": self, "map in itself": ringOf(1), "deep": deep, "wide": wide, "group": group} {
		var r redactlog.Redactor
		require.NotContains(t, r.Value(slog.AnyValue(v)).String(), canary, name)
	}
	require.Contains(t, shown(t, "v", ringOf(1))[0], `"v":{"self":"[cycle]","v":1}`)
}

func TestTheHandlerIsAsTheStandardLibraryWantsIt(t *testing.T) {
	var w bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		w.Reset()
		return new(redactlog.Redactor).Handler(slog.NewJSONHandler(&w, nil))
	}, func(t *testing.T) map[string]any {
		m := map[string]any{}
		require.NoError(t, json.Unmarshal(w.Bytes(), &m))
		return m
	})
	h := new(redactlog.Redactor).Handler(slog.NewTextHandler(&w, &slog.HandlerOptions{Level: slog.LevelError}))
	require.False(t, h.Enabled(t.Context(), slog.LevelInfo))
}
