package retentionsql_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/retentionsql"
)

// An instant without a zone is no instant: PostgreSQL would compare it in the zone of the session.
func TestColumnsOfAnotherTypeAreMalformed(t *testing.T) {
	p := newPostgres(t)
	at := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	schedule, err := retention.NewSchedule(customers())
	require.NoError(t, err)
	for typ, want := range map[string]retentionsql.Class{"timestamptz": retentionsql.MustErase, "timestamp": retentionsql.PersonDecides, "date": retentionsql.PersonDecides} {
		name := "typed_" + typ
		p.exec(t, `CREATE TABLE `+name+` (n integer, id text, ended_at `+typ+`, hold_from timestamptz, hold_until timestamptz, hold_ref text, restricted_from timestamptz)`)
		p.exec(t, `INSERT INTO `+name+` VALUES (1, 'k', '2020-01-01', NULL, NULL, NULL, NULL)`)
		q, err := retentionsql.Compile(schedule, retentionsql.Source{Table: name}, p.dialect, at)
		require.NoError(t, err)
		where := q.Where(want)
		assert.Equal(t, []int{1}, p.numbers(t, `SELECT t.n FROM `+name+` AS t WHERE `+where.SQL, where.Args), typ)
		for row, err := range q.Rows(t.Context(), p.db) {
			require.NoError(t, err)
			item, err := schedule.Decide(row, at)
			require.NoError(t, err)
			assert.Equal(t, retention.Status(want), item.Status, typ)
		}
	}
}
