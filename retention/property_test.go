package retention_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
)

// setting reads a number from the environment, as RETENTION_WORLDS=1000000.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

func generatorOf(t *testing.T, stream uint64) generator {
	t.Helper()
	seed := setting(t, "RETENTION_SEED", 1)
	return generator{rand.New(rand.NewPCG(uint64(seed), stream))}
}

// scene is one datum: its facts, its rules by purpose, and the instants at which something may happen.
type scene struct {
	world    *world
	facts    *retention.Facts
	purposes [][]*worldRule
	marks    []time.Time
}

func (g generator) scene() *scene {
	s := &scene{world: g.world()}
	ends := g.financialEnds()
	var all []*worldRule
	for p := range 1 + g.IntN(3) {
		var rules []*worldRule
		for i := range 1 + g.IntN(3) {
			r := g.rule(s.world, fmt.Sprintf("p%d.r%d", p, i))
			r.financialEnds = ends
			rules = append(rules, r)
		}
		s.purposes = append(s.purposes, rules)
		all = append(all, rules...)
	}
	late := time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, r := range all {
		heard := s.world.hear(r, late)
		for _, end := range []time.Time{heard.floorEnd, heard.ceilingEnd} {
			if !end.IsZero() {
				s.marks = append(s.marks, end)
			}
		}
	}
	g.spans(s.world, s.marks)
	for _, list := range [][]stretch{s.world.holds, s.world.restrictions} {
		for _, span := range list {
			s.marks = append(s.marks, span.from)
			if !span.until.IsZero() {
				s.marks = append(s.marks, span.until)
			}
		}
	}
	for _, m := range s.world.moments {
		s.marks = append(s.marks, m.at)
	}
	s.facts = s.world.facts(all, ends)
	return s
}

// at picks an instant to ask about, often a nanosecond around one at which something happens.
func (g generator) at(s *scene) time.Time {
	if len(s.marks) > 0 && !g.one(3) {
		return s.marks[g.IntN(len(s.marks))].Add(time.Duration(g.IntN(3) - 1))
	}
	return g.instant(s.world.zone).AddDate(g.IntN(9), 0, 0)
}

func rulesOf(list []*worldRule) []*retention.Rule {
	var rules []*retention.Rule
	for _, r := range list {
		rules = append(rules, r.rule)
	}
	return rules
}

func describe(s *scene, p int, at time.Time) string {
	text := fmt.Sprintf("at %v in %v\nfacts %+v\n", at.UTC(), s.world.zone, s.facts)
	for _, r := range s.purposes[p] {
		text += fmt.Sprintf("rule %+v\n", *r.rule)
	}
	return text
}

// No disagreement in 200,000 answers of one purpose (RETENTION_ANSWERS sets another number), and none of those of all
// purposes together.
func TestAnswersAgreeWithDayByDayOracle(t *testing.T) {
	g := generatorOf(t, 1)
	answers := 200_000
	if testing.Short() {
		answers /= 10
	}
	answers = setting(t, "RETENTION_ANSWERS", answers)
	seen := map[retention.Status]int{}
	reasons := map[retention.Reason]int{}
	asked, mute, worlds := 0, map[retention.Status]int{}, 0
	for ; asked < answers; worlds++ {
		s := g.scene()
		for range 8 {
			at := g.at(s)
			var want []verdict
			var got []retention.Answer
			for p, list := range s.purposes {
				rules := rulesOf(list)
				v := s.world.decide(list, at)
				a, err := retention.Decide(rules, s.facts, at)
				require.NoError(t, err)
				if !agree(v, a) || a.Readable != v.readable {
					require.Fail(t, "disagreement", "oracle %+v\nanswer %+v\n%s", v, a, describe(s, p, at))
				}
				if !a.FirstErasable.IsZero() {
					last := civilFrom(a.LastDay)
					if last.before(civilOf(a.FirstErasable.Add(-1), s.world.zone)) {
						require.Fail(t, "last day before the end", "%+v", a)
					}
				}
				if readable, cause := retention.Readable(rules, s.facts, at); readable != a.Readable {
					require.Fail(t, "a read is decided otherwise", "%v\n%s", cause, describe(s, p, at))
				}
				seen[a.Status]++
				reasons[a.Because.Reason]++
				reasons[a.ReadBecause.Reason]++
				want, got = append(want, v), append(got, a)
				asked++
			}
			one, all := combine(want), combineData(want)
			if a := retention.Combine(got...); !agree(one, a) || a.Readable {
				require.Fail(t, "disagreement on all purposes", "oracle %+v\nanswer %+v\nof %+v", one, a, got)
			}
			if a := retention.CombineData(got...); !agree(all, a) || a.Readable {
				require.Fail(t, "disagreement on several data", "oracle %+v\nanswer %+v\nof %+v", all, a, got)
			}
			first := retention.Combine(got[:1]...)
			for i := range got[1:] {
				first = retention.Combine(got[i+1], first)
			}
			if a := retention.Combine(got...); a != first {
				require.Fail(t, "one after the other", "%+v\n%+v\nof %+v", a, first, got)
			}
			if one.status != all.status {
				mute[one.status]++
			}
		}
	}
	t.Logf("%d answers of %d worlds: %v; where a purpose without a rule would have decided: %v", asked, worlds, seen, mute)
	for _, status := range []retention.Status{retention.PersonDecides, retention.MustErase, retention.MayKeep, retention.MustKeep} {
		assert.Greater(t, seen[status], answers/100, "the worlds must reach %v", status)
	}
	assert.Greater(t, mute[retention.MustErase], answers/2_000, "without a hold")
	assert.Positive(t, mute[retention.PersonDecides], "with a hold that came late")
	for _, reason := range []retention.Reason{
		retention.CeilingRunning, retention.FloorRunning, retention.NotStarted, retention.Necessary, retention.InTransit,
		retention.CeilingPassed, retention.NotNecessary, retention.NoRule, retention.FloorOver, retention.FloorPending,
		retention.Unanswered, retention.ReviewOverdue, retention.HoldLate, retention.DateMissing, retention.YearMissing,
		retention.LengthMissing, retention.OrderUnclear, retention.OnHold, retention.Restricted,
	} {
		assert.Positive(t, reasons[reason], "the worlds must reach %v", reason)
	}
}

// agree compares all but what a purpose alone knows.
func agree(v verdict, a retention.Answer) bool {
	return a.Status == v.status && a.Storable == v.storable && a.FirstErasable.Equal(v.end)
}

// The oracle notices a wrong answer: a harness that compares with the day after, or with UTC, does not pass.
func TestOracleRejectsWrongCalendars(t *testing.T) {
	g := generatorOf(t, 2)
	wrong := map[string]int{}
	const rounds = 2_000
	for range rounds {
		zone := worldZones[g.IntN(len(worldZones))]
		at := g.instant(zone)
		l, text := g.length(false)
		want := endOf(l.lastDay(civilOf(at, zone), false), zone)
		require.Equal(t, want.UTC(), period(text).From(retention.DateOf(at, zone)).EndIn(zone).UTC(), "%v %v %v", at, text, zone)

		y, m, d := at.In(zone).Date()
		raw := time.Date(y, m, d, 0, 0, 0, 0, zone).AddDate(0, l.months, l.days+1)
		for name, other := range map[string]time.Time{
			"AddDate on the local day":    raw,
			"AddDate on the instant":      at.AddDate(0, l.months, l.days),
			"UTC day":                     period(text).From(retention.DateOf(at, time.UTC)).EndIn(zone),
			"UTC midnight":                period(text).From(retention.DateOf(at, zone)).EndIn(time.UTC),
			"event day counted":           period(text).From(retention.DateOf(at, zone)).StartIn(zone),
			"last day of month sticks":    period(text).FromPeriodEnd(retention.DateOf(at, zone)).EndIn(zone),
			"thirty days make up a month": endOf(length{days: l.months*30 + l.days}.lastDay(civilOf(at, zone), false), zone),
			"days of twenty-four hours":   at.Add(time.Duration(l.days)*24*time.Hour).AddDate(0, l.months, 0),
			"noon is as good as midnight": want.Add(-12 * time.Hour),
		} {
			if !other.Equal(want) {
				wrong[name]++
			}
		}
	}
	assert.Len(t, wrong, 9, "%v", wrong)
}

// Art. 3 of Reg. 1182/71 in the words of a calendar: raw AddDate runs over into the next month.
func TestRawAddDateIsWrongOnLastDaysOfMonths(t *testing.T) {
	for _, c := range []struct{ from, period, last, addDate string }{
		{"2020-02-29", "P5Y", "2025-02-28", "2025-03-01"},
		{"2023-01-31", "P1M", "2023-02-28", "2023-03-03"},
		{"2023-11-30", "P3M", "2024-02-29", "2024-03-01"},
		{"2023-08-31", "P6M", "2024-02-29", "2024-03-02"},
		{"2024-05-31", "P1M", "2024-06-30", "2024-07-01"},
	} {
		from, p := date(c.from), period(c.period)
		assert.Equal(t, c.last, p.From(from).String())
		var l length
		switch c.period {
		case "P5Y":
			l.months = 60
		case "P1M":
			l.months = 1
		case "P3M":
			l.months = 3
		case "P6M":
			l.months = 6
		}
		assert.Equal(t, date(c.last), l.lastDay(civilFrom(from), false).date(), "the oracle agrees")
		raw := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC).AddDate(0, l.months, 0)
		assert.Equal(t, c.addDate, raw.Format(time.DateOnly), "AddDate does not")
	}
}

func TestAnswerStandsUntilNextChange(t *testing.T) {
	g := generatorOf(t, 3)
	changed := 0
	for range setting(t, "RETENTION_WORLDS", 20_000) / 4 {
		s := g.scene()
		rules := rulesOf(s.purposes[0])
		at := g.at(s)
		first := decide(t, s.facts, at, rules...)
		end := first.NextChange
		if end.IsZero() {
			end = time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)
		} else {
			require.True(t, end.After(at))
			if later := decide(t, s.facts, end, rules...); later.Status != first.Status || later.Readable != first.Readable {
				changed++
			}
		}
		instants := []time.Time{end.Add(-1)}
		if gap := end.Sub(at); gap > 1 {
			instants = append(instants, at.Add(time.Duration(g.Int64N(int64(gap)))))
		}
		for _, later := range instants {
			if later.Before(at) {
				continue
			}
			require.Equal(t, first, decide(t, s.facts, later, rules...), "%v\n%s", later.UTC(), describe(s, 0, at))
		}
	}
	assert.Greater(t, changed, 100, "some announced changes must be real ones")
}

func TestOrderOfRulesAndFactsDoesNotMatter(t *testing.T) {
	g := generatorOf(t, 4)
	for range setting(t, "RETENTION_WORLDS", 20_000) / 4 {
		s := g.scene()
		rules := rulesOf(s.purposes[0])
		at := g.at(s)
		want := decide(t, s.facts, at, rules...)
		f := *s.facts
		f.Events, f.Answers = slices.Clone(f.Events), slices.Clone(f.Answers)
		f.Holds, f.Restrictions = slices.Clone(f.Holds), slices.Clone(f.Restrictions)
		shuffle(g, rules)
		shuffle(g, f.Events)
		shuffle(g, f.Answers)
		shuffle(g, f.Holds)
		shuffle(g, f.Restrictions)
		require.Equal(t, want, decide(t, &f, at, rules...), describe(s, 0, at))
	}
}

func shuffle[T any](g generator, list []T) {
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func TestHoldsAndRestrictionsOpenNothingAndEraseNothing(t *testing.T) {
	g := generatorOf(t, 5)
	suspended := 0
	for range setting(t, "RETENTION_WORLDS", 20_000) / 4 {
		s := g.scene()
		rules := rulesOf(s.purposes[0])
		at := g.at(s)
		before := decide(t, s.facts, at, rules...)
		f := *s.facts
		span := retention.Span{Ref: "X", From: g.at(s)}
		hold := g.one(2)
		if hold {
			f.Holds = append(slices.Clone(f.Holds), span)
		} else {
			f.Restrictions = append(slices.Clone(f.Restrictions), span)
		}
		after := decide(t, &f, at, rules...)
		require.Equal(t, before.Readable, after.Readable)
		require.Equal(t, before.Storable, after.Storable)
		if before.Status != retention.MustErase {
			require.NotEqual(t, retention.MustErase, after.Status, describe(s, 0, at))
		}
		if hold && !at.Before(span.From) {
			require.NotEqual(t, retention.MustErase, after.Status, "under a hold\n%s", describe(s, 0, at))
		}
		if before.Status == retention.MustErase && after.Status != before.Status {
			suspended++
		}
	}
	assert.Greater(t, suspended, 50)
}

func TestOneMoreRuleOpensNothingThatWasClosed(t *testing.T) {
	g := generatorOf(t, 6)
	for range setting(t, "RETENTION_WORLDS", 20_000) / 4 {
		s := g.scene()
		rules := rulesOf(s.purposes[0])
		at := g.at(s)
		all := decide(t, s.facts, at, rules...)
		fewer := decide(t, s.facts, at, rules[1:]...)
		switch fewer.ReadBecause.Reason {
		case retention.NoRule, retention.FloorOver: // nobody had spoken
		default:
			require.False(t, all.Readable && !fewer.Readable, describe(s, 0, at))
		}
		if fewer.Because.Reason == retention.FloorRunning && fewer.Status == retention.MustKeep {
			require.Equal(t, retention.MustKeep, all.Status, describe(s, 0, at))
		}
	}
}
