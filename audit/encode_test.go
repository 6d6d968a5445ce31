package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

func TestLineIsThisForm(t *testing.T) {
	e := audit.Event{
		V: 1, Stream: "leasing-1", Seq: 42, Prev: audit.Hash{0xab, 31: 1}, ID: "01JQ8Z6M3T0000000000000002",
		Time: noon.In(time.FixedZone("CET", 3600)), Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce,
		Reason: "basis.consent-withdrawn", DataSubjectRefs: []string{alias(audit.DataSubject, 1)}, Special: true,
		DecisionID: strings.Repeat("0a", 16),
	}
	assert.Equal(t, `{"v":1,"stream":"leasing-1","seq":42,`+
		`"prev":"ab00000000000000000000000000000000000000000000000000000000000001",`+
		`"id":"01JQ8Z6M3T0000000000000002","time":"2026-03-26T12:00:00.123456Z",`+
		`"event.name":"access.denied","outcome":"denied","mode":"enforce","reason":"basis.consent-withdrawn",`+
		`"data_subject.refs":["ds-aaaaaaaaaaaaaaaaaaaaaaaaae"],"data.special":true,`+
		`"decision.id":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"}`, mustLine(t, e))
}

func TestLineIsWhatEncodingJSONWrites(t *testing.T) {
	gen := events(readSchema(t))
	rapid.Check(t, func(t *rapid.T) {
		e := gen.Draw(t, "event")
		line, err := audit.AppendLine([]byte("kept"), &e)
		require.NoError(t, err)
		want, err := json.Marshal(toPlain(&e))
		require.NoError(t, err)
		assert.Equal(t, "kept"+string(want), string(line))
		assert.Less(t, len(want), audit.MaxLine)
	})
}

func TestEveryFieldOfTheEventIsWritten(t *testing.T) {
	v, p := reflect.TypeFor[audit.Event](), reflect.TypeFor[plain]()
	require.Equal(t, p.NumField(), v.NumField())
	full := placed(read())
	full.N, full.Special = 3, true
	full.RecipientID, full.RecipientKind, full.RecipientCountry = "hausbank", "controller", "DE"
	for i := range v.NumField() {
		require.False(t, reflect.ValueOf(full).Field(i).IsZero(), v.Field(i).Name)
		assert.Contains(t, mustLine(t, full), `"`+keyOf(v.Field(i).Name)+`":`)
	}
}

// Each case breaks one field of a good event. The error names its key, and nothing of what the field held.
func TestMalformedFieldIsRefused(t *testing.T) {
	raws := []string{
		"CanaryName", "canary person", "canary@example.com", "+4512345678", "010170-1234", "DK5000400440116243", "4571123412341234",
		"https://canary.example/x?id=1", "192.0.2.17", "7f0c1b52-2d0e-4b43-9a53-0d2c7f6f2f61", "d41d8cd98f00b204e9800998ecf8427e",
		`can"ary`, `can\ary`, "can\nary", "can\x00ary", "canary\xff", "<canary>", "select canary from t", "", " ",
	}
	keep := map[string][]string{ // shapes are no oracle of meaning: these look like what the field holds
		"stream":         {"d41d8cd98f00b204e9800998ecf8427e"},
		"recipient.id":   {"d41d8cd98f00b204e9800998ecf8427e"},
		"basis.ref":      {"CanaryName", "010170-1234", "DK5000400440116243", "4571123412341234", "192.0.2.17", "7f0c1b52-2d0e-4b43-9a53-0d2c7f6f2f61", "d41d8cd98f00b204e9800998ecf8427e"},
		"notice.version": {"CanaryName", "010170-1234", "192.0.2.17"},
		"clause":         {"CanaryName", "192.0.2.17"},
		"data.fields":    {"CanaryName"},
		"decision.id":    {"d41d8cd98f00b204e9800998ecf8427e"},
		"trace_id":       {"d41d8cd98f00b204e9800998ecf8427e"},
	}
	full := placed(read())
	full.RecipientID, full.RecipientKind, full.RecipientCountry = "hausbank", "controller", "DE"
	typ := reflect.TypeFor[audit.Event]()
	refused := 0
	for i := range typ.NumField() {
		key := keyOf(typ.Field(i).Name)
		for _, raw := range raws {
			e := full
			switch f := reflect.ValueOf(&e).Elem().Field(i); {
			case f.Kind() == reflect.String && (raw != "" || key == "stream" || key == "id" || key == "event.name"):
				f.SetString(raw)
			case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String:
				f.Set(reflect.ValueOf([]string{f.Index(0).String(), raw}))
			default:
				continue
			}
			if slices.Contains(keep[key], raw) {
				mustLine(t, e)
				continue
			}
			dst := []byte("kept")
			out, err := audit.AppendLine(dst, &e)
			var fe *audit.FieldError
			if assert.ErrorAs(t, err, &fe, "%s accepts %q", key, raw) {
				assert.Equal(t, key, fe.Key)
				assert.ErrorIs(t, err, audit.ErrInvalid)
				assert.NotContains(t, strings.ToLower(err.Error()), "canary")
			}
			assert.Equal(t, "kept", string(out))
			refused++
		}
	}
	assert.Greater(t, refused, 400)
}

func TestLedgerPartIsChecked(t *testing.T) {
	for _, c := range []struct {
		key    string
		change func(*audit.Event)
	}{
		{"v", func(e *audit.Event) { e.V = 0 }},
		{"v", func(e *audit.Event) { e.V = 2 }},
		{"seq", func(e *audit.Event) { e.Seq = 0 }},
		{"time", func(e *audit.Event) { e.Time = time.Time{} }},
		{"time", func(e *audit.Event) { e.Time = noon.Add(time.Nanosecond) }},
		{"time", func(e *audit.Event) { e.Time = time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC) }},
		{"time", func(e *audit.Event) { e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"id", func(e *audit.Event) { e.ID = "81JQ8Z6M3T0000000000000002" }},
	} {
		e := placed(read())
		c.change(&e)
		_, err := audit.AppendLine(nil, &e)
		var fe *audit.FieldError
		require.ErrorAs(t, err, &fe)
		assert.Equal(t, c.key, fe.Key)
	}
}

func TestSizesAreBounded(t *testing.T) {
	fill := func(max int, entry string) []string { return strings.Fields(strings.Repeat(entry+" ", max)) }
	for _, c := range []struct {
		key  string
		max  int
		set  func(*audit.Event, []string)
		with string
	}{
		{"principal.roles", 32, func(e *audit.Event, l []string) { e.PrincipalRoles = l }, "a"},
		{"data_subject.refs", 64, func(e *audit.Event, l []string) { e.DataSubjectRefs = l }, alias(audit.DataSubject, 9)},
		{"data.fields", 256, func(e *audit.Event, l []string) { e.Fields = l }, "A"},
		{"data.categories", 64, func(e *audit.Event, l []string) { e.Categories = l }, "a"},
		{"basis.rejected", 32, func(e *audit.Event, l []string) { e.BasisRejected = l }, "a"},
		{"obligations", 32, func(e *audit.Event, l []string) { e.Obligations = l }, "a"},
	} {
		e := read()
		c.set(&e, fill(c.max, c.with))
		assert.NoError(t, e.Validate(), c.key)
		c.set(&e, fill(c.max+1, c.with))
		var fe *audit.FieldError
		require.ErrorAs(t, e.Validate(), &fe)
		assert.Equal(t, c.key, fe.Key)
	}

	e := placed(read())
	e.Fields = strings.Fields(strings.Repeat(strings.Repeat("A", 100)+" ", 28))
	spare := audit.MaxLine - 1 - len(mustLine(t, e)) - len(`,""`)
	require.True(t, spare > 0 && spare < 128, "%d", spare)
	e.Fields = append(e.Fields, strings.Repeat("A", spare))
	line := mustLine(t, e)
	assert.Len(t, line, audit.MaxLine-1)
	_, err := audit.ParseLine([]byte(line))
	assert.NoError(t, err)
	e.Fields[0] += "A"
	_, err = audit.AppendLine(nil, &e)
	var fe *audit.FieldError
	require.ErrorAs(t, err, &fe)
	assert.Equal(t, "line", fe.Key)
}

func TestEventsNameWhatTheyCannotDoWithout(t *testing.T) {
	s := readSchema(t)
	tried := 0
	for _, name := range s.Properties["event.name"].Enum {
		e := whole(audit.Name(name))
		require.NoError(t, e.Validate(), name)
		for _, key := range needed(s, name) {
			broken := e
			v := reflect.ValueOf(&broken).Elem()
			for i := range v.NumField() {
				if keyOf(v.Type().Field(i).Name) == key {
					v.Field(i).SetZero()
				}
			}
			var fe *audit.FieldError
			require.ErrorAs(t, broken.Validate(), &fe, "%s without %s", name, key)
			assert.Equal(t, key, fe.Key)
			tried++
		}
	}
	assert.Greater(t, tried, 50)
}

// whole is an event with everything said and nothing contradictory.
func whole(name audit.Name) audit.Event {
	e := read()
	e.Name, e.N, e.RecipientID = name, 3, "hausbank"
	switch name {
	case audit.AccessDenied:
		e.Outcome = audit.Denied
	case audit.AccessBreakGlass:
		e.Mode = audit.BreakGlass
	case audit.ReleaseAborted:
		e.Outcome = audit.Aborted
	}
	return e
}

func needed(s schema, name string) (keys []string) {
	for _, c := range s.AllOf {
		if slices.Contains(c.If.Properties["event.name"].Enum, name) {
			keys = append(keys, c.Then.Required...)
		}
	}
	return keys
}

func TestNameOutcomeAndModeAgree(t *testing.T) {
	type triple struct {
		name    audit.Name
		outcome audit.Outcome
		mode    audit.Mode
	}
	allowed := map[triple]bool{}
	for _, n := range []audit.Name{audit.AccessRead, audit.AccessShare} {
		for _, m := range []audit.Mode{audit.Enforce, audit.Observe} {
			allowed[triple{n, audit.Permitted, m}] = true
			allowed[triple{n, audit.Partial, m}] = true
		}
		allowed[triple{n, audit.Denied, audit.Observe}] = true
	}
	for _, o := range []audit.Outcome{audit.Permitted, audit.Partial, audit.Denied} {
		allowed[triple{audit.AccessBreakGlass, o, audit.BreakGlass}] = true
	}
	for _, m := range []audit.Mode{audit.Enforce, audit.Observe, audit.BreakGlass} {
		allowed[triple{audit.AccessDenied, audit.Denied, m}] = true
		allowed[triple{audit.ReleaseAborted, audit.Aborted, m}] = true
	}
	for _, n := range []audit.Name{audit.AccessRead, audit.AccessShare, audit.AccessBreakGlass, audit.AccessDenied, audit.ReleaseAborted} {
		for _, o := range []audit.Outcome{audit.Permitted, audit.Partial, audit.Denied, audit.Aborted, audit.Done, audit.Failed} {
			for _, m := range []audit.Mode{audit.Enforce, audit.Observe, audit.BreakGlass} {
				e := whole(n)
				e.Outcome, e.Mode = o, m
				assert.Equal(t, allowed[triple{n, o, m}], e.Validate() == nil, "%s %s %s", n, o, m)
			}
		}
	}
}

func TestTheZeroEventIsRefused(t *testing.T) {
	assert.ErrorIs(t, new(audit.Event).Validate(), audit.ErrInvalid)
	e := placed(audit.Event{})
	_, err := audit.AppendLine(nil, &e)
	assert.True(t, errors.Is(err, audit.ErrInvalid))
}

func TestEncodingIntoAWarmBufferDoesNotAllocate(t *testing.T) {
	e := placed(read())
	buf := make([]byte, 0, audit.MaxLine)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := audit.AppendLine(buf, &e); err != nil {
			t.Error(err)
		}
	}))
}

func BenchmarkEncode(b *testing.B) {
	e := placed(read())
	p := toPlain(&e)
	b.Run("AppendLine", func(b *testing.B) {
		buf := make([]byte, 0, audit.MaxLine)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := audit.AppendLine(buf, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encodingJSON", func(b *testing.B) {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		b.ReportAllocs()
		for b.Loop() {
			buf.Reset()
			if err := enc.Encode(p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	line := []byte(mustLine(b, placed(read())))
	b.Run("ParseLine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := audit.ParseLine(line); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encodingJSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var p plain
			if err := json.Unmarshal(line, &p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
