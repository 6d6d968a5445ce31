package rowscan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/purposebound/purposebound/purpose"
)

// ErrMapping is what an error about columns and fields unwraps to: a mistake of the program.
var ErrMapping = errors.New("rowscan: mapping")

// ScanError is a row that does not fit its record. It names types and places, and drops what the driver said, which may quote
// the value.
type ScanError struct {
	Record string // type
	Column string // empty: it is not known which
	Field  string
	Type   string // of the field
}

// Error names column, field and type.
func (e *ScanError) Error() string {
	if e.Column == "" {
		return "rowscan: a column does not fit " + e.Record
	}
	return fmt.Sprintf("rowscan: column %q does not fit %s.%s, %s", e.Column, e.Record, e.Field, e.Type)
}

// Scanner reads rows with the same columns. It is for one goroutine.
type Scanner[R any] struct {
	rows    Rows
	columns []string
	index   [][]int // of the field, by column
	dest    []any
}

// For maps the columns of rows to the fields of R. All that does not fit is reported at once.
func For[R any](rows Rows) (*Scanner[R], error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, Quiet(err)
	}
	t := reflect.TypeFor[R]()
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: %s is no struct", ErrMapping, t)
	}
	s := &Scanner[R]{rows: rows, columns: columns, dest: make([]any, len(columns))}
	byName := map[string]*field{}
	var errs []error
	fields(t, nil, func(f *field) {
		if byName[f.name] != nil {
			errs = append(errs, fmt.Errorf("%w: %s.%s and %s take the same column", ErrMapping, t, f.Name, byName[f.name].Name))
		}
		byName[f.name] = f
	})
	taken := map[*field]bool{}
	for _, c := range columns {
		f := byName[plainName(c)]
		switch {
		case f == nil:
			errs = append(errs, fmt.Errorf("%w: %s has no field for column %q", ErrMapping, t, c))
			continue
		case taken[f]:
			errs = append(errs, fmt.Errorf("%w: column %q is there twice", ErrMapping, c))
		}
		taken[f] = true
		s.index = append(s.index, f.at)
	}
	fields(t, nil, func(f *field) {
		if f := byName[f.name]; f.personal && !taken[f] {
			errs = append(errs, fmt.Errorf("%w: no column for %s.%s: select it, or say `db:\"-\"`", ErrMapping, t, f.Name))
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// field takes a column.
type field struct {
	reflect.StructField
	name     string
	at       []int
	personal bool
}

// fields yields those of a struct and of the structs that it embeds.
func fields(t reflect.Type, at []int, yield func(*field)) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, tagged := f.Tag.Lookup("db")
		path := append(at[:len(at):len(at)], i)
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case f.Anonymous && f.Type.Kind() == reflect.Struct && !tagged:
			fields(f.Type, path, yield)
		case !f.IsExported():
		default:
			tags, ok, err := purpose.ParseTags(string(f.Tag))
			x := &field{StructField: f, name: plainName(f.Name), at: path, personal: err != nil || ok && tags.Personal != purpose.NotPersonal}
			if tagged {
				x.name = plainName(name)
			}
			yield(x)
		}
	}
}

func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

// Scan reads the current row. With an error the record is zero.
func (s *Scanner[R]) Scan(record *R) (err error) {
	var zero R
	*record = zero
	v := reflect.ValueOf(record).Elem()
	for i, at := range s.index {
		s.dest[i] = v.FieldByIndex(at).Addr().Interface()
	}
	defer func() {
		if recover() != nil {
			err = s.failed(nil)
		}
		if err != nil {
			*record = zero
		}
	}()
	if err := s.rows.Scan(s.dest...); err != nil {
		return s.failed(err)
	}
	return nil
}

// failed finds the column that an error of a driver is about.
func (s *Scanner[R]) failed(err error) error {
	t := reflect.TypeFor[R]()
	e := &ScanError{Record: t.String()}
	if i, ok := columnOf(err); ok && i < len(s.columns) {
		f := t.FieldByIndex(s.index[i])
		e.Column, e.Field, e.Type = s.columns[i], f.Name, f.Type.String()
	}
	return e
}

// columnOf reads the column out of the first words of an error of database/sql or pgx.
func columnOf(err error) (i int, ok bool) {
	if err == nil {
		return 0, false
	}
	for _, form := range []string{"sql: Scan error on column index %d,", "can't scan into dest[%d]"} {
		if n, _ := fmt.Sscanf(err.Error(), form, &i); n == 1 && i >= 0 {
			return i, true
		}
	}
	return 0, false
}
