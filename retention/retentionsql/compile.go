package retentionsql

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Dialect is the kind of database. The zero Dialect is none.
type Dialect uint8

const (
	Postgres Dialect = iota + 1 // PostgreSQL 14 or later
	SQLite                      // 3.30 or later
)

// KeyType is what the column of keys holds. It must be unique.
type KeyType uint8

const (
	TextKey    KeyType = iota
	IntegerKey         // decimal in [retention.Row.Key]
	UUIDKey            // PostgreSQL's uuid
)

// Source says what a schedule's [retention.Layout] does not: which table holds the rows, and how.
type Source struct {
	Table string // as "customers" or "crm.customers"
	Key   KeyType
	// Days are the columns of events, answers, holds and restrictions that hold a day instead of an instant.
	Days []string
	// Lengths are what columns of lengths may hold. A row with any other is decided about in memory.
	Lengths []retention.Period
}

// compiler turns the rules of a schedule into conditions at an instant.
type compiler struct {
	dialect Dialect
	src     Source
	layout  retention.Layout
	zone    *time.Location
	years   retention.FinancialYears
	at      time.Time
	known   int64 // the first microsecond after the instant: what is before is known
	leaps   bool

	table, key, category string // quoted
	columns              []*column
	events_              map[string][]*column
	days, lengths        map[string]*column
	answers              map[string][]answerColumns
	questions            []string
	holds, restrictions  []spanColumns
	restricted           *column

	memory []node // rows that only memory can decide about
	bad    []error
}

type answerColumns struct{ necessary, at, reviewBy *column }

type spanColumns struct{ from, until, ref *column }

// Compile turns a schedule into conditions for one instant. It refuses, all at once and naming the place, names that are
// no identifiers and columns that would have to hold two kinds of values.
func Compile(s *retention.Schedule, src Source, d Dialect, at time.Time) (*Query, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: no schedule", ErrQuery)
	}
	if _, err := s.Decide(retention.Row{}, at); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	if d != Postgres && d != SQLite {
		return nil, fmt.Errorf("%w: unknown dialect", ErrQuery)
	}
	t := s.Table()
	src.Days, src.Lengths = slices.Clone(src.Days), slices.Clone(src.Lengths)
	k := &compiler{dialect: d, src: src, layout: t.Layout, zone: t.Zone, years: t.Years, at: at, known: micros(at.Add(1)),
		events_: map[string][]*column{}, days: map[string]*column{}, lengths: map[string]*column{}, answers: map[string][]answerColumns{}}
	k.names()
	k.bindColumns()
	if len(k.bad) > 0 {
		return nil, errors.Join(k.bad...)
	}
	k.leaps = leapsDays(t.Zone)
	q := &Query{k: k, schedule: s, at: at}
	q.build(t)
	return q, nil
}

func (k *compiler) refuse(format string, args ...any) {
	k.bad = append(k.bad, fmt.Errorf("%w: "+format, append([]any{ErrQuery}, args...)...))
}

func (k *compiler) column(name string) *column {
	return k.columns[slices.Index(k.layout.Columns(), name)]
}

func (k *compiler) events(keys []string) events {
	e := events{k: k}
	for _, key := range keys {
		for _, c := range k.events_[key] {
			if !slices.Contains(e.cols, c) {
				e.cols = append(e.cols, c)
			}
		}
	}
	return e
}

// names quotes the table, the key and the category.
func (k *compiler) names() {
	table, ok := quotedTable(k.src.Table, k.dialect)
	if !ok {
		k.refuse("table: not a name")
	}
	k.table = table
	k.key = k.ident("key", k.layout.Key)
	if k.layout.Category != "" {
		k.category = k.ident("category", k.layout.Category)
	}
	if k.src.Key > UUIDKey || k.src.Key == UUIDKey && k.dialect != Postgres {
		k.refuse("key: no such type in this database")
	}
	for i, p := range k.src.Lengths {
		if p.IsZero() || slices.Contains(k.src.Lengths[:i], p) {
			k.refuse("lengths[%d]: empty or repeated", i)
		}
	}
	for _, d := range k.src.Days {
		if !slices.Contains(k.layout.Columns(), d) {
			k.refuse("days: %s is no column of the layout", strconv.Quote(d))
		}
	}
}

func (k *compiler) ident(place, name string) string {
	q, ok := quoted(name, k.dialect)
	if !ok {
		k.refuse("%s: %s is no name of a column", place, strconv.Quote(name))
	}
	return "t." + q
}

// bindColumns gives every column of the layout its type and its roles.
func (k *compiler) bindColumns() {
	l := &k.layout
	names := l.Columns()
	for _, n := range names {
		k.columns = append(k.columns, &column{name: k.ident("layout", n), typ: 255, k: k})
	}
	get := func(name string, typ columnType) *column {
		if name == "" {
			return nil
		}
		c := k.columns[slices.Index(names, name)]
		if typ == instantType && slices.Contains(k.src.Days, name) {
			typ = dayType
		}
		if c.typ != 255 && c.typ != typ {
			k.refuse("layout: column %s would have to hold two kinds of values", strconv.Quote(name))
		}
		c.typ = typ
		return c
	}
	for _, e := range l.Events {
		k.events_[e.Event] = append(k.events_[e.Event], get(e.Column, instantType))
	}
	for _, d := range l.Days {
		k.days[d.Date] = get(d.Column, dayType)
	}
	for _, n := range l.Lengths {
		k.lengths[n.Table] = get(n.Column, lengthType)
	}
	for _, a := range l.Answers {
		if !slices.Contains(k.questions, a.Question) {
			k.questions = append(k.questions, a.Question)
		}
		k.answers[a.Question] = append(k.answers[a.Question],
			answerColumns{get(a.Necessary, answerType), get(a.At, instantType), get(a.ReviewBy, dayType)})
	}
	spans := func(list []retention.SpanColumns) (out []spanColumns) {
		for _, s := range list {
			out = append(out, spanColumns{get(s.From, instantType), get(s.Until, instantType), get(s.Ref, textType)})
		}
		return out
	}
	k.holds, k.restrictions = spans(l.Holds), spans(l.Restrictions)
	k.restricted = get(l.Restricted, instantType)
}

// soundKey holds for keys that find their row again.
func (k *compiler) soundKey() node {
	switch {
	case k.src.Key == TextKey && k.dialect == SQLite:
		return raw("(typeof(" + k.key + ") = 'text' AND " + k.key + " <> '')")
	case k.src.Key == TextKey:
		return raw("(" + k.key + " IS NOT NULL AND " + k.key + " <> '')")
	case k.dialect == SQLite:
		return raw("(typeof(" + k.key + ") = 'integer')")
	}
	return raw("(" + k.key + " IS NOT NULL)")
}

// sound holds for rows that are well formed, as far as one row at a time can be told so.
func (k *compiler) sound() node {
	all := []node{k.soundKey()}
	for _, e := range k.layout.Events {
		all = append(all, k.column(e.Column).asInstant())
	}
	for _, d := range k.layout.Days {
		all = append(all, k.days[d.Date].sound())
	}
	for _, n := range k.layout.Lengths {
		c := k.lengths[n.Table]
		all = append(all, c.sound())
		var known []node
		for _, p := range k.src.Lengths {
			known = append(known, c.equals(p.String()))
		}
		k.memory = append(k.memory, and(c.there(), not(or(known...))))
	}
	for _, question := range k.questions {
		for _, a := range k.answers[question] {
			all = append(all, a.at.asInstant(), or(a.at.there(), a.necessary.null()), or(a.at.null(), and(a.necessary.there(), a.necessary.sound())))
			if a.reviewBy != nil {
				all = append(all, or(a.at.null(), a.reviewBy.sound()))
			}
		}
	}
	for _, list := range [][]spanColumns{k.holds, k.restrictions} {
		for _, s := range list {
			all = append(all, s.from.asInstant())
			if s.until != nil {
				all = append(all, or(s.from.there(), s.until.null()), s.until.asInstant())
				both := and(s.from.there(), s.until.there())
				if s.from.typ == s.until.typ {
					both = s.until.beside("<", s.from)
				}
				k.memory = append(k.memory, both)
			}
			if s.ref != nil {
				all = append(all, or(s.from.null(), s.ref.sound()))
			}
		}
	}
	if k.restricted != nil {
		all = append(all, k.restricted.asInstant())
	}
	return and(all...)
}

// inForce holds when one of the spans is in force.
func (k *compiler) inForce(list []spanColumns) node {
	var any []node
	for _, s := range list {
		n := s.from.before(k.known)
		if s.until != nil {
			n = and(n, not(s.until.before(k.known)))
		}
		any = append(any, n)
	}
	return or(any...)
}
