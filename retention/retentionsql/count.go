package retentionsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/purposebound/purposebound/retention"
)

// Line is how many rows have one class for one reason.
type Line struct {
	Class   Class
	Then    retention.Then // of must-erase
	Applied bool           // restricted already
	// Reason is empty where several are possible.
	Reason retention.Reason
	// Rules are the rules that may have decided: one where it is certain, several where the database does not compare
	// their ends, none where no rule did.
	Rules []string
	Rows  int64
}

// Count returns the select that [Query.Counts] makes: how many rows have each combination of what the rules say, which is
// packed into few numbers.
func (q *Query) Count() Statement {
	w := newWriter(q.k.dialect)
	list := q.choices()
	columns := packed(list)
	var names []string
	for i := range columns {
		names = append(names, "s"+strconv.Itoa(i))
	}
	by := strings.Join(names, ", ")
	w.text("SELECT " + by + ", count(*) FROM (SELECT ")
	for i, places := range columns {
		if i > 0 {
			w.text(", ")
		}
		writePacked(w, list, places)
		w.text(" AS " + names[i])
	}
	w.text(" FROM " + q.k.table + " AS t) AS combinations GROUP BY " + by)
	return w.statement()
}

// Counts is a dry run in the database: how many rows have which class, and why.
func (q *Query) Counts(ctx context.Context, db Querier) ([]Line, error) {
	statement := q.Count()
	rows, err := db.QueryContext(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return nil, failed("count rows", err)
	}
	defer rows.Close()
	list := q.choices()
	columns := packed(list)
	numbers := make([]int, len(list))
	values := make([]uint, len(columns))
	var n int64
	targets := make([]any, 0, len(values)+1)
	for i := range values {
		targets = append(targets, &values[i])
	}
	targets = append(targets, &n)
	lines := map[string]*Line{}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, failed("read a count", err)
		}
		for i, places := range columns {
			unpack(numbers, list, places, values[i])
		}
		l := q.line(numbers)
		id := fmt.Sprint(l)
		if lines[id] == nil {
			lines[id] = &l
		}
		lines[id].Rows += n
	}
	if err := rows.Err(); err != nil {
		return nil, failed("read counts", err)
	}
	var all []Line
	for _, l := range lines {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Then, b.Then), slices.Compare(a.Rules, b.Rules),
			cmp.Compare(a.Reason, b.Reason), boolean(a.Applied)-boolean(b.Applied))
	})
	return all, nil
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// classOf is the class of a combination, as [Query.class] writes it. A row of which a rule says nothing is left to memory.
func (q *Query) classOf(s []int) Class {
	switch {
	case s[soundMark] == 0:
		return PersonDecides
	case slices.Contains(s[ruleMarks:], 0) || told(q.memory, s):
		return InMemory
	case told(q.classes[MustKeep], s):
		return MustKeep
	case told(q.classes[MayKeep], s):
		return MayKeep
	case told(q.classes[MustErase], s):
		return MustErase
	}
	return PersonDecides
}

// line reads one combination.
func (q *Query) line(s []int) Line {
	l := Line{Class: q.classOf(s)}
	switch {
	case l.Class == InMemory:
		return l
	case s[soundMark] == 0:
		l.Reason = retention.FactsInvalid
		return l
	case s[groupMark] == 0:
		l.Reason = retention.NoRule
		return l
	}
	causes := q.causes(&q.groups[s[groupMark]-1], l.Class, s)
	if len(causes) == 0 {
		return l // no reason is certain
	}
	if l.Class == PersonDecides {
		causes = []cause{least(causes)}
	}
	l.Reason = causes[0].reason
	for _, c := range causes {
		if c.rule != "" && !slices.Contains(l.Rules, c.rule) {
			l.Rules = append(l.Rules, c.rule)
		}
		if c.reason != l.Reason {
			l.Reason = ""
		}
		l.Then = c.then
	}
	slices.Sort(l.Rules)
	if l.Class != MustErase {
		l.Then = 0
	}
	l.Applied = l.Class == MustErase && l.Then == retention.Restrict && s[appliedMark] == 1
	return l
}

// causes are what may have decided that the rows of a combination have a class.
func (q *Query) causes(g *group, is Class, s []int) (causes []cause) {
	hold := []cause{{state: state{reason: retention.OnHold}}}
	mute := make([]bool, len(g.uses))
	for n, use := range g.uses {
		var words []cause
		for _, i := range use {
			r := &q.rules[i]
			words = append(words, cause{r.rule.Key, r.states[s[ruleMarks+i]-1], r.rule.Then})
		}
		if mute[n] = !slices.ContainsFunc(words, func(c cause) bool { return c.permit != absent }); mute[n] {
			continue
		}
		class, because := verdict(words)
		if s[holdMark] == 1 && is == MustKeep && class != MustKeep {
			class, because = MustKeep, hold
		}
		if class == is {
			causes = append(causes, because...)
		}
	}
	for _, datum := range g.data {
		if slices.ContainsFunc(datum, func(n int) bool { return !mute[n] }) {
			continue
		}
		switch {
		case s[holdMark] == 1 && is == MustKeep:
			causes = append(causes, hold...)
		case s[holdMark] == 0 && is == PersonDecides:
			causes = append(causes, cause{state: state{reason: retention.NoRule}})
		}
	}
	return causes
}

// cause is what a rule says, and so may have decided.
type cause struct {
	rule string
	state
	then retention.Then
}

func least(list []cause) cause {
	return slices.MinFunc(list, func(a, b cause) int { return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.reason, b.reason)) })
}

// verdict is the class of one purpose to which a rule applies and on whose rows no hold decides, and the rules that may be why.
func verdict(words []cause) (Class, []cause) {
	with := func(ok func(cause) bool) (list []cause) {
		for _, c := range words {
			if ok(c) {
				list = append(list, c)
			}
		}
		return list
	}
	if list := with(func(c cause) bool { return c.duty == running }); len(list) > 0 {
		for i := range list {
			list[i].reason = retention.FloorRunning
		}
		return MustKeep, list
	}
	if list := with(func(c cause) bool { return c.permit == closed }); len(list) > 0 {
		strongest := noDuty
		for _, c := range words {
			strongest = max(strongest, c.duty)
		}
		if strongest == noDuty {
			return MustErase, list
		}
		owed := with(func(c cause) bool { return c.duty == strongest })
		for i := range owed {
			if owed[i].duty == pending {
				owed[i].reason = retention.FloorPending
			}
		}
		return PersonDecides, []cause{least(owed)}
	}
	strongest := absent
	for _, c := range words {
		strongest = max(strongest, c.permit)
	}
	list := with(func(c cause) bool { return c.permit == strongest })
	if strongest == open {
		if ceilings := with(func(c cause) bool { return c.permit == open && c.ceils }); len(ceilings) > 0 {
			return MayKeep, ceilings
		}
		return MayKeep, []cause{least(list)}
	}
	return PersonDecides, []cause{least(list)}
}
