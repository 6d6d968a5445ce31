package rowscan

import (
	"database/sql"
	"iter"
)

// Rows are the rows of a query.
type Rows interface {
	Columns() ([]string, error)
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

var _ Rows = (*sql.Rows)(nil)

// SQL is rows of database/sql.
func SQL(rows *sql.Rows) Rows { return rows }

// PGXRows is what pgx.Rows has; F is pgconn.FieldDescription.
type PGXRows[F any] interface {
	FieldDescriptions() []F
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// PGX is rows of pgx. Name tells the name of a column.
func PGX[F any](rows PGXRows[F], name func(F) string) Rows { return &pgx[F]{rows, name} }

type pgx[F any] struct {
	PGXRows[F]
	name func(F) string
}

func (p *pgx[F]) Columns() ([]string, error) {
	var names []string
	for _, f := range p.FieldDescriptions() {
		names = append(names, p.name(f))
	}
	return names, nil
}

func (p *pgx[F]) Close() error {
	p.PGXRows.Close()
	return nil
}

// All reads every row into a record of its own and closes the rows. An error ends it.
func All[R any](rows Rows) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		defer func() { _ = rows.Close() }()
		var s *Scanner[R]
		for rows.Next() {
			if s == nil {
				var err error
				if s, err = For[R](rows); err != nil {
					yield(nil, err)
					return
				}
			}
			r := new(R)
			if err := s.Scan(r); err != nil {
				yield(nil, err)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
		if err := Quiet(rows.Err()); err != nil {
			yield(nil, err)
		}
	}
}

// Quiet is err without its text, which may quote what a database was given. errors.Is and errors.As see it. Nil stays nil.
func Quiet(err error) error {
	if err == nil {
		return nil
	}
	return &quiet{err}
}

type quiet struct{ cause error }

func (q *quiet) Error() string {
	if s, ok := q.cause.(interface{ SQLState() string }); ok { // five characters that name the kind of error
		return "rowscan: the database failed with SQLSTATE " + s.SQLState()
	}
	return "rowscan: the database failed"
}

func (q *quiet) Unwrap() error { return q.cause }
