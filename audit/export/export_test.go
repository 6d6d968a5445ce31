package export_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/export"
)

// line is what an event's canonical form says: the oracle of every mapping.
func line(t testing.TB, e audit.Event) map[string]any {
	text, err := audit.AppendLine(nil, &e)
	require.NoError(t, err)
	return object(t, text)
}

func object(t testing.TB, text []byte) (m map[string]any) {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&m), string(text))
	return m
}

// variants are a full event of each name, and a bare one.
func variants(t testing.TB) (out []audit.Event) {
	for _, n := range names {
		out = append(out, bare(t, n))
	}
	return append(out, full(t))
}

// said is the attributes as JSON would have them.
func said(as []export.Attribute) map[string]any {
	m := map[string]any{}
	for _, a := range as {
		key := strings.TrimPrefix(a.Key, export.Prefix)
		switch a.Kind {
		case export.Text:
			m[key] = a.Text
		case export.Number:
			m[key] = json.Number(fmt.Sprint(a.Number))
		case export.Flag:
			m[key] = true
		case export.List:
			var l []any
			for _, s := range a.List {
				l = append(l, s)
			}
			m[key] = l
		}
	}
	return m
}

func TestAttributesSayWhatTheLineSays(t *testing.T) {
	for _, e := range variants(t) {
		as, err := export.Attributes(&e)
		require.NoError(t, err)
		assert.Equal(t, line(t, e), said(as), e.Name)
	}
}

func TestAttributesAreDotted(t *testing.T) {
	e := full(t)
	as, err := export.Attributes(&e)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, a := range as {
		assert.Regexp(t, `^purposebound(\.[a-z_]+)+$`, a.Key)
		assert.False(t, seen[a.Key])
		seen[a.Key] = true
	}
	assert.Len(t, seen, reflect.TypeFor[audit.Event]().NumField())
}

func TestCloudEventHoldsTheLine(t *testing.T) {
	for _, e := range variants(t) {
		text, err := export.CloudEvent(&e)
		require.NoError(t, err)
		got := object(t, text)
		assert.Equal(t, map[string]any{
			"specversion": "1.0", "id": e.ID, "source": e.Stream, "type": "purposebound." + string(e.Name),
			"time": e.Time.Format("2006-01-02T15:04:05.000000Z"), "sequence": fmt.Sprintf("%020d", e.Seq),
			"datacontenttype": "application/json", "data": line(t, e),
		}, got)
		exact, err := audit.AppendLine(nil, &e)
		require.NoError(t, err)
		assert.Contains(t, string(text), string(exact), "byte for byte, so that a receiver can hash it")
		for key := range got {
			assert.Regexp(t, `^[a-z0-9]+$`, key, "CloudEvents 1.0, naming of attributes")
		}
	}
}

// TestWhatATrailRefusesIsNotExported: a value that slipped into an event goes nowhere.
func TestWhatATrailRefusesIsNotExported(t *testing.T) {
	const canary = "Jane Doe <jane@example.com>"
	v := reflect.TypeFor[audit.Event]()
	for i := range v.NumField() {
		e := full(t)
		switch f := reflect.ValueOf(&e).Elem().Field(i); f.Kind() {
		case reflect.String:
			f.SetString(canary)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{canary}))
		default:
			continue
		}
		_, err := export.Attributes(&e)
		refused(t, err, canary)
		text, err := export.CloudEvent(&e)
		refused(t, err, canary)
		assert.Empty(t, text)
		text, err = export.OCSF(&e)
		refused(t, err, canary)
		assert.Empty(t, text)
	}
}

func refused(t *testing.T, err error, canary string) {
	t.Helper()
	require.ErrorIs(t, err, audit.ErrInvalid)
	assert.NotContains(t, err.Error(), canary)
}

func TestSeverity(t *testing.T) {
	for want, list := range map[int][]audit.Event{
		9:  {{Name: audit.AccessRead, Outcome: audit.Permitted}, {Name: audit.TrailHeartbeat}},
		13: {{Name: audit.AccessDenied, Outcome: audit.Denied}, {Name: audit.ReleaseAborted, Outcome: audit.Aborted}, {Name: audit.TrailSuppressed}},
		17: {{Name: audit.AccessBreakGlass, Outcome: audit.Permitted}, {Name: audit.TrailHalted}, {Name: audit.ShareDelivered, Outcome: audit.Failed}},
	} {
		for _, e := range list {
			assert.Equal(t, want, export.Severity(&e), e.Name)
		}
	}
}

// TestTimeIsCutToMilliseconds as OCSF has it, before the whole of it.
func TestTimeIsCutToMilliseconds(t *testing.T) {
	e := full(t)
	e.Time = time.Date(1970, 1, 1, 0, 0, 0, 1999000, time.UTC)
	text, err := export.OCSF(&e)
	require.NoError(t, err)
	got := object(t, text)
	assert.Equal(t, json.Number("1"), got["time"])
	assert.Equal(t, "1970-01-01T00:00:00.001999Z", got["metadata"].(map[string]any)["original_time"])
}
