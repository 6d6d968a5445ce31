package retentionsql

import (
	"slices"
	"strconv"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Statement is SQL text with the arguments for its placeholders.
type Statement struct {
	SQL  string
	Args []any
}

// Class is what a database can say of a row: one of the four of [retention.Status], or that only memory can tell.
type Class uint8

const (
	PersonDecides Class = iota
	MustErase
	MayKeep
	MustKeep
	InMemory // the end of a hold or restriction, or several answers, must be weighed: see [Query.Plan]
)

var classNames = [...]string{"person-decides", "must-erase", "may-keep", "must-keep", "in-memory"}

// String returns the class's name, as "must-erase".
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "unknown"
}

// Query is a schedule as conditions on the rows of a SQL table, at one instant. It never changes and is safe for
// concurrent use.
type Query struct {
	k        *compiler
	schedule *retention.Schedule
	at       time.Time
	rules    []ruleStates
	groups   []group
	sound    node
	odd      node // only memory can tell, whatever the rules say
	memory   node
	hold     node // one is in force
	span     node // a hold or a restriction is
	applied  node // restricted already

	classes [4]node // by Class, of rows that are sound and not for memory
	mixed   node    // rows to be erased by rules that do not agree on what that means
}

// At returns the instant.
func (q *Query) At() time.Time { return q.at }

func (q *Query) build(t retention.Table) {
	k := q.k
	place := map[string]int{}
	q.sound = k.sound()
	rules := func(of []*retention.Rule) (list []int) {
		for _, r := range of {
			i, ok := place[r.Key]
			if !ok {
				i = len(q.rules)
				place[r.Key] = i
				own := *r
				states := k.states(&own)
				for j := range states {
					states[j].when = marked(states[j].when, ruleMarks+i, j+1)
				}
				q.rules = append(q.rules, ruleStates{&own, states})
			}
			if !slices.Contains(list, i) {
				list = append(list, i)
			}
		}
		slices.Sort(list)
		return list
	}
	var uses []use
	var categories []string
	for _, u := range t.Uses {
		uses = append(uses, use{u.Category, rules(u.Rules)})
		if u.Category != "" && !slices.Contains(categories, u.Category) {
			categories = append(categories, u.Category)
		}
	}
	slices.Sort(categories)
	switch {
	case len(categories) == 0:
		g := group{is: constant(true)}
		g.bear(uses, "")
		q.groups = append(q.groups, g)
	case k.category == "": // each row holds all categories
		g := group{is: constant(true)}
		for _, c := range categories {
			g.bear(uses, c)
		}
		q.groups = append(q.groups, g)
	default:
		for i, c := range categories {
			g := group{is: marked(k.isCategory(c), groupMark, i+1)}
			g.bear(uses, c)
			q.groups = append(q.groups, g)
		}
	}
	q.odd = marked(or(k.memory...), memoryMark, 1)
	q.hold = marked(k.inForce(k.holds), holdMark, 1)
	q.span = marked(k.inForce(append(slices.Clone(k.holds), k.restrictions...)), spanMark, 1)
	q.applied = constant(false)
	if k.restricted != nil {
		q.applied = k.restricted.before(k.known)
	}
	q.decide()
}

// class writes the class of a row as a number. What protects a row comes first and need not be certain; what erases it
// comes last and must be.
func (q *Query) class(w *writer) {
	w.text("CASE WHEN (")
	q.sound.write(w)
	w.text(") IS NOT TRUE THEN " + number(PersonDecides))
	when := func(n node, certain string, c Class) {
		w.text(" WHEN (")
		n.write(w)
		w.text(") " + certain + " THEN " + number(c))
	}
	when(q.memory, "IS NOT FALSE", InMemory)
	when(q.classes[MustKeep], "IS NOT FALSE", MustKeep)
	when(q.classes[MayKeep], "IS NOT FALSE", MayKeep)
	when(q.classes[MustErase], "IS TRUE", MustErase)
	w.text(" ELSE " + number(PersonDecides) + " END")
}

func number(c Class) string { return strconv.Itoa(int(c)) }

// where writes the rows of a class. The rows to be erased are written so that an index on the columns of events helps.
func (q *Query) where(w *writer, c Class) {
	if c == MustErase {
		and(q.classes[MustErase], not(q.classes[MustKeep]), not(q.classes[MayKeep]), q.sound, not(q.memory)).write(w)
		return
	}
	w.text("((")
	q.class(w)
	w.text(") = " + number(c) + ")")
}

// due writes the rows to which something has to be done now.
func (q *Query) due(w *writer, then retention.Then) {
	w.text("(")
	q.where(w, MustErase)
	w.text(" AND ")
	q.ends(then).write(w)
	if then == retention.Restrict {
		w.text(" AND ")
		not(q.applied).write(w)
	}
	w.text(")")
}

// ends holds when a rule ended that asks for then.
func (q *Query) ends(then retention.Then) node {
	var list []node
	for _, g := range q.groups {
		var own []node
		for _, use := range g.uses {
			for _, i := range use {
				if q.rules[i].rule.Then == then {
					own = append(own, q.rules[i].say(func(s *state) bool { return s.permit == closed }))
				}
			}
		}
		list = append(list, and(g.is, or(own...)))
	}
	return or(list...)
}

// Where returns the condition of a class, over a table with the alias t and with placeholders from 1.
func (q *Query) Where(c Class) Statement {
	w := newWriter(q.k.dialect)
	q.where(w, c)
	return w.statement()
}

// Due returns a select of the keys, in their order and after a key, of at most limit rows to which something has to be
// done now. An empty key is before the first.
func (q *Query) Due(then retention.Then, after string, limit int) (Statement, error) {
	return q.selectKeys(after, limit, func(w *writer) { q.due(w, then) })
}

// Keys returns a select of the keys of a class, as [Query.Due].
func (q *Query) Keys(c Class, after string, limit int) (Statement, error) {
	return q.selectKeys(after, limit, func(w *writer) { q.where(w, c) })
}

func (q *Query) selectKeys(after string, limit int, where func(*writer)) (Statement, error) {
	w := newWriter(q.k.dialect)
	w.text("SELECT " + q.k.keyText() + " FROM " + q.k.table + " AS t WHERE ")
	where(w)
	if err := q.k.page(w, after, limit); err != nil {
		return Statement{}, err
	}
	return w.statement(), nil
}
