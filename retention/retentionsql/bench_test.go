package retentionsql_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

var copenhagen = retention.MustZone("Europe/Copenhagen")

// customers are erased a year after the end, or five for the money laundering act.
func customers() retention.Table {
	return retention.Table{
		Name: "customers", Zone: copenhagen,
		Layout: retention.Layout{Key: "id", Events: []retention.EventColumn{{Event: "ended", Column: "ended_at"}},
			Holds:        []retention.SpanColumns{{From: "hold_from", Until: "hold_until", Ref: "hold_ref"}},
			Restrictions: []retention.SpanColumns{{From: "restricted_from"}}},
		Uses: []retention.Use{
			{Purpose: "service", Rules: []*retention.Rule{{Key: "service", Clause: "5", Anchor: retention.After("ended"), Ceiling: retention.MustPeriod("P1Y")}}},
			{Purpose: "aml", Rules: []*retention.Rule{{Key: "aml", Law: "dk.hvl", Anchor: retention.After("ended"), Floor: retention.MustPeriod("P5Y"), Ceiling: retention.MustPeriod("P5Y")}}},
		},
	}
}

// fill makes customers of whom one in a hundred is due and one in two hundred is on hold.
func (p place) fill(t testing.TB, rows int) {
	types := sqlTypes[p.dialect]
	instant := types["instant"]
	if p.dialect == retentionsql.SQLite {
		instant = "INTEGER"
	}
	p.exec(t, fmt.Sprintf(`CREATE TABLE customers (id text PRIMARY KEY, ended_at %[1]s, hold_from %[1]s, hold_until %[1]s, hold_ref text, restricted_from %[1]s, mail text)`, instant))
	day := func(n int) any {
		at := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC).AddDate(0, 0, -n)
		if p.dialect == retentionsql.SQLite {
			return at.UnixMicro()
		}
		return at
	}
	var list [][]any
	for i := range rows {
		row := []any{fmt.Sprintf("c%08d", i), nil, nil, nil, nil, nil, "someone@example.org"}
		switch {
		case i%100 == 0:
			row[1] = day(2000 + i%365)
		case i%4 == 0:
			row[1] = day(i % 1800)
		}
		if i%200 == 0 {
			row[2], row[4] = day(30), "case"
		}
		if list = append(list, row); len(list) == 20_000 || i == rows-1 {
			p.insert(t, "customers", len(row), list)
			list = list[:0]
		}
	}
	p.exec(t, `CREATE INDEX customers_ended ON customers (ended_at)`)
	p.exec(t, `ANALYZE`)
}

// BenchmarkAMillionRows compares what the database finds with reading everything out; a tenth of it unless nightly.
func BenchmarkAMillionRows(b *testing.B) {
	rows := 100_000
	if nightly() {
		rows = 1_000_000
	}
	at := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	schedule, err := retention.NewSchedule(customers())
	require.NoError(b, err)
	for name, open := range map[string]func(testing.TB) place{"sqlite": newSQLite, "postgres": newPostgres} {
		b.Run(name, func(b *testing.B) {
			p := open(b)
			p.fill(b, rows)
			q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "customers"}, p.dialect, at)
			require.NoError(b, err)
			plan := func(b *testing.B, classes ...retentionsql.Class) {
				due := 0
				for b.Loop() {
					due = 0
					for item, err := range schedule.Plan(b.Context(), q.Rows(b.Context(), p.db, classes...), at) {
						require.NoError(b, err)
						if item.Due() {
							due++
						}
					}
				}
				b.ReportMetric(float64(due), "due")
			}
			b.Run("due", func(b *testing.B) { // keys alone
				n := 0
				for b.Loop() {
					s, err := q.Due(retention.Erase, "", rows)
					require.NoError(b, err)
					n = len(p.keys(b, s))
				}
				b.ReportMetric(float64(n), "due")
			})
			b.Run("due-and-in-memory", func(b *testing.B) { plan(b, retentionsql.MustErase, retentionsql.InMemory) })
			b.Run("all", func(b *testing.B) { plan(b) })
			b.Run("count", func(b *testing.B) {
				for b.Loop() {
					_, err := q.Counts(b.Context(), p.db)
					require.NoError(b, err)
				}
			})
		})
	}
}
