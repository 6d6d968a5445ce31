package retention_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// What cannot be scheduled is refused all at once, and names its place.
func TestScheduleRefusesWhatItCannotHold(t *testing.T) {
	good := newSchedule(t, customers())
	assert.Len(t, good.Rules(), 2)
	assert.Equal(t, "customers", good.Table().Name)
	rule := func(change func(*retention.Rule)) func(*retention.Table) {
		return func(t *retention.Table) { change(t.Uses[0].Rules[0]) }
	}
	for want, change := range map[string]func(*retention.Table){
		"no name":                       func(t *retention.Table) { t.Name = "" },
		"zone is missing":               func(t *retention.Table) { t.Zone = time.Local },
		"no uses":                       func(t *retention.Table) { t.Uses = nil },
		"uses[1] has no rules":          func(t *retention.Table) { t.Uses[1].Rules = nil },
		"key: no column":                func(t *retention.Table) { t.Layout.Key = " " },
		`events: "ended" has no column`: func(t *retention.Table) { t.Layout.Events[0].Column = "" },
		"events: an entry has no key":   func(t *retention.Table) { t.Layout.Events[0].Event = "" },
		`days: "d" repeats`:             func(t *retention.Table) { t.Layout.Days = []retention.DayColumn{{"d", "a"}, {"d", "b"}} },
		`lengths: "l" repeats`:          func(t *retention.Table) { t.Layout.Lengths = []retention.LengthColumn{{"l", "a"}, {"l", "b"}} },
		`answers: "q" has no column`: func(t *retention.Table) {
			t.Layout.Answers = []retention.AnswerColumns{{Question: "q", Necessary: "n"}}
		},
		`holds: "from" has no column`:             func(t *retention.Table) { t.Layout.Holds[0].From = "" },
		`restrictions: "from" has no column`:      func(t *retention.Table) { t.Layout.Restrictions[0].From = "" },
		`no column holds the event "moved"`:       rule(func(r *retention.Rule) { r.Anchor = retention.After("moved") }),
		`no column holds the event "paid"`:        rule(func(r *retention.Rule) { r.When.NotHappened = []string{"paid"} }),
		`no column holds the event "back"`:        rule(func(r *retention.Rule) { r.Anchor.Kind, r.Anchor.Reopened = retention.OnCaseEnd, []string{"back"} }),
		`no column holds the day "limit"`:         rule(func(r *retention.Rule) { r.Anchor = retention.Anchor{Kind: retention.OnGivenDate, Date: "limit"} }),
		`no column holds the length of "cookies"`: rule(func(r *retention.Rule) { r.Ceiling, r.Table = retention.Period{}, "cookies" }),
		`no columns hold the answers to "needed"`: rule(func(r *retention.Rule) {
			*r = retention.Rule{Key: "c", Clause: "1", Criterion: retention.Criterion{Question: "needed", Review: period("P1Y")}}
		}),
		"ceiling: period-missing":                   rule(func(r *retention.Rule) { r.Ceiling = retention.Period{} }),
		`uses[1]: two rules have the key "service"`: func(t *retention.Table) { t.Uses[1].Rules[0].Key = "service" },
		`floor: floor-above-ceiling (service)`:      func(t *retention.Table) { t.Uses[0].Rules = append(t.Uses[0].Rules, t.Uses[1].Rules[0]) },
		"no column says that the row is restricted": rule(func(r *retention.Rule) { r.Then = retention.Restrict }),
		`retention rule "": key: key-missing`:       func(t *retention.Table) { t.Uses[0].Rules = append(t.Uses[0].Rules, nil) },
	} {
		table := customers()
		change(&table)
		_, err := retention.NewSchedule(table)
		if assert.ErrorIs(t, err, retention.ErrSchedule, want) {
			assert.ErrorContains(t, err, want)
		}
	}
	_, err := retention.NewSchedule(retention.Table{})
	for _, part := range []string{"no name", "zone", "no uses", "key"} {
		assert.ErrorContains(t, err, part, "all at once")
	}
}

// Rules that a table was compiled from may change afterwards; the schedule does not.
func TestScheduleKeepsItsOwnRules(t *testing.T) {
	table := customers()
	s := newSchedule(t, table)
	at := instant(t, "2025-06-15", copenhagen)
	before, err := s.Decide(customer(t, "1", "2020-05-31"), at)
	require.NoError(t, err)
	for _, u := range table.Uses {
		u.Rules[0].Ceiling, u.Rules[0].Floor = period("P100Y"), retention.Period{}
	}
	after, err := s.Decide(customer(t, "1", "2020-05-31"), at)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	assert.True(t, after.Due())
}

// Where rows differ, each has the rules of its category; an unknown category is for a person.
func TestRowsHaveTheRulesOfTheirCategory(t *testing.T) {
	table := customers()
	short, long, all := ceilingRule("short", "ended", "P1Y"), ceilingRule("long", "ended", "P10Y"), ceilingRule("all", "ended", "P2Y")
	table.Layout.Category = "kind"
	table.Uses = []retention.Use{{Category: "note", Rules: []*retention.Rule{short}}, {Category: "deed", Rules: []*retention.Rule{long}}, {Rules: []*retention.Rule{all}}}
	at := instant(t, "2025-06-15", copenhagen)
	status := func(s *retention.Schedule, category, ended string) string {
		row := customer(t, "1", ended)
		row.Category = category
		item, err := s.Decide(row, at)
		require.NoError(t, err)
		return fmt.Sprint(item.Status, " ", item.Because.Rule)
	}
	s := newSchedule(t, table)
	assert.Equal(t, "may-keep all", status(s, "note", "2024-01-01"))
	assert.Equal(t, "must-erase all", status(s, "note", "2023-01-01"))
	assert.Equal(t, "may-keep long", status(s, "deed", "2023-01-01"))
	assert.Equal(t, "person-decides ", status(s, "dead", "2003-01-01"))
	assert.Equal(t, "person-decides ", status(s, "", "2003-01-01"))

	table.Layout.Category = "" // each row holds everything
	assert.Equal(t, "may-keep long", status(newSchedule(t, table), "", "2023-01-01"))
}

func TestUsesAreMadeFromWhatRulesSay(t *testing.T) {
	rule := func(key string, categories, purposes []string) *retention.Rule {
		r := ceilingRule(key, "ended", "P1Y")
		r.Categories, r.Purposes = categories, purposes
		return r
	}
	describe := func(rules ...*retention.Rule) (out []string) {
		for _, u := range retention.UsesOf(rules...) {
			text := u.Category + "/" + u.Purpose + ":"
			for _, r := range u.Rules {
				text += " " + r.Key
			}
			out = append(out, text)
		}
		return out
	}
	assert.Equal(t, []string{"/: a b"}, describe(rule("a", nil, nil), rule("b", nil, nil)))
	assert.Equal(t, []string{"x/p: a c", "x/q: c", "y/p: c", "y/q: b c"},
		describe(rule("a", []string{"x"}, []string{"p"}), rule("b", []string{"y"}, []string{"q"}), rule("c", nil, nil)))
	_, err := retention.NewSchedule(retention.Table{Name: "t", Zone: copenhagen, Layout: retention.Layout{Key: "id"}, Uses: retention.UsesOf(nil)})
	assert.ErrorContains(t, err, "key-missing")
}

func TestLayoutListsEachColumnOnce(t *testing.T) {
	l := retention.Layout{Key: "id", Category: "kind",
		Events:  []retention.EventColumn{{"signed", "a"}, {"paid", "b"}, {"paid", "a"}},
		Answers: []retention.AnswerColumns{{"q", "n", "n_at", ""}}, Holds: []retention.SpanColumns{{From: "h"}}, Restricted: "r"}
	assert.Equal(t, []string{"a", "b", "n", "n_at", "h", "r"}, l.Columns())
}

// A schedule is used by many at once.
func TestScheduleIsSafeForConcurrentUse(t *testing.T) {
	s := newSchedule(t, leasing(t))
	at := instant(t, "2019-06-15T12:00:00Z", copenhagen)
	sum := func() string {
		var tally retention.Tally
		for item, err := range s.Plan(t.Context(), lessees(5_000), at) {
			if err != nil {
				return err.Error()
			}
			tally.Add(&item)
		}
		text, err := tally.MarshalJSON()
		return fmt.Sprint(string(text), err)
	}
	want := sum()
	got := make(chan string)
	for range 8 {
		go func() { got <- sum() }()
	}
	for range 8 {
		assert.Equal(t, want, <-got)
	}
}

func TestFactsOfARowOutsideThePlan(t *testing.T) {
	table := customers()
	table.Layout.Restricted = "stored_since"
	s := newSchedule(t, table)
	at := instant(t, "2025-06-15", copenhagen)
	row := func(values ...retention.Value) retention.Row {
		return retention.Row{Key: "1", Values: append(values, make([]retention.Value, 6-len(values))...)}
	}
	past, future := retention.DayValue(date("2025-01-01")), retention.DayValue(date("2026-01-01"))
	assert.False(t, s.Suspended(row(past), at))
	assert.True(t, s.Suspended(row(past, past), at))
	assert.False(t, s.Suspended(row(past, future), at))
	assert.False(t, s.Suspended(row(past, past, past), at), "it ended when it began")
	assert.True(t, s.Suspended(row(past, retention.Value{}, retention.Value{}, retention.Value{}, past), at))
	assert.True(t, s.Suspended(row(retention.TextValue("?")), at))
	assert.True(t, s.LatestEvent(row(past), at).Equal(date("2025-01-01").StartIn(copenhagen)))
	assert.True(t, s.LatestEvent(row(future), at).IsZero())
	assert.True(t, s.LatestEvent(row(retention.TextValue("?")), at).IsZero())
	stored := row()
	assert.False(t, s.RestrictedAt(stored, at))
	stored.Values[5] = past
	assert.True(t, s.RestrictedAt(stored, at))
	stored.Values[5] = future
	assert.False(t, s.RestrictedAt(stored, at))
	assert.False(t, newSchedule(t, customers()).RestrictedAt(customer(t, "1", ""), at))
}
