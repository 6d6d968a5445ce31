package retentionsql_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// Zones of the notices, and those whose clocks are hardest: midnights that do not exist or come twice, a day that never
// was, changes at one minute past midnight.
var worldZones = []*time.Location{
	retention.MustZone("Europe/Copenhagen"), retention.MustZone("Europe/Copenhagen"), retention.MustZone("Europe/Stockholm"),
	retention.MustZone("Europe/Amsterdam"), time.UTC, retention.MustZone("America/Sao_Paulo"), retention.MustZone("Asia/Beirut"),
	retention.MustZone("America/Havana"), retention.MustZone("America/St_Johns"), retention.MustZone("Pacific/Apia"),
}

var worldEvents = []string{"opened", "closed", "visited", "paid"}

type generator struct{ *rand.Rand }

func (g generator) one(n int) bool { return g.IntN(n) == 0 }

func (g generator) period(daysOnly bool) retention.Period {
	switch n := g.IntN(6); {
	case daysOnly || n == 0:
		return retention.MustPeriod(fmt.Sprintf("P%dD", 1+g.IntN(400)))
	case n == 1:
		return retention.MustPeriod(fmt.Sprintf("P%dM", 1+g.IntN(30)))
	case n == 2:
		return retention.MustPeriod(fmt.Sprintf("P1Y%dM%dD", 1+g.IntN(11), 1+g.IntN(15)))
	default:
		return retention.MustPeriod(fmt.Sprintf("P%dY", 1+g.IntN(8)))
	}
}

// world is a table of rules with the columns that hold its facts.
type world struct {
	table   retention.Table
	source  retentionsql.Source
	types   map[string]string // of columns: instant, day, length, answer, text
	lengths []retention.Period
	at      time.Time
}

func (g generator) events(n int) (list []string) {
	for _, i := range g.Perm(len(worldEvents))[:n] {
		list = append(list, worldEvents[i])
	}
	return list
}

func (g generator) rule(key string) *retention.Rule {
	r := &retention.Rule{Key: key, Law: "t.law", Then: retention.Then([]int{0, 0, 0, 0, 0, 2}[g.IntN(6)])}
	if g.one(6) {
		r.When.Happened = g.events(1)
	} else if g.one(6) {
		r.When.NotHappened = g.events(1)
	}
	if g.one(6) {
		r.Criterion = retention.Criterion{Question: "needed", Review: g.period(false)}
		return r
	}
	kind := retention.AnchorKind(1 + g.IntN(8))
	if g.one(10) {
		r.Transient, kind = true, retention.AnchorKind(1+g.IntN(4))
	}
	r.Anchor.Kind = kind
	switch kind {
	case retention.OnGivenDate:
		r.Anchor.Date = "limitation"
	case retention.OnLaterOf:
		r.Anchor.Events = g.events(2)
	case retention.OnCaseEnd:
		names := g.events(2)
		r.Anchor.Events = names[:1]
		if !g.one(3) {
			r.Anchor.Reopened = names[1:]
		}
	default:
		r.Anchor.Events = g.events(1 + g.IntN(2))
	}
	if r.Transient {
		return r
	}
	elapsed := kind <= retention.OnCaseEnd && g.one(4)
	if elapsed {
		r.Unit = retention.ElapsedTime
	}
	which := []int{1, 2, 2, 2, 3, 3}[g.IntN(6)]
	if which&1 != 0 {
		r.Floor = g.period(elapsed)
	}
	switch {
	case which&2 == 0:
	case g.one(5):
		r.Table = "cookies"
	case g.one(6):
		r.Ceiling = retention.MustPeriod("P0D")
	default:
		r.Ceiling = g.period(elapsed)
	}
	return r
}

// world makes a table that compiles.
func (g generator) world() (*world, *retention.Schedule) {
	for {
		w := g.candidate()
		if s, err := retention.NewSchedule(w.table); err == nil {
			return w, s
		}
	}
}

func (g generator) candidate() *world {
	w := &world{types: map[string]string{}}
	w.table = retention.Table{Name: "t", Zone: worldZones[g.IntN(len(worldZones))]}
	l := &w.table.Layout
	l.Key = "id"
	column := func(name, typ string) string {
		if typ == "instant" && g.one(4) {
			typ = "day"
			w.source.Days = append(w.source.Days, name)
		}
		w.types[name] = typ
		return name
	}
	for _, e := range worldEvents {
		for i := range 1 + g.IntN(5)/4 {
			l.Events = append(l.Events, retention.EventColumn{Event: e, Column: column(fmt.Sprint(e, i, ` "at"`), "instant")})
		}
	}
	l.Days = []retention.DayColumn{{Date: "limitation", Column: column("limitation", "day")}}
	l.Lengths = []retention.LengthColumn{{Table: "cookies", Column: column("length", "length")}}
	l.Answers = []retention.AnswerColumns{{Question: "needed", Necessary: column("needed", "answer"), At: column("needed_at", "instant"), ReviewBy: column("review_by", "day")}}
	if g.one(6) {
		l.Answers = append(l.Answers, retention.AnswerColumns{Question: "needed", Necessary: column("needed2", "answer"), At: column("needed2_at", "instant")})
	}
	if !g.one(3) {
		l.Holds = append(l.Holds, retention.SpanColumns{From: column("hold_from", "instant"), Until: column("hold_until", "instant"), Ref: column("hold_ref", "text")})
	}
	if g.one(2) {
		l.Restrictions = append(l.Restrictions, retention.SpanColumns{From: column("limited_from", "instant"), Until: column("limited_until", "instant")})
	}
	l.Restricted = column("stored_since", "instant")
	if g.one(3) {
		l.Category = "kind"
	}
	w.at = g.instant(w.table.Zone)
	if g.one(2) {
		w.table.Years, _ = retention.FinancialYearsEnding(time.Month(1+g.IntN(12)), 1+g.IntN(31), 1998+g.IntN(5), 2015+g.IntN(15))
	}
	n, named := 0, l.Category != "" || g.one(4) // without a column each row holds all categories
	for p := range 1 + g.IntN(3) {
		u := retention.Use{Purpose: fmt.Sprint("p", p)}
		if named && !g.one(3) {
			u.Category = []string{"a", "b"}[g.IntN(2)]
		}
		for range 1 + g.IntN(3) {
			u.Rules = append(u.Rules, g.rule(fmt.Sprint("r", n)))
			n++
		}
		if p > 0 && g.one(4) { // one that several purposes cite
			u.Rules = append(u.Rules, w.table.Uses[0].Rules[0])
		}
		w.table.Uses = append(w.table.Uses, u)
	}
	for range 4 {
		w.lengths = append(w.lengths, g.period(g.one(2)))
	}
	for i, p := range w.lengths[:3] {
		if i == 0 || p != w.lengths[0] && (i == 1 || p != w.lengths[1]) {
			w.source.Lengths = append(w.source.Lengths, p)
		}
	}
	return w
}

func (g generator) instant(zone *time.Location) time.Time {
	year := 1996 + g.IntN(30)
	month, day := time.Month(1+g.IntN(12)), 1+g.IntN(31)
	switch g.IntN(6) {
	case 0:
		year, month, day = 1996+4*g.IntN(8), time.February, 28+g.IntN(2)
	case 1:
		month, day = []time.Month{time.March, time.October, time.November, time.April}[g.IntN(4)], 24+g.IntN(8)
	case 2:
		month, day = time.December, 28+g.IntN(4)
	}
	return g.nudge(time.Date(year, month, day, 0, 0, 0, 0, zone))
}

// nudge moves an instant a little, or not.
func (g generator) nudge(t time.Time) time.Time {
	switch g.IntN(6) {
	case 0:
		return t
	case 1:
		return t.Add(-time.Microsecond)
	case 2:
		return t.Add(time.Duration(g.IntN(5)-2) * time.Hour)
	case 3:
		return t.Add(time.Duration(g.IntN(181)-90) * time.Minute)
	case 4:
		return t.Add(time.Microsecond)
	}
	return t.Add(time.Duration(g.Int64N(int64(24 * time.Hour)))).Truncate(time.Microsecond)
}

// near is an instant around which the verdict turns: a period of the rules before the instant asked about.
func (g generator) near(w *world) time.Time {
	if g.one(4) {
		return g.nudge(w.at.Truncate(time.Microsecond))
	}
	var lengths []retention.Period
	for _, u := range w.table.Uses {
		for _, r := range u.Rules {
			lengths = append(lengths, r.Floor, r.Ceiling, r.Criterion.Review)
		}
	}
	p := append(lengths, w.lengths...)[g.IntN(len(lengths)+len(w.lengths))]
	today := retention.DateOf(w.at, w.table.Zone)
	back := int(p.From(today).EndIn(time.UTC).Sub(today.EndIn(time.UTC)) / (24 * time.Hour))
	return g.nudge(today.AddDays(-back + g.IntN(5) - 3).EndIn(w.table.Zone))
}

// cell makes a value as a database holds it, and as retention sees it.
func (g generator) cell(w *world, d retentionsql.Dialect, typ string) (any, retention.Value) {
	lite := d == retentionsql.SQLite
	if g.one(400) {
		if stored, ok := g.malformed(lite, typ); ok {
			if typ == "text" {
				return stored, retention.AnswerValue(true)
			}
			return stored, retention.TextValue("malformed")
		}
	}
	if g.one(5) {
		return nil, retention.Value{}
	}
	t := g.instant(w.table.Zone)
	if !g.one(4) {
		t = g.near(w)
	}
	switch typ {
	case "instant":
		if lite {
			return t.UnixMicro(), retention.InstantValue(t)
		}
		return t, retention.InstantValue(t)
	case "day":
		day := retention.DateOf(t, w.table.Zone)
		return day.String(), retention.DayValue(day)
	case "length":
		p := w.lengths[g.IntN(3)]
		if g.one(12) { // one that the source does not list
			p = w.lengths[3]
		}
		return p.String(), retention.PeriodValue(p)
	case "answer":
		yes := !g.one(3)
		if lite {
			return map[bool]int64{true: 1}[yes], retention.AnswerValue(yes)
		}
		return yes, retention.AnswerValue(yes)
	}
	return "ref", retention.TextValue("ref")
}

func (g generator) malformed(lite bool, typ string) (any, bool) {
	var list []any
	switch {
	case typ == "length":
		list = []any{"", "P1X", "five years", "-P1Y"}
	case lite && typ == "instant":
		list = []any{"2020-01-01", 1.5e15, []byte("x"), int64(1 << 62), int64(-1 << 62), ""}
	case lite && typ == "day":
		list = []any{"2023-02-30", "2023-2-3", int64(18000), "", "2020-01-01T00:00:00", "now", 2458849.5}
	case lite && typ == "answer":
		list = []any{int64(2), "true", 0.5, int64(-1)}
	case lite:
		list = []any{int64(7), []byte{1}}
	case typ == "instant":
		list = []any{"infinity", "-infinity", "0044-03-15 00:00:00+00 BC", "20000-01-01 00:00:00+00"}
	case typ == "day":
		list = []any{"infinity", "-infinity", "0044-03-15 BC", "20000-01-01"}
	default:
		return nil, false
	}
	return list[g.IntN(len(list))], true
}

var sqlTypes = map[retentionsql.Dialect]map[string]string{
	retentionsql.SQLite:   {"instant": "BLOB", "day": "BLOB", "length": "TEXT", "answer": "BLOB", "text": "BLOB"},
	retentionsql.Postgres: {"instant": "timestamptz", "day": "date", "length": "text", "answer": "boolean", "text": "text"},
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// create is the statement that makes the world's table: its number, key, category and the layout's columns.
func (w *world) create(d retentionsql.Dialect, name string) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE " + name + ` (n integer, id text, kind text`)
	for _, c := range w.table.Layout.Columns() {
		b.WriteString(", " + quote(c) + " " + sqlTypes[d][w.types[c]])
	}
	return b.String() + ")"
}

func (g generator) row(w *world, d retentionsql.Dialect, n int) ([]any, retention.Row) {
	row := retention.Row{Key: fmt.Sprintf("k%06d", n)}
	stored := []any{n, row.Key, nil}
	if g.one(200) {
		row.Key, stored[1] = "", []any{nil, ""}[g.IntN(2)]
	}
	if w.table.Layout.Category != "" && !g.one(10) {
		row.Category = []string{"a", "a", "b", "b", "A", "c"}[g.IntN(6)]
		stored[2] = row.Category
	}
	spare := g.one(3) // rows with few facts
	for _, c := range w.table.Layout.Columns() {
		v, value := any(nil), retention.Value{}
		if !spare || g.one(2) {
			v, value = g.cell(w, d, w.types[c])
		}
		if i := len(stored) - 1; i >= 3 && strings.HasSuffix(c, `"at"`) && w.types[c] == w.types[w.table.Layout.Columns()[i-3]] && g.one(5) {
			v, value = stored[i], row.Values[i-3] // two events at one instant
		}
		stored, row.Values = append(stored, v), append(row.Values, value)
	}
	if !g.one(20) {
		g.mend(w, d, stored, &row)
	}
	return stored, row
}

// mend makes most rows say what belongs together: no end without a beginning, no answer without its time.
func (g generator) mend(w *world, d retentionsql.Dialect, stored []any, row *retention.Row) {
	columns := w.table.Layout.Columns()
	drop := func(name string) {
		if i := slices.Index(columns, name); i >= 0 {
			stored[3+i], row.Values[i] = nil, retention.Value{}
		}
	}
	is := func(name string) bool { return !row.Values[slices.Index(columns, name)].IsNull() }
	for _, a := range w.table.Layout.Answers {
		if !is(a.At) {
			drop(a.Necessary)
		} else if !is(a.Necessary) {
			i := slices.Index(columns, a.Necessary)
			stored[3+i], row.Values[i] = true, retention.AnswerValue(true)
			if d == retentionsql.SQLite {
				stored[3+i] = 1
			}
		}
	}
	for _, span := range append(slices.Clone(w.table.Layout.Holds), w.table.Layout.Restrictions...) {
		if g.one(2) {
			drop(span.From)
		}
		if !is(span.From) || g.one(2) {
			drop(span.Until)
		}
	}
}
