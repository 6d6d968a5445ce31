package purpose_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

func TestSchemaSaysWhatTagsSay(t *testing.T) {
	r := soundRegister(t)
	p, err := r.BindSchema(purpose.Schema{Name: "lessee_row", Fields: []purpose.SchemaField{
		{Name: "id", Tags: purpose.Tags{DataSubject: "id"}},
		{Name: "name", Tags: purpose.Tags{Personal: "contact.name"}},
		{Name: "cpr", Tags: purpose.Tags{Personal: "national-id.cpr", Purposes: []string{"kyc"}, Bases: []basis.Basis{basis.LegalObligation}, Retention: []string{"aml"}}},
		{Name: "guarantor_no", Tags: purpose.Tags{DataSubject: "guarantor.id", Personal: "contact.email"}},
		{Name: "guarantor", Tags: purpose.Tags{Personal: "contact.name", DataSubject: "guarantor"}},
		{Name: "version", Tags: purpose.Tags{Personal: purpose.NotPersonal}},
	}})
	require.NoError(t, err)
	assert.Equal(t, []string{"name contact.name", "cpr national-id.cpr", "guarantor_no contact.email @guarantor", "guarantor contact.name @guarantor"}, summary(p))
	assert.Nil(t, p.Type)
	assert.Equal(t, "lessee_row", p.Name)

	var tagged struct {
		ID   string `subject:"id"`
		Name string `personal:"contact.name"`
		CPR  string `personal:"national-id.cpr" purpose:"kyc" basis:"legal-obligation" retention:"aml"`
	}
	q, err := r.Bind(reflect.TypeOf(tagged))
	require.NoError(t, err)
	for i := range q.Fields {
		q.Fields[i].Path = p.Fields[i].Path
		assert.Equal(t, q.Fields[i], p.Fields[i])
	}

	for person, want := range []string{"id", "guarantor_no", ""} {
		name, ok := p.IDField(person)
		assert.Equal(t, want, name)
		assert.Equal(t, want != "", ok)
		assert.Equal(t, want != "", p.Identifies(person))
	}
	_, ok := q.IDField(0)
	assert.False(t, ok, "a struct has a path, no column")
}

func TestSchemaRefuses(t *testing.T) {
	r := soundRegister(t)
	one := func(tags purpose.Tags) []purpose.SchemaField { return []purpose.SchemaField{{Name: "f", Tags: tags}} }
	for _, c := range []struct {
		fields []purpose.SchemaField
		want   string
	}{
		{one(purpose.Tags{}), `f: tag offset 0: the data category is missing`},
		{one(purpose.Tags{Purposes: []string{"kyc"}}), `f: tag offset 0: the data category is missing`},
		{one(purpose.Tags{DataSubject: "id", Purposes: []string{"kyc"}}), `f: tag offset 0: purpose, basis and retention narrow a data category`},
		{one(purpose.Tags{DataSubject: "guarantor"}), `f: tag offset 0: the data category is missing`},
		{one(purpose.Tags{DataSubject: "Guarantor", Personal: "contact.name"}), `f: tag offset 0: "Guarantor" names no data subject`},
		{one(purpose.Tags{Personal: purpose.NotPersonal, DataSubject: "id"}), `f: tag offset 0: a field that is not personal takes no other tag`},
		{one(purpose.Tags{Personal: "Contact"}), `f: tag offset 0: "Contact" is no data category`},
		{one(purpose.Tags{Personal: "contact.nam"}), `f: tag offset 0: "contact.nam" is not among the data categories; did you mean "contact.name"?`},
		{one(purpose.Tags{Personal: "contact"}), `f: tag offset 0: "contact" has categories below it`},
		{one(purpose.Tags{Personal: "contact.name", Purposes: []string{"x y"}}), `f: tag offset 0: "x y" is not among the purposes`},
		{one(purpose.Tags{Personal: "contact.name", Purposes: []string{"kyc", "kyc"}}), `f: tag offset 0: "kyc" is listed twice`},
		{one(purpose.Tags{Personal: "contact.name", Retention: []string{"kept"}}), `f: tag offset 0: "kept" is not among the retention rules`},
		{one(purpose.Tags{Personal: "contact.name", Retention: []string{"keep", "keep"}}), `f: tag offset 0: "keep" is listed twice`},
		{one(purpose.Tags{Personal: "contact.name", Bases: []basis.Basis{0}}), `f: tag offset 0: unknown legal basis`},
		{one(purpose.Tags{Personal: "contact.name", Bases: []basis.Basis{9}}), `f: tag offset 0: unknown legal basis`},
		{one(purpose.Tags{Personal: "contact.name", Bases: []basis.Basis{1, 1}}), `f: tag offset 0: "consent" is listed twice`},
		{[]purpose.SchemaField{{Tags: purpose.Tags{Personal: "contact.name"}}}, `[0]: tag offset 0: a field needs a name`},
		{append(one(purpose.Tags{Personal: "contact.name"}), one(purpose.Tags{Personal: "contact.email"})...), `f: tag offset 0: declared twice`},
		{one(purpose.Tags{Personal: "contact.name", DataSubject: "guarantor"}), `f: tag offset 0: nothing identifies "guarantor"`},
	} {
		p, err := r.BindSchema(purpose.Schema{Name: "row", Fields: c.fields})
		require.ErrorIs(t, err, purpose.ErrInvalid)
		assert.Nil(t, p)
		require.Len(t, tagErrors(t, err), 1, "%v", err)
		assert.True(t, strings.HasPrefix(err.Error(), "row."+c.want), "%v: want %s", err, c.want)
	}
	_, err := r.BindSchema(purpose.Schema{Fields: one(purpose.Tags{Personal: "contact.name"})})
	assert.ErrorIs(t, err, purpose.ErrInvalid, "no name")
	_, err = r.BindSchema(purpose.Schema{Name: "row"})
	assert.ErrorIs(t, err, purpose.ErrInvalid, "no fields")
	_, err = (*purpose.Register)(nil).BindSchema(purpose.Schema{Name: "row"})
	assert.ErrorIs(t, err, purpose.ErrInvalid)
}

func TestSchemaHasALimit(t *testing.T) {
	r := soundRegister(t)
	rows := func(n int) purpose.Schema {
		s := purpose.Schema{Name: "row"}
		for i := range n {
			s.Fields = append(s.Fields, purpose.SchemaField{Name: fmt.Sprint("f", i), Tags: purpose.Tags{Personal: "contact.name"}})
		}
		return s
	}
	p, err := r.BindSchema(rows(purpose.MaxFields))
	require.NoError(t, err)
	assert.Len(t, p.Fields, purpose.MaxFields)
	for _, n := range []int{purpose.MaxFields + 1, 100_000} {
		_, err = r.BindSchema(rows(n))
		assert.ErrorIs(t, err, purpose.ErrInvalid)
		assert.ErrorContains(t, err, "more than 256 tagged fields")
	}
}

// identities are "role=id" of the people in a record, and the roles of those that are not in it.
func identities(p *purpose.Plan, record any) (found, absent []string) {
	for i, person := range p.People {
		n := len(found)
		for id := range p.Identities(reflect.ValueOf(record), i) {
			found = append(found, person.Role+"="+id)
		}
		if len(found) == n {
			absent = append(absent, person.Role)
		}
	}
	return found, absent
}

func TestIdentify(t *testing.T) {
	type contract struct {
		ID        int64  `subject:"id"`
		Name      string `personal:"contact.name"`
		Owner     *party `subject:"owner"`
		Household []party
		ByRole    map[string]*party
		Seller    struct {
			No   sealed.Value[string] `subject:"seller.id" personal:"national-id.cpr"`
			Name string               `personal:"contact.name" subject:"seller"`
		}
		Agent struct {
			No uint8 `subject:"id"`
			*Exported
		}
	}
	p, err := bind[contract](t)
	require.NoError(t, err)

	c := contract{ID: -7, Owner: &party{Ref: "o1"}, Household: []party{{Ref: "h1"}, {}, {Ref: "h3"}}, ByRole: map[string]*party{"aunt": {Ref: "a1"}, "nobody": nil}}
	c.Seller.No, c.Agent.No = sealed.Of("s1"), 255
	found, absent := identities(p, &c)
	assert.Equal(t, []string{"=-7", "owner=o1", "Household[]=h1", "Household[]=", "Household[]=h3", "ByRole[]=a1", "seller=s1", "Agent=255"}, found)
	assert.Empty(t, absent)
	found, _ = identities(p, c)
	assert.Contains(t, found, "seller=s1", "a record that cannot be addressed")

	found, absent = identities(p, &contract{})
	assert.Equal(t, []string{"=", "seller=", "Agent="}, found, "there, and not identified")
	assert.Equal(t, []string{"owner", "Household[]", "ByRole[]"}, absent, "not there")

	found, absent = identities(p, (*contract)(nil))
	assert.Empty(t, found)
	assert.Equal(t, []string{"", "owner", "Household[]", "ByRole[]", "seller", "Agent"}, absent)
}

func TestIdentifyStopsWhenAsked(t *testing.T) {
	p, err := bind[many](t)
	require.NoError(t, err)
	record := reflect.ValueOf(many{Household: make([]party, 9), ByName: map[string]*party{"a": {Ref: "1"}, "b": {Ref: "2"}}})
	for i := range p.People {
		n := 0
		for range p.Identities(record, i) {
			n++
			break
		}
		assert.Equal(t, 1, n, p.People[i].Role)
	}
	for range p.Identities(record, 99) {
		t.Fatal("nobody has this number")
	}
}
