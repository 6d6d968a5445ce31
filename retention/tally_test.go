package retention_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/retention"
)

func planned(t testing.TB, s *retention.Schedule, at time.Time, rows ...retention.Row) *retention.Tally {
	var tally retention.Tally
	for item, err := range s.Plan(t.Context(), rowsOf(rows...), at) {
		require.NoError(t, err)
		tally.Add(&item)
	}
	return &tally
}

func TestDryRunCountsByVerdictRuleAndReason(t *testing.T) {
	s := newSchedule(t, customers())
	at := instant(t, "2025-06-15", copenhagen)
	hold := retention.DayValue(date("2024-01-01"))
	tally := planned(t, s, at, customer(t, "a", "2020-05-31"), customer(t, "b", "2019-05-31"), customer(t, "c", ""),
		customer(t, "d", "2022-03-01"), customer(t, "e", "2020-07-01"), customer(t, "f", "2020-05-31", hold), customer(t, "g", "2020-05-30"))
	assert.EqualValues(t, 7, tally.Rows())
	assert.EqualValues(t, 3, tally.Count(retention.MustErase))
	assert.EqualValues(t, 3, tally.Count(retention.MustKeep))
	assert.Equal(t, "2025-07-02", retention.DateOf(tally.Next(), copenhagen).String(), "the earliest next change")

	var table, sheet bytes.Buffer
	require.NoError(t, tally.WriteTable(&table))
	assert.Equal(t, strings.Join([]string{
		"STATUS      THEN   REASON                    RULE  CLAUSE  ROWS  LAST DAYS KEPT",
		"must-erase  erase  retention.ceiling-passed  aml   -       3     2024-05-31 to 2025-05-31",
		"may-keep    -      retention.not-started     aml   -       1     -",
		"must-keep   -      retention.on-hold         -     -       1     -",
		"must-keep   -      retention.floor-running   aml   -       2     2025-07-01 to 2027-03-01",
		"7 rows; next change 2025-07-02T00:00:00+02:00", ""}, "\n"), table.String())
	require.NoError(t, tally.WriteCSV(&sheet))
	cells, err := csv.NewReader(&sheet).ReadAll()
	require.NoError(t, err)
	require.Len(t, cells, 5)
	assert.Equal(t, []string{"must-erase", "erase", "false", "retention.ceiling-passed", "aml", "dk.hvl", "", "3", "2024-05-31", "2025-05-31"}, cells[1])

	text, err := json.Marshal(tally)
	require.NoError(t, err)
	var back struct {
		Rows  uint64
		Next  time.Time
		Lines []retention.Line
	}
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, tally.Lines(), back.Lines)
	assert.True(t, back.Next.Equal(tally.Next()))
	value, err := json.Marshal(*tally)
	require.NoError(t, err)
	assert.Equal(t, text, value, "as a value too")

	empty := retention.Tally{}
	text, err = json.Marshal(&empty)
	require.NoError(t, err)
	assert.JSONEq(t, `{"rows":0,"lines":[]}`, string(text))
	for _, write := range []error{tally.WriteTable(failingWriter{}), tally.WriteCSV(failingWriter{})} {
		assert.Error(t, write)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

// Names come from files that others write: no cell is a formula, no line steers a terminal.
func TestReportsAreInert(t *testing.T) {
	cases := 0
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", " \n=1", "\r=1",
			"＝1", "|x", "%x", "\x1b[2J", "a\u202eb", "\u200b=1", "x\",=1", "\x00=1"})).Draw(t, "name")
		var tally retention.Tally
		tally.Add(&retention.Item{Key: "k", Because: retention.Cause{Reason: "r", Rule: name, Clause: name, Law: name}})
		var table, sheet bytes.Buffer
		require.NoError(t, tally.WriteTable(&table))
		require.NoError(t, tally.WriteCSV(&sheet))
		cells, err := csv.NewReader(bytes.NewReader(sheet.Bytes())).ReadAll()
		require.NoError(t, err)
		require.Len(t, cells, 2)
		for _, cell := range cells[1] {
			seen := strings.TrimLeftFunc(cell, unicode.IsSpace)
			if seen != "" {
				require.NotContains(t, "=+-@|%＝＋－＠", string([]rune(seen)[:1]))
			}
		}
		if cells[1][4] != name {
			cases++
		}
		for _, r := range table.String() {
			require.True(t, r == '\n' || unicode.IsGraphic(r), "%q", r)
		}
		require.Len(t, strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n"), 3)
	})
	assert.Positive(t, cases, "the control: some names are not inert by themselves")
}

func TestTallyStaysSmall(t *testing.T) {
	s := newSchedule(t, leasing(t))
	at := instant(t, "2019-06-15T12:00:00Z", copenhagen)
	var tally retention.Tally
	for item, err := range s.Plan(t.Context(), lessees(20_000), at) {
		require.NoError(t, err)
		tally.Add(&item)
	}
	assert.EqualValues(t, 20_000, tally.Rows())
	assert.Less(t, len(tally.Lines()), 30)
	var sum uint64
	for _, l := range tally.Lines() {
		sum += l.Rows
	}
	assert.EqualValues(t, 20_000, sum)
	assert.True(t, tally.Next().After(at))
}

// Whatever comes next, an item is counted on the line of its own status, outcome, reason and rule.
func TestTallyCountsEachItemOnItsLine(t *testing.T) {
	type key struct {
		status  retention.Status
		then    retention.Then
		applied bool
		reason  retention.Reason
		rule    string
	}
	g := generatorOf(t, 31)
	var tally retention.Tally
	want, got := map[key]uint64{}, map[key]uint64{}
	for range 20_000 {
		item := retention.Item{Status: retention.Status(g.IntN(4)), Then: retention.Then(g.IntN(3)), Applied: g.one(2)}
		item.Because.Reason = []retention.Reason{retention.CeilingPassed, retention.CeilingRunning, retention.OnHold}[g.IntN(3)]
		item.Because.Rule = []string{"", "a", "b", "aa", "sixteen.letters+", "sixteen.letters-"}[g.IntN(6)]
		tally.Add(&item)
		want[key{item.Status, item.Then, item.Applied, item.Because.Reason, item.Because.Rule}]++
	}
	for _, l := range tally.Lines() {
		got[key{l.Status, l.Then, l.Applied, l.Reason, l.Rule}] += l.Rows
	}
	require.Len(t, want, 4*3*2*3*6)
	require.Equal(t, want, got)
}
