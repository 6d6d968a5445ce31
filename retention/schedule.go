package retention

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// ErrSchedule is what every error of [NewSchedule] wraps.
var ErrSchedule = errors.New("retention: table cannot be scheduled")

// Table says how long the rows of one store are kept. It is plain data; [NewSchedule] compiles it.
type Table struct {
	Name   string         // a key, for reports
	Zone   *time.Location // the controller's
	Years  FinancialYears // the controller's
	Layout Layout
	// Uses are all purposes that keep the rows. A row goes when the last of them ended.
	Uses []Use
}

// Use is one purpose that keeps data, with all the rules that its activities cite for it.
type Use struct {
	Purpose  string
	Category string // the rows that the use is for, where the layout has a column of categories; empty for all
	Rules    []*Rule
}

// UsesOf makes uses of what the rules say of themselves: one for each category and purpose that rules name, with all
// rules that name both. A rule that names no category, or no purpose, is for all. Categories and purposes are compared as
// keys; whoever has a tree of them lists the leaves.
func UsesOf(rules ...*Rule) []Use {
	named := func(of func(*Rule) []string) (keys []string) {
		for _, r := range rules {
			if r != nil {
				keys = append(keys, of(r)...)
			}
		}
		if len(keys) == 0 {
			return []string{""}
		}
		slices.Sort(keys)
		return slices.Compact(keys)
	}
	bears := func(list []string, key string) bool { return len(list) == 0 || slices.Contains(list, key) }
	var uses []Use
	for _, category := range named(func(r *Rule) []string { return r.Categories }) {
		for _, purpose := range named(func(r *Rule) []string { return r.Purposes }) {
			u := Use{Purpose: purpose, Category: category}
			for _, r := range rules {
				if r == nil || bears(r.Categories, category) && bears(r.Purposes, purpose) {
					u.Rules = append(u.Rules, r)
				}
			}
			if len(u.Rules) > 0 {
				uses = append(uses, u)
			}
		}
	}
	return uses
}

// Schedule decides about the rows of one [Table]. It never changes and is safe for concurrent use.
type Schedule struct {
	table   Table
	columns *columns
	days    *zoneDays
	every   uses             // of all rows
	only    map[string]*uses // of rows of a category, with those of all
	scratch sync.Pool        // *work
}

// work is the memory of one decision, used again for the next.
type work struct {
	facts    Facts
	asked    summary
	verdicts [3]verdict
	spoke    []bool // by list of uses
}

// uses are the purposes that keep a row.
type uses struct {
	lists [][]*Rule // each once
	// data are the places in lists of the purposes that keep each datum of the row: one datum for each category that a
	// row holds beside others.
	data [][]int
}

// bear adds the uses that bear upon a category, with those for all, to a datum.
func (u *uses) bear(datum int, list []Use, category string) {
	for i := range list {
		if list[i].Category == "" || list[i].Category == category {
			u.add(datum, list[i].Rules)
		}
	}
}

// add adds a use, with its rules in order of their keys, to a datum: purposes that cite the same rules have the same answer.
func (u *uses) add(datum int, rules []*Rule) {
	sorted := make([]*Rule, len(rules))
	for i, r := range rules {
		own := *r
		sorted[i] = &own
	}
	slices.SortFunc(sorted, func(a, b *Rule) int { return compareText(a.Key, b.Key) })
	i := slices.IndexFunc(u.lists, func(l []*Rule) bool {
		return slices.EqualFunc(l, sorted, func(a, b *Rule) bool { return a.Key == b.Key })
	})
	if i < 0 {
		i = len(u.lists)
		u.lists = append(u.lists, sorted)
	}
	for len(u.data) <= datum {
		u.data = append(u.data, nil)
	}
	if !slices.Contains(u.data[datum], i) {
		u.data[datum] = append(u.data[datum], i)
	}
}

// undecided reports whether no list of some datum spoke.
func (u *uses) undecided(spoke []bool) bool {
	return slices.ContainsFunc(u.data, func(lists []int) bool {
		return !slices.ContainsFunc(lists, func(i int) bool { return spoke[i] })
	})
}

// NewSchedule compiles a table. It refuses, all at once and naming the place, rules that are wrong, a floor above a
// ceiling, and a layout that cannot hold what a rule asks about: an event without a column would never have happened.
func NewSchedule(t Table) (*Schedule, error) {
	s := &Schedule{table: t, columns: t.Layout.compile(), only: map[string]*uses{}}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.table.Uses = slices.Clone(t.Uses)
	s.days = newZoneDays(t.Zone)
	s.scratch.New = func() any {
		events := make([]Event, 0, len(s.columns.events))
		return &work{facts: Facts{Zone: t.Zone, Years: t.Years, Events: events, days: s.days}}
	}
	var categories []string
	for _, u := range t.Uses {
		if u.Category != "" && !slices.Contains(categories, u.Category) {
			categories = append(categories, u.Category)
		}
	}
	if t.Layout.Category == "" && len(categories) > 0 { // each row holds all categories
		for datum, c := range categories {
			s.every.bear(datum, t.Uses, c)
		}
		return s, nil
	}
	s.every.bear(0, t.Uses, "")
	for _, c := range categories {
		s.only[c] = &uses{}
		s.only[c].bear(0, t.Uses, c)
	}
	return s, nil
}

// Table returns what was compiled. Its lists are shared and must not be changed.
func (s *Schedule) Table() Table { return s.table }

// Rules returns the rules of the schedule in order of their keys.
func (s *Schedule) Rules() []Rule {
	byKey := map[string]Rule{}
	for _, u := range s.table.Uses {
		for _, r := range u.Rules {
			byKey[r.Key] = *r
		}
	}
	var all []Rule
	for _, r := range byKey {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Rule) int { return compareText(a.Key, b.Key) })
	return all
}

func (s *Schedule) check() error {
	var bad []error
	add := func(format string, args ...any) {
		bad = append(bad, fmt.Errorf("%w: "+format, append([]any{ErrSchedule}, args...)...))
	}
	if s.table.Name == "" {
		add("no name")
	}
	if s.table.Zone == nil || s.table.Zone == time.Local {
		bad = append(bad, fmt.Errorf("%w: %w", ErrSchedule, ErrZone))
	}
	if len(s.table.Uses) == 0 {
		add("no uses")
	}
	for _, p := range s.table.Layout.problems() {
		add("layout %s", p)
	}
	known := map[string]*Rule{}
	for i, u := range s.table.Uses {
		if len(u.Rules) == 0 {
			add("uses[%d] has no rules", i)
		}
		for j, r := range u.Rules {
			if r != nil && known[r.Key] != nil {
				if known[r.Key] != r {
					add("uses[%d]: two rules have the key %q", i, r.Key)
				}
			} else {
				for _, p := range r.Validate() {
					add("%v", p)
				}
				if r != nil {
					known[r.Key] = r
					s.unheld(r, add)
				}
			}
			for _, other := range u.Rules[:j] {
				for _, p := range Conflicts(other, r) {
					add("%v", p)
				}
			}
		}
	}
	return errors.Join(bad...)
}

// unheld reports what a rule asks about and no column holds.
func (s *Schedule) unheld(r *Rule, add func(string, ...any)) {
	holds := func(list []factColumn, key string) bool {
		return slices.ContainsFunc(list, func(c factColumn) bool { return c.key == key })
	}
	for _, list := range [][]string{r.Anchor.Events, r.Anchor.Reopened, r.When.Happened, r.When.NotHappened} {
		for _, event := range list {
			if !holds(s.columns.events, event) {
				add("rule %q: no column holds the event %q", r.Key, event)
			}
		}
	}
	if r.Anchor.Date != "" && !holds(s.columns.days, r.Anchor.Date) {
		add("rule %q: no column holds the day %q", r.Key, r.Anchor.Date)
	}
	if r.Table != "" && !holds(s.columns.lengths, r.Table) {
		add("rule %q: no column holds the length of %q", r.Key, r.Table)
	}
	question := r.Criterion.Question
	if question != "" && !slices.ContainsFunc(s.columns.answers, func(a answerPlaces) bool { return a.question == question }) {
		add("rule %q: no columns hold the answers to %q", r.Key, question)
	}
	if r.Then == Restrict && s.columns.restricted < 0 {
		add("rule %q: no column says that the row is restricted", r.Key)
	}
}

func quote(s string) string { return strconv.Quote(s) }

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return +1
	}
	return 0
}
