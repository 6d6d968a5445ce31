package retentionsql

import (
	"sort"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/purposebound/purposebound/retention"
)

// columnType is what a column holds.
type columnType uint8

const (
	instantType columnType = iota
	dayType
	lengthType
	answerType
	textType
)

// column is a column of the layout.
type column struct {
	name string // quoted, with the table's alias
	typ  columnType
	k    *compiler
}

// quoted makes a name an identifier. Columns are always written with the table's alias: SQLite reads a quoted name that
// it does not know as a text otherwise.
func quoted(name string, d Dialect) (string, bool) {
	if name == "" || !utf8.ValidString(name) || d == Postgres && len(name) > 63 {
		return "", false
	}
	b := []byte{'"'}
	for _, r := range name {
		if unicode.IsControl(r) {
			return "", false
		}
		if r == '"' {
			b = append(b, '"')
		}
		b = utf8.AppendRune(b, r)
	}
	return string(append(b, '"')), true
}

func (c *column) null() node  { return raw("(" + c.name + " IS NULL)") }
func (c *column) there() node { return raw("(" + c.name + " IS NOT NULL)") }

// compare is "the column is not NULL and compares so with the value".
func (c *column) compare(op string, a arg) node {
	return atom{[]string{"(" + c.name + " IS NOT NULL AND " + c.name + " " + op + " ", ")"}, []arg{a}}
}

// before holds for instants before x.
func (c *column) before(x int64) node {
	switch {
	case x <= firstInstant:
		return constant(false)
	case x >= beyondInstant:
		return c.there()
	case c.typ == instantType:
		return c.compare("<", arg{kind: instantArg, n: x})
	}
	return c.dayBefore(c.k.firstFrom(x))
}

// from holds for instants from x on.
func (c *column) from(x int64) node {
	switch {
	case x <= firstInstant:
		return c.there()
	case x >= beyondInstant:
		return constant(false)
	case c.typ == instantType:
		return c.compare(">=", arg{kind: instantArg, n: x})
	}
	return c.dayFrom(c.k.firstFrom(x))
}

func (c *column) dayBefore(i int) node {
	switch {
	case i <= 0:
		return constant(false)
	case i >= span:
		return c.there()
	}
	return c.compare("<", arg{kind: dayArg, text: dayAt(i).String()})
}

func (c *column) dayFrom(i int) node {
	switch {
	case i <= 0:
		return c.there()
	case i >= span:
		return constant(false)
	}
	return c.compare(">=", arg{kind: dayArg, text: dayAt(i).String()})
}

// firstFrom returns the first day that begins at x or later.
func (k *compiler) firstFrom(x int64) int {
	return sort.Search(span, func(i int) bool { return dayAt(i).StartIn(k.zone).UnixMicro() >= x })
}

// sound holds for NULL and for what the type can hold.
func (c *column) sound() node { return or(c.null(), c.wellFormed()) }

func (c *column) wellFormed() node {
	lite := c.k.dialect == SQLite
	stored := func(class string) node {
		if lite {
			return raw("(typeof(" + c.name + ") = '" + class + "')")
		}
		switch class {
		case "integer": // one without a zone would be compared in that of the session
			return raw("(pg_typeof(" + c.name + ") = 'timestamp with time zone'::regtype)")
		case "day":
			return raw("(pg_typeof(" + c.name + ") = 'date'::regtype)")
		}
		return c.there()
	}
	switch c.typ {
	case instantType:
		return and(c.there(), stored("integer"), c.compare(">=", arg{kind: instantArg, n: firstInstant}), c.compare("<", arg{kind: instantArg, n: beyondInstant}))
	case dayType:
		whole := and(c.there(), stored("day"))
		if lite {
			whole = and(stored("text"), raw("("+c.name+" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')"),
				raw("(COALESCE(date("+c.name+"), '') = "+c.name+")"))
		}
		return and(whole, c.compare(">=", arg{kind: dayArg, text: "0001-01-01"}), c.compare("<=", arg{kind: dayArg, text: "9999-12-31"}))
	case answerType:
		if lite {
			return and(stored("integer"), raw("("+c.name+" IN (0, 1))"))
		}
		return c.there()
	}
	return stored("text")
}

// asInstant is sound for a column whose days stand for instants.
func (c *column) asInstant() node {
	if c.typ == dayType {
		first, beyond := c.k.firstFrom(firstInstant), c.k.firstFrom(beyondInstant)
		return or(c.null(), and(c.wellFormed(), c.dayFrom(first), c.dayBefore(beyond)))
	}
	return c.sound()
}

func (c *column) isTrue() node {
	if c.k.dialect == SQLite {
		return raw("(" + c.name + " IS NOT NULL AND " + c.name + " = 1)")
	}
	return raw("(" + c.name + " IS TRUE)")
}

func (c *column) equals(text string) node { return c.compare("=", arg{kind: textArg, text: text}) }

// beside is a comparison with another column of the same type, false where one is NULL.
func (c *column) beside(op string, o *column) node {
	return raw("(" + c.name + " IS NOT NULL AND " + o.name + " IS NOT NULL AND " + c.name + " " + op + " " + o.name + ")")
}

func ended(d retention.Date, zone *time.Location, at time.Time) bool {
	return !at.Before(d.EndIn(zone))
}
