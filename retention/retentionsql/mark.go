package retentionsql

import (
	"math"
	"slices"
	"strconv"
)

// Places among the marks of a row; the rules' own come after them.
const (
	soundMark = iota
	memoryMark
	groupMark
	appliedMark
	holdMark
	spanMark
	ruleMarks
)

// mark is a condition with a number in a list of which at most one holds for a row: the database tells the number, and
// what is built of marks can be told from the numbers alone.
type mark struct {
	node
	place, number int // the number is 0 where none of the list holds
}

// marked gives a condition its place and number; a constant needs none.
func marked(n node, place, number int) node {
	if _, ok := n.(constant); ok {
		return n
	}
	return mark{n, place, number}
}

// told reports whether a condition built of marks holds for a row that has these numbers.
func told(n node, numbers []int) bool {
	switch n := n.(type) {
	case constant:
		return bool(n)
	case mark:
		return numbers[n.place] == n.number
	case negation:
		return !told(n.of, numbers)
	case every:
		return !slices.ContainsFunc(n, func(n node) bool { return !told(n, numbers) })
	case some:
		return slices.ContainsFunc(n, func(n node) bool { return told(n, numbers) })
	}
	return false // nothing that is asked holds other conditions
}

// choice is a list of conditions that have the numbers from 1 at one place. Where one were NULL in spite of all, certain
// says how it counts.
type choice struct {
	of      []node
	certain string
}

// choices are by place.
func (q *Query) choices() []choice {
	var groups []node
	for _, g := range q.groups {
		groups = append(groups, g.is)
	}
	list := []choice{soundMark: {[]node{q.sound}, "IS TRUE"}, memoryMark: {[]node{q.odd}, "IS NOT FALSE"}, groupMark: {groups, "IS TRUE"},
		appliedMark: {[]node{q.applied}, "IS TRUE"}, holdMark: {[]node{q.hold}, "IS NOT FALSE"}, spanMark: {[]node{q.span}, "IS NOT FALSE"}}
	for _, r := range q.rules {
		var states []node
		for _, s := range r.states {
			states = append(states, s.when)
		}
		list = append(list, choice{states, "IS TRUE"})
	}
	return list
}

// packed divides places among columns, so that the numbers of each make up one that both databases hold: grouping by few
// columns is cheaper.
func packed(list []choice) (columns [][]int) {
	room := 0
	for place, c := range list {
		if room /= len(c.of) + 1; room == 0 {
			columns = append(columns, nil)
			room = math.MaxInt32 / (len(c.of) + 1)
		}
		last := len(columns) - 1
		columns[last] = append(columns[last], place)
	}
	return columns
}

// writePacked writes the numbers of some places as one.
func writePacked(w *writer, list []choice, places []int) {
	unit := 1
	for i, place := range places {
		if i > 0 {
			w.text(" + ")
		}
		w.text("CASE")
		for j, n := range list[place].of {
			w.text(" WHEN (")
			n.write(w)
			w.text(") " + list[place].certain + " THEN " + strconv.Itoa((j+1)*unit))
		}
		w.text(" ELSE 0 END")
		unit *= len(list[place].of) + 1
	}
}

// unpack is the contrary of writePacked.
func unpack(numbers []int, list []choice, places []int, value uint) {
	for _, place := range places {
		base := uint(len(list[place].of) + 1)
		numbers[place] = int(value % base)
		value /= base
	}
}
