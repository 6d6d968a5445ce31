package retentionschedule_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/registerfile"
	"github.com/purposebound/purposebound/purpose/retentionschedule"
	"github.com/purposebound/purposebound/retention"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func leasing(t testing.TB) *purpose.Register {
	t.Helper()
	r, err := registerfile.Load(os.DirFS("../../examples/leasing"), "register.yaml")
	require.NoError(t, err)
	return r
}

// digestless replaces the register's digest: the golden files are about its retention.
func digestless(r *purpose.Register, text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(r.Digest()), []byte("DIGEST"))
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	file = "testdata/" + file
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(file, got, 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestTheScheduleOfTheLeasingRegister(t *testing.T) {
	r := leasing(t)
	s := retentionschedule.Of(r)
	for file, write := range map[string]func(*bytes.Buffer) error{
		"leasing.md":  func(b *bytes.Buffer) error { return s.WriteMarkdown(b) },
		"leasing.csv": func(b *bytes.Buffer) error { return s.WriteCSV(b) },
	} {
		var b bytes.Buffer
		require.NoError(t, write(&b))
		golden(t, file, digestless(r, b.Bytes()))
	}
	var one, two bytes.Buffer
	require.NoError(t, s.WriteJSON(&one))
	again := retentionschedule.Of(leasing(t))
	require.NoError(t, again.WriteJSON(&two))
	assert.Equal(t, one.String(), two.String(), "equal registers give equal bytes")
	var read retentionschedule.Schedule
	require.NoError(t, json.Unmarshal(one.Bytes(), &read))
	assert.Equal(t, s, read)
}

// Every category that an activity handles is in the schedule, for each of its purposes.
func TestNothingThatIsKeptIsMissing(t *testing.T) {
	r := leasing(t)
	type pair struct{ activity, category string }
	listed := map[pair]bool{}
	for _, row := range retentionschedule.Of(r).Rows {
		listed[pair{row.Activity, row.Category}] = true
	}
	tree := r.Categories()
	for _, a := range r.Spec().Activities {
		for id := range tree.Below(a.Categories...).All {
			if tree.Leaf(id) {
				assert.True(t, listed[pair{a.Key, tree.Key(id)}], "%s of %s", tree.Key(id), a.Key)
			}
		}
	}
}

func TestTextsOfTheRegisterAreNeitherMarkupNorFormulas(t *testing.T) {
	nasty := "=HYPERLINK(\"x\")|<b>&[a](b)`c`\n# d\u202e"
	s := retentionschedule.Schedule{Controller: nasty, Rows: []retentionschedule.Row{{Category: "a", Note: nasty, Starts: "\t=1", Condition: " \u200b@x"}}}
	var b bytes.Buffer
	require.NoError(t, s.WriteMarkdown(&b))
	assert.NotContains(t, b.String(), "<b>")
	assert.NotContains(t, b.String(), "\u202e")
	assert.NotContains(t, b.String(), "[a](b)")
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if strings.HasPrefix(line, "|") {
			assert.Equal(t, 12, strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"), "every row has the same cells")
		}
	}
	b.Reset()
	require.NoError(t, s.WriteCSV(&b))
	records, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	for _, cell := range records[1] {
		if trimmed := strings.TrimLeft(cell, " \t\u200b"); trimmed != "" {
			assert.NotContains(t, "=+-@", trimmed[:1])
		}
	}
}

func TestATableOfAStoreComesFromTheRegister(t *testing.T) {
	r := leasing(t)
	layout := retention.Layout{Key: "id", Category: "kind"}
	for _, e := range append(r.Spec().Events, purpose.Event{Key: purpose.EventCollected}) {
		layout.Events = append(layout.Events, retention.EventColumn{Event: e.Key, Column: e.Key + "_at"})
	}
	table, err := retentionschedule.Table(r, "customers", layout, "contact", "national-id")
	require.NoError(t, err)
	table = withAnswers(table)
	s, err := retention.NewSchedule(table)
	require.NoError(t, err)
	row := retention.Row{Key: "k", Category: "national-id.cpr", Values: make([]retention.Value, len(table.Layout.Columns()))}
	item, err := s.Decide(row, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	assert.NotEqual(t, retention.MustErase, item.Status, "nothing has happened yet")
	row.Category = "national-id.unknown"
	item, err = s.Decide(row, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	assert.Equal(t, retention.PersonDecides, item.Status)

	for _, bad := range [][]string{{}, {"nothing"}, {"contact", "nothing"}} {
		_, err := retentionschedule.Table(r, "customers", layout, bad...)
		assert.ErrorIs(t, err, retentionschedule.ErrTable)
	}
}

// withAnswers gives the layout columns for whatever else the rules ask about.
func withAnswers(t retention.Table) retention.Table {
	seen := map[string]bool{}
	for _, u := range t.Uses {
		for _, r := range u.Rules {
			q, d, l := r.Criterion.Question, r.Anchor.Date, r.Table
			if q != "" && !seen["q"+q] {
				t.Layout.Answers = append(t.Layout.Answers, retention.AnswerColumns{Question: q, Necessary: q + "_is", At: q + "_at"})
			}
			if d != "" && !seen["d"+d] {
				t.Layout.Days = append(t.Layout.Days, retention.DayColumn{Date: d, Column: d})
			}
			if l != "" && !seen["l"+l] {
				t.Layout.Lengths = append(t.Layout.Lengths, retention.LengthColumn{Table: l, Column: l})
			}
			seen["q"+q], seen["d"+d], seen["l"+l] = true, true, true
		}
	}
	return t
}
