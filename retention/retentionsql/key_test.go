package retentionsql_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// Keys that are numbers or uuids are paged in their own order and found again.
func TestKeysOfEveryType(t *testing.T) {
	at := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	schedule, err := retention.NewSchedule(customers())
	require.NoError(t, err)
	onEach(t, func(t *testing.T, p place) {
		types := map[retentionsql.KeyType]string{retentionsql.TextKey: "text", retentionsql.IntegerKey: "bigint"}
		if p.dialect == retentionsql.Postgres {
			types[retentionsql.UUIDKey] = "uuid"
		}
		for key, typ := range types {
			name := "t_" + typ
			p.exec(t, fmt.Sprintf(`CREATE TABLE %s (id %s, ended_at %[3]s, hold_from %[3]s, hold_until %[3]s, hold_ref text, restricted_from %[3]s)`,
				name, typ, map[retentionsql.Dialect]string{retentionsql.SQLite: "INTEGER", retentionsql.Postgres: "timestamptz"}[p.dialect]))
			ended := any(at.AddDate(-7, 0, 0))
			if p.dialect == retentionsql.SQLite {
				ended = at.AddDate(-7, 0, 0).UnixMicro()
			}
			var list [][]any
			for i := range 25 {
				var k any
				switch key {
				case retentionsql.IntegerKey:
					k = int64(i-5) * 100
				case retentionsql.UUIDKey:
					k = fmt.Sprintf("00000000-0000-4000-8000-%012x", i)
				default:
					k = fmt.Sprintf("k%02d", i)
				}
				list = append(list, []any{k, ended, nil, nil, nil, nil})
			}
			p.insert(t, name, 6, list)
			q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: name, Key: key}, p.dialect, at)
			require.NoError(t, err)
			var got []string
			for after := ""; ; {
				s, err := q.Due(retention.Erase, after, 4)
				require.NoError(t, err)
				keys := p.keys(t, s)
				got = append(got, keys...)
				if len(keys) < 4 {
					break
				}
				after = keys[3]
			}
			require.Len(t, got, 25, typ)
			for i, row := range list {
				assert.Equal(t, fmt.Sprint(row[0]), got[i])
			}
			i := 0
			for row, err := range q.Rows(t.Context(), p.db) {
				require.NoError(t, err)
				assert.Equal(t, got[i], row.Key)
				i++
			}
			found, err := q.Look(t.Context(), p.db, got[7], "")
			require.NoError(t, err)
			require.Len(t, found, 1)
			assert.Equal(t, got[7], found[0].Key)
			if key == retentionsql.IntegerKey {
				for _, bad := range []string{"x", "07", "+7", "1.0"} {
					_, err := q.Look(t.Context(), p.db, bad, "")
					assert.ErrorIs(t, err, retentionsql.ErrQuery, bad)
				}
			}
		}
	})
}
