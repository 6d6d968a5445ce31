package retentionsql

import (
	"strconv"
	"strings"
	"time"
)

// node is a condition that is never NULL: its atoms test for NULL before they compare.
type node interface{ write(*writer) }

type (
	constant bool
	every    []node // all of them
	some     []node // any of them
	negation struct{ of node }
	// atom is SQL text with arguments between its parts.
	atom struct {
		parts []string
		args  []arg
	}
)

func and(list ...node) node {
	var kept every
	for _, n := range list {
		switch n := n.(type) {
		case constant:
			if !n {
				return n
			}
		case every:
			kept = append(kept, n...)
		default:
			kept = append(kept, n)
		}
	}
	switch len(kept) {
	case 0:
		return constant(true)
	case 1:
		return kept[0]
	}
	return kept
}

func or(list ...node) node {
	var kept some
	for _, n := range list {
		switch n := n.(type) {
		case constant:
			if n {
				return n
			}
		case some:
			kept = append(kept, n...)
		default:
			kept = append(kept, n)
		}
	}
	switch len(kept) {
	case 0:
		return constant(false)
	case 1:
		return kept[0]
	}
	return kept
}

func not(n node) node {
	switch n := n.(type) {
	case constant:
		return !n
	case negation:
		return n.of
	}
	return negation{n}
}

// raw is an atom without arguments.
func raw(text string) node { return atom{parts: []string{text}} }

// argKind tells arguments of one value and several types apart.
type argKind uint8

const (
	instantArg argKind = iota
	dayArg
	textArg
	integerArg
	uuidArg
)

// arg is a value to bind.
type arg struct {
	kind argKind
	n    int64 // microseconds of Unix, or an integer
	text string
}

var casts = [...]string{instantArg: "::timestamptz", dayArg: "::date", textArg: "::text", integerArg: "::bigint", uuidArg: "::uuid"}

// writer renders nodes. Equal arguments are bound once.
type writer struct {
	dialect Dialect
	b       strings.Builder
	places  map[arg]int
	args    []any
}

func newWriter(d Dialect) *writer { return &writer{dialect: d, places: map[arg]int{}} }

func (w *writer) text(s string) { w.b.WriteString(s) }

func (w *writer) bind(a arg) {
	n, ok := w.places[a]
	if !ok {
		switch {
		case a.kind == instantArg && w.dialect == Postgres:
			w.args = append(w.args, time.UnixMicro(a.n).UTC())
		case a.kind == instantArg || a.kind == integerArg:
			w.args = append(w.args, a.n)
		default:
			w.args = append(w.args, a.text)
		}
		n = len(w.args)
		w.places[a] = n
	}
	if w.dialect == Postgres {
		w.text("$" + strconv.Itoa(n) + casts[a.kind])
		return
	}
	w.text("?" + strconv.Itoa(n))
}

func (w *writer) statement() Statement { return Statement{SQL: w.b.String(), Args: w.args} }

func (c constant) write(w *writer) {
	if c {
		w.text("(1 = 1)")
		return
	}
	w.text("(1 = 0)")
}

func (a atom) write(w *writer) {
	for i, p := range a.parts {
		if i > 0 {
			w.bind(a.args[i-1])
		}
		w.text(p)
	}
}

func (n negation) write(w *writer) {
	// Where an atom were NULL in spite of all, what it says does not hold and neither does its contrary.
	w.text("((")
	n.of.write(w)
	w.text(") IS FALSE)")
}

func (e every) write(w *writer) { w.join(e, " AND ") }
func (s some) write(w *writer)  { w.join(s, " OR ") }

func (w *writer) join(list []node, with string) {
	w.text("(")
	for i, n := range list {
		if i > 0 {
			w.text(with)
		}
		n.write(w)
	}
	w.text(")")
}
