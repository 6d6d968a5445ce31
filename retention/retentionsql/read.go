package retentionsql

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Querier is a database, a connection or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// PageSize is how many rows are read at once.
const PageSize = 1000

// keyText is the key as [retention.Row.Key] has it.
func (k *compiler) keyText() string {
	if k.dialect == SQLite {
		return "CAST(" + k.key + " AS TEXT)"
	}
	return k.key + "::text"
}

func (k *compiler) keyArg(key string) (arg, error) {
	switch k.src.Key {
	case IntegerKey:
		n, err := strconv.ParseInt(key, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != key {
			return arg{}, fmt.Errorf("%w: a key is no integer", ErrQuery)
		}
		return arg{kind: integerArg, n: n}, nil
	case UUIDKey:
		return arg{kind: uuidArg, text: key}, nil
	}
	return arg{kind: textArg, text: key}, nil
}

// page adds the keys after one, their order and a limit.
func (k *compiler) page(w *writer, after string, limit int) error {
	if limit < 1 {
		return fmt.Errorf("%w: no limit", ErrQuery)
	}
	if after != "" {
		a, err := k.keyArg(after)
		if err != nil {
			return err
		}
		w.text(" AND " + k.key + " > ")
		w.bind(a)
	}
	w.text(" ORDER BY " + k.key + " LIMIT ")
	w.bind(arg{kind: integerArg, n: int64(limit)})
	return nil
}

// Rows streams the rows of some classes for [retention.Schedule.Plan] in the order of their keys, and of all when none are
// named. It reads page by page, so that nothing is locked while a row is decided about. What a column cannot hold becomes a
// malformed value; rows without a sound key come last, with an empty one.
func (q *Query) Rows(ctx context.Context, db Querier, classes ...Class) iter.Seq2[retention.Row, error] {
	return func(yield func(retention.Row, error) bool) {
		all := len(classes) == 0
		cond := func(w *writer) {
			for i, c := range classes {
				if i > 0 {
					w.text(" OR ")
				}
				q.where(w, c)
			}
			if all {
				w.text("1 = 1")
			}
		}
		for after := ""; ; {
			w := newWriter(q.k.dialect)
			q.k.selectRow(w)
			w.text(" WHERE ")
			q.k.soundKey().write(w)
			w.text(" AND (")
			cond(w)
			w.text(")")
			if err := q.k.page(w, after, PageSize+1); err != nil {
				yield(retention.Row{}, err)
				return
			}
			page, err := q.k.read(ctx, db, w.statement())
			if err != nil {
				yield(retention.Row{}, err)
				return
			}
			for i := range min(len(page), PageSize) {
				if i+1 < len(page) && page[i].Key == page[i+1].Key {
					yield(retention.Row{}, ErrKeys)
					return
				}
				if !yield(page[i], nil) {
					return
				}
			}
			if len(page) <= PageSize {
				break
			}
			after = page[PageSize-1].Key
		}
		if all || slices.Contains(classes, PersonDecides) {
			q.keyless(ctx, db, yield)
		}
	}
}

// keyless yields the rows without a sound key. There is no way to go on after one of them, so they are
// one select, which stays open while they are decided about.
func (q *Query) keyless(ctx context.Context, db Querier, yield func(retention.Row, error) bool) {
	w := newWriter(q.k.dialect)
	q.k.selectRow(w)
	w.text(" WHERE (")
	q.k.soundKey().write(w)
	w.text(") IS NOT TRUE")
	err := q.k.each(ctx, db, w.statement(), func(r retention.Row) bool {
		r.Key = ""
		return yield(r, nil)
	})
	if err != nil {
		yield(retention.Row{}, err)
	}
}

// Look reads the rows of one key, for a decision under a lock: lock is added to the select, as "FOR UPDATE".
func (q *Query) Look(ctx context.Context, db Querier, key, lock string) ([]retention.Row, error) {
	a, err := q.k.keyArg(key)
	if err != nil {
		return nil, err
	}
	w := newWriter(q.k.dialect)
	q.k.selectRow(w)
	w.text(" WHERE " + q.k.key + " = ")
	w.bind(a)
	w.text(lock)
	return q.k.read(ctx, db, w.statement())
}

// masked is how many columns one mask of malformed ones covers.
const masked = 31

// selectRow selects the key, the category, the values that are well formed, and masks of those that are not.
func (k *compiler) selectRow(w *writer) {
	w.text("SELECT COALESCE(" + k.keyText() + ", ''), ")
	switch {
	case k.category == "":
		w.text("''")
	case k.dialect == SQLite:
		w.text("CASE WHEN typeof(" + k.category + ") = 'text' THEN " + k.category + " ELSE '' END")
	default:
		w.text("COALESCE(" + k.category + "::text, '')")
	}
	for _, c := range k.columns {
		w.text(", CASE WHEN ")
		c.sound().write(w)
		w.text(" THEN " + c.name + " END")
	}
	for i, c := range k.columns {
		if i%masked == 0 {
			w.text(", 0")
		}
		w.text(" + CASE WHEN ")
		c.sound().write(w)
		w.text(" THEN 0 ELSE " + strconv.Itoa(1<<(i%masked)) + " END")
	}
	w.text(" FROM " + k.table + " AS t")
}

// read runs a select of rows.
func (k *compiler) read(ctx context.Context, db Querier, s Statement) (list []retention.Row, err error) {
	err = k.each(ctx, db, s, func(r retention.Row) bool {
		list = append(list, r)
		return true
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// each runs a select of rows, and ends early without an error when yield says so.
func (k *compiler) each(ctx context.Context, db Querier, s Statement, yield func(retention.Row) bool) error {
	rows, err := db.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return failed("select rows", err)
	}
	defer rows.Close()
	n := len(k.columns)
	masks := make([]int64, (n+masked-1)/masked)
	cells := make([]cell, n)
	var row retention.Row
	targets := []any{&row.Key, &row.Category}
	for i, c := range k.columns {
		cells[i].column = c
		targets = append(targets, &cells[i])
	}
	for i := range masks {
		targets = append(targets, &masks[i])
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return failed("read a row", err)
		}
		values := make([]retention.Value, n)
		for i := range cells {
			if values[i] = cells[i].value; masks[i/masked]&(1<<(i%masked)) != 0 {
				values[i] = cells[i].malformed()
			}
		}
		row.Values = values
		if !yield(row) {
			return nil
		}
	}
	return failed("read rows", rows.Err())
}

// cell turns what a driver returns into a value.
type cell struct {
	column *column
	value  retention.Value
}

// malformed is a value of a kind that the column cannot hold.
func (c *cell) malformed() retention.Value {
	if c.column.typ == textType {
		return retention.AnswerValue(false)
	}
	return retention.TextValue("malformed")
}

// Scan implements [sql.Scanner]. What it does not know is malformed.
func (c *cell) Scan(src any) error {
	c.value = c.malformed()
	if src == nil {
		c.value = retention.Value{}
		return nil
	}
	switch v := src.(type) {
	case []byte:
		src = string(v)
	}
	switch v := src.(type) {
	case time.Time:
		switch c.column.typ {
		case instantType:
			c.value = retention.InstantValue(v)
		case dayType:
			c.value = retention.DayValue(retention.DateOf(v, v.Location()))
		}
	case int64:
		switch {
		case c.column.typ == instantType:
			c.value = retention.InstantValue(time.UnixMicro(v))
		case c.column.typ == answerType && (v == 0 || v == 1):
			c.value = retention.AnswerValue(v == 1)
		}
	case bool:
		if c.column.typ == answerType {
			c.value = retention.AnswerValue(v)
		}
	case string:
		c.text(v)
	}
	return nil
}

func (c *cell) text(s string) {
	switch c.column.typ {
	case dayType:
		if d, err := retention.ParseDate(s); err == nil {
			c.value = retention.DayValue(d)
		}
	case lengthType:
		if p, err := retention.ParsePeriod(s); err == nil {
			c.value = retention.PeriodValue(p)
		}
	case textType:
		c.value = retention.TextValue(s)
	}
}
