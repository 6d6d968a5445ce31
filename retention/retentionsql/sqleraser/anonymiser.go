package sqleraser

import (
	"context"
	"database/sql"
	"errors"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// Remains says what an [Anonymiser] reads of a row, and where it leaves what may remain.
type Remains struct {
	// Columns of the table that identify or describe, with their categories. They are read as text.
	Columns []Column
	// Table is the table without keys that what remains is added to; its columns have the names of the fields.
	Table string
	// Fields are the names that Transform may return, in the order of their columns.
	Fields []string
	// Transform returns what may remain of a record; see [erasure.Anonymiser].
	Transform func(erasure.Record) ([]erasure.Field, error)
}

// Column is a column and the category of what it holds.
type Column struct{ Name, Category string }

// Anonymiser is an [Eraser] that can anonymise: what remains of a row is added to another table, and the row is deleted.
type Anonymiser struct {
	*Eraser
	remains Remains
	read    func(key string) (retentionsql.Statement, error)
}

var (
	_ erasure.Anonymiser = (*Anonymiser)(nil)
	_ erasure.Crowd      = (*Anonymiser)(nil)
)

// NewAnonymiser adds to an eraser what it needs to anonymise.
func NewAnonymiser(e *Eraser, r Remains) (*Anonymiser, error) {
	if e == nil || r.Transform == nil || len(r.Columns) == 0 || len(r.Fields) == 0 {
		return nil, failed("make an anonymiser", errors.New("no eraser, columns, fields or transformation"))
	}
	var names []string
	for _, c := range r.Columns {
		names = append(names, c.Name)
	}
	a := &Anonymiser{Eraser: e, remains: r, read: func(key string) (retentionsql.Statement, error) { return e.query.Texts(key, names) }}
	if _, err := a.read("0"); err != nil && e.query.Dialect() == retentionsql.SQLite {
		return nil, err
	}
	_, err := e.query.AddTexts(r.Table, r.Fields, make([]string, len(r.Fields)))
	return a, err
}

// Records implements [erasure.Anonymiser].
func (a *Anonymiser) Records(ctx context.Context, keys []string) (list []erasure.Record, err error) {
	for _, k := range keys {
		s, err := a.read(k)
		if err != nil {
			return nil, err
		}
		cells := make([]sql.NullString, len(a.remains.Columns))
		targets := make([]any, len(cells))
		for i := range cells {
			targets[i] = &cells[i]
		}
		switch err := a.db.QueryRowContext(ctx, s.SQL, s.Args...).Scan(targets...); {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return nil, failed("read a record", err)
		}
		r := erasure.Record{Key: k}
		for i, c := range a.remains.Columns {
			if cells[i].Valid {
				r.Fields = append(r.Fields, erasure.Field{Name: c.Name, Category: c.Category, Value: cells[i].String})
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// Anonymise implements [erasure.Anonymiser].
func (a *Anonymiser) Anonymise(r erasure.Record) ([]erasure.Field, error) {
	return a.remains.Transform(r)
}

// Alike implements [erasure.Crowd].
func (a *Anonymiser) Alike(ctx context.Context, remains []erasure.Field) (n int, err error) {
	values, err := a.values(remains)
	if err != nil {
		return 0, err
	}
	s, err := a.query.CountTexts(a.remains.Table, a.remains.Fields, values)
	if err != nil {
		return 0, err
	}
	return n, failed("count remains", a.db.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&n))
}

// values puts fields in the order of the columns; one that is missing is empty.
func (a *Anonymiser) values(remains []erasure.Field) ([]string, error) {
	values := make([]string, len(a.remains.Fields))
	for _, f := range remains {
		found := false
		for i, name := range a.remains.Fields {
			if f.Name == name {
				values[i], found = f.Value, true
			}
		}
		if !found {
			return nil, failed("anonymise", errors.New("a field without a column"))
		}
	}
	return values, nil
}

// Carry implements [erasure.Eraser].
func (a *Anonymiser) Carry(ctx context.Context, o erasure.Order) (int, error) {
	if o.Then() != retention.Anonymise {
		return a.Eraser.Carry(ctx, o)
	}
	return a.transact(ctx, o, func(conn *sql.Conn, task erasure.Task) error {
		if len(task.Remains) == 0 {
			return nil
		}
		values, err := a.values(task.Remains)
		if err != nil {
			return err
		}
		s, err := a.query.AddTexts(a.remains.Table, a.remains.Fields, values)
		if err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, s.SQL, s.Args...)
		return failed("store remains", err)
	})
}
