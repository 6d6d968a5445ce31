package retention_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// stored is a scene as a store holds it: a table, and one row.
func (g generator) stored(s *scene) (retention.Table, retention.Row) {
	f := s.facts
	t := retention.Table{Name: "t", Zone: f.Zone, Years: f.Years}
	t.Layout.Key = "id"
	for p, list := range s.purposes {
		t.Uses = append(t.Uses, retention.Use{Purpose: fmt.Sprint("p", p), Rules: rulesOf(list)})
	}
	values := map[string]retention.Value{}
	column := func(v retention.Value) string {
		name := fmt.Sprint("c", len(values))
		values[name] = v
		return name
	}
	never := retention.Value{}
	for _, e := range f.Events {
		t.Layout.Events = append(t.Layout.Events, retention.EventColumn{Event: e.Key, Column: column(retention.InstantValue(e.At))})
	}
	for _, e := range worldEvents { // some that have not happened
		t.Layout.Events = append(t.Layout.Events, retention.EventColumn{Event: e, Column: column(never)})
	}
	for _, use := range t.Uses {
		for _, r := range use.Rules {
			if r.Anchor.Date != "" {
				v := never
				for _, d := range f.Days {
					if d.Key == r.Anchor.Date {
						v = retention.DayValue(d.Day)
					}
				}
				t.Layout.Days = append(t.Layout.Days, retention.DayColumn{Date: r.Anchor.Date, Column: column(v)})
			}
			if r.Table != "" {
				v := never
				for _, l := range f.Lengths {
					if l.Table == r.Table {
						v = retention.PeriodValue(l.Length)
					}
				}
				t.Layout.Lengths = append(t.Layout.Lengths, retention.LengthColumn{Table: r.Table, Column: column(v)})
			}
		}
	}
	for _, a := range f.Answers {
		t.Layout.Answers = append(t.Layout.Answers, retention.AnswerColumns{Question: a.Question,
			Necessary: column(retention.AnswerValue(a.Necessary)), At: column(retention.InstantValue(a.At)), ReviewBy: column(retention.DayValue(a.ReviewBy))})
	}
	t.Layout.Answers = append(t.Layout.Answers, retention.AnswerColumns{Question: "needed", Necessary: column(never), At: column(never)})
	spans := func(list []retention.Span) (out []retention.SpanColumns) {
		for i, span := range list {
			until := never
			if !span.Until.IsZero() {
				until = retention.InstantValue(span.Until)
			}
			list[i].Ref = fmt.Sprint("ref", i)
			out = append(out, retention.SpanColumns{From: column(retention.InstantValue(span.From)), Until: column(until), Ref: column(retention.TextValue(list[i].Ref))})
		}
		return append(out, retention.SpanColumns{From: column(never), Until: column(never)})
	}
	t.Layout.Holds, t.Layout.Restrictions = spans(f.Holds), spans(f.Restrictions)
	row := retention.Row{Key: "k"}
	for _, name := range t.Layout.Columns() {
		row.Values = append(row.Values, values[name])
	}
	return t, row
}

// conflictFree reports whether a table with these rules compiles: generated rules may contradict each other.
func conflictFree(t retention.Table) bool {
	for _, u := range t.Uses {
		if len(retention.Validate(u.Rules, nil)) > 0 {
			return false
		}
		for i, r := range u.Rules {
			for _, other := range u.Rules[:i] {
				if len(retention.Conflicts(other, r)) > 0 {
					return false
				}
			}
		}
	}
	return true
}

// categories makes the uses of a table be for categories, or not, and returns the places of the uses that bear upon each
// datum of the row.
func (g generator) categories(t *retention.Table, row *retention.Row) (data [][]int) {
	named := map[string]bool{}
	if kind := g.IntN(3); kind > 0 {
		for i := range t.Uses {
			t.Uses[i].Category = []string{"", "a", "b"}[g.IntN(3)]
			named[t.Uses[i].Category] = true
		}
		delete(named, "")
		if kind == 2 && len(named) > 0 { // each row holds one
			t.Layout.Category, row.Category = "kind", "a"
			if !named["a"] || named["b"] && g.one(2) {
				row.Category = "b"
			}
			named = map[string]bool{row.Category: true}
		}
	}
	if len(named) == 0 {
		named[""] = true
	}
	for category := range named {
		var datum []int
		for i, u := range t.Uses {
			if u.Category == "" || u.Category == category {
				datum = append(datum, i)
			}
		}
		data = append(data, datum)
	}
	return data
}

func pick[T any](list []T, places []int) (some []T) {
	for _, i := range places {
		some = append(some, list[i])
	}
	return some
}

// The plan is CombineData over Combine over Decide, and agrees with the oracle that walks days. RETENTION_ROWS sets the
// number of rows.
func TestPlanAgreesWithCombineAndTheOracle(t *testing.T) {
	g := generatorOf(t, 11)
	rows, worlds := 100_000, 0
	if testing.Short() {
		rows /= 20
	}
	rows = setting(t, "RETENTION_ROWS", rows)
	seen := map[retention.Status]int{}
	changed, mute, apart := 0, 0, 0
	for done := 0; done < rows; {
		s := g.scene()
		table, row := g.stored(s)
		if !conflictFree(table) {
			continue
		}
		worlds++
		data := g.categories(&table, &row)
		schedule, err := retention.NewSchedule(table)
		require.NoError(t, err)
		for range 50 { // rows of one table: facts of one world at many instants
			at := g.at(s)
			var answers []retention.Answer
			var verdicts []verdict
			for p, list := range s.purposes {
				a, err := retention.Decide(table.Uses[p].Rules, s.facts, at)
				require.NoError(t, err)
				answers, verdicts = append(answers, a), append(verdicts, s.world.decide(list, at))
			}
			var want []retention.Answer
			var oracle []verdict
			var all []int
			for _, datum := range data {
				want = append(want, retention.Combine(pick(answers, datum)...))
				oracle = append(oracle, combine(pick(verdicts, datum)))
				all = append(all, datum...)
			}
			a, walked := retention.CombineData(want...), combineData(oracle)
			then := a.Then
			if a.Status != retention.MustErase {
				then = 0
			}
			expect := retention.Item{Key: "k", Category: row.Category, Status: a.Status, Then: then, Because: a.Because, Term: a.Term,
				NextChange: a.NextChange, IgnoredFuture: a.IgnoredFuture}
			got, err := schedule.Decide(row, at)
			require.NoError(t, err)
			if got != expect || walked.status != got.Status || !walked.end.Equal(got.FirstErasable) {
				require.Fail(t, "disagreement", "oracle %v\nwant %+v\ngot  %+v\nat %v %+v", walked, expect, got, at.UTC(), s.facts)
			}
			if combineData(pick(verdicts, all)).status != got.Status {
				mute++
			}
			if combine(pick(verdicts, all)).status != got.Status {
				apart++
			}
			seen[got.Status]++
			// The control: a plan that loses a column answers otherwise.
			if done%50 == 0 {
				less := row
				less.Values = append([]retention.Value(nil), row.Values...)
				for i := range less.Values {
					less.Values[i] = retention.Value{}
				}
				if other, _ := schedule.Decide(less, at); other != got {
					changed++
				}
			}
			done++
		}
	}
	for _, status := range []retention.Status{retention.PersonDecides, retention.MustErase, retention.MayKeep, retention.MustKeep} {
		assert.Greater(t, seen[status], rows/100, "the rows must reach %v", status)
	}
	assert.Greater(t, changed, worlds/10)
	assert.Greater(t, mute, rows/1_000, "purposes without a rule beside others")
	assert.Positive(t, apart, "data without a rule beside others")
	t.Logf("%d rows of %d tables: %v; a purpose without a rule would have decided %d, one datum for another %d", rows, worlds, seen, mute, apart)
}

func rowsOf(rows ...retention.Row) iter.Seq2[retention.Row, error] {
	return func(yield func(retention.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// customers is a table with a hold, a restriction and a statutory floor.
func customers() retention.Table {
	return retention.Table{
		Name: "customers", Zone: copenhagen,
		Layout: retention.Layout{
			Key:          "id",
			Events:       []retention.EventColumn{{Event: "ended", Column: "ended_at"}},
			Holds:        []retention.SpanColumns{{From: "hold_from", Until: "hold_until", Ref: "hold_ref"}},
			Restrictions: []retention.SpanColumns{{From: "restricted_from"}},
		},
		Uses: []retention.Use{
			{Purpose: "service", Rules: []*retention.Rule{ceilingRule("service", "ended", "P1Y")}},
			{Purpose: "aml", Rules: []*retention.Rule{{Key: "aml", Law: "dk.hvl", Anchor: retention.After("ended"), Floor: period("P5Y"), Ceiling: period("P5Y")}}},
		},
	}
}

func newSchedule(t testing.TB, table retention.Table) *retention.Schedule {
	t.Helper()
	s, err := retention.NewSchedule(table)
	require.NoError(t, err)
	return s
}

func customer(t testing.TB, key, ended string, rest ...retention.Value) retention.Row {
	row := retention.Row{Key: key, Values: make([]retention.Value, 5)}
	if ended != "" {
		row.Values[0] = retention.DayValue(date(ended))
	}
	copy(row.Values[1:], rest)
	return row
}

func TestPlanSaysWhatWhyAndUntilWhen(t *testing.T) {
	s := newSchedule(t, customers())
	at := instant(t, "2025-06-15", copenhagen)
	hold := retention.InstantValue(instant(t, "2024-01-01", copenhagen))
	late := retention.InstantValue(instant(t, "2025-06-01", copenhagen))
	release := retention.InstantValue(instant(t, "2026-01-01", copenhagen))
	for _, c := range []struct {
		name   string
		row    retention.Row
		status retention.Status
		reason retention.Reason
		rule   string
		last   string
		next   string
	}{
		{"still a customer", customer(t, "1", ""), retention.MayKeep, retention.NotStarted, "aml", "", ""},
		{"one purpose ended, the law keeps", customer(t, "1", "2022-03-01"), retention.MustKeep, retention.FloorRunning, "aml", "2027-03-01", "2027-03-02"},
		{"over", customer(t, "1", "2020-05-31"), retention.MustErase, retention.CeilingPassed, "aml", "2025-05-31", ""},
		{"on its last day", customer(t, "1", "2020-06-15"), retention.MustKeep, retention.FloorRunning, "aml", "2025-06-15", "2025-06-16"},
		{"a hold in time", customer(t, "1", "2020-05-31", hold, release, retention.TextValue("H-7")), retention.MustKeep, retention.OnHold, "", "2025-12-31", "2026-01-01"},
		{"a hold without end", customer(t, "1", "2020-05-31", hold), retention.MustKeep, retention.OnHold, "", "", ""},
		{"a hold that came late", customer(t, "1", "2020-05-31", late), retention.PersonDecides, retention.HoldLate, "", "", ""},
		{"restricted in time", customer(t, "1", "2020-05-31", retention.Value{}, retention.Value{}, retention.Value{}, hold), retention.MayKeep, retention.Restricted, "", "", ""},
	} {
		item, err := s.Decide(c.row, at)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.status, item.Status, c.name)
		assert.Equal(t, c.reason, item.Because.Reason, c.name)
		assert.Equal(t, c.rule, item.Because.Rule, c.name)
		assert.Equal(t, c.last, item.LastDay.String(), c.name)
		next := ""
		if !item.NextChange.IsZero() {
			next = retention.DateOf(item.NextChange, copenhagen).String()
		}
		assert.Equal(t, c.next, next, c.name)
	}
}

// A malformed row is for a person, names its column, and does not end the plan.
func TestMalformedRowsEraseNothing(t *testing.T) {
	s := newSchedule(t, customers())
	at := instant(t, "2035-01-01", copenhagen)
	good := customer(t, "1", "2020-05-31")
	with := func(i int, v retention.Value) retention.Row {
		r := customer(t, "1", "2020-05-31")
		r.Values[i] = v
		return r
	}
	day := retention.DayValue(date("2024-01-01"))
	for name, row := range map[string]retention.Row{
		"key":             {Values: good.Values},
		"values":          {Key: "1", Values: good.Values[:4]},
		"ended_at":        with(0, retention.TextValue("2020")),
		"hold_from":       with(2, day), // an end without a start
		"hold_until":      {Key: "1", Values: []retention.Value{{}, day, retention.DayValue(date("2023-01-01")), {}, {}}},
		"hold_ref":        {Key: "1", Values: []retention.Value{{}, day, {}, day, {}}},
		"restricted_from": with(4, retention.InstantValue(time.Time{})),
	} {
		items := 0
		for item, err := range s.Plan(t.Context(), rowsOf(row, good), at) {
			require.NoError(t, err)
			if items++; items == 1 {
				assert.Equal(t, retention.PersonDecides, item.Status, name)
				assert.Equal(t, retention.FactsInvalid, item.Because.Reason, name)
				assert.Equal(t, name, item.Malformed)
			} else {
				assert.True(t, item.Due(), "the control: the row itself is due")
			}
		}
		assert.Equal(t, 2, items)
	}
}

func TestPlanEndsWithTheRowsTheContextOrTheInstant(t *testing.T) {
	s := newSchedule(t, customers())
	at := instant(t, "2025-06-15", copenhagen)
	broken := errors.New("connection lost")
	failing := func(yield func(retention.Row, error) bool) {
		_ = yield(customer(t, "1", ""), nil) && yield(retention.Row{}, broken) && yield(customer(t, "2", ""), nil)
	}
	collect := func(ctx context.Context, rows iter.Seq2[retention.Row, error], at time.Time) (n int, err error) {
		for _, e := range s.Plan(ctx, rows, at) {
			if e != nil {
				err = errors.Join(err, e)
			} else {
				n++
			}
		}
		return n, err
	}
	n, err := collect(t.Context(), failing, at)
	assert.Equal(t, 1, n)
	assert.ErrorIs(t, err, broken)

	ctx, cancel := context.WithCancel(t.Context())
	endless := func(yield func(retention.Row, error) bool) {
		for i := 0; yield(customer(t, "1", ""), nil); i++ {
			if i == 5_000 {
				cancel()
			}
		}
	}
	n, err = collect(ctx, endless, at)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Less(t, n, 10_000)

	n, err = collect(t.Context(), rowsOf(customer(t, "1", "")), time.Time{})
	assert.Zero(t, n)
	assert.ErrorIs(t, err, retention.ErrFacts)

	for range s.Plan(t.Context(), endless, at) {
		break // leaves the rows alone
	}
}

func TestARestrictedRowIsNotDueAgain(t *testing.T) {
	table := customers()
	table.Uses = table.Uses[:1]
	table.Uses[0].Rules[0].Then = retention.Restrict
	_, err := retention.NewSchedule(table)
	require.ErrorContains(t, err, "no column says that the row is restricted")
	table.Layout.Restricted = "stored_since"
	s := newSchedule(t, table)
	at := instant(t, "2025-06-15", copenhagen)
	for _, c := range []struct {
		since retention.Value
		due   bool
	}{{retention.Value{}, true}, {retention.InstantValue(at), false}, {retention.InstantValue(at.Add(1)), true}} {
		row := customer(t, "1", "2020-05-31")
		row.Values = append(row.Values, c.since)
		item, err := s.Decide(row, at)
		require.NoError(t, err)
		assert.Equal(t, retention.MustErase, item.Status)
		assert.Equal(t, c.due, item.Due())
	}
}
