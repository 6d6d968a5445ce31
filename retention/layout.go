package retention

import (
	"slices"
	"strings"
)

// Layout says which column of a store's rows holds which fact. Several columns may hold occurrences of one event, and
// several holds or restrictions may have columns of their own; NULL is one that there is not.
type Layout struct {
	Key      string `yaml:"key" json:"key"`                               // column of the row's key
	Category string `yaml:"category,omitempty" json:"category,omitempty"` // column of the row's category, where rows differ

	Events       []EventColumn   `yaml:"events,omitempty" json:"events,omitempty"`
	Days         []DayColumn     `yaml:"days,omitempty" json:"days,omitempty"`
	Lengths      []LengthColumn  `yaml:"lengths,omitempty" json:"lengths,omitempty"`
	Answers      []AnswerColumns `yaml:"answers,omitempty" json:"answers,omitempty"`
	Holds        []SpanColumns   `yaml:"holds,omitempty" json:"holds,omitempty"`
	Restrictions []SpanColumns   `yaml:"restrictions,omitempty" json:"restrictions,omitempty"`
	// Restricted is the column of the instant since when the row is only stored because a rule ended with [Restrict].
	Restricted string `yaml:"restricted,omitempty" json:"restricted,omitempty"`
}

// EventColumn holds the instant of an occurrence, or its day, which then stands for its first instant in the zone.
type EventColumn struct {
	Event  string `yaml:"event" json:"event"`
	Column string `yaml:"column" json:"column"`
}

// DayColumn holds a day that the case supplies ([GivenDay]).
type DayColumn struct {
	Date   string `yaml:"date" json:"date"`
	Column string `yaml:"column" json:"column"`
}

// LengthColumn holds the length that a table kept elsewhere gives ([GivenLength]).
type LengthColumn struct {
	Table  string `yaml:"table" json:"table"`
	Column string `yaml:"column" json:"column"`
}

// AnswerColumns hold a person's answer ([Necessity]). Without an instant there is none.
type AnswerColumns struct {
	Question  string `yaml:"question" json:"question"`
	Necessary string `yaml:"necessary" json:"necessary"`
	At        string `yaml:"at" json:"at"`
	ReviewBy  string `yaml:"review_by,omitempty" json:"review_by,omitempty"` // optional column
}

// SpanColumns hold a hold or a restriction ([Span]). Without a start there is none.
type SpanColumns struct {
	From  string `yaml:"from" json:"from"`
	Until string `yaml:"until,omitempty" json:"until,omitempty"` // optional column; without one it has no end
	Ref   string `yaml:"ref,omitempty" json:"ref,omitempty"`     // optional column
}

// Columns lists the columns of [Row.Values] in order. A column that serves twice is listed once.
func (l *Layout) Columns() []string {
	c := l.compile()
	return c.columns
}

// columns is a layout with places in Row.Values for names of columns.
type columns struct {
	columns      []string
	events       []factColumn
	days         []factColumn
	lengths      []factColumn
	answers      []answerPlaces
	holds        []spanPlaces
	restrictions []spanPlaces
	restricted   int // -1 for none
}

type factColumn struct {
	key string
	at  int
}

type answerPlaces struct {
	question                string
	necessary, at, reviewBy int
}

type spanPlaces struct{ from, until, ref int }

func (l *Layout) compile() *columns {
	c := &columns{}
	for _, e := range l.Events {
		c.events = append(c.events, factColumn{e.Event, c.place(e.Column)})
	}
	for _, d := range l.Days {
		c.days = append(c.days, factColumn{d.Date, c.place(d.Column)})
	}
	for _, n := range l.Lengths {
		c.lengths = append(c.lengths, factColumn{n.Table, c.place(n.Column)})
	}
	for _, a := range l.Answers {
		c.answers = append(c.answers, answerPlaces{a.Question, c.place(a.Necessary), c.place(a.At), c.place(a.ReviewBy)})
	}
	c.holds, c.restrictions = c.spans(l.Holds), c.spans(l.Restrictions)
	c.restricted = c.place(l.Restricted)
	return c
}

func (c *columns) spans(list []SpanColumns) (places []spanPlaces) {
	for _, s := range list {
		places = append(places, spanPlaces{c.place(s.From), c.place(s.Until), c.place(s.Ref)})
	}
	return places
}

// place returns the column's place, -1 for no column.
func (c *columns) place(column string) int {
	if column == "" {
		return -1
	}
	if i := slices.Index(c.columns, column); i >= 0 {
		return i
	}
	c.columns = append(c.columns, column)
	return len(c.columns) - 1
}

// problems lists what is wrong with the layout alone.
func (l *Layout) problems() (bad []string) {
	named := func(list, key, column string) {
		switch {
		case strings.TrimSpace(key) == "":
			bad = append(bad, list+": an entry has no key")
		case strings.TrimSpace(column) == "":
			bad = append(bad, list+": "+quote(key)+" has no column")
		}
	}
	once := func(list string, keys []string) {
		for i, k := range keys {
			if slices.Contains(keys[:i], k) {
				bad = append(bad, list+": "+quote(k)+" repeats")
			}
		}
	}
	if strings.TrimSpace(l.Key) == "" {
		bad = append(bad, "key: no column")
	}
	for _, e := range l.Events {
		named("events", e.Event, e.Column)
	}
	var days, tables []string
	for _, d := range l.Days {
		named("days", d.Date, d.Column)
		days = append(days, d.Date)
	}
	for _, n := range l.Lengths {
		named("lengths", n.Table, n.Column)
		tables = append(tables, n.Table)
	}
	once("days", days)
	once("lengths", tables)
	for _, a := range l.Answers {
		named("answers", a.Question, a.Necessary)
		named("answers", a.Question, a.At)
	}
	for _, s := range l.Holds {
		named("holds", "from", s.From)
	}
	for _, s := range l.Restrictions {
		named("restrictions", "from", s.From)
	}
	return bad
}
