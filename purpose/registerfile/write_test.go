package registerfile_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
	"github.com/purposebound/purposebound/retention"
)

// tricky are texts that YAML, or a careless writer, would make something else of.
var tricky = []string{
	"NO", "no", "yes", "on", "off", "y", "n", "true", "True", "FALSE", "null", "Null", "~", "", " ", "-", "--- a", "...", "?", ":", "#", "a #b", "a: b", "a:", "- a",
	"2.4", "3", "010", "0x1F", "0o7", "1_000", "1e3", ".5", "-0", "+1", "99999999999999999999", ".inf", ".nan", "2024-01-01", "2001-12-14t21:59:43.10-05:00", "12:30:45",
	"<<", "=", "*a", "&a", "!!str x", "!a", "%TAG", "@a", "`a", "{a", "[a]", "a, b", "'", "\"", "\\", "\\n", "it's \"so\"", "|", ">", "a\nb", "a\n", "\na", "  a\n b\n", "a \nb", "a\r\nb", "a\rb", "\t", "a\tb",
	" a", "a ", "\u0085", "a\u2028b", "\u00a0", "\ufeff", "a\ufeffb", "\x00", "\x07", "\x7f", "æøå", "日本", "😀", "\U0010ffff", strings.Repeat("long words ", 40), "P1Y", "{instant: x}",
}

// anything draws a value of a type. Numbers are those with a name.
func anything(t *rapid.T, typ reflect.Type, depth int) reflect.Value {
	v := reflect.New(typ).Elem()
	text := func() string {
		if rapid.IntRange(0, 5).Draw(t, "tame") > 0 {
			return rapid.SampledFrom(tricky).Draw(t, "tricky")
		}
		return rapid.String().Filter(func(s string) bool {
			return !strings.ContainsAny(s, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
		}).Draw(t, "text")
	}
	switch v.Interface().(type) {
	case purpose.Value:
		v.Set(reflect.ValueOf(rapid.OneOf(
			rapid.Just(purpose.True()), rapid.Just(purpose.False()),
			rapid.Map(rapid.Int64(), purpose.IntValue),
			rapid.Map(rapid.SampledFrom(tricky), purpose.TextValue),
			rapid.Map(rapid.SliceOfN(rapid.SampledFrom(tricky), 0, 3), func(s []string) purpose.Value { return purpose.TextsValue(s...) }),
			rapid.Map(rapid.Int64Range(-62135596800, 253402300799), func(s int64) purpose.Value { return purpose.InstantValue(time.Unix(s, s&0xfffffff)) }),
		).Draw(t, "value")))
		return v
	case retention.Period:
		v.Set(reflect.ValueOf(rapid.SampledFrom([]retention.Period{{}, retention.MustPeriod("P0D"), retention.MustPeriod("P1Y6M3D")}).Draw(t, "period")))
		return v
	}
	switch typ.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Int:
		v.SetInt(int64(rapid.Int32().Draw(t, "int")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Uint8:
		for {
			v.SetUint(uint64(rapid.IntRange(0, 8).Draw(t, "number")))
			if v.IsZero() {
				v.SetUint(1)
			}
			if _, err := v.Interface().(encoding.TextMarshaler).MarshalText(); err == nil {
				break
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "there") {
			v.Set(anything(t, typ.Elem(), depth+1).Addr())
		}
	case reflect.Slice:
		if n := rapid.IntRange(0, 2).Draw(t, "length"); n > 0 && depth < 9 {
			v.Set(reflect.MakeSlice(typ, n, n))
			for i := range n {
				v.Index(i).Set(anything(t, typ.Elem(), depth+1))
			}
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			if rapid.IntRange(0, 2).Draw(t, "given") == 0 {
				v.Field(i).Set(anything(t, typ.Field(i).Type, depth+1))
			}
		}
	default:
		t.Fatalf("nothing known about %s", typ)
	}
	return v
}

// What is written reads back as the same, whatever the texts are. The oracle is package json.
func TestWhatIsWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := anything(t, reflect.TypeFor[purpose.Spec](), 0).Interface().(purpose.Spec)
		var file bytes.Buffer
		require.NoError(t, registerfile.Write(&file, spec))
		back, err := registerfile.Parse("r.yaml", file.Bytes())
		require.NoError(t, err, file.String())
		want, err := json.Marshal(spec)
		require.NoError(t, err)
		got, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), file.String())

		var again bytes.Buffer
		require.NoError(t, registerfile.Write(&again, back))
		require.Equal(t, file.String(), again.String(), "the form is canonical")
	})
}

func TestEveryTextReadsBack(t *testing.T) {
	for _, s := range tricky {
		var spec purpose.Spec
		spec.Controller.Name = s
		spec.Controller.Conditions = []purpose.Condition{{Fact: s, Is: []purpose.Value{purpose.TextValue(s), purpose.TextsValue(s, s)}}}
		spec.Purposes = []purpose.Purpose{{Key: s, Title: s}}
		spec.Activities = []purpose.Activity{{Categories: []string{s, "x", s}}}
		var file bytes.Buffer
		require.NoError(t, registerfile.Write(&file, spec))
		back, err := registerfile.Parse("r.yaml", file.Bytes())
		require.NoError(t, err, "%q:\n%s", s, file.String())
		assert.Equal(t, spec, back, file.String())
	}
}

func TestSampleIsCanonicalAndKeepsItsDigest(t *testing.T) {
	sample, err := os.ReadFile("testdata/sample.yaml")
	require.NoError(t, err)
	r, err := registerfile.Read("sample.yaml", bytes.NewReader(sample))
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, registerfile.Write(&file, r.Spec()))
	assert.Equal(t, string(sample), file.String())
	again, err := registerfile.Read("again.yaml", &file)
	require.NoError(t, err)
	assert.Equal(t, r.Digest(), again.Digest())
}

func TestWriteRefusesWhatHasNoForm(t *testing.T) {
	for want, spec := range map[string]purpose.Spec{
		"invalid register: controller: name: text is not UTF-8":                           {Controller: purpose.Controller{Name: "K\xf8"}},
		"invalid register: categories: [1]: class: purpose.Class 99 has no name":          {Categories: []purpose.Category{{Key: "a"}, {Class: 99}}},
		"invalid register: controller: name: text shows in another order than it is read": {Controller: purpose.Controller{Name: "a\u202eb"}},
		"invalid register: controller: conditions: [0]: is: [0]: no written form":         {Controller: purpose.Controller{Conditions: []purpose.Condition{{Is: make([]purpose.Value, 1)}}}},
	} {
		var file bytes.Buffer
		err := registerfile.Write(&file, spec)
		assert.ErrorIs(t, err, purpose.ErrInvalid)
		assert.EqualError(t, err, want)
		assert.Zero(t, file.Len())
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteReportsTheWriter(t *testing.T) {
	assert.ErrorIs(t, registerfile.Write(full{}, purpose.Spec{Controller: purpose.Controller{Name: "x"}}), io.ErrShortWrite)
}
