package purpose_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

func soundRegister(t testing.TB) *purpose.Register {
	t.Helper()
	r, err := purpose.Compile(sound())
	require.NoError(t, err)
	return r
}

// bind makes the plan of T.
func bind[T any](t *testing.T) (*purpose.Plan, error) {
	t.Helper()
	return soundRegister(t).Bind(reflect.TypeFor[T]())
}

// summary is "path category @person" for every field of a plan.
func summary(p *purpose.Plan) (lines []string) {
	for _, f := range p.Fields {
		line := f.Path + " " + p.Register.Categories().Key(f.Category)
		if role := p.People[f.Person].Role; role != "" {
			line += " @" + role
		}
		lines = append(lines, line)
	}
	return lines
}

type (
	plain struct {
		ID     string               `subject:"id"`
		Name   sealed.Value[string] `personal:"contact.name" json:"name"`
		CPR    sealed.Value[string] `personal:"national-id.cpr" purpose:"kyc" basis:"legal-obligation,consent" retention:"aml"`
		Income int64                `personal:"finance.income"`
		Note   string               `personal:"-"`
		Loose  string
		time   time.Time
	}
	address struct {
		Street string `personal:"contact.email"`
		Lines  int
	}
	nested struct {
		ID     int `subject:"id"`
		Home   address
		Summer *address
		Past   []address
		Last   [2]**address
		ByYear map[int]*[]address
		When   time.Time
		Any    any
		Fn     func(address) address
		Ch     chan address
	}
	base struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name"`
	}
	Exported struct {
		Mail string `personal:"contact.email"`
	}
	embedding struct {
		base
		*Exported
		Income int `personal:"finance.income"`
	}
	pair[A, B any] struct {
		First  A
		Second B
	}
	generic struct {
		ID string `subject:"id"`
		pair[address, []address]
		Other pair[int, sealed.Value[string]] `personal:"-"`
	}
	node struct {
		Name  string `personal:"contact.name"`
		Next  *node
		Peers []node
		Map   map[string]node
	}
	party struct {
		Ref  string `subject:"id"`
		Name string `personal:"contact.name"`
		Home address
	}
	many struct {
		ID        string `subject:"id"`
		Name      string `personal:"contact.name"`
		Partner   party
		Household []party
		ByName    map[string]*party
	}
	roles struct {
		ID          string `subject:"id"`
		Name        string `personal:"contact.name"`
		GuarantorID string `subject:"guarantor.id"`
		Guarantor   string `personal:"contact.name" subject:"guarantor"`
		Owner       party  `subject:"owner"`
		Referee     struct {
			Key  string `subject:"keeper.id"`
			Mail string `personal:"contact.email" subject:"keeper"`
			Name string `personal:"contact.name"`
		} `subject:"referee"`
		RefereeID int64 `subject:"referee.id"`
	}
	embeddedOwner struct {
		ID    string `subject:"id"`
		Inner struct {
			Mail string `personal:"contact.email"`
			base
		}
	}
	deepID struct {
		ID sealed.Value[string] `subject:"id" personal:"national-id.cpr"`
	}
)

func TestBindFindsEveryTaggedField(t *testing.T) {
	for _, c := range []struct {
		bind func(*testing.T) (*purpose.Plan, error)
		want []string
	}{
		{bind[plain], []string{"Name contact.name", "CPR national-id.cpr", "Income finance.income"}},
		{bind[*plain], []string{"Name contact.name", "CPR national-id.cpr", "Income finance.income"}},
		{bind[nested], []string{"Home.Street contact.email", "Summer.Street contact.email", "Past[].Street contact.email", "Last[].Street contact.email", "ByYear[].Street contact.email"}},
		{bind[embedding], []string{"Name contact.name", "Mail contact.email", "Income finance.income"}},
		{bind[pair[address, party]], []string{"First.Street contact.email", "Second.Name contact.name @Second", "Second.Home.Street contact.email @Second"}},
		{bind[node], []string{"Name contact.name"}},
		{bind[many], []string{"Name contact.name", "Partner.Name contact.name @Partner", "Partner.Home.Street contact.email @Partner",
			"Household[].Name contact.name @Household[]", "Household[].Home.Street contact.email @Household[]", "ByName[].Name contact.name @ByName[]", "ByName[].Home.Street contact.email @ByName[]"}},
		{bind[roles], []string{"Name contact.name", "Guarantor contact.name @guarantor", "Owner.Name contact.name @owner", "Owner.Home.Street contact.email @owner",
			"Referee.Mail contact.email @referee.keeper", "Referee.Name contact.name @referee"}},
		{bind[embeddedOwner], []string{"Inner.Mail contact.email @Inner", "Inner.Name contact.name @Inner"}},
		{bind[deepID], []string{"ID national-id.cpr"}},
	} {
		p, err := c.bind(t)
		require.NoError(t, err)
		assert.Equal(t, c.want, summary(p), p.Name)
		for i, f := range p.Fields {
			j, ok := p.Index(f.Path)
			assert.True(t, ok && i == j)
		}
		_, ok := p.Index("No.Such")
		assert.False(t, ok)
		again, err := c.bind(t)
		require.NoError(t, err)
		assert.Equal(t, summary(p), summary(again))
	}
}

func TestTagsNarrowTheField(t *testing.T) {
	p, err := bind[plain](t)
	require.NoError(t, err)
	assert.Equal(t, "purpose_test.plain", p.Name)
	assert.Equal(t, reflect.TypeFor[plain](), p.Type)
	name, cpr := p.Fields[0], p.Fields[1]
	assert.Nil(t, name.Purposes)
	assert.Equal(t, purpose.Confidential, name.Class)
	assert.Equal(t, purpose.NationalID, cpr.Class)
	for b := basis.Consent; b <= basis.LegitimateInterests; b++ {
		assert.True(t, name.AllowsBasis(b))
		assert.Equal(t, b == basis.LegalObligation || b == basis.Consent, cpr.AllowsBasis(b), b)
	}
	tree := p.Register.Purposes()
	kyc, _ := tree.ID("kyc")
	other, _ := tree.ID("statistics")
	assert.True(t, cpr.Purposes.Has(kyc))
	assert.False(t, cpr.Purposes.Has(other))
	assert.Equal(t, []string{"aml"}, cpr.Rules)
}

type (
	badCategory struct {
		A string `personal:"contact.nam" purpose:"kyc"`
		B string `personal:"contact"`
		C string `personal:"contact.name" purpose:"kyc,newsleter" retention:"keep,fresh,kept"`
		D string `json:"d" personal:"contact.name" basis:"consents"`
	}
	hiddenTag struct {
		name string `personal:"contact.name"`
	}
	hiddenStruct struct{ inner address }
	hiddenDeep   struct{ inner map[string][]*address }
	hiddenSealed struct{ v sealed.Value[int] }
	hiddenSlice  struct{ names }
	names        []address
	untagged     struct{ Name sealed.Value[string] }
	untaggedIn   struct {
		Names map[string][]*sealed.Value[string]
	}
	minusSealed struct {
		V sealed.Value[string] `personal:"-"`
	}
	minusHolding struct {
		A address `personal:"-"`
	}
	tagOverTag struct {
		A []address `personal:"contact.name"`
	}
	tagOverSealedTag struct {
		A sealed.Value[address] `personal:"contact.name"`
	}
	mapKey struct {
		A map[address]int
		B string `personal:"contact.name"`
	}
	idType struct {
		A float64           `subject:"id"`
		B *string           `subject:"owner.id"`
		C sealed.Value[int] `subject:"keeper.id"`
	}
	idTwice struct {
		A string `subject:"id"`
		B string `subject:"id"`
		C string `personal:"contact.name"`
	}
	nobody struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name" subject:"guarantor"`
	}
	emptyRole struct {
		Name string `personal:"contact.name"`
		X    int    `subject:"guarantor"`
	}
	twins struct {
		base
		Named
	}
	Named struct {
		Name string `personal:"contact.name"`
	}
	nothing   struct{ A, B string }
	wideHalf  struct{ A, B, C, D, E, F, G, H address }
	wideWhole struct{ A, B, C, D, E, F, G, H wideHalf }
	wide      struct{ A, B, C, D, E wideWhole }
	loop      []loop
	loopKey   map[string]loopKey
	pointer   *pointer
	loops     struct {
		A loop
		B loopKey
		C pointer
		D string `personal:"contact.name"`
	}
)

func TestBindRefuses(t *testing.T) {
	for _, c := range []struct {
		bind func(*testing.T) (*purpose.Plan, error)
		want []string // "field offset reason"
	}{
		{bind[badCategory], []string{
			`A 10 "contact.nam" is not among the data categories; did you mean "contact.name"?`,
			`B 10 "contact" has categories below it`,
			`C 37 "newsleter" is not among the purposes; did you mean "newsletter"?`,
			`C 70 "kept" is not among the retention rules; did you mean "keep"?`,
			`D 40 "consents" is no legal basis`}},
		{bind[hiddenTag], []string{`name 0 a tagged field must be exported`}},
		{bind[hiddenStruct], []string{`inner 0 personal data inside an unexported field`}},
		{bind[hiddenDeep], []string{`inner 0 personal data inside an unexported field`}},
		{bind[hiddenSealed], []string{`v 0 personal data inside an unexported field`}},
		{bind[hiddenSlice], []string{`names 0 personal data inside an unexported field`}},
		{bind[untagged], []string{`Name 0 a sealed value without the tag "personal"`}},
		{bind[untaggedIn], []string{`Names[] 0 a sealed value without the tag "personal"`}},
		{bind[minusSealed], []string{`V 10 what holds personal data cannot be tagged "-"`}},
		{bind[minusHolding], []string{`A 10 what holds personal data cannot be tagged "-"`}},
		{bind[generic], []string{`Other 10 what holds personal data cannot be tagged "-"`}},
		{bind[tagOverTag], []string{`A 10 a tagged field cannot hold tagged fields`}},
		{bind[tagOverSealedTag], []string{`A 10 a tagged field cannot hold tagged fields`}},
		{bind[mapKey], []string{`A 0 personal data in the keys of a map`}},
		{bind[idType], []string{`A 9 an id is a string or an integer, not float64`, `B 9 an id is a string or an integer, not *string`, `C 9 an id is a string or an integer, not sealed.Value[int]`}},
		{bind[idTwice], []string{`B 9 "id" is identified twice`}},
		{bind[nobody], []string{`Name 0 nothing identifies "guarantor"`}},
		{bind[emptyRole], []string{`X 9 names a person, and holds nothing personal`}},
		{bind[twins], []string{`Name 0 two embedded fields have this name`}},
	} {
		p, err := c.bind(t)
		require.ErrorIs(t, err, purpose.ErrInvalid)
		assert.Nil(t, p)
		found := tagErrors(t, err)
		require.Len(t, found, len(c.want), "%v", err)
		for i, e := range found {
			assert.True(t, strings.HasPrefix(fmt.Sprintf("%s %d %s", e.Field, e.Offset, e.Reason), c.want[i]), "%s: want %s", e, c.want[i])
			assert.True(t, strings.HasPrefix(e.Type, "purpose_test."))
			assert.Contains(t, err.Error(), fmt.Sprintf("%s.%s: tag offset %d: ", e.Type, e.Field, e.Offset))
		}
	}
}

// tagErrors are the errors that were joined; each is a TagError.
func tagErrors(t *testing.T, err error) (found []*purpose.TagError) {
	t.Helper()
	var joined interface{ Unwrap() []error }
	require.True(t, errors.As(err, &joined))
	for _, e := range joined.Unwrap() {
		var te *purpose.TagError
		require.ErrorAs(t, e, &te)
		require.ErrorIs(t, e, purpose.ErrInvalid)
		found = append(found, te)
	}
	return found
}

func TestBindRefusesWhatIsNoRecord(t *testing.T) {
	r := soundRegister(t)
	for _, typ := range []reflect.Type{nil, reflect.TypeFor[string](), reflect.TypeFor[[]plain](), reflect.TypeFor[map[string]plain](), reflect.TypeFor[any](),
		reflect.TypeFor[nothing](), reflect.TypeFor[sealed.Value[plain]](), reflect.TypeFor[pointer](), reflect.TypeFor[wide](), reflect.TypeFor[time.Time]()} {
		p, err := r.Bind(typ)
		assert.ErrorIs(t, err, purpose.ErrInvalid, "%v", typ)
		assert.Nil(t, p)
	}
	var none *purpose.Register
	_, err := none.Bind(reflect.TypeFor[plain]())
	assert.ErrorIs(t, err, purpose.ErrInvalid)
	_, err = r.Bind(reflect.TypeFor[wide]())
	assert.ErrorContains(t, err, "more than 256 tagged fields")
}

// Types without end come to one.
func TestBindEndsOnEveryType(t *testing.T) {
	p, err := bind[loops](t)
	require.NoError(t, err)
	assert.Equal(t, []string{"D contact.name"}, summary(p))

	deep := reflect.TypeFor[address]()
	for range 40 {
		deep = reflect.StructOf([]reflect.StructField{{Name: "In", Type: deep}})
	}
	_, err = soundRegister(t).Bind(deep)
	assert.ErrorContains(t, err, "nested more than 32 deep")
}

func TestSameTypeTwiceIsTwoFields(t *testing.T) {
	p, err := bind[struct {
		ID   string `subject:"id"`
		A, B address
	}](t)
	require.NoError(t, err)
	assert.Equal(t, []string{"A.Street contact.email", "B.Street contact.email"}, summary(p))
	assert.Len(t, p.People, 1)
}
