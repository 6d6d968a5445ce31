package retention_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

func codes(problems []retention.Problem) (list []retention.Code) {
	for _, p := range problems {
		list = append(list, p.Code)
	}
	return list
}

// Each broken rule is a good one with one thing wrong; the good one is the control.
func TestValidateReportsEachProblem(t *testing.T) {
	clock := retention.Rule{
		Key: "k", Law: "t.law", Clause: "T-1", Categories: []string{"c"}, Purposes: []string{"p"},
		Anchor: anchor(retention.OnEvent, "e"), Floor: period("P1Y"), Ceiling: period("P1Y"),
	}
	criterion := retention.Rule{Key: "k", Clause: "T-1", Criterion: retention.Criterion{Question: "q", Review: period("P1Y")}}
	transient := retention.Rule{Key: "k", Clause: "T-1", Anchor: anchor(retention.OnCaseEnd, "e"), Transient: true}
	for _, good := range []retention.Rule{clock, criterion, transient} {
		require.Empty(t, good.Validate())
	}
	for _, c := range []struct {
		name  string
		good  retention.Rule
		spoil func(*retention.Rule)
		want  []retention.Code
	}{
		{"no key", clock, func(r *retention.Rule) { r.Key = "" }, []retention.Code{retention.KeyMissing}},
		{"padded key", clock, func(r *retention.Rule) { r.Key = " k" }, []retention.Code{retention.KeyMissing}},
		{"no source", criterion, func(r *retention.Rule) { r.Clause = "" }, []retention.Code{retention.SourceMissing}},
		{"assumed without a note", clock, func(r *retention.Rule) { r.Assumed = true }, []retention.Code{retention.NoteMissing}},
		{"repeated category", clock, func(r *retention.Rule) { r.Categories = []string{"c", "c"} }, []retention.Code{retention.ListMalformed}},
		{"empty purpose", clock, func(r *retention.Rule) { r.Purposes = []string{""} }, []retention.Code{retention.ListMalformed}},
		{"padded condition", clock, func(r *retention.Rule) { r.When.Happened = []string{"e "} }, []retention.Code{retention.ListMalformed}},
		{"empty exclusion", clock, func(r *retention.Rule) { r.When.NotHappened = []string{""} }, []retention.Code{retention.ListMalformed}},
		{"impossible condition", clock, func(r *retention.Rule) {
			r.When = retention.Condition{Happened: []string{"e"}, NotHappened: []string{"e"}}
		}, []retention.Code{retention.NeverApplies}},
		{"unknown unit", clock, func(r *retention.Rule) { r.Unit = 7 }, []retention.Code{retention.UnknownValue}},
		{"unknown outcome", clock, func(r *retention.Rule) { r.Then = 7 }, []retention.Code{retention.UnknownValue}},
		{"unknown anchor", clock, func(r *retention.Rule) { r.Anchor.Kind = 77 }, []retention.Code{retention.UnknownValue}},
		{"no anchor", clock, func(r *retention.Rule) { r.Anchor = retention.Anchor{} },
			[]retention.Code{retention.TriggerMissing, retention.TriggerMissing}},
		{"no event", clock, func(r *retention.Rule) { r.Anchor.Events = nil }, []retention.Code{retention.TriggerMissing}},
		{"later of one", clock, func(r *retention.Rule) { r.Anchor.Kind = retention.OnLaterOf }, []retention.Code{retention.TriggerMissing}},
		{"repeated event", clock, func(r *retention.Rule) { r.Anchor.Events = []string{"e", "e"} }, []retention.Code{retention.ListMalformed}},
		{"given date without a key", clock, func(r *retention.Rule) {
			r.Anchor = retention.Anchor{Kind: retention.OnGivenDate}
		}, []retention.Code{retention.TriggerMissing}},
		{"given date with events", clock, func(r *retention.Rule) {
			r.Anchor = retention.Anchor{Kind: retention.OnGivenDate, Date: "d", Events: []string{"e"}}
		}, []retention.Code{retention.TriggerUnfit}},
		{"event with a date", clock, func(r *retention.Rule) { r.Anchor.Date = "d" }, []retention.Code{retention.TriggerUnfit}},
		{"event reopened", clock, func(r *retention.Rule) { r.Anchor.Reopened = []string{"o"} }, []retention.Code{retention.TriggerUnfit}},
		{"empty reopened", clock, func(r *retention.Rule) {
			r.Anchor.Kind, r.Anchor.Reopened = retention.OnCaseEnd, []string{""}
		}, []retention.Code{retention.ListMalformed}},
		{"reopened by its own end", clock, func(r *retention.Rule) {
			r.Anchor.Kind, r.Anchor.Reopened = retention.OnCaseEnd, []string{"e"}
		}, []retention.Code{retention.TriggerUnfit}},
		{"no period", clock, func(r *retention.Rule) { r.Floor, r.Ceiling = retention.Period{}, retention.Period{} },
			[]retention.Code{retention.PeriodMissing}},
		{"ceiling and table", clock, func(r *retention.Rule) { r.Table = "t" }, []retention.Code{retention.CeilingTwice}},
		{"floor without a law", clock, func(r *retention.Rule) { r.Law = "" }, []retention.Code{retention.FloorWithoutLaw}},
		{"floor of nothing", clock, func(r *retention.Rule) { r.Floor = period("P0D") }, []retention.Code{retention.FloorImmediate}},
		{"floor above ceiling", clock, func(r *retention.Rule) { r.Floor = period("P13M") }, []retention.Code{retention.FloorAboveCeiling}},
		{"floor above ceiling in some months", clock, func(r *retention.Rule) {
			r.Floor, r.Ceiling = period("P30D"), period("P1M")
		}, []retention.Code{retention.FloorAboveCeiling}},
		{"elapsed years", clock, func(r *retention.Rule) { r.Unit = retention.ElapsedTime }, []retention.Code{retention.ElapsedUncertain}},
		{"elapsed from a day", clock, func(r *retention.Rule) {
			r.Unit, r.Floor, r.Ceiling = retention.ElapsedTime, retention.Period{}, period("P30D")
			r.Anchor.Kind = retention.OnCalendarYearEnd
		}, []retention.Code{retention.ElapsedUncertain}},
		{"elapsed from a given date", clock, func(r *retention.Rule) {
			r.Unit, r.Floor, r.Ceiling = retention.ElapsedTime, retention.Period{}, period("P30D")
			r.Anchor = retention.Anchor{Kind: retention.OnGivenDate, Date: "d"}
		}, []retention.Code{retention.ElapsedUncertain}},
		{"transient until a given date", transient, func(r *retention.Rule) {
			r.Anchor = retention.Anchor{Kind: retention.OnGivenDate, Date: "d"}
		}, []retention.Code{retention.FormMixed}},
		{"criterion without a review", criterion, func(r *retention.Rule) { r.Criterion.Review = retention.Period{} }, []retention.Code{retention.ReviewMissing}},
		{"criterion reviewed at once", criterion, func(r *retention.Rule) { r.Criterion.Review = period("P0D") }, []retention.Code{retention.ReviewMissing}},
		{"criterion without a question", criterion, func(r *retention.Rule) { r.Criterion.Question = "" }, []retention.Code{retention.QuestionMissing}},
		{"criterion with a ceiling", criterion, func(r *retention.Rule) { r.Ceiling = period("P1Y") }, []retention.Code{retention.FormMixed}},
		{"criterion with a floor", criterion, func(r *retention.Rule) { r.Floor, r.Law = period("P1Y"), "t.law" }, []retention.Code{retention.FormMixed}},
		{"criterion with an anchor", criterion, func(r *retention.Rule) { r.Anchor = anchor(retention.OnEvent, "e") }, []retention.Code{retention.FormMixed}},
		{"criterion in elapsed time", criterion, func(r *retention.Rule) { r.Unit = retention.ElapsedTime }, []retention.Code{retention.FormMixed}},
		{"criterion of transient data", criterion, func(r *retention.Rule) { r.Transient = true }, []retention.Code{retention.FormMixed}},
		{"transient with a period", transient, func(r *retention.Rule) { r.Ceiling = period("P1Y") }, []retention.Code{retention.FormMixed}},
		{"transient without an end", transient, func(r *retention.Rule) { r.Anchor.Events = nil }, []retention.Code{retention.TriggerMissing}},
		{"transient until a year's end", transient, func(r *retention.Rule) { r.Anchor.Kind = retention.OnCalendarYearEnd }, []retention.Code{retention.FormMixed}},
		{"many at once", clock, func(r *retention.Rule) { r.Key, r.Law, r.Assumed, r.Anchor.Events = "", "", true, nil },
			[]retention.Code{retention.KeyMissing, retention.NoteMissing, retention.TriggerMissing, retention.FloorWithoutLaw}},
	} {
		r := c.good
		c.spoil(&r)
		got := r.Validate()
		assert.Equal(t, c.want, codes(got), c.name)
		for _, p := range got {
			assert.NotEmpty(t, p.Field, c.name)
			assert.Contains(t, p.String(), string(p.Code))
		}
	}
}

func TestValidateBetweenRules(t *testing.T) {
	ceiling := ceilingRule("notice", "ended", "P3Y")
	floor := ceilingRule("law", "ended", "P5Y")
	floor.Law, floor.Floor = "t.law", period("P5Y")
	both := []*retention.Rule{ceiling, floor}

	assert.Empty(t, retention.Validate(both, nil), "they do not say that they meet")
	ceiling.Purposes, ceiling.Categories = []string{"service"}, []string{"name", "email"}
	floor.Purposes, floor.Categories = []string{"aml"}, []string{"name"}
	assert.Empty(t, retention.Validate(both, nil), "another purpose may end sooner (AMB-06)")

	floor.Purposes = []string{"aml", "service"}
	problems := retention.Validate(both, nil)
	assert.Equal(t, []retention.Problem{{Rule: "law", Code: retention.FloorAboveCeiling, Field: "floor", Other: "notice"}}, problems)
	assert.Equal(t, problems, retention.Validate([]*retention.Rule{floor, ceiling}, nil), "in any order")

	floor.Categories = []string{"address"}
	assert.Empty(t, retention.Validate(both, nil), "other data may be kept longer")
	floor.Categories = []string{"name"}

	floor.Anchor.Events = []string{"paid"}
	assert.Empty(t, retention.Conflicts(ceiling, floor), "they count from different events")

	floor.Key = "notice"
	assert.Equal(t, []retention.Code{retention.KeyRepeated}, codes(retention.Validate(both, nil)))
	assert.Equal(t, []retention.Code{retention.KeyMissing}, codes(retention.Validate([]*retention.Rule{nil}, retention.Statutes())))
	assert.Nil(t, retention.Conflicts(nil, floor))
}

func TestValidateAgainstStatutes(t *testing.T) {
	check := func(r retention.Rule) []retention.Code {
		return codes(retention.Validate([]*retention.Rule{&r}, retention.Statutes()))
	}
	aml := retention.Rule{Key: "aml", Law: "dk.hvl.30", Anchor: relationEnd, Floor: period("P5Y"), Ceiling: period("P5Y")}
	require.Empty(t, check(aml))

	long := aml
	long.Floor, long.Ceiling = period("P7Y"), period("P7Y")
	assert.Equal(t, []retention.Code{retention.FloorNotStatute, retention.CeilingAboveStatute}, check(long))

	short := aml
	short.Floor = period("P3Y")
	assert.Equal(t, []retention.Code{retention.FloorNotStatute}, check(short))

	none := aml
	none.Floor = retention.Period{}
	assert.Equal(t, []retention.Code{retention.FloorNotStatute}, check(none))

	elsewhere := aml
	elsewhere.Anchor = anchor(retention.OnCalendarYearEnd, "customer_relation_ended")
	assert.Equal(t, []retention.Code{retention.AnchorNotStatute}, check(elsewhere))

	camera := *notices["df.ret.cctv"]
	require.Empty(t, check(camera))
	camera.Ceiling = period("P31D")
	assert.Equal(t, []retention.Code{retention.CeilingAboveStatute}, check(camera))

	another := long
	another.Law = "dk.hvlx"
	assert.Empty(t, check(another), "a key that only begins alike is another law")
	for _, s := range retention.Statutes() {
		assert.NotEmpty(t, s.Citation)
		assert.False(t, s.Floor.CanExceed(s.Ceiling))
	}
}

// A rule that Validate would refuse permits nothing and erases nothing, and one that it accepts is never called invalid.
func TestInvalidRulesDecideNothing(t *testing.T) {
	g := generatorOf(t, 10)
	refused, accepted := 0, 0
	for range 5_000 {
		s := g.scene()
		rule := *s.purposes[0][0].rule
		g.damage(&rule)
		problems := rule.Validate()
		at := g.at(s)
		a := decide(t, s.facts, at, &rule)
		invalid := a.ReadBecause.Reason == retention.RuleInvalid
		if len(problems) == 0 {
			accepted++
			require.False(t, invalid, "%+v", rule)
			continue
		}
		harmless := !slices.ContainsFunc(problems, func(p retention.Problem) bool {
			return !slices.Contains([]retention.Code{
				// these name the rule badly or state too much; what it decides is still what it says
				retention.KeyMissing, retention.SourceMissing, retention.NoteMissing, retention.ListMalformed, retention.NeverApplies,
				retention.FloorAboveCeiling, retention.FloorWithoutLaw, retention.FloorImmediate,
			}, p.Code)
		})
		if harmless {
			continue
		}
		refused++
		require.True(t, invalid, "%v\n%+v", problems, rule)
		require.False(t, a.Readable)
		require.Contains(t, []retention.Status{retention.PersonDecides, retention.MustKeep}, a.Status)
	}
	assert.Greater(t, refused, 500)
	assert.Greater(t, accepted, 500)
}

func (g generator) damage(r *retention.Rule) {
	switch g.IntN(16) {
	case 0:
		r.Anchor.Kind = 0
	case 1:
		r.Anchor.Kind = retention.AnchorKind(g.IntN(12))
	case 2:
		r.Anchor.Events = nil
	case 3:
		r.Anchor.Reopened = []string{"x"}
	case 4:
		r.Anchor.Date = "x"
	case 5:
		r.Floor, r.Ceiling, r.Table = retention.Period{}, retention.Period{}, ""
	case 6:
		r.Table = "x"
	case 7:
		r.Unit = retention.Unit(g.IntN(3))
	case 8:
		r.Transient = !r.Transient
	case 9:
		r.Criterion.Question = "needed"
	case 10:
		r.Criterion = retention.Criterion{Question: "needed", Review: period("P1Y")}
	case 11:
		r.Criterion.Review = period("P0D")
	case 12:
		r.Then = 9
	case 13:
		r.Ceiling = period("P1Y")
	}
}

func TestRuleIsPlainData(t *testing.T) {
	for key, rule := range notices {
		text, err := json.Marshal(rule)
		require.NoError(t, err, key)
		var back retention.Rule
		require.NoError(t, json.Unmarshal(text, &back), key)
		assert.Equal(t, *rule, back, key)
	}
	var r retention.Rule
	require.NoError(t, json.Unmarshal([]byte(`{
		"key": "ar.ret.customer", "law": "dk.hvl", "clause": "AR-2.2-T",
		"anchor": {"kind": "case-end", "events": ["customer_relation_ended"], "reopened": ["customer_relation_started"]},
		"floor": "P5Y", "ceiling": "P5Y"}`), &r))
	assert.Equal(t, *notices["ar.ret.customer"], r)
	for _, bad := range []string{
		`{"floor": "5 years"}`, `{"anchor": {"kind": "someday"}}`, `{"unit": "moon"}`, `{"then": "sell"}`, `{"ceiling": 5}`,
	} {
		require.Error(t, json.Unmarshal([]byte(bad), &r), bad)
	}
}

func TestNamesRoundTrip(t *testing.T) {
	for k := retention.AnchorKind(0); k <= retention.OnGivenDate; k++ {
		text, err := k.MarshalText()
		require.NoError(t, err)
		var back retention.AnchorKind
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, k, back)
		assert.Equal(t, string(text), k.String())
	}
	for s := retention.PersonDecides; s <= retention.MustKeep; s++ {
		text, err := s.MarshalText()
		require.NoError(t, err)
		var back retention.Status
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, s, back)
	}
	_, err := retention.AnchorKind(99).MarshalText()
	require.ErrorIs(t, err, retention.ErrName)
	_, err = retention.Unit(99).MarshalText()
	require.ErrorIs(t, err, retention.ErrName)
	_, err = retention.Then(99).MarshalText()
	require.ErrorIs(t, err, retention.ErrName)
	_, err = retention.Status(99).MarshalText()
	require.ErrorIs(t, err, retention.ErrName)
	assert.Equal(t, "unknown(99)", retention.Then(99).String())
	var u retention.Unit
	require.ErrorIs(t, u.UnmarshalText([]byte("Calendar")), retention.ErrName)
}

func TestFinancialYears(t *testing.T) {
	year := func(start, end string) retention.FinancialYear {
		y := retention.FinancialYear{}
		if start != "" {
			y.Start = date(start)
		}
		if end != "" {
			y.End = date(end)
		}
		return y
	}
	table, err := retention.NewFinancialYears(
		year("2020-07-01", "2021-12-31"), year("2019-01-01", "2019-12-31"), year("2020-01-01", "2020-06-30"))
	require.NoError(t, err)
	assert.Equal(t, 3, table.Len())
	for day, end := range map[string]string{
		"2019-01-01": "2019-12-31", "2019-12-31": "2019-12-31", "2020-01-01": "2020-06-30", "2020-06-30": "2020-06-30",
		"2020-07-01": "2021-12-31", "2021-12-31": "2021-12-31",
	} {
		y, ok := table.Of(date(day))
		require.True(t, ok, day)
		assert.Equal(t, end, y.End.String(), day)
	}
	for _, day := range []string{"2018-12-31", "2022-01-01"} {
		_, ok := table.Of(date(day))
		assert.False(t, ok, day)
	}
	for name, bad := range map[string][]retention.FinancialYear{
		"gap":       {year("2019-01-01", "2019-12-31"), year("2020-01-02", "2020-12-31")},
		"overlap":   {year("2019-01-01", "2019-12-31"), year("2019-12-31", "2020-12-31")},
		"twice":     {year("2019-01-01", "2019-12-31"), year("2019-01-01", "2019-12-31")},
		"backwards": {year("2019-12-31", "2019-01-01")},
		"no end":    {year("2019-01-01", "")},
		"no start":  {year("", "2019-01-01")},
	} {
		table, err := retention.NewFinancialYears(bad...)
		require.ErrorIs(t, err, retention.ErrYears, name)
		assert.Zero(t, table.Len(), name)
	}
	february, err := retention.FinancialYearsEnding(2, 29, 2022, 2025)
	require.NoError(t, err)
	y, ok := february.Of(date("2023-06-01"))
	require.True(t, ok)
	assert.Equal(t, year("2023-03-01", "2024-02-29"), y)
	for _, bad := range [][4]int{{0, 1, 2000, 2001}, {13, 1, 2000, 2001}, {1, 0, 2000, 2001}, {1, 32, 2000, 2001}, {1, 1, 2001, 2000}, {1, 1, 1, 2000}, {1, 1, 2000, 10000}} {
		_, err := retention.FinancialYearsEnding(time.Month(bad[0]), bad[1], bad[2], bad[3])
		require.ErrorIs(t, err, retention.ErrYears, "%v", bad)
	}
}
