package retention_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Zones of the notices, and those whose clocks are hardest: midnights that do not exist or come twice, a day that never
// was, half hours, changes at one minute past midnight.
var worldZones = []*time.Location{
	copenhagen, stockholm, amsterdam, copenhagen, stockholm, amsterdam, time.UTC,
	retention.MustZone("America/Sao_Paulo"), retention.MustZone("Asia/Beirut"), retention.MustZone("Africa/Cairo"),
	retention.MustZone("America/Havana"), retention.MustZone("America/St_Johns"), retention.MustZone("Pacific/Apia"),
	retention.MustZone("Pacific/Kiritimati"), retention.MustZone("Asia/Kathmandu"), retention.MustZone("Atlantic/Azores"),
}

var worldEvents = []string{"opened", "closed", "visited", "paid", "moved", "filed"}

// generator makes worlds of facts and rules, biased towards month ends, leap days, changes of the clock and midnight.
type generator struct{ *rand.Rand }

func (g generator) one(n int) bool { return g.IntN(n) == 0 }

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
	var clock time.Duration
	switch g.IntN(4) {
	case 0:
	case 1:
		clock = -time.Nanosecond
	case 2:
		clock = time.Duration(g.IntN(3)) * time.Hour
	default:
		clock = time.Duration(g.Int64N(int64(24 * time.Hour)))
	}
	return time.Date(year, month, day, 0, 0, 0, 0, zone).Add(clock)
}

func (g generator) civil() civil {
	t := g.instant(time.UTC)
	return civilOf(t, time.UTC)
}

func (g generator) events(n int) []string {
	var list []string
	for _, i := range g.Perm(len(worldEvents))[:n] {
		list = append(list, worldEvents[i])
	}
	return list
}

func (g generator) length(daysOnly bool) (l length, text string) {
	switch n := g.IntN(6); {
	case daysOnly || n == 0:
		l = length{days: 1 + g.IntN(400)}
		text = fmt.Sprintf("P%dD", l.days)
	case n == 1:
		l = length{months: 1 + g.IntN(30)}
		text = fmt.Sprintf("P%dM", l.months)
	case n == 2:
		l = length{months: 12 + g.IntN(12), days: g.IntN(15)}
		text = fmt.Sprintf("P1Y%dM%dD", l.months-12, l.days)
	case n == 3:
		l = length{days: 7 * (1 + g.IntN(8))}
		text = fmt.Sprintf("P%dW", l.days/7)
	default:
		l = length{months: 12 * (1 + g.IntN(8))}
		text = fmt.Sprintf("P%dY", l.months/12)
	}
	return l, text
}

func (g generator) world() *world {
	w := &world{zone: worldZones[g.IntN(len(worldZones))]}
	for range g.IntN(6) {
		m := moment{worldEvents[g.IntN(len(worldEvents))], g.instant(w.zone)}
		if n := len(w.moments); n > 0 && g.one(6) {
			m.at = w.moments[n-1].at
		}
		w.moments = append(w.moments, m)
	}
	for range g.IntN(3) {
		r := reply{question: "needed", yes: !g.one(3), at: g.instant(w.zone)}
		if g.one(3) {
			by := g.civil()
			r.reviewBy = &by
		}
		w.replies = append(w.replies, r)
	}
	return w
}

// spans adds holds and restrictions, some of which begin or end exactly when something else does.
func (g generator) spans(w *world, marks []time.Time) {
	pick := func() time.Time {
		if len(marks) > 0 && g.one(2) {
			return marks[g.IntN(len(marks))].Add(time.Duration(g.IntN(3)-1) * []time.Duration{1, time.Hour, 40 * 24 * time.Hour}[g.IntN(3)])
		}
		return g.instant(w.zone)
	}
	some := func() (list []stretch) {
		for range g.IntN(3) {
			s := stretch{from: pick()}
			switch g.IntN(3) {
			case 0:
			case 1:
				s.until = s.from.Add(time.Duration(g.IntN(900)) * 24 * time.Hour)
			default:
				if s.until = pick(); s.until.Before(s.from) {
					s.from, s.until = s.until, s.from
				}
			}
			list = append(list, s)
			if !s.until.IsZero() {
				marks = append(marks, s.until)
			}
		}
		return list
	}
	if g.one(2) {
		w.holds = some()
	}
	if g.one(2) {
		w.restrictions = some()
	}
}

func (g generator) rule(w *world, key string) *worldRule {
	r := &worldRule{key: key}
	rule := &retention.Rule{Key: key, Law: "t.law", Clause: "T-" + key}
	r.rule = rule
	if g.one(5) {
		r.happened = g.events(1)
	}
	if g.one(5) {
		r.notHappened = g.events(1)
	}
	rule.When = retention.Condition{Happened: r.happened, NotHappened: r.notHappened}
	if g.one(6) {
		r.question = "needed"
		var text string
		r.review, text = g.length(false)
		rule.Criterion = retention.Criterion{Question: "needed", Review: period(text)}
		return r
	}
	r.kind = retention.AnchorKind(1 + g.IntN(8))
	if r.transient = g.one(10); r.transient {
		r.kind = retention.AnchorKind(1 + g.IntN(4))
	}
	switch r.kind {
	case retention.OnGivenDate:
		rule.Anchor.Date = "limitation-" + key
		if !g.one(4) {
			day := g.civil()
			r.given = &day
		}
	case retention.OnLaterOf:
		r.events = g.events(2)
	case retention.OnCaseEnd:
		names := g.events(2)
		r.events = names[:1]
		if g.one(2) {
			r.reopened = names[1:]
		}
	default:
		r.events = g.events(1 + g.IntN(2))
	}
	rule.Anchor.Kind, rule.Anchor.Events, rule.Anchor.Reopened = r.kind, r.events, r.reopened
	if rule.Transient = r.transient; r.transient {
		return r
	}
	instantKind := r.kind <= retention.OnCaseEnd
	if r.elapsed = instantKind && g.one(4); r.elapsed {
		rule.Unit = retention.ElapsedTime
	}
	which := 1 + g.IntN(3) // floor, ceiling, both
	if which&1 != 0 {
		l, text := g.length(r.elapsed)
		r.floor, rule.Floor = &l, period(text)
	}
	switch {
	case which&2 == 0:
	case g.one(6):
		r.table, rule.Table = true, "table-"+key
		if !g.one(4) {
			l, text := g.length(g.one(2))
			r.tableLength = &l
			rule.Note = text // carried to the facts
		}
	case g.one(6):
		r.ceiling, rule.Ceiling = &length{}, period("P0D")
	default:
		l, text := g.length(r.elapsed)
		r.ceiling, rule.Ceiling = &l, period(text)
	}
	return r
}

// financialEnds makes the ends of consecutive years of 3 to 18 months, mostly ending with a month.
func (g generator) financialEnds() []civil {
	day := civil{1996 + g.IntN(8), 12, 31}
	ends := []civil{day}
	for range 3 + g.IntN(25) {
		months := 12
		if g.one(5) {
			months = 3 + g.IntN(16)
		}
		day = length{months: months}.lastDay(day, true)
		if g.one(12) {
			for range 1 + g.IntN(10) {
				day = day.next()
			}
		}
		ends = append(ends, day)
	}
	return ends
}

// facts translates the oracle's world for the package.
func (w *world) facts(rules []*worldRule, ends []civil) *retention.Facts {
	f := &retention.Facts{Zone: w.zone}
	var years []retention.FinancialYear
	for i := 1; i < len(ends); i++ {
		years = append(years, retention.FinancialYear{Start: ends[i-1].next().date(), End: ends[i].date()})
	}
	table, err := retention.NewFinancialYears(years...)
	if err != nil {
		panic(err)
	}
	f.Years = table
	for _, m := range w.moments {
		f.Events = append(f.Events, retention.Event{Key: m.key, At: m.at})
	}
	for _, a := range w.replies {
		n := retention.Necessity{Question: a.question, Necessary: a.yes, At: a.at}
		if a.reviewBy != nil {
			n.ReviewBy = a.reviewBy.date()
		}
		f.Answers = append(f.Answers, n)
	}
	for _, s := range w.holds {
		f.Holds = append(f.Holds, retention.Span{From: s.from, Until: s.until})
	}
	for _, s := range w.restrictions {
		f.Restrictions = append(f.Restrictions, retention.Span{From: s.from, Until: s.until})
	}
	for _, r := range rules {
		if r.given != nil {
			f.Days = append(f.Days, retention.GivenDay{Key: r.rule.Anchor.Date, Day: r.given.date()})
		}
		if r.tableLength != nil {
			f.Lengths = append(f.Lengths, retention.GivenLength{Table: r.rule.Table, Length: period(r.rule.Note)})
		}
	}
	return f
}
