package retention

import (
	"slices"
	"strings"
)

// Statute is what a law says about how long data is kept. [Validate] holds against it the rules that cite the law:
// a floor that the law does not state is no duty, and a ceiling above the law's is no permission.
type Statute struct {
	Law      string // key; a rule cites it by this key or by one below it, as "dk.hvl.30"
	Citation string
	Anchors  []AnchorKind // where the law may count from; empty when it leaves that open
	Floor    Period
	Ceiling  Period
}

// Statutes returns the laws of Denmark, Sweden and the Netherlands that the rules of lending, leasing and rental
// services cite most. The list is no legal advice, and is the caller's to change.
func Statutes() []Statute {
	years := func(n uint16) Period { return Period{months: 12 * n, stated: true} }
	relation := []AnchorKind{OnEvent, OnLaterOf, OnCaseEnd}
	return []Statute{
		{"dk.hvl", "Hvidvaskloven § 30(2)", relation, years(5), years(5)},
		{"dk.bfl", "Bogføringsloven § 12", []AnchorKind{OnFinancialYearEnd}, years(5), Period{}},
		{"dk.tvo", "TV-overvågningsloven § 4 c", []AnchorKind{OnEvent}, Period{}, Period{days: 30, stated: true}},
		{"se.bfl", "Bokföringslagen 7 kap. 2 §", []AnchorKind{OnFinancialCalendarYearEnd}, years(7), Period{}},
		{"se.ptl", "Penningtvättslagen 5 kap. 3-4 §§", relation, years(5), years(10)},
		{"nl.awr", "Algemene wet inzake rijksbelastingen art. 52(4)", nil, years(7), Period{}},
		{"nl.wwft", "Wwft art. 33(3), 34a", relation, years(5), years(5)},
	}
}

func (s *Statute) check(r *Rule) []Problem {
	if s.Law == "" || r.Law != s.Law && !strings.HasPrefix(r.Law, s.Law+".") {
		return nil
	}
	c := checker{rule: r.Key}
	c.when(!s.Floor.IsZero() && r.Floor != s.Floor, FloorNotStatute, "floor")
	c.when(r.Ceiling.CanExceed(s.Ceiling), CeilingAboveStatute, "ceiling")
	c.when(len(s.Anchors) > 0 && !slices.Contains(s.Anchors, r.Anchor.Kind), AnchorNotStatute, "anchor.kind")
	for i := range c.problems {
		c.problems[i].Other = s.Law
	}
	return c.problems
}
