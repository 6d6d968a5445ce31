package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/purposebound/purposebound/purpose/retentionschedule"
	"github.com/purposebound/purposebound/retention"
)

// storeFile says what a CSV file of rows holds.
type storeFile struct {
	Name       string           `yaml:"name"`
	Categories []string         `yaml:"categories"`
	Layout     retention.Layout `yaml:"layout"`
}

func (x *retainer) plan(ctx context.Context, e *env, reg *register) error {
	switch {
	case x.rows == "" || x.layout == "":
		return usagef("name the rows and their layout: -rows FILE -layout FILE")
	case x.rows == "-" && x.layout == "-":
		return usagef("only one of -rows and -layout can be standard input")
	case x.format != "" && !slices.Contains([]string{"table", "csv", "json"}, x.format):
		return usagef("%q is no format of a plan: table, csv or json", x.format)
	}
	at, err := x.instant(reg.Zone())
	if err != nil {
		return err
	}
	var store storeFile
	if err := e.readYAML(x.layout, &store); err != nil {
		return err
	}
	table, err := retentionschedule.Table(reg.Register, store.Name, store.Layout, store.Categories...)
	if err != nil {
		return fmt.Errorf("%s: %w", x.layout, err)
	}
	schedule, err := retention.NewSchedule(table)
	if err != nil {
		return fmt.Errorf("%s: %w", x.layout, err)
	}
	in := e.stdin
	if x.rows != "-" {
		f, err := os.Open(x.rows)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	rows := &rowReader{file: x.rows, layout: &store.Layout}
	var tally retention.Tally
	malformed := 0
	for item, err := range schedule.Plan(ctx, rows.all(in), at) {
		if err != nil {
			return err
		}
		tally.Add(&item)
		if item.Malformed != "" {
			if malformed++; malformed <= 10 {
				fmt.Fprintf(e.stderr, "%s:%d: malformed %s\n", x.rows, rows.line, item.Malformed)
			}
		}
	}
	switch {
	case e.json:
		err = e.encode(&tally)
	case x.format == "csv":
		err = tally.WriteCSV(e.stdout)
	default:
		err = tally.WriteTable(e.stdout)
	}
	if err == nil && malformed > 0 {
		err = errFound
	}
	return err
}

// rowReader reads rows from CSV.
type rowReader struct {
	file   string
	layout *retention.Layout
	line   int // of the row last read
}

// errorf names the place, and quotes no row.
func (r *rowReader) errorf(line int, text string) error {
	return fmt.Errorf("%s:%d: %s", r.file, line, text)
}

func (r *rowReader) all(in io.Reader) iter.Seq2[retention.Row, error] {
	return func(yield func(retention.Row, error) bool) {
		c := csv.NewReader(bufio.NewReader(in))
		head, err := c.Read()
		if err != nil {
			yield(retention.Row{}, r.errorf(1, "no head of CSV"))
			return
		}
		names := r.layout.Columns()
		places := make([]int, len(names))
		find := func(name string) int {
			i := slices.Index(head, name)
			if i >= 0 && slices.Index(head[i+1:], name) >= 0 {
				i = -1
			}
			return i
		}
		key, category := find(r.layout.Key), find(r.layout.Category)
		for i, n := range names {
			if places[i] = find(n); places[i] < 0 {
				yield(retention.Row{}, r.errorf(1, fmt.Sprintf("the head does not have the column %q once", n)))
				return
			}
		}
		if key < 0 || r.layout.Category != "" && category < 0 {
			yield(retention.Row{}, r.errorf(1, "the head does not have the columns of the key and the category once"))
			return
		}
		kinds := kindsOf(r.layout)
		row := retention.Row{Values: make([]retention.Value, len(names))}
		for {
			record, err := c.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				var where *csv.ParseError
				errors.As(err, &where)
				line := r.line + 1
				if where != nil {
					line = where.Line
				}
				yield(retention.Row{}, r.errorf(line, "not CSV, or another number of cells than the head"))
				return
			}
			r.line, _ = c.FieldPos(0)
			row.Key = record[key]
			if category >= 0 {
				row.Category = record[category]
			}
			for i, p := range places {
				row.Values[i] = valueOf(record[p], kinds[names[i]])
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// kinds of cells.
const (
	instantCell = iota
	dayCell
	lengthCell
	answerCell
	refCell
)

func kindsOf(l *retention.Layout) map[string]int {
	kinds := map[string]int{}
	for _, d := range l.Days {
		kinds[d.Column] = dayCell
	}
	for _, n := range l.Lengths {
		kinds[n.Column] = lengthCell
	}
	for _, a := range l.Answers {
		kinds[a.Necessary] = answerCell
		if a.ReviewBy != "" {
			kinds[a.ReviewBy] = dayCell
		}
	}
	for _, s := range append(slices.Clone(l.Holds), l.Restrictions...) {
		if s.Ref != "" {
			kinds[s.Ref] = refCell
		}
	}
	return kinds
}

// valueOf reads a cell; what it cannot read is malformed.
func valueOf(text string, kind int) retention.Value {
	if text == "" {
		return retention.Value{}
	}
	switch kind {
	case instantCell:
		if d, err := retention.ParseDate(text); err == nil {
			return retention.DayValue(d)
		}
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return retention.InstantValue(t)
		}
	case dayCell:
		if d, err := retention.ParseDate(text); err == nil {
			return retention.DayValue(d)
		}
	case lengthCell:
		if p, err := retention.ParsePeriod(text); err == nil {
			return retention.PeriodValue(p)
		}
	case answerCell:
		if text == "true" || text == "false" {
			return retention.AnswerValue(text == "true")
		}
	default:
		return retention.TextValue(text)
	}
	return retention.TextValue("malformed")
}
