package purpose_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
)

var noon = time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)

func TestValues(t *testing.T) {
	for _, c := range []struct {
		value  purpose.Value
		typ    purpose.Type
		json   string
		truthy bool
	}{
		{purpose.True(), purpose.Bool, `true`, true},
		{purpose.BoolValue(true), purpose.Bool, `true`, true},
		{purpose.False(), purpose.Bool, `false`, false},
		{purpose.BoolValue(false), purpose.Bool, `false`, false},
		{purpose.TextValue("NO"), purpose.Text, `"NO"`, true},
		{purpose.TextValue(""), purpose.Text, `""`, false},
		{purpose.IntValue(-9007199254740993), purpose.Int, `-9007199254740993`, true},
		{purpose.IntValue(0), purpose.Int, `0`, false},
		{purpose.InstantValue(noon.In(time.FixedZone("x", -7200))), purpose.Instant, `{"instant":"2024-05-06T12:00:00Z"}`, true},
		{purpose.TextsValue("a", "b"), purpose.TextList, `["a","b"]`, true},
		{purpose.TextsValue(), purpose.TextList, `[]`, false},
	} {
		assert.Equal(t, c.typ, c.value.Type())
		assert.Equal(t, c.truthy, c.value.Truthy(), c.json)
		text, err := json.Marshal(c.value)
		require.NoError(t, err)
		assert.Equal(t, c.json, string(text))
		var back purpose.Value
		require.NoError(t, json.Unmarshal(text, &back))
		assert.True(t, c.value.Equal(back), c.json)
	}
	var none purpose.Value
	assert.False(t, none.Truthy())
	assert.False(t, none.Equal(none), "nothing equals nothing")
	_, err := json.Marshal(none)
	assert.Error(t, err)
	assert.False(t, purpose.True().Equal(purpose.IntValue(1)), "a number is no truth")
	assert.False(t, purpose.TextsValue("a", "b").Equal(purpose.TextsValue("b", "a")))
	assert.False(t, purpose.TextValue("a").Equal(purpose.TextsValue("a")))
}

func TestValueReadsItsOwnTypeAlone(t *testing.T) {
	v := purpose.IntValue(1)
	assert.False(t, v.Bool())
	assert.Empty(t, v.Text())
	assert.EqualValues(t, 1, v.Int())
	assert.Zero(t, purpose.True().Int())
	assert.True(t, purpose.True().Bool())
	assert.Equal(t, "x", purpose.TextValue("x").Text())
	assert.Equal(t, noon, purpose.InstantValue(noon).Instant())
	assert.Equal(t, []string{"a"}, purpose.TextsValue("a").Texts())
	list := []string{"a"}
	copied := purpose.TextsValue(list...)
	list[0] = "b"
	assert.Equal(t, []string{"a"}, copied.Texts())
}

func TestNoValueIsReadFromAnythingElse(t *testing.T) {
	for _, text := range []string{`null`, `1.5`, `1e3`, `9223372036854775808`, `{}`, `{"instant":null}`, `{"instant":"2024-05-06"}`, `[1]`, `["a",1]`, `[["a"]]`} {
		var v purpose.Value
		assert.Error(t, json.Unmarshal([]byte(text), &v), text)
		assert.Zero(t, v.Type(), text)
	}
}

func TestConditions(t *testing.T) {
	facts := purpose.Facts{purpose.Named("yes", purpose.True()), purpose.Named("no", purpose.False()), purpose.Named("region", purpose.TextValue("north"))}
	for _, c := range []struct {
		condition     purpose.Condition
		holds, stated bool
		text          string
	}{
		{purpose.Condition{Fact: "yes"}, true, true, "yes"},
		{purpose.Condition{Fact: "no"}, false, true, "no"},
		{purpose.Condition{Fact: "other"}, false, false, "other"},
		{purpose.Condition{Fact: "region"}, true, true, "region"},
		{purpose.Condition{Fact: "no", Is: []purpose.Value{purpose.False()}}, true, true, "no is one of [false]"},
		{purpose.Condition{Fact: "region", Is: []purpose.Value{purpose.TextValue("south"), purpose.TextValue("north")}}, true, true, `region is one of ["south","north"]`},
		{purpose.Condition{Fact: "region", Is: []purpose.Value{purpose.TextValue("south")}}, false, true, `region is one of ["south"]`},
		{purpose.Condition{Fact: "region", Is: []purpose.Value{{}}}, false, true, "region is ?"},
		{purpose.Condition{}, false, false, ""},
	} {
		holds, stated := c.condition.Holds(facts)
		assert.Equal(t, c.holds, holds, c.text)
		assert.Equal(t, c.stated, stated, c.text)
		assert.Equal(t, c.text, c.condition.String())
	}
	holds, stated := (&purpose.Condition{Fact: "yes"}).Holds(nil)
	assert.False(t, holds || stated)
}

// checkNames reads every value of an enumeration back from its name, and refuses the rest.
func checkNames[E interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P interface {
	*E
	encoding.TextUnmarshaler
}](t *testing.T, count int) {
	seen := map[string]bool{}
	for i := range 256 {
		e := E(i)
		text, err := e.MarshalText()
		if i >= count {
			assert.Error(t, err)
			assert.Empty(t, e.String())
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, e.String(), string(text))
		assert.False(t, seen[string(text)], "%q names two values", text)
		seen[string(text)] = true
		back := E(200)
		require.NoError(t, P(&back).UnmarshalText(text))
		assert.Equal(t, e, back)
	}
	for _, bad := range []string{"x", "Special", " ", "none", "\xff"} {
		e := E(200)
		err := P(&e).UnmarshalText([]byte(bad))
		require.Error(t, err, bad)
		assert.Equal(t, E(200), e)
		assert.Contains(t, err.Error(), "known:")
	}
}

func TestEnumerationsHaveNames(t *testing.T) {
	checkNames[purpose.Class](t, int(purpose.Anonymous)+1)
	checkNames[purpose.Action](t, int(purpose.Decide)+1)
	checkNames[purpose.Type](t, int(purpose.TextList)+1)
	checkNames[purpose.RecipientKind](t, int(purpose.Group)+1)
	checkNames[purpose.Mechanism](t, int(purpose.Derogation)+1)
	checkNames[purpose.Area](t, int(purpose.EU)+1)
	checkNames[purpose.Role](t, int(purpose.AsProcessor)+1)
	checkNames[purpose.Automation](t, int(purpose.ByPerson)+1)
}
