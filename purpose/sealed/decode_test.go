package sealed_test

import (
	"database/sql/driver"
	"encoding/json"
	"encoding/xml"
	"errors"
	"math/big"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/purposebound/purposebound/purpose/sealed"
)

// hostile tells what it read, or panics with it, wherever it is asked.
type hostile struct{ text string }

var errTells = errors.New("cannot read " + canaryText)

func (*hostile) UnmarshalJSON([]byte) error     { return errTells }
func (*hostile) UnmarshalText([]byte) error     { panic(errTells) }
func (*hostile) Scan(any) error                 { panic(canaryText) }
func (hostile) Value() (driver.Value, error)    { return nil, errTells }
func (hostile) Equal(hostile) bool              { panic(canaryText) }
func (*hostile) UnmarshalYAML(*yaml.Node) error { return errTells }

// money is a T with a database form of its own.
type money struct{ cents int64 }

func (m money) Value() (driver.Value, error) { return strconv.FormatInt(m.cents, 10) + " ct", nil }

func (m *money) Scan(src any) (err error) {
	s, ok := src.(string)
	if b, isBytes := src.([]byte); isBytes {
		s, ok = string(b), true
	}
	if !ok || len(s) < 4 {
		return errors.New("no money")
	}
	m.cents, err = strconv.ParseInt(s[:len(s)-3], 10, 64)
	return err
}

type document struct {
	Name  sealed.Value[string]     `json:"name" yaml:"name"`
	Pay   sealed.Value[int64]      `json:"pay" yaml:"pay"`
	Born  sealed.Value[time.Time]  `json:"born" yaml:"born"`
	Tags  sealed.Value[[]string]   `json:"tags" yaml:"tags"`
	Who   sealed.Value[person]     `json:"who" yaml:"who"`
	Host  sealed.Value[netip.Addr] `json:"host" yaml:"host"`
	Null  sealed.Value[string]     `json:"null" yaml:"null"`
	Never sealed.Value[string]     `json:"never" yaml:"never"`
}

func TestDocumentsAreSealedAsTheyAreDecoded(t *testing.T) {
	const inJSON = `{"name":"Hedda","pay":4200,"born":"1990-02-03T04:05:06Z","tags":["a","b"],"who":{"Name":"Jon","Pay":3},"host":"10.0.0.1","null":null}`
	const inYAML = "name: Hedda\npay: 4200\nborn: 1990-02-03T04:05:06Z\ntags: [a, b]\nwho: {name: Jon, pay: 3}\nhost: 10.0.0.1\nnull: null\n"
	var fromJSON, fromYAML document
	require.NoError(t, json.Unmarshal([]byte(inJSON), &fromJSON))
	require.NoError(t, yaml.Unmarshal([]byte(inYAML), &fromYAML))
	for _, d := range []document{fromJSON, fromYAML} {
		assert.Equal(t, "Hedda", opened(t, d.Name))
		assert.Equal(t, int64(4200), opened(t, d.Pay))
		assert.Equal(t, time.Date(1990, 2, 3, 4, 5, 6, 0, time.UTC), opened(t, d.Born))
		assert.Equal(t, []string{"a", "b"}, opened(t, d.Tags))
		assert.Equal(t, person{Name: "Jon", Pay: 3}, opened(t, d.Who))
		assert.Equal(t, netip.MustParseAddr("10.0.0.1"), opened(t, d.Host))
		assert.False(t, d.Null.IsSet())
		assert.False(t, d.Never.IsSet())
	}
}

func TestTextIsSealedAsItIsDecoded(t *testing.T) {
	var doc struct {
		Name sealed.Value[string]     `xml:"name"`
		Pay  sealed.Value[int64]      `xml:"pay,attr"`
		Host sealed.Value[netip.Addr] `xml:"host"`
		None sealed.Value[string]     `xml:"none"`
	}
	require.NoError(t, xml.Unmarshal([]byte(`<doc pay="4200"><name>Hedda</name><host>10.0.0.1</host></doc>`), &doc))
	assert.Equal(t, "Hedda", opened(t, doc.Name))
	assert.Equal(t, int64(4200), opened(t, doc.Pay))
	assert.Equal(t, netip.MustParseAddr("10.0.0.1"), opened(t, doc.Host))
	assert.False(t, doc.None.IsSet())

	var number sealed.Value[big.Int]
	require.NoError(t, number.UnmarshalText([]byte("170141183460469231731687303715884105728")))
	n := opened(t, number)
	assert.Equal(t, "170141183460469231731687303715884105728", n.String())
	var empty sealed.Value[string]
	require.NoError(t, empty.UnmarshalText(nil))
	assert.True(t, empty.IsSet())
}

// fails runs one failing decode into a set Value[T], and returns the error after checking that v is unset by it.
func fails[T any](t *testing.T, decode func(v *sealed.Value[T]) error) error {
	t.Helper()
	var zero T
	v := sealed.Of(zero)
	err := decode(&v)
	require.ErrorIs(t, err, sealed.ErrConvert)
	assert.False(t, v.IsSet(), "a failed decode unsets")
	return err
}

func fromJSON[T any](s string) func(v *sealed.Value[T]) error {
	return func(v *sealed.Value[T]) error { return json.Unmarshal([]byte(s), v) }
}

func fromText[T any](s string) func(v *sealed.Value[T]) error {
	return func(v *sealed.Value[T]) error { return v.UnmarshalText([]byte(s)) }
}

func fromYAML[T any](s string) func(v *sealed.Value[T]) error {
	return func(v *sealed.Value[T]) error { return yaml.Unmarshal([]byte(s), v) }
}

func fromDatabase[T any](src any) func(v *sealed.Value[T]) error {
	return func(v *sealed.Value[T]) error { return v.Scan(src) }
}

func TestConversionErrorsNameTypesAlone(t *testing.T) {
	quoted, number := strconv.Quote(canaryText), strconv.FormatInt(canaryInt, 10)
	for _, tc := range []struct {
		err  error
		want string
	}{
		{fails(t, fromJSON[int64](quoted)), "JSON to int64 at offset 16"},
		{fails(t, fromJSON[int32](number)), "JSON to int32 at offset 19"},
		{fails(t, fromJSON[string](number)), "JSON to string at offset 19"},
		{fails(t, fromJSON[time.Time](quoted)), "JSON to time.Time"},
		{fails(t, fromJSON[person](`{"Name":"x","Pay":`+quoted+`}`)), "JSON to sealed_test.person at offset 34"},
		{fails(t, fromJSON[[]byte](`"`+canaryText+`!"`)), "JSON to []uint8"},
		{fails(t, fromJSON[hostile](quoted)), "JSON to sealed_test.hostile"},
		{fails(t, func(v *sealed.Value[int]) error { return v.UnmarshalJSON([]byte(canaryText)) }), "JSON to int at offset 1"},
		{fails(t, fromText[int64](canaryText)), "string to int64"},
		{fails(t, fromText[netip.Addr](canaryText)), "text to netip.Addr"},
		{fails(t, fromText[hostile](canaryText)), "text to sealed_test.hostile"},
		{fails(t, fromText[person](canaryText)), "string to sealed_test.person"},
		{fails(t, fromYAML[int64](canaryText)), "YAML to int64"},
		{fails(t, fromYAML[time.Time](canaryText)), "YAML to time.Time"},
		{fails(t, fromYAML[[]int]("["+canaryText+"]")), "YAML to []int"},
		{fails(t, fromYAML[hostile](canaryText)), "YAML to sealed_test.hostile"},
		{fails(t, fromDatabase[int64](canaryText)), "string to int64"},
		{fails(t, fromDatabase[int32](canaryInt)), "int64 to int32"},
		{fails(t, fromDatabase[float64]([]byte(canaryText))), "[]uint8 to float64"},
		{fails(t, fromDatabase[bool](canaryText)), "string to bool"},
		{fails(t, fromDatabase[time.Time](canaryText)), "string to time.Time"},
		{fails(t, fromDatabase[money](canaryText)), "string to sealed_test.money"},
		{fails(t, fromDatabase[hostile](canaryText)), "string to sealed_test.hostile"},
		{fails(t, fromDatabase[person](canaryText)), "string to sealed_test.person"},
	} {
		assert.EqualError(t, tc.err, "sealed: no conversion: "+tc.want)
		assert.Empty(t, spelled(tc.err.Error(), append(textSpellings(canaryText), intSpellings(canaryInt)...)))
	}
}

// The negative control: the same sources into the same types, without the seal, quote the value.
func TestUnsealedConversionErrorsQuoteTheValue(t *testing.T) {
	for name, err := range map[string]error{
		"json number": json.Unmarshal([]byte(strconv.FormatInt(canaryInt, 10)), new(int32)),
		"json time":   json.Unmarshal([]byte(strconv.Quote(canaryText)), new(time.Time)),
		"yaml":        yaml.Unmarshal([]byte(canaryText), new(int64)),
		"text":        new(netip.Addr).UnmarshalText([]byte(canaryText)),
		"hostile":     json.Unmarshal([]byte(`"x"`), new(hostile)),
	} {
		require.Error(t, err, name)
		assert.NotEmpty(t, spelled(err.Error(), append(textSpellings(canaryText), intSpellings(canaryInt)...)), name)
	}
}

// The error of a whole document keeps the sealed field's silence.
func TestADocumentErrorDoesNotQuoteASealedField(t *testing.T) {
	quoted := strconv.Quote(canaryText)
	for name, err := range map[string]error{
		"json": json.Unmarshal([]byte(`{"name":"x","pay":`+quoted+`}`), new(document)),
		"yaml": yaml.Unmarshal([]byte("name: x\npay: "+quoted), new(document)),
		"xml": xml.Unmarshal([]byte("<doc><pay>"+canaryText+"</pay></doc>"), new(struct {
			Pay sealed.Value[int64] `xml:"pay"`
		})),
	} {
		require.ErrorIs(t, err, sealed.ErrConvert, name)
		assert.Empty(t, spelled(err.Error(), textSpellings(canaryText)), name)
	}
}
