package retentionsql

import (
	"fmt"
	"strings"
	"time"
)

// Dialect returns the kind of database.
func (q *Query) Dialect() Dialect { return q.k.dialect }

// EraseKey returns the statement that deletes the rows of a key.
func (q *Query) EraseKey(key string) (Statement, error) {
	return q.change(key, func(w *writer) { w.text("DELETE FROM " + q.k.table + " AS t") })
}

// RestrictKey returns the statement by which the rows of a key say from then on that they are restricted.
func (q *Query) RestrictKey(key string, since time.Time) (Statement, error) {
	c := q.k.restricted
	if c == nil {
		return Statement{}, fmt.Errorf("%w: no column says that a row is restricted", ErrQuery)
	}
	if c.typ == dayType {
		return Statement{}, fmt.Errorf("%w: the column that says that a row is restricted must hold an instant", ErrQuery)
	}
	return q.change(key, func(w *writer) {
		w.text("UPDATE " + q.k.table + " AS t SET " + c.name[len("t."):] + " = ")
		w.bind(arg{kind: instantArg, n: since.UnixMicro()})
	})
}

func (q *Query) change(key string, what func(*writer)) (Statement, error) {
	a, err := q.k.keyArg(key)
	if err != nil {
		return Statement{}, err
	}
	w := newWriter(q.k.dialect)
	what(w)
	w.text(" WHERE " + q.k.key + " = ")
	w.bind(a)
	return w.statement(), nil
}

// Texts returns the select of some columns of the row of a key, as text.
func (q *Query) Texts(key string, columns []string) (Statement, error) {
	a, err := q.k.keyArg(key)
	if err != nil {
		return Statement{}, err
	}
	w := newWriter(q.k.dialect)
	w.text("SELECT ")
	for i, c := range columns {
		name, ok := quoted(c, q.k.dialect)
		if !ok {
			return Statement{}, fmt.Errorf("%w: columns[%d] is not a name", ErrQuery, i)
		}
		if i > 0 {
			w.text(", ")
		}
		w.text("CAST(t." + name + " AS TEXT)")
	}
	w.text(" FROM " + q.k.table + " AS t WHERE " + q.k.key + " = ")
	w.bind(a)
	return w.statement(), nil
}

// AddTexts returns the insert of texts into another table.
func (q *Query) AddTexts(table string, columns, values []string) (Statement, error) {
	return q.texts(table, columns, values, func(w *writer, table string, names []string) {
		w.text("INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (")
		for i, v := range values {
			if i > 0 {
				w.text(", ")
			}
			w.bind(arg{kind: textArg, text: v})
		}
		w.text(")")
	})
}

// CountTexts returns the count of the rows of another table that hold these texts.
func (q *Query) CountTexts(table string, columns, values []string) (Statement, error) {
	return q.texts(table, columns, values, func(w *writer, table string, names []string) {
		w.text("SELECT count(*) FROM " + table + " AS t WHERE 1 = 1")
		for i, v := range values {
			w.text(" AND t." + names[i] + " = ")
			w.bind(arg{kind: textArg, text: v})
		}
	})
}

func (q *Query) texts(table string, columns, values []string, write func(*writer, string, []string)) (Statement, error) {
	name, ok := quotedTable(table, q.k.dialect)
	if !ok || len(columns) == 0 || len(columns) != len(values) {
		return Statement{}, fmt.Errorf("%w: table: not a name, or without columns", ErrQuery)
	}
	var names []string
	for i, c := range columns {
		n, ok := quoted(c, q.k.dialect)
		if !ok {
			return Statement{}, fmt.Errorf("%w: columns[%d] is not a name", ErrQuery, i)
		}
		names = append(names, n)
	}
	w := newWriter(q.k.dialect)
	write(w, name, names)
	return w.statement(), nil
}

// quotedTable quotes a table's name, which may have the name of a schema before it.
func quotedTable(table string, d Dialect) (string, bool) {
	var parts []string
	for _, p := range strings.Split(table, ".") {
		name, ok := quoted(p, d)
		if !ok {
			return "", false
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, "."), len(parts) <= 2
}
