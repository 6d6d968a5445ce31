package retentionsql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// The controls: conditions that are bent a little do not agree with memory any more.
func TestBentConditionsDisagree(t *testing.T) {
	at := retention.MustDate("2029-02-28").EndIn(copenhagen) // the last day of five years after a leap day has just passed
	table := customers()
	schedule, err := retention.NewSchedule(table)
	require.NoError(t, err)
	onEach(t, func(t *testing.T, p place) {
		w := &world{table: table, types: map[string]string{"ended_at": "instant", "hold_from": "instant", "hold_until": "instant", "hold_ref": "text", "restricted_from": "instant"}}
		p.exec(t, w.create(p.dialect, "customers"))
		cut := retention.MustDate("2024-02-29").EndIn(copenhagen)
		var stored [][]any
		var due []int
		cell := func(t time.Time) any {
			if p.dialect == retentionsql.SQLite {
				return t.UnixMicro()
			}
			return t
		}
		add := func(ended, held, limited time.Time) {
			row, v := []any{len(stored), fmt.Sprintf("k%03d", len(stored)), nil}, make([]retention.Value, 5)
			for i, at := range []time.Time{ended, held, {}, {}, limited} {
				if at.IsZero() {
					row = append(row, nil)
					continue
				}
				row, v[i] = append(row, cell(at)), retention.InstantValue(at)
			}
			item, err := schedule.Decide(retention.Row{Key: row[1].(string), Values: v}, at)
			require.NoError(t, err)
			if item.Due() {
				due = append(due, len(stored))
			}
			stored = append(stored, row)
		}
		for _, by := range []time.Duration{-24 * time.Hour, -time.Microsecond, 0, time.Microsecond, time.Hour, 24 * time.Hour} {
			add(cut.Add(by), time.Time{}, time.Time{})
			add(cut.Add(by), cut, time.Time{})
			add(cut.Add(by), time.Time{}, cut)
			add(cut.Add(by), at.Add(time.Microsecond), time.Time{})
		}
		add(time.Time{}, time.Time{}, time.Time{})
		add(at.Add(time.Hour), time.Time{}, time.Time{})
		p.insert(t, "customers", len(stored[0]), stored)
		q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "customers"}, p.dialect, at)
		require.NoError(t, err)
		where := q.Where(retentionsql.MustErase)
		found := func(s string, args []any) []int {
			return p.numbers(t, "SELECT t.n FROM customers AS t WHERE "+s+" ORDER BY t.n", args)
		}
		require.NotEmpty(t, due)
		require.Equal(t, due, found(where.SQL, where.Args), "as it is")

		bend := func(name, from, to string) {
			require.Contains(t, where.SQL, from, name)
			assert.NotEqual(t, due, found(strings.ReplaceAll(where.SQL, from, to), where.Args), name)
		}
		bend("the cut-off a moment later", `t."ended_at" < `, `t."ended_at" <= `)
		bend("holds forgotten", `t."hold_from"`, `t."hold_until"`)
		bend("restrictions forgotten", `t."restricted_from"`, `t."hold_until"`) // which is NULL
		later, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "customers"}, p.dialect, at.Add(-time.Nanosecond))
		require.NoError(t, err)
		s := later.Where(retentionsql.MustErase)
		assert.Empty(t, found(s.SQL, s.Args), "a nanosecond before nothing is due")
	})
}

func TestWhatHasNoSQLFormIsRefused(t *testing.T) {
	at := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	compile := func(change func(*retention.Table, *retentionsql.Source), d retentionsql.Dialect, at time.Time) error {
		table, src := customers(), retentionsql.Source{Table: "customers"}
		change(&table, &src)
		s, err := retention.NewSchedule(table)
		require.NoError(t, err)
		_, err = retentionsql.Compile(s, src, d, at)
		return err
	}
	for name, c := range map[string]struct {
		change func(*retention.Table, *retentionsql.Source)
		d      retentionsql.Dialect
		says   string
	}{
		"no table":          {func(_ *retention.Table, s *retentionsql.Source) { s.Table = "" }, retentionsql.SQLite, "table"},
		"three parts":       {func(_ *retention.Table, s *retentionsql.Source) { s.Table = "a.b.c" }, retentionsql.Postgres, "table"},
		"control character": {func(_ *retention.Table, s *retentionsql.Source) { s.Table = "a\x00b" }, retentionsql.SQLite, "table"},
		"a name cut off": {func(t *retention.Table, _ *retentionsql.Source) { t.Layout.Key = strings.Repeat("k", 64) },
			retentionsql.Postgres, "key"},
		"uuid in SQLite": {func(_ *retention.Table, s *retentionsql.Source) { s.Key = retentionsql.UUIDKey }, retentionsql.SQLite, "key"},
		"unknown day":    {func(_ *retention.Table, s *retentionsql.Source) { s.Days = []string{"nothing"} }, retentionsql.SQLite, "nothing"},
		"two kinds": {func(t *retention.Table, _ *retentionsql.Source) {
			t.Layout.Days = []retention.DayColumn{{Date: "d", Column: "ended_at"}}
		}, retentionsql.SQLite, "ended_at"},
		"repeated length": {func(_ *retention.Table, s *retentionsql.Source) {
			s.Lengths = []retention.Period{retention.MustPeriod("P1Y"), retention.MustPeriod("P12M")}
		}, retentionsql.SQLite, "lengths[1]"},
		"no dialect": {func(*retention.Table, *retentionsql.Source) {}, 0, "dialect"},
	} {
		err := compile(c.change, c.d, at)
		require.ErrorIs(t, err, retentionsql.ErrQuery, name)
		assert.ErrorContains(t, err, c.says, name)
	}
	assert.ErrorIs(t, compile(func(*retention.Table, *retentionsql.Source) {}, retentionsql.SQLite, time.Time{}), retentionsql.ErrQuery)
	_, err := retentionsql.Compile(nil, retentionsql.Source{Table: "t"}, retentionsql.SQLite, at)
	assert.ErrorIs(t, err, retentionsql.ErrQuery)
}

// Names are quoted and values bound: none of them is read as SQL.
func TestNamesAndValuesAreNeverSQL(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		table := customers()
		evil := `x" = 1); DROP TABLE victims; --`
		table.Layout.Events[0].Column, table.Layout.Category = evil, "kind"
		table.Uses[0].Category = `'; DROP TABLE victims; --`
		schedule, err := retention.NewSchedule(table)
		require.NoError(t, err)
		w := &world{table: table, types: map[string]string{evil: "instant", "hold_from": "instant", "hold_until": "instant", "hold_ref": "text", "restricted_from": "instant"}}
		p.exec(t, `CREATE TABLE victims (id text)`)
		p.exec(t, w.create(p.dialect, "customers"))
		q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "customers"}, p.dialect, time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		for _, err := range q.Rows(t.Context(), p.db) {
			require.NoError(t, err)
		}
		_, err = q.Counts(t.Context(), p.db)
		require.NoError(t, err)
		due, err := q.Due(retention.Erase, `k'; DROP TABLE victims; --`, 10)
		require.NoError(t, err)
		assert.Empty(t, p.keys(t, due))
		assert.Equal(t, []int{0}, p.numbers(t, `SELECT count(*) FROM victims`, nil))
	})
}

// A column that the table does not have is an error, in SQLite too, where a quoted name may be read as a text.
func TestAMisspeltColumnIsAnError(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		schedule, err := retention.NewSchedule(customers())
		require.NoError(t, err)
		p.exec(t, `CREATE TABLE customers (id text)`)
		q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "customers"}, p.dialect, time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		_, err = q.Counts(t.Context(), p.db)
		require.ErrorIs(t, err, retentionsql.ErrDatabase)
		assert.NotContains(t, err.Error(), "ended_at", "the database's words are not repeated")
		for _, err := range q.Rows(t.Context(), p.db) {
			require.ErrorIs(t, err, retentionsql.ErrDatabase)
		}
	})
}

// Two rows of one key are seen, also across a page.
func TestAKeyThatIsNotUniqueIsAnError(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		schedule, err := retention.NewSchedule(customers())
		require.NoError(t, err)
		w := &world{table: customers(), types: map[string]string{"ended_at": "instant", "hold_from": "instant", "hold_until": "instant", "hold_ref": "text", "restricted_from": "instant"}}
		p.exec(t, w.create(p.dialect, "customers"))
		var list [][]any
		for i := range 2 * retentionsql.PageSize {
			key := i
			if i == retentionsql.PageSize {
				key--
			}
			list = append(list, []any{i, fmt.Sprintf("k%05d", key), nil, nil, nil, nil, nil, nil})
		}
		p.insert(t, "customers", 8, list)
		q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: "customers"}, p.dialect, time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		var last error
		for _, err := range q.Rows(t.Context(), p.db) {
			last = err
		}
		assert.ErrorIs(t, last, retentionsql.ErrKeys)
	})
}
