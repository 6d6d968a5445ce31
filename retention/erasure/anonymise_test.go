package erasure_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

func statistics(w *world, n int) {
	for i := range n {
		key := fmt.Sprintf("cust-%04d", i)
		w.store.add(key, "statistics", "2020-01-31")
		w.store.fields[key] = []erasure.Field{
			{Name: "name", Category: "contact.name", Value: fmt.Sprintf("Ada Lovelace %d", i)},
			{Name: "cpr", Category: "national-id.cpr", Value: fmt.Sprintf("0101%02d-12%02d", i, i)},
			{Name: "year", Category: "contract", Value: "2020"},
			{Name: "region", Category: "contract", Value: "Fyn"},
		}
	}
}

func field(name, value string) erasure.Field { return erasure.Field{Name: name, Value: value} }

func valueOf(r erasure.Record, name string) string {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Anonymising is a checked transformation: a pseudonym, whatever it is made of, is refused and the row stays.
func TestPseudonymsAreNoAnonymisation(t *testing.T) {
	good := []erasure.Field{field("year", "2020"), field("region", "Fyn")}
	keyed := func(s string) string {
		m := hmac.New(sha256.New, secret)
		m.Write([]byte(s))
		return hex.EncodeToString(m.Sum(nil))
	}
	n := 0
	region := func(value func(erasure.Record) string) func(erasure.Record) ([]erasure.Field, error) {
		return func(r erasure.Record) ([]erasure.Field, error) {
			return []erasure.Field{field("year", "2020"), field("region", value(r))}, nil
		}
	}
	for name, c := range map[string]struct {
		anon func(erasure.Record) ([]erasure.Field, error)
		why  retention.Reason // empty: passes
	}{
		"good":            {func(erasure.Record) ([]erasure.Field, error) { return good, nil }, ""},
		"nothing remains": {func(erasure.Record) ([]erasure.Field, error) { return nil, nil }, ""},
		"as it was":       {func(r erasure.Record) ([]erasure.Field, error) { return r.Fields, nil }, erasure.FieldRemains},
		"a field more":    {func(erasure.Record) ([]erasure.Field, error) { return append(good, field("note", "")), nil }, erasure.FieldRemains},
		"a field twice":   {func(erasure.Record) ([]erasure.Field, error) { return append(good, field("year", "2021")), nil }, erasure.FieldRemains},
		"a category": {func(erasure.Record) ([]erasure.Field, error) {
			return []erasure.Field{{Name: "year", Category: "contact.name"}}, nil
		}, erasure.CategoryRemains},
		"the key":          {region(func(r erasure.Record) string { return "x " + r.Key }), erasure.IdentifierInside},
		"the name":         {region(func(r erasure.Record) string { return valueOf(r, "name") }), erasure.IdentifierInside},
		"the name, spaced": {region(func(r erasure.Record) string { return "ADA-LOVELACE " + valueOf(r, "name")[13:] }), erasure.IdentifierInside},
		"number, reshaped": {region(func(r erasure.Record) string { c := valueOf(r, "cpr"); return c[:6] + " " + c[7:] }), erasure.IdentifierInside},
		"a digest": {region(func(r erasure.Record) string {
			s := sha256.Sum256([]byte(valueOf(r, "cpr")))
			return hex.EncodeToString(s[:])
		}), erasure.IdentifierInside},
		"a digest, cut": {region(func(r erasure.Record) string { s := md5.Sum([]byte(r.Key)); return hex.EncodeToString(s[:6]) }), erasure.IdentifierInside},
		"a digest, base64": {region(func(r erasure.Record) string {
			s := sha256.Sum256([]byte(r.Key))
			return base64.URLEncoding.EncodeToString(s[:])
		}), ""},
		"encoded":           {region(func(r erasure.Record) string { return base64.StdEncoding.EncodeToString([]byte(r.Key)) }), erasure.IdentifierInside},
		"a keyed pseudonym": {region(func(r erasure.Record) string { return keyed(r.Key) }), erasure.SinglesOut},
		"a running number":  {region(func(erasure.Record) string { n++; return fmt.Sprint(n) }), erasure.SinglesOut},
		"too few alike":     {region(func(r erasure.Record) string { return "r" + r.Key[len(r.Key)-1:] }), erasure.SinglesOut},
		"fails":             {func(erasure.Record) ([]erasure.Field, error) { return nil, errors.New("no") }, erasure.NotAnonymiser},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			statistics(w, 10)
			w.store.anon = c.anon
			report, err := w.execute()
			require.NoError(t, err)
			if name == "a digest, base64" { // in another alphabet; it still singles everybody out
				c.why = report.Refused[0].Reason
				require.Contains(t, []retention.Reason{erasure.SinglesOut, erasure.IdentifierInside}, c.why)
			}
			if c.why == "" {
				assert.EqualValues(t, 10, report.Done.Rows())
				assert.Empty(t, report.Refused)
				assert.Empty(t, w.store.rows)
				assert.Len(t, w.store.remains, 10)
				assert.Equal(t, "anonymise", w.events()[0].Action)
				return
			}
			assert.Equal(t, []erasure.Count{{Reason: c.why, Rows: 10}}, report.Refused)
			assert.Zero(t, report.Done.Rows())
			assert.Len(t, w.store.rows, 10, "they stay as they are")
			assert.Empty(t, w.events())
			assert.Zero(t, w.open())
		})
	}
}

// Groups smaller than the threshold stay, larger ones go, in the same order.
func TestSmallGroupsStay(t *testing.T) {
	w := newWorld(t)
	statistics(w, 10)
	w.store.anon = func(r erasure.Record) ([]erasure.Field, error) {
		if r.Key < "cust-0004" {
			return []erasure.Field{field("region", "Anholt")}, nil
		}
		return []erasure.Field{field("region", "Fyn")}, nil
	}
	report, err := w.execute()
	require.NoError(t, err)
	assert.EqualValues(t, 6, report.Done.Rows())
	assert.Equal(t, []erasure.Count{{Reason: erasure.SinglesOut, Rows: 4}}, report.Refused)
	assert.True(t, w.store.has("cust-0003"))

	w.options.Anonymity.Group = 4
	report, err = w.execute()
	require.NoError(t, err)
	assert.EqualValues(t, 4, report.Done.Rows())
}

func TestRecordsPrintNoValue(t *testing.T) {
	r := erasure.Record{Key: "k-0101901234", Fields: []erasure.Field{{Name: "cpr", Value: "0101901234"}}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		task, intent := erasure.Task{Key: r.Key, Remains: r.Fields}, erasure.Intent{Batch: "1", Keys: []string{r.Key}}
		for _, text := range []string{fmt.Sprintf(verb, task), fmt.Sprintf(verb, []any{&task, intent, &intent, erasure.Order{}}), fmt.Sprintf(verb, r), fmt.Sprintf(verb, r.Fields), fmt.Sprintf(verb, &r), fmt.Sprintf(verb, retention.TextValue("0101901234"))} {
			assert.NotContains(t, text, "0101901234", verb)
			assert.NotContains(t, text, hex.EncodeToString([]byte("0101901234")), verb)
		}
	}
	_, err := json.Marshal(r)
	assert.Error(t, err)
}
