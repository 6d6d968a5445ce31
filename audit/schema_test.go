package audit_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

func TestSchemaHoldsTheKeysOfTheEventInOrder(t *testing.T) {
	var want []string
	for i := range reflect.TypeFor[audit.Event]().NumField() {
		want = append(want, keyOf(reflect.TypeFor[audit.Event]().Field(i).Name))
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^    "([a-z0-9_.]+)": \{`).FindAllStringSubmatch(propertiesText(), -1) {
		got = append(got, m[1])
	}
	assert.Equal(t, want, got)

	s := readSchema(t)
	assert.Len(t, s.Properties, len(want))
	assert.Equal(t, want[:7], s.Required)
	require.NotNil(t, s.AdditionalProperties)
	assert.False(t, *s.AdditionalProperties)
}

func propertiesText() string {
	_, text, _ := strings.Cut(audit.Schema(), `"properties": {`)
	text, _, _ = strings.Cut(text, "\n  },\n")
	return text
}

func TestSchemaListsTheClosedVocabularies(t *testing.T) {
	s := readSchema(t)
	names := s.Properties["event.name"].Enum
	for _, n := range names {
		e := whole(audit.Name(n))
		assert.NoError(t, e.Validate(), n)
	}
	assert.ElementsMatch(t, names, []string{
		string(audit.AccessRead), string(audit.AccessShare), string(audit.AccessDenied), string(audit.AccessBreakGlass),
		string(audit.ShareDelivered), string(audit.ReleaseAborted), string(audit.RightsAccess), string(audit.RightsRectification),
		string(audit.RightsErasure), string(audit.RightsRestriction), string(audit.RightsNotification), string(audit.RightsPortability),
		string(audit.RightsObjection), string(audit.RightsReview), string(audit.RightsWithdrawal), string(audit.RightsComplaint), string(audit.RetentionErased), string(audit.DataSubjectErased),
		string(audit.PolicyChanged), string(audit.RegisterChanged), string(audit.TrailOpened), string(audit.TrailRead),
		string(audit.TrailHeartbeat), string(audit.TrailRecovered), string(audit.TrailPruned), string(audit.TrailHalted),
		string(audit.TrailSuppressed),
	})
	assert.ElementsMatch(t, s.Properties["outcome"].Enum, []string{
		string(audit.Permitted), string(audit.Partial), string(audit.Denied), string(audit.Aborted), string(audit.Done), string(audit.Failed),
	})
	assert.ElementsMatch(t, s.Properties["mode"].Enum, []string{string(audit.Enforce), string(audit.Observe), string(audit.BreakGlass)})

	for _, bad := range []string{"access.reads", "rights.other", "Access.read", "access", "trail.*", "toString"} {
		e := whole(audit.AccessRead)
		e.Name = audit.Name(bad)
		assert.Error(t, e.Validate(), bad)
	}
}

// The encoder and the schema agree on every string: on those that the schema's pattern makes, and on near misses.
func TestSchemaAndEncoderAgreeOnEveryShape(t *testing.T) {
	s := readSchema(t)
	typ := reflect.TypeFor[audit.Event]()
	for i := range typ.NumField() {
		name, key := typ.Field(i).Name, keyOf(typ.Field(i).Name)
		p := s.Properties[key]
		ref := p.Ref
		if p.Items != nil {
			ref = p.Items.Ref
			assert.Equal(t, 1, p.MinItems, key)
		}
		if ref == "" || key == "prev" || key == "time" {
			continue
		}
		def := s.def(ref)
		require.Equal(t, "string", def.Type, key)
		set := func(e *audit.Event, v string) {
			f := reflect.ValueOf(e).Elem().FieldByName(name)
			if f.Kind() == reflect.Slice {
				f.Set(reflect.ValueOf([]string{v}))
			} else {
				f.SetString(v)
			}
		}
		t.Run(key, func(t *testing.T) {
			var yes, no int
			words := rapid.OneOf(nearly(rapid.StringMatching(def.Pattern)), rapid.Just("§ 1"), rapid.StringMatching(def.Pattern))
			rapid.Check(t, func(t *rapid.T) {
				v := words.Draw(t, "v")
				if v == "" {
					return // not said
				}
				e := placed(whole(audit.TrailOpened))
				set(&e, v)
				_, err := audit.AppendLine(nil, &e)
				assert.Equal(t, def.match(v), err == nil, "%q: %v", v, err)
				if err == nil {
					yes++
				} else {
					no++
				}
			})
			assert.Positive(t, yes)
			assert.Positive(t, no)

			// Nothing is left to chance where every byte is looked up in a table.
			full := placed(read())
			full.RecipientID, full.RecipientKind, full.RecipientCountry = "hausbank", "controller", "DE"
			good := reflect.ValueOf(full).FieldByName(name)
			if good.Kind() == reflect.Slice {
				good = good.Index(0)
			}
			check := func(v string) {
				e := placed(whole(audit.TrailOpened))
				set(&e, v)
				_, err := audit.AppendLine(nil, &e)
				assert.Equal(t, def.match(v), err == nil, "%q: %v", v, err)
			}
			check(strings.Repeat("0", good.Len()))
			for _, at := range []int{0, good.Len() / 2, good.Len() - 1} {
				for c := range 256 {
					v := []byte(good.String())
					v[at] = byte(c)
					check(string(v))
				}
			}
		})
	}
}

// nearly changes about half of the strings a little.
func nearly(gen *rapid.Generator[string]) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := []rune(gen.Draw(t, "s"))
		if len(s) == 0 || rapid.Bool().Draw(t, "as is") {
			return string(s)
		}
		at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
		switch rapid.IntRange(0, 4).Draw(t, "change") {
		case 0:
			s[at] = rapid.SampledFrom([]rune("aZ09.-_:=/+@ [] \"\\\n\x00ø²Ⅷ中\u0301\ufffdILOU")).Draw(t, "rune")
		case 1:
			s = append(s[:at], s[at+1:]...)
		case 2:
			s = append(s, s[at])
		case 3:
			return string(s[:at]) + rapid.StringMatching(`[0-9]{1,10}|\.\.|-`).Draw(t, "in") + string(s[at:])
		case 4:
			return strings.Repeat(string(s), rapid.IntRange(1, 12).Draw(t, "times"))
		}
		return string(s)
	})
}

func TestSchemaAllowsAsManyEntriesAsTheEncoder(t *testing.T) {
	s := readSchema(t)
	for key, with := range map[string]func(*audit.Event, int){
		"principal.roles":   func(e *audit.Event, n int) { e.PrincipalRoles = times("a", n) },
		"data_subject.refs": func(e *audit.Event, n int) { e.DataSubjectRefs = times(alias(audit.DataSubject, 3), n) },
		"data.fields":       func(e *audit.Event, n int) { e.Fields = times("A", n) },
		"data.categories":   func(e *audit.Event, n int) { e.Categories = times("a", n) },
		"basis.rejected":    func(e *audit.Event, n int) { e.BasisRejected = times("a", n) },
		"obligations":       func(e *audit.Event, n int) { e.Obligations = times("a", n) },
	} {
		e := read()
		with(&e, s.Properties[key].MaxItems)
		assert.NoError(t, e.Validate(), key)
		with(&e, s.Properties[key].MaxItems+1)
		assert.Error(t, e.Validate(), key)
	}
}

func times(s string, n int) []string {
	l := make([]string, n)
	for i := range l {
		l[i] = s
	}
	return l
}

func TestSchemaIsJSON(t *testing.T) {
	assert.True(t, json.Valid([]byte(audit.Schema())))
}
