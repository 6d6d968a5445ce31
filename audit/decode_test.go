package audit_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

func TestRoundTripIsExact(t *testing.T) {
	gen := events(readSchema(t))
	rapid.Check(t, func(t *rapid.T) {
		e := gen.Draw(t, "event")
		line, err := audit.AppendLine(nil, &e)
		require.NoError(t, err)
		back, err := audit.ParseLine(line)
		require.NoError(t, err)
		assert.Equal(t, e, back)
		again, err := audit.AppendLine(nil, &back)
		require.NoError(t, err)
		assert.Equal(t, string(line), string(again))
	})
}

func TestParsingKeepsNothingOfTheLine(t *testing.T) {
	line := []byte(mustLine(t, placed(read())))
	e, err := audit.ParseLine(line)
	require.NoError(t, err)
	clear(line)
	assert.Equal(t, placed(read()), e)
}

// Each case changes one good line; the offset says where it went wrong.
func TestOnlyTheCanonicalFormIsALine(t *testing.T) {
	good := mustLine(t, placed(read()))
	at := func(s string) int {
		i := strings.Index(good, s)
		require.GreaterOrEqual(t, i, 0, s)
		return i
	}
	for _, c := range []struct {
		name, old, new string
		offset         int
		key            string
	}{
		{"unknown key", `,"purpose.id":`, `,"purpose.ids":`, at(`,"purpose.id"`), ""},
		{"unknown key at the end", `"}`, `","x":"y"}`, len(good) - 1, ""},
		{"twice", `,"action":"read"`, `,"action":"read","action":"read"`, at(`,"reason"`), ""},
		{"order", `,"action":"read","reason":"basis.held"`, `,"reason":"basis.held","action":"read"`, at(`,"action"`) + len(`,"reason":"basis.held"`), ""},
		{"ledger order", `"stream":"leasing-1","seq":2`, `"seq":2,"stream":"leasing-1"`, at(`"stream"`), "stream"},
		{"missing name", `,"event.name":"access.read"`, ``, -1, "event.name"},
		{"missing purpose", `,"purpose.id":"fx.contract_service"`, ``, -1, "purpose.id"},
		{"missing seq", `,"seq":2`, ``, at(`,"seq"`), "seq"},
		{"version", `{"v":1,`, `{"v":2,`, 0, "v"},
		{"space", `"seq":2`, `"seq": 2`, at(`"seq":2`) + 6, "seq"},
		{"leading zero", `"seq":2`, `"seq":02`, at(`"seq":2`) + 6, "seq"},
		{"sign", `"seq":2`, `"seq":+2`, at(`"seq":2`) + 6, "seq"},
		{"zero", `"seq":2`, `"seq":0`, at(`"seq":2`) + 6, "seq"},
		{"fraction", `"seq":2`, `"seq":2.0`, at(`"seq":2`) + 7, "prev"},
		{"too large", `"seq":2`, `"seq":18446744073709551616`, at(`"seq":2`) + 6, "seq"},
		{"escape", `"action":"read"`, `"action":"\u0072ead"`, at(`"action"`) + 10, "action"},
		{"upper-case hash", `"prev":"a1`, `"prev":"A1`, at(`"prev"`) + 8, "prev"},
		{"lower-case ULID", `"id":"01JQ`, `"id":"01jq`, at(`"id":"01JQ`) + 6, "id"},
		{"no such day", `2026-03-26T`, `2026-02-30T`, at(`2026-03-26T`), "time"},
		{"leap second", `T12:00:00.`, `T12:00:60.`, at(`2026-03-26T`), "time"},
		{"hour 24", `T12:00:00.`, `T24:00:00.`, at(`2026-03-26T`), "time"},
		{"before 1970", `2026-03-26T`, `1969-12-31T`, at(`2026-03-26T`), "time"},
		{"milliseconds", `.123456Z`, `.123Z`, at(`2026-03-26T`), "time"},
		{"zone", `.123456Z`, `.123456+00:00`, at(`2026-03-26T`), "time"},
		{"empty string", `"action":"read"`, `"action":""`, at(`"action"`) + 10, "action"},
		{"null", `"action":"read"`, `"action":null`, at(`"action"`) + 9, "action"},
		{"empty list", `["billing"]`, `[]`, at(`["billing"]`) + 1, "principal.roles"},
		{"list for a string", `"action":"read"`, `"action":["read"]`, at(`"action"`) + 9, "action"},
		{"string for a list", `["billing"]`, `"billing"`, at(`["billing"]`), "principal.roles"},
		{"comma at the end", `["billing"]`, `["billing",]`, at(`["billing"]`) + 11, "principal.roles"},
		{"false", `,"purpose.id"`, `,"data.special":false,"purpose.id"`, at(`,"purpose.id"`) + 16, "data.special"},
		{"no count", `,"principal.ref"`, `,"n":0,"principal.ref"`, at(`,"principal.ref"`) + 5, "n"},
		{"too many entries", `["billing"]`, `["a"` + strings.Repeat(`,"a"`, 32) + `]`, at(`["billing"]`) + 1 + 32*4, "principal.roles"},
		{"denied read", `"outcome":"permitted"`, `"outcome":"denied"`, -1, "outcome"},
		{"newline", `"}`, "\"}\n", len(good), ""},
		{"second object", `"}`, `"}{}`, len(good), ""},
		{"cut", `"}`, `"`, len(good) - 1, ""},
		{"nothing", good, "", 0, "v"},
		{"too long", good, strings.Repeat("x", audit.MaxLine), audit.MaxLine - 1, ""},
		{"byte order mark", `{"v"`, "\ufeff{\"v\"", 0, "v"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := strings.LastIndex(good, c.old)
			require.GreaterOrEqual(t, i, 0)
			_, err := audit.ParseLine([]byte(good[:i] + c.new + good[i+len(c.old):]))
			var le *audit.LineError
			require.ErrorAs(t, err, &le)
			assert.ErrorIs(t, err, audit.ErrInvalid)
			assert.Equal(t, c.key, le.Key, "%v", err)
			if c.offset >= 0 {
				assert.Equal(t, c.offset, le.Offset, "%v", err)
			}
		})
	}
}

func TestErrorsOfTheDecoderHoldNothingOfTheLine(t *testing.T) {
	good := mustLine(t, placed(read()))
	for i := 0; i <= len(good); i++ {
		for _, cut := range []string{good[:i] + "Canary" + good[i:], good[:i] + `,"canary":"Canary"` + good[i:], good[:i] + "Canary"} {
			if _, err := audit.ParseLine([]byte(cut)); err != nil {
				assert.NotContains(t, strings.ToLower(err.Error()), "canary")
			}
		}
	}
}

// Whatever parses is canonical: there are no two lines for one event.
func FuzzParseLine(f *testing.F) {
	f.Add([]byte(mustLine(f, placed(read()))))
	f.Add([]byte(mustLine(f, placed(whole(audit.AccessShare)))))
	f.Add([]byte(mustLine(f, placed(whole(audit.TrailSuppressed)))))
	f.Add([]byte(`{"v":1,"stream":"a","seq":1,"prev":"`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := audit.ParseLine(line)
		if err != nil {
			var le *audit.LineError
			if !errors.As(err, &le) || le.Offset < 0 || le.Offset > len(line) {
				t.Fatalf("offset of %v is not in the line", err)
			}
			return
		}
		again, err := audit.AppendLine(nil, &e)
		if err != nil || !bytes.Equal(line, again) {
			t.Fatalf("%q became %q, %v", line, again, err)
		}
	})
}
