package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
	"github.com/purposebound/purposebound/retention"
)

// shapes draws random struct types and values from the bytes of a fuzzer.
type shapes struct {
	bytes []byte
}

func (s *shapes) next(n int) int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b) % n
}

var (
	shapeNames = []string{"ID", "Name", "Mail", "Age", "Inner", "List", "Extra", "Ünder"}
	shapeTags  = []string{`personal:"contact.name"`, `personal:"contact.mail"`, `personal:"contact.mail" purpose:"rent"`, `subject:"id"`, `personal:"-"`, ``,
		`json:"x"`, `personal:"contact.name" subject:"friend"`, `subject:"friend.id"`, `personal:"contact.nome"`, `personel:"contact.name"`, `personal:`,
		`personal:"contact.name" retention:"kept"`, `personal:"contact.name" basis:"consent,contract"`, `subject:"friend"`, `personal:"contact.name" personal:"contact.mail"`}
	shapeTypes = []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[sealed.Value[string]](), reflect.TypeFor[int64](), reflect.TypeFor[any](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[*string](), reflect.TypeFor[[]string](), reflect.TypeFor[map[string]string](), reflect.TypeFor[[2]string](),
		reflect.TypeFor[func()](), reflect.TypeFor[chan int](), reflect.TypeFor[error](), reflect.TypeFor[struct{}](), reflect.TypeFor[sealed.Value[time.Time]]()}
)

// structOf is a random struct type; with like, mostly one that has fields of the same names.
func (s *shapes) structOf(depth int, like reflect.Type) reflect.Type {
	var fields []reflect.StructField
	seen := map[string]bool{}
	for range s.next(6) + 1 {
		f := reflect.StructField{Name: shapeNames[s.next(len(shapeNames))], Type: shapeTypes[s.next(len(shapeTypes))]}
		if like != nil {
			if like.NumField() == 0 {
				break
			}
			l := like.Field(s.next(like.NumField()))
			f.Name, f.Type = l.Name, s.viewOf(depth, l.Type)
		} else {
			f.Tag = reflect.StructTag(shapeTags[s.next(len(shapeTags))])
			if depth > 0 && s.next(3) == 0 {
				f.Type = s.wrap(s.structOf(depth-1, nil))
			}
		}
		if !seen[f.Name] && f.Name != "" {
			seen[f.Name] = true
			fields = append(fields, f)
		}
	}
	return reflect.StructOf(fields)
}

func (s *shapes) wrap(t reflect.Type) reflect.Type {
	switch s.next(6) {
	case 0:
		return reflect.PointerTo(t)
	case 1:
		return reflect.SliceOf(t)
	case 2:
		return reflect.MapOf(reflect.TypeFor[string](), t)
	case 3:
		return reflect.ArrayOf(2, t)
	}
	return t
}

// viewOf is the type that a view might have for a field of a record.
func (s *shapes) viewOf(depth int, t reflect.Type) reflect.Type {
	if s.next(12) == 0 || depth < 0 {
		return shapeTypes[s.next(len(shapeTypes))]
	}
	switch {
	case t == reflect.TypeFor[sealed.Value[string]]():
		return reflect.TypeFor[string]()
	case t == reflect.TypeFor[sealed.Value[time.Time]](), t == reflect.TypeFor[time.Time]():
		return reflect.TypeFor[time.Time]()
	case t.Kind() == reflect.Struct && t.NumField() > 0:
		return s.structOf(depth-1, t)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && s.next(2) == 0:
		return s.viewOf(depth, t.Elem())
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		return reflect.PointerTo(s.viewOf(depth, t.Elem()))
	case (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Struct:
		return reflect.SliceOf(s.viewOf(depth, t.Elem()))
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct:
		return reflect.MapOf(t.Key(), s.viewOf(depth, t.Elem()))
	}
	return t
}

// fillWith puts a text into everything that can hold one.
func (s *shapes) fillWith(v reflect.Value, text string) {
	switch {
	case v.Type() == reflect.TypeFor[sealed.Value[string]]():
		v.Set(reflect.ValueOf(sealed.Of(text)))
		return
	case v.Type() == reflect.TypeFor[sealed.Value[time.Time]](), v.Type() == reflect.TypeFor[time.Time]():
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[any]() {
			v.Set(reflect.ValueOf(text))
		}
	case reflect.Pointer:
		if s.next(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			s.fillWith(v.Elem(), text)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		s.fillWith(v.Index(0), text)
	case reflect.Array:
		s.fillWith(v.Index(0), text)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		s.fillWith(e, text)
		v.SetMapIndex(reflect.ValueOf("key"), e)
	case reflect.Struct:
		for i := range v.NumField() {
			own := text
			if v.Type().Field(i).Tag.Get("personal") == "-" {
				own = "plain" // no guard holds it back
			}
			s.fillWith(v.Field(i), own)
		}
	}
}

type nobody struct{}

func (nobody) StateAt(context.Context, string, time.Time, time.Time) (*basis.State, error) {
	return nil, errors.New("nobody")
}

// FuzzViewBinder binds random views to random records. Nothing panics; every refusal is a binding error; what is filled
// with no field permitted holds nothing personal, and with all of them no more than the record.
func FuzzViewBinder(f *testing.F) {
	for i := range 64 {
		f.Add([]byte(strings.Repeat(string(rune(i*7))+"\x01\x05\x02purpose", i%5+2)))
	}
	f.Add([]byte("\x03\x01\x00\x00\x05\x02\x01\x01\x05\x04\x00\x05\x01\x02\x03\x04\x05"))
	reg := purpose.MustCompile(purpose.Spec{
		Controller: purpose.Controller{Name: "Haus", Country: "DK", Zone: "UTC"},
		Notices:    []purpose.Notice{{Version: "v1", From: "2020-01-01"}},
		Purposes:   []purpose.Purpose{{Key: "rent"}},
		Categories: []purpose.Category{{Key: "contact.name"}, {Key: "contact.mail"}},
		Capacities: []purpose.Capacity{{Key: "tenant"}},
		Events:     []purpose.Event{{Key: "left"}},
		Retention: []retention.Rule{{Key: "kept", Clause: "5", Anchor: retention.Anchor{Kind: retention.OnEvent, Events: []string{"left"}},
			Ceiling: retention.MustPeriod("P1Y")}},
		Activities: []purpose.Activity{{Key: "renting", Purposes: []string{"rent"}, Capacities: []string{"tenant"}, Categories: []string{"contact"},
			Claims: []basis.Claim{{Basis: basis.Contract}}, Retention: []string{"kept"}, Clause: "2"}},
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 512 {
			return
		}
		s := &shapes{data}
		record := s.structOf(3, nil)
		view := s.structOf(3, record)
		g := &Guard{tables: newTables(reg), ledger: nobody{}}
		p, err := g.projection(view, record)
		if err != nil {
			require.True(t, errors.Is(err, ErrBinding), "%v", err)
			return
		}
		require.False(t, p.want.Empty())
		r := reflect.New(record).Elem()
		s.fillWith(r, "CANARY")
		none := reflect.New(view).Elem()
		if err := fill(p.root, none, r, purpose.FieldSet{}, nil); err == nil {
			require.NotContains(t, shown(none), "CANARY", "of %v as %v", record, view)
		}
		all := reflect.New(view).Elem()
		if err := fill(p.root, all, r, p.want, nil); err == nil && strings.Contains(shown(all), "CANARY") {
			d := &Decision{plan: p.plan, permitted: p.want, redacts: p.want, redactions: []Redaction{{Fields: p.want, Mask: Remove}}}
			masked := reflect.New(view).Elem()
			require.NoError(t, fill(p.root, masked, r, p.want, d))
			require.NotContains(t, shown(masked), "CANARY", "masked, of %v as %v", record, view)
		}
	})
}

// shown is all that a value holds, as text.
func shown(v reflect.Value) string {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Sprintf("%+v", v.Interface())
	}
	return string(text) + fmt.Sprintf("%+v", v.Interface())
}
