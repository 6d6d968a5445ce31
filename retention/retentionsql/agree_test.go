package retentionsql_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// agreement counts what was compared.
type agreement struct {
	classes      [5]int
	rows         int
	sure, unsure int // of the dry run's reasons
}

// The database and the schedule say the same of every row, or the database says that it cannot.
func TestEveryRowIsDecidedAsInMemory(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		rows, perTable := 100_000, 500
		if nightly() {
			rows = 1_000_000
		}
		if testing.Short() {
			rows /= 10
		}
		g := generator{rand.New(rand.NewPCG(5, uint64(p.dialect)))}
		var a agreement
		for n := 0; a.rows < rows; n++ {
			w, s := g.world()
			a.compare(t, g, p, w, s, fmt.Sprint("w", n), perTable)
			if t.Failed() {
				return
			}
		}
		t.Logf("%d rows: %d person decides, %d must erase, %d may keep, %d must keep, %d in memory; the dry run names the rule of %d and not of %d", a.rows,
			a.classes[0], a.classes[1], a.classes[2], a.classes[3], a.classes[4], a.sure, a.unsure)
		for c, n := range a.classes {
			assert.Greater(t, n, rows/400, "the rows must reach %v", retentionsql.Class(c))
		}
		assert.Less(t, a.classes[retentionsql.InMemory], rows/2, "and not all may be left to memory")
	})
}

func (a *agreement) compare(t *testing.T, g generator, p place, w *world, s *retention.Schedule, name string, rows int) {
	w.source.Table = name
	p.exec(t, w.create(p.dialect, name))
	defer p.exec(t, "DROP TABLE "+name)
	var stored [][]any
	var list []retention.Row
	for n := range rows {
		v, r := g.row(w, p.dialect, n)
		stored, list = append(stored, v), append(list, r)
	}
	p.insert(t, name, len(stored[0]), stored)
	for _, at := range []time.Time{w.at, w.at.Add(time.Duration(g.Int64N(int64(9000 * time.Hour)))), w.at.Add(time.Duration(g.IntN(3)-1) * time.Nanosecond)} {
		q, err := retentionsql.Compile(s, w.source, p.dialect, at)
		require.NoError(t, err)
		got := make([]int, rows)
		for c := range retentionsql.InMemory + 1 {
			where := q.Where(c)
			for _, n := range p.numbers(t, "SELECT t.n FROM "+name+" AS t WHERE "+where.SQL, where.Args) {
				if got[n] != 0 {
					t.Fatalf("row %d has two classes", n)
				}
				got[n] = int(c) + 1
			}
		}
		for n, r := range list {
			item, err := s.Decide(r, at)
			require.NoError(t, err)
			class := retentionsql.Class(got[n] - 1)
			if class != retentionsql.InMemory && retention.Status(class) != item.Status {
				t.Errorf("row %d at %v in %v: %v in SQL, want %v (%v)\n%v", n, at, w.table.Zone, class, item.Status, item.Because, stored[n])
				for _, u := range w.table.Uses {
					for _, r := range u.Rules {
						t.Logf("%s %q: %+v", u.Purpose, u.Category, *r)
					}
				}
				t.Logf("columns %q", w.table.Layout.Columns())
				return
			}
			a.classes[class]++
			a.rows++
		}
		a.counts(t, p, q, s, list, got)
		for _, then := range []retention.Then{retention.Erase, retention.Anonymise, retention.Restrict} {
			a.due(t, p, name, q, s, list, then)
		}
	}
	a.stream(t, p, s, w, list)
}

// due compares the keys of what has to be done.
func (a *agreement) due(t *testing.T, p place, table string, q *retentionsql.Query, s *retention.Schedule, list []retention.Row, then retention.Then) {
	inMemory := q.Where(retentionsql.InMemory)
	left := map[int]bool{}
	for _, n := range p.numbers(t, "SELECT t.n FROM "+table+" AS t WHERE "+inMemory.SQL, inMemory.Args) {
		left[n] = true
	}
	var want, got []string
	for n, r := range list {
		if item, _ := s.Decide(r, q.At()); item.Due() && item.Then == then && !left[n] {
			want = append(want, r.Key)
		}
	}
	for after := ""; ; {
		statement, err := q.Due(then, after, 50)
		require.NoError(t, err)
		keys := p.keys(t, statement)
		got = append(got, keys...)
		if len(keys) < 50 {
			break
		}
		after = keys[len(keys)-1]
	}
	assert.Equal(t, want, got, "due with %v", then)
}

// stream compares the rows that are read with those that were written, by what is decided about them.
func (a *agreement) stream(t *testing.T, p place, s *retention.Schedule, w *world, list []retention.Row) {
	q, err := retentionsql.Compile(s, w.source, p.dialect, w.at)
	require.NoError(t, err)
	var want, keyless []retention.Item
	for _, r := range list {
		item, err := s.Decide(r, w.at)
		require.NoError(t, err)
		if r.Key == "" {
			keyless = append(keyless, item)
		} else {
			want = append(want, item)
		}
	}
	want = append(want, keyless...)
	i := 0
	for r, err := range q.Rows(t.Context(), p.db) {
		require.NoError(t, err)
		item, err := s.Decide(r, w.at)
		require.NoError(t, err)
		if r.Key == "" {
			require.Equal(t, "key", item.Malformed)
		} else {
			require.Equal(t, want[i], item)
		}
		i++
	}
	require.Equal(t, len(list), i)
}

// counts compares the dry run in the database with a tally of rows.
func (a *agreement) counts(t *testing.T, p place, q *retentionsql.Query, s *retention.Schedule, list []retention.Row, classes []int) {
	lines, err := q.Counts(t.Context(), p.db)
	require.NoError(t, err)
	want, got := map[string]int64{}, map[string]int64{}
	total := int64(0)
	for _, l := range lines {
		total += l.Rows
		got[fmt.Sprint(l.Class, l.Applied)] += l.Rows
		switch {
		case l.Class == retentionsql.InMemory:
		case l.Reason == "":
			a.unsure += int(l.Rows)
		case len(l.Rules) <= 1:
			rule := ""
			if len(l.Rules) == 1 {
				rule = l.Rules[0]
			}
			got[fmt.Sprint(l.Class, l.Reason, rule)] += l.Rows
			a.sure += int(l.Rows)
		default:
			a.unsure += int(l.Rows)
		}
	}
	require.EqualValues(t, len(list), total)
	exact := map[string]int64{}
	for n, r := range list {
		item, err := s.Decide(r, q.At())
		require.NoError(t, err)
		class := retentionsql.Class(classes[n] - 1)
		want[fmt.Sprint(class, item.Applied && class == retentionsql.MustErase)]++
		if class != retentionsql.InMemory {
			exact[fmt.Sprint(class, item.Because.Reason, item.Because.Rule)]++
		}
	}
	for k, n := range want {
		require.Equal(t, n, got[k], k)
	}
	for _, l := range lines { // what is certain is never more than memory counts
		if l.Class != retentionsql.InMemory && l.Reason != "" && len(l.Rules) <= 1 {
			rule := ""
			if len(l.Rules) == 1 {
				rule = l.Rules[0]
			}
			k := fmt.Sprint(l.Class, l.Reason, rule)
			require.LessOrEqual(t, got[k], exact[k], "%+v", l)
		}
	}
}

// What many rules say takes several columns to count by.
func TestManyRulesAreCountedAsInMemory(t *testing.T) {
	table := customers()
	table.Layout.Events = append(table.Layout.Events, retention.EventColumn{Event: "began", Column: "began_at"})
	table.Uses = nil
	for i := range 30 {
		r := &retention.Rule{Key: fmt.Sprint("r", i), Law: "law", Anchor: retention.After([]string{"ended", "began"}[i%2]),
			Ceiling: retention.MustPeriod(fmt.Sprintf("P%dM", i+1))}
		if i%3 == 0 {
			r.Floor = retention.MustPeriod("P1M")
		}
		table.Uses = append(table.Uses, retention.Use{Purpose: r.Key, Rules: []*retention.Rule{r}})
	}
	s, err := retention.NewSchedule(table)
	require.NoError(t, err)
	onEach(t, func(t *testing.T, p place) {
		w := &world{table: table, at: time.Date(2020, 3, 1, 0, 0, 0, 0, copenhagen), types: map[string]string{"ended_at": "instant",
			"began_at": "instant", "hold_from": "instant", "hold_until": "instant", "hold_ref": "text", "restricted_from": "instant"}}
		var a agreement
		a.compare(t, generator{rand.New(rand.NewPCG(6, uint64(p.dialect)))}, p, w, s, "many", 2_000)
		for c, n := range a.classes {
			assert.Positive(t, n, "the rows must reach %v", retentionsql.Class(c))
		}
		w.source.Table = "many"
		q, err := retentionsql.Compile(s, w.source, p.dialect, w.at)
		require.NoError(t, err)
		assert.Contains(t, q.Count().SQL, "GROUP BY s0, s1", "the control")
	})
}
