package retentionsql

import (
	"slices"

	"github.com/purposebound/purposebound/retention"
)

// ruleStates are what one rule can say of a row.
type ruleStates struct {
	rule   *retention.Rule
	states []state
}

// say holds when the rule says something of which ok holds.
func (r *ruleStates) say(ok func(*state) bool) node {
	var list []node
	for i := range r.states {
		if ok(&r.states[i]) {
			list = append(list, r.states[i].when)
		}
	}
	return or(list...)
}

// group is the rows of one category, or all.
type group struct {
	uses [][]int // places in Query.rules
	// data are the places in uses of the purposes that keep each datum of a row: one datum for each category that it
	// holds beside others.
	data [][]int
	is   node // rows of the group
}

// bear adds the uses that bear upon a category, with those for all, to the group as a datum of its own.
func (g *group) bear(list []use, category string) {
	var datum []int
	for _, u := range list {
		if u.category != "" && u.category != category {
			continue
		}
		i := slices.IndexFunc(g.uses, func(o []int) bool { return slices.Equal(o, u.rules) })
		if i < 0 {
			i = len(g.uses)
			g.uses = append(g.uses, u.rules)
		}
		if !slices.Contains(datum, i) {
			datum = append(datum, i)
		}
	}
	g.data = append(g.data, datum)
}

// use is a purpose that keeps rows, with the places of its rules in Query.rules.
type use struct {
	category string
	rules    []int
}

// isCategory compares bytes, whatever the column's collation.
func (k *compiler) isCategory(c string) node {
	a := arg{kind: textArg, text: c}
	if k.dialect == SQLite {
		return atom{[]string{"(typeof(" + k.category + ") = 'text' AND " + k.category + " COLLATE BINARY = ", ")"}, []arg{a}}
	}
	return atom{[]string{"(" + k.category + ` IS NOT NULL AND ` + k.category + `::text COLLATE "C" = `, ")"}, []arg{a}}
}

// decide builds the classes of the rows.
func (q *Query) decide() {
	var keep, may, erase, weigh, mixed []node
	for _, g := range q.groups {
		var keeps, mays, erases, weighs, mutes []node
		ends := [3]node{constant(false), constant(false), constant(false)} // by Then
		for _, use := range g.uses {
			any := func(ok func(*state) bool) node {
				var list []node
				for _, i := range use {
					list = append(list, q.rules[i].say(ok))
				}
				return or(list...)
			}
			run := any(func(s *state) bool { return s.duty == running })
			over := any(func(s *state) bool { return s.permit == closed })
			owed := any(func(s *state) bool { return s.duty != noDuty })
			opens := any(func(s *state) bool { return s.permit == open })
			asks := any(func(s *state) bool { return s.permit == unknown })
			mute := q.mute(use)
			mutes = append(mutes, mute)
			keeps = append(keeps, or(run, and(q.hold, not(over), not(mute))))
			weighs = append(weighs, and(over, q.span, not(run)))
			erases = append(erases, and(over, not(owed), not(q.span)))
			mays = append(mays, and(opens, not(over), not(asks), not(run), not(q.hold)))
			for _, i := range use {
				then := q.rules[i].rule.Then
				ends[then] = or(ends[then], q.rules[i].say(func(s *state) bool { return s.permit == closed }))
			}
		}
		var goes []node // every datum of the row
		for _, datum := range g.data {
			goes = append(goes, gone(datum, mutes, erases))
			keeps = append(keeps, and(q.hold, allOf(datum, mutes)))
		}
		keep = append(keep, and(g.is, or(keeps...)))
		weigh = append(weigh, and(g.is, or(weighs...)))
		may = append(may, and(g.is, or(mays...)))
		erase = append(erase, and(g.is, and(goes...)))
		mixed = append(mixed, and(g.is, or(and(ends[0], ends[1]), and(ends[0], ends[2]), and(ends[1], ends[2]))))
	}
	q.classes[MustKeep], q.classes[MayKeep], q.classes[MustErase] = or(keep...), or(may...), or(erase...)
	q.mixed = or(mixed...)
	// A row that memory must weigh in one use is not, where another must keep it.
	q.memory = or(q.odd, and(or(weigh...), not(q.classes[MustKeep])), and(q.classes[MustErase], q.mixed))
}

// mute holds where no rule of a purpose applies.
func (q *Query) mute(use []int) node {
	var list []node
	for _, i := range use {
		list = append(list, q.rules[i].say(func(s *state) bool { return s.permit == absent }))
	}
	return and(list...)
}

// gone holds where every purpose of a datum ended; one to which no rule applies counts where none does.
func gone(datum []int, mutes, erases []node) node {
	if len(datum) == 1 {
		return erases[datum[0]]
	}
	all := []node{not(allOf(datum, mutes))}
	for _, i := range datum {
		all = append(all, or(mutes[i], erases[i]))
	}
	return and(all...)
}

func allOf(places []int, of []node) node {
	var list []node
	for _, i := range places {
		list = append(list, of[i])
	}
	return and(list...)
}
