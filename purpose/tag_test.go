package purpose_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

func TestTagsThatAreWellFormed(t *testing.T) {
	for _, c := range []struct {
		tag  string
		want purpose.Tags
		ok   bool
	}{
		{``, purpose.Tags{}, false},
		{`json:"name,omitempty"`, purpose.Tags{}, false},
		{`personal:"contact.name"`, purpose.Tags{Personal: "contact.name"}, true},
		{`json:"a" personal:"contact.name" db:"b"`, purpose.Tags{Personal: "contact.name"}, true},
		{`  personal:"a"   purpose:"b"  `, purpose.Tags{Personal: "a", Purposes: []string{"b"}}, true},
		{`personal:"-"`, purpose.Tags{Personal: purpose.NotPersonal}, true},
		{`personal:"national-id.cpr" purpose:"kyc,service.contract" basis:"legal-obligation,gdpr:6-1-a" retention:"aml,keep"`, purpose.Tags{
			Personal: "national-id.cpr", Purposes: []string{"kyc", "service.contract"}, Bases: []basis.Basis{basis.LegalObligation, basis.Consent}, Retention: []string{"aml", "keep"}}, true},
		{`subject:"id"`, purpose.Tags{DataSubject: "id"}, true},
		{`subject:"guarantor.id"`, purpose.Tags{DataSubject: "guarantor.id"}, true},
		{`subject:"guarantor" personal:"contact.name"`, purpose.Tags{Personal: "contact.name", DataSubject: "guarantor"}, true},

		// somebody else's, whatever its form
		{`json`, purpose.Tags{}, false},
		{`json:`, purpose.Tags{}, false},
		{`json:"a`, purpose.Tags{}, false},
		{`json:"a\"b" gorm:"index:,unique"`, purpose.Tags{}, false},
		{"json:\"a\"\nxml:\"b\"", purpose.Tags{}, false},
		{`protobuf:"bytes,1,opt,name=x" bson:",inline"`, purpose.Tags{}, false},
		{`subjects_of_interest:"x" personality:"y" retain:"z"`, purpose.Tags{}, false},
		{`json:"personal"`, purpose.Tags{}, false},
		{`object:"x" base:"y" props:"w"`, purpose.Tags{}, false},
	} {
		got, ok, err := purpose.ParseTags(c.tag)
		require.NoError(t, err, c.tag)
		assert.Equal(t, c.ok, ok, c.tag)
		assert.Equal(t, c.want, got, c.tag)
	}
}

// badTags have the offset of what is wrong in them, marked by a ^ before it.
var badTags = []struct{ tag, reason string }{
	{`^personl:"a"`, `did you mean "personal"?`},
	{`json:"x" ^Personal:"a"`, `did you mean "personal"?`},
	{`^PERSONAL:"a"`, `did you mean "personal"?`},
	{`personal:"a" ^purposes:"b"`, `did you mean "purpose"?`},
	{`personal:"a" ^prupose:"b"`, `did you mean "purpose"?`},
	{`personal:"a" ^bases:"consent"`, `did you mean "basis"?`},
	{`personal:"a" ^rentention:"b"`, `did you mean "retention"?`},
	{`^subjekt:"id"`, `did you mean "subject"?`},
	{`^pеrsonal:"a"`, `did you mean "personal"?`}, // a Cyrillic letter

	{`personal:"a" ^personal:"a"`, `duplicate key "personal"`},
	{`personal:"a" purpose:"b" json:"c" ^purpose:"d"`, `duplicate key "purpose"`},

	{`personal:"^"`, `no data category`},
	{`personal:"^a,b"`, `no data category`},
	{`personal:"^ a"`, `no data category`},
	{`personal:"^Contact"`, `no data category`},
	{`personal:"^a.."`, `no data category`},
	{`personal:"^\u0061"`, `no data category`},
	{`personal:"a" purpose:"^"`, `no purpose`},
	{`personal:"a" purpose:"b,^"`, `no purpose`},
	{`personal:"a" purpose:"b,^,c"`, `no purpose`},
	{`personal:"a" purpose:"b,^ c"`, `no purpose`},
	{`personal:"a" purpose:"b,c,^b"`, `listed twice`},
	{`personal:"a" basis:"^contrakt"`, `no legal basis`},
	{`personal:"a" basis:"^none"`, `no legal basis`},
	{`personal:"a" basis:"consent,^gdpr:6-1-a"`, `listed twice`},
	{`personal:"a" retention:"keep,^Keep"`, `no retention rule`},
	{`personal:"a" retention:"keep,^keep"`, `listed twice`},
	{`subject:"^"`, `names no data subject`},
	{`subject:"^.id"`, `names no data subject`},
	{`subject:"^a b"`, `names no data subject`},

	{`^personal:"-" purpose:"kyc"`, `takes no other tag`},
	{`^personal:"-" subject:"id"`, `takes no other tag`},
	{`^purpose:"kyc"`, `"personal" is missing`},
	{`^subject:"id" basis:"consent"`, `"personal" is missing`},
	{`^retention:"keep"`, `"personal" is missing`},

	{`personal^`, `malformed`},
	{`personal^:a`, `malformed`},
	{`personal^: "a"`, `malformed`},
	{`personal=^"a"`, `malformed`},
	{`personal:^"a`, `does not end`},
	{`personal:^"a\"`, `does not end`},
	{`json:"a",^ personal:"b"`, `malformed`},
	{`personal^:`, `malformed`},
	{`personal:"a"^,purpose:"b"`, `did you mean "purpose"?`},
	{`json^ personal:"b"`, `malformed`},
	{`json:"x` + "\t" + `" ^` + "\t" + `personal:"b"`, `malformed`},
	{`json:"a"` + "^\n" + `personal:"b"`, `malformed`},
	{`json:^"a personl`, `does not end`},
	{`Personal^: "a"`, `malformed`},
	{`persnal^ "a"`, `malformed`},
}

func TestTagsThatAreMalformed(t *testing.T) {
	for _, c := range badTags {
		offset := strings.IndexByte(c.tag, '^')
		require.GreaterOrEqual(t, offset, 0)
		tag := c.tag[:offset] + c.tag[offset+1:]
		tags, ok, err := purpose.ParseTags(tag)
		require.Error(t, err, tag)
		assert.False(t, ok)
		assert.Equal(t, purpose.Tags{}, tags, tag)
		assert.Contains(t, err.Error(), c.reason, tag)
		assert.Equal(t, offset, offsetOf(t, tag), tag)
	}
}

// offsetOf is where a struct with the tag fails to bind.
func offsetOf(t *testing.T, tag string) int {
	t.Helper()
	typ := reflect.StructOf([]reflect.StructField{{Name: "Field", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tag)}})
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	_, err = r.Bind(typ)
	var te *purpose.TagError
	require.ErrorAs(t, err, &te, tag)
	assert.Equal(t, "Field", te.Field)
	assert.True(t, errors.Is(err, purpose.ErrInvalid))
	return te.Offset
}

func FuzzParseTags(f *testing.F) {
	for _, c := range badTags {
		f.Add(strings.Replace(c.tag, "^", "", 1))
	}
	f.Add(`personal:"national-id.cpr" purpose:"kyc,service" basis:"legal-obligation" retention:"aml" subject:"guarantor" json:"x"`)
	keys := []string{"personal", "purpose", "basis", "retention", "subject"}
	f.Fuzz(func(t *testing.T, tag string) {
		tags, ok, err := purpose.ParseTags(tag)
		if err != nil {
			if ok || !reflect.DeepEqual(tags, purpose.Tags{}) {
				t.Fatalf("%q: tags with an error", tag)
			}
			return
		}
		// The oracle is package reflect: what it finds under our keys is never passed over.
		lists := map[string]string{"personal": tags.Personal, "purpose": strings.Join(tags.Purposes, ","), "retention": strings.Join(tags.Retention, ","), "subject": tags.DataSubject}
		found := false
		for _, k := range keys {
			text, has := reflect.StructTag(tag).Lookup(k)
			found = found || has
			if want, plain := lists[k]; plain && has && text != want {
				t.Fatalf("%q: %s is %q, reflect reads %q", tag, k, want, text)
			}
			if k == "basis" && has != (len(tags.Bases) > 0) {
				t.Fatalf("%q: bases %v", tag, tags.Bases)
			}
		}
		if found != ok {
			t.Fatalf("%q: ok is %v, reflect finds a key: %v", tag, ok, found)
		}
		if ok && tags.Personal != "" && tags.Personal != purpose.NotPersonal && !purpose.ValidKey(tags.Personal) {
			t.Fatalf("%q: category %q", tag, tags.Personal)
		}
	})
}
