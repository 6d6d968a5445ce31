package rowscan_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/internal/acme"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose/rowscan"
	"github.com/purposebound/purposebound/purpose/sealed"
)

const canary = "Hedda-Gabler"

func dsn() string {
	if s := os.Getenv("PURPOSEBOUND_POSTGRES"); s != "" {
		return s
	}
	return "postgres://postgres@127.0.0.1:5432/test?sslmode=disable&connect_timeout=3"
}

// absent skips a test where there is no PostgreSQL and none is required.
func absent(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS") == "1" {
		t.Fatalf("PostgreSQL is required and does not answer: %v", err)
	}
	t.Skip("PostgreSQL does not answer: set PURPOSEBOUND_POSTGRES to its DSN")
}

// database is a way to a database.
type database struct {
	exec  func(query string, args ...any) error
	query func(t *testing.T, query string, args ...any) rowscan.Rows
}

// databases are SQLite and PostgreSQL through database/sql, and PostgreSQL through pgx, with text and binary formats.
func databases(t *testing.T, each func(t *testing.T, db *database)) {
	ctx := t.Context()
	for name, open := range map[string]string{"sqlite": ":memory:", "pgx": dsn()} {
		t.Run("sql/"+name, func(t *testing.T) {
			db, err := sql.Open(name, open)
			require.NoError(t, err)
			defer db.Close()
			conn, err := db.Conn(ctx)
			absent(t, err)
			defer conn.Close()
			each(t, &database{
				exec: func(query string, args ...any) error { _, err := conn.ExecContext(ctx, query, args...); return err },
				query: func(t *testing.T, query string, args ...any) rowscan.Rows {
					rows, err := conn.QueryContext(ctx, query, args...)
					require.NoError(t, err)
					return rowscan.SQL(rows)
				},
			})
		})
	}
	for name, mode := range map[string]pgx.QueryExecMode{"binary": pgx.QueryExecModeCacheStatement, "simple": pgx.QueryExecModeSimpleProtocol} {
		t.Run("pgx/"+name, func(t *testing.T) {
			config, err := pgx.ParseConfig(dsn())
			require.NoError(t, err)
			config.DefaultQueryExecMode = mode
			conn, err := pgx.ConnectConfig(ctx, config)
			absent(t, err)
			defer func() { _ = conn.Close(context.Background()) }()
			each(t, &database{
				exec: func(query string, args ...any) error { _, err := conn.Exec(ctx, query, args...); return err },
				query: func(t *testing.T, query string, args ...any) rowscan.Rows {
					rows, err := conn.Query(ctx, query, args...)
					require.NoError(t, err)
					return rowscan.PGX(rows, func(f pgconn.FieldDescription) string { return f.Name })
				},
			})
		})
	}
}

// person has a field of every kind that a column fills.
type person struct {
	base
	ID       string                  `subject:"id"`
	FullName sealed.Value[string]    `personal:"contact.name"`
	Account  sealed.Value[string]    `personal:"finance.iban" db:"iban"`
	Income   int64                   `personal:"finance.income"`
	Born     sealed.Value[time.Time] `personal:"contact.born"`
	Flag     sealed.Value[bool]      `personal:"contact.flag"`
	Ratio    sealed.Value[float64]   `personal:"finance.ratio"`
	Photo    sealed.Value[[]byte]    `personal:"contact.photo"`
	Other    sealed.Value[string]    `personal:"contact.other" db:"-"`
	Row      int
}

type base struct {
	Version int `personal:"-"`
}

const table = `CREATE TEMPORARY TABLE person (id TEXT, full_name TEXT, iban TEXT, income BIGINT, born %s, flag BOOLEAN, ratio %s, photo %s, "row" INTEGER, version INTEGER)`

func create(t *testing.T, db *database) {
	t.Helper()
	types := []any{"TIMESTAMPTZ", "DOUBLE PRECISION", "BYTEA"}
	if strings.Contains(t.Name(), "sqlite") {
		types = []any{"TIMESTAMP", "REAL", "BLOB"}
	}
	require.NoError(t, db.exec(fmt.Sprintf(table, types...)))
	born := time.Date(1985, 12, 10, 0, 0, 0, 0, time.UTC)
	insert := `INSERT INTO person (id, full_name, iban, income, born, flag, ratio, photo, "row", version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	require.NoError(t, db.exec(insert, "p1", sealed.Of(canary), sealed.Of("DK1"), int64(420_017), sealed.Of(born), sealed.Of(true), sealed.Of(0.5), sealed.Of([]byte(canary)), 1, 7))
	require.NoError(t, db.exec(insert, "p2", sealed.Value[string]{}, nil, int64(0), nil, nil, nil, nil, 2, 7))
}

func TestRowsBecomeSealedRecords(t *testing.T) {
	databases(t, func(t *testing.T, db *database) {
		create(t, db)
		var got []*person
		for p, err := range rowscan.All[person](db.query(t, `SELECT * FROM person ORDER BY "row"`)) {
			require.NoError(t, err)
			got = append(got, p)
		}
		require.Len(t, got, 2)
		p := got[0]
		require.True(t, p.FullName.Equal(sealed.Of(canary)))
		require.True(t, p.Account.Equal(sealed.Of("DK1")))
		require.True(t, p.Flag.Equal(sealed.Of(true)))
		require.True(t, p.Ratio.Equal(sealed.Of(0.5)))
		require.True(t, p.Photo.Equal(sealed.Of([]byte(canary))))
		require.True(t, p.Born.IsSet())
		require.Equal(t, []any{"p1", int64(420_017), 1, 7}, []any{p.ID, p.Income, p.Row, p.Version})
		require.NotContains(t, fmt.Sprintf("%+v", p), canary)
		require.Equal(t, person{ID: "p2", Row: 2, base: base{7}}, *got[1], "NULL unsets")

		for range rowscan.All[person](db.query(t, `SELECT * FROM person`)) {
			break // which gives the connection back
		}
		require.NoError(t, db.exec("DELETE FROM person"))
	})
}

func TestARowThatDoesNotFitTellsNoValue(t *testing.T) {
	type wrongPlain struct {
		ID   string `subject:"id"`
		Name int64  `personal:"contact.name"`
	}
	type wrongSealed struct {
		ID   string              `subject:"id"`
		Name sealed.Value[int64] `personal:"contact.name"`
	}
	databases(t, func(t *testing.T, db *database) {
		create(t, db)
		const query = "SELECT id, full_name AS name FROM person WHERE id = 'p1'"
		check := func(rows int, err error) {
			t.Helper()
			require.Error(t, err)
			require.Zero(t, rows)
			for e := err; e != nil; e = errors.Unwrap(e) {
				assert.NotContains(t, e.Error(), "Hedda")
			}
			var s *rowscan.ScanError
			require.ErrorAs(t, err, &s)
			assert.Equal(t, "name", s.Column)
			assert.Equal(t, "Name", s.Field)
		}
		check(collect[wrongPlain](db.query(t, query)))
		check(collect[wrongSealed](db.query(t, query)))

		rows := db.query(t, query)
		defer rows.Close()
		s, err := rowscan.For[wrongSealed](rows)
		for rows.Next() {
			if s == nil || err != nil { // pgx's simple protocol names columns with the first row
				s, err = rowscan.For[wrongSealed](rows)
			}
			require.NoError(t, err)
			w := wrongSealed{ID: "of another person"}
			require.Error(t, s.Scan(&w))
			require.Zero(t, w, "nothing of another row stays")
		}
	})
}

func collect[R any](rows rowscan.Rows) (n int, err error) {
	for _, e := range rowscan.All[R](rows) {
		if e != nil {
			return n, e
		}
		n++
	}
	return n, nil
}

func TestWhatADatabaseSaysIsKeptQuiet(t *testing.T) {
	databases(t, func(t *testing.T, db *database) {
		create(t, db)
		if strings.Contains(t.Name(), "sqlite") {
			require.EqualError(t, rowscan.Quiet(db.exec("SELECT nothing FROM nowhere")), "rowscan: the database failed")
			return
		}
		err := db.exec("SELECT $1::int", sealed.Of(canary))
		require.ErrorContains(t, err, canary, "the control: the argument is quoted")
		err = rowscan.Quiet(err)
		require.NotContains(t, err.Error(), canary)

		err = rowscan.Quiet(db.exec("SELECT full_name::int FROM person WHERE full_name = $1", sealed.Of(canary)))
		require.EqualError(t, err, "rowscan: the database failed with SQLSTATE 22P02")
		var pg *pgconn.PgError
		require.ErrorAs(t, err, &pg)
		require.Contains(t, pg.Message, canary, "the control")
	})
	require.NoError(t, rowscan.Quiet(nil))
	_, err := collect[person](broken{})
	require.EqualError(t, err, "rowscan: the database failed")
	require.ErrorIs(t, err, errBroken)
	_, err = collect[person](broken{rows: true})
	require.EqualError(t, err, "rowscan: the database failed")
}

var errBroken = errors.New("lost " + canary)

// broken are rows that end badly.
type broken struct{ rows bool }

func (broken) Columns() ([]string, error) { return nil, errBroken }
func (b broken) Next() bool               { return b.rows }
func (broken) Scan(...any) error          { return errBroken }
func (broken) Err() error                 { return errBroken }
func (broken) Close() error               { return errBroken }

func TestColumnsAndFieldsMustMeet(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	mapping := func(query string, f func(rowscan.Rows) error) error {
		rows, err := db.QueryContext(t.Context(), query)
		require.NoError(t, err)
		defer rows.Close()
		return f(rowscan.SQL(rows))
	}
	type record struct {
		ID   string               `subject:"id"`
		Name sealed.Value[string] `personal:"contact.name"`
		Note string
	}
	of := func(r rowscan.Rows) error { _, err := rowscan.For[record](r); return err }
	require.NoError(t, mapping("SELECT 1 AS id, 'x' AS NAME", of), "a field that nobody tagged may stay empty")
	for query, want := range map[string]string{
		"SELECT 1 AS id": "rowscan: mapping: no column for rowscan_test.record.Name: select it, or say `db:\"-\"`",
		"SELECT 1 AS id, 'x' AS name, 'y' AS iban": `rowscan: mapping: rowscan_test.record has no field for column "iban"`,
		"SELECT 1 AS id, 'x' AS name, 'y' AS name": `rowscan: mapping: column "name" is there twice`,
		"SELECT 'x' AS nam":                        "rowscan: mapping: rowscan_test.record has no field for column \"nam\"\nrowscan: mapping: no column for rowscan_test.record.ID: select it, or say `db:\"-\"`\nrowscan: mapping: no column for rowscan_test.record.Name: select it, or say `db:\"-\"`",
	} {
		err := mapping(query, of)
		require.ErrorIs(t, err, rowscan.ErrMapping)
		require.EqualError(t, err, want)
	}
	require.ErrorIs(t, mapping("SELECT 1 AS a", func(r rowscan.Rows) error {
		_, err := rowscan.For[struct {
			A int
			B int `db:"a"`
		}](r)
		return err
	}), rowscan.ErrMapping)
	require.ErrorIs(t, mapping("SELECT 1 AS a", func(r rowscan.Rows) error { _, err := rowscan.For[int](r); return err }), rowscan.ErrMapping)
}

// From a row to a view, through a guard.
func TestAScannedRecordIsReadThroughAGuard(t *testing.T) {
	type lessee struct {
		ID     string               `subject:"id"`
		Name   sealed.Value[string] `personal:"contact.name"`
		IBAN   sealed.Value[string] `personal:"finance.iban"`
		Income int64                `personal:"finance.income"`
	}
	a, err := acme.New()
	require.NoError(t, err)
	databases(t, func(t *testing.T, db *database) {
		create(t, db)
		for l, err := range rowscan.All[lessee](db.query(t, "SELECT 'person-ada' AS id, full_name AS name, iban, income FROM person WHERE id = 'p1'")) {
			require.NoError(t, err)
			req := policy.Request{Principal: acme.Agent, Purpose: "invoicing"}
			v, err := policy.Read[acme.DebitView](t.Context(), a.Guard, req, l)
			require.NoError(t, err)
			require.Equal(t, acme.DebitView{Name: canary, IBAN: "DK1"}, v)
			_, err = policy.Read[acme.DebitView](t.Context(), a.Guard, req.For("marketing.newsletter"), l)
			require.ErrorIs(t, err, policy.ErrDenied)
		}
	})
	require.Len(t, a.Events(), 8)
}
