package sqlledger_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/sqlledger"
)

const canary = "canary-5550100"

// harmless wants a failure of the database that tells nothing but an operation and a code.
func harmless(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, basis.ErrUnavailable)
	assert.NotContains(t, err.Error(), "5550100")
	for e := err; e != nil; e = errors.Unwrap(e) {
		assert.NotContains(t, e.Error(), "5550100")
	}
	var own *sqlledger.Error
	require.ErrorAs(t, err, &own)
	assert.NotEmpty(t, own.Code)
}

// all calls on the ledger, by name.
func all(t *testing.T, l *sqlledger.Ledger) map[string]error {
	_, state := l.StateAt(t.Context(), canary, time.Now(), time.Time{})
	_, page := l.Page(t.Context(), canary, time.Time{}, 10)
	_, erase := l.Erase(t.Context(), canary)
	var events error
	for _, err := range l.Events(t.Context(), canary) {
		events = err
	}
	return map[string]error{"state": state, "page": page, "erase": erase, "events": events,
		"record": l.Record(t.Context(), event(canary, canary, basis.HoldPlaced{Reason: canary}))}
}

func TestDatabaseThatIsGoneIsUnavailable(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		l, err := p.open(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, l.Record(t.Context(), event(canary, "a", consent())))
		require.NoError(t, db.Close())
		for name, err := range all(t, l) {
			t.Run(name, func(t *testing.T) { harmless(t, err) })
		}
	})
}

func TestTablesThatAreGoneAreUnavailable(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		l, err := p.open(t.Context(), db)
		require.NoError(t, err)
		_, err = db.Exec("DROP TABLE basis_heads")
		require.NoError(t, err)
		_, err = db.Exec("DROP TABLE basis_events")
		require.NoError(t, err)
		for name, err := range all(t, l) {
			t.Run(name, func(t *testing.T) { harmless(t, err) })
		}
	})
}

func TestTextOfTheDriverDoesNotGetOut(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		l, err := p.open(t.Context(), db)
		require.NoError(t, err)
		// A row that another program wrote: the database refuses ours and quotes it.
		_, err = db.Exec("INSERT INTO basis_events VALUES ('other', '" + canary + "', 0, " + "253370764800000000" + ", 'x', 'x')")
		require.NoError(t, err)
		late := sqlledger.WithClock(func() time.Time { return time.UnixMicro(253370764800000000) })
		l, err = p.open(t.Context(), db, late)
		require.NoError(t, err)
		err = l.Record(t.Context(), event(canary, "mine", called()))
		harmless(t, err)
		var own *sqlledger.Error
		require.ErrorAs(t, err, &own)
		assert.Contains(t, []string{"23505", "SQLITE 2067"}, own.Code, "a unique key that was taken")

		if p.kind == "postgres" {
			_, err = l.StateAt(t.Context(), canary+"\x00", time.Now(), time.Time{})
			harmless(t, err)
			_, err = db.Exec("SET lock_timeout = 0; INSERT INTO basis_events VALUES ('other', '" + canary + "', 0, 0, 'x', 'x')")
			require.ErrorContains(t, err, "duplicate key", "the driver itself does say more")
		}
	})
}

func TestChangedRowsAreNotBelieved(t *testing.T) {
	for name, change := range map[string]string{
		"row removed":        "DELETE FROM basis_events WHERE id = 'withdrawal'",
		"row added":          "INSERT INTO basis_events VALUES ('x', 'anna', 0, 1, 'consent.withdrawn', '{\"scope\":\"service\"}')",
		"unknown kind":       "UPDATE basis_events SET kind = 'consent.forged' WHERE id = 'consent'",
		"body of other form": "UPDATE basis_events SET body = '{\"Scope\":\"service\"}' WHERE id = 'withdrawal'",
		"body of no form":    "UPDATE basis_events SET body = '" + canary + "' WHERE id = 'withdrawal'",
		"unknown key":        "UPDATE basis_events SET kind = 'relationship.occurred', body = '{\"event\":\"vanished\"}' WHERE id = 'withdrawal'",
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, p place) {
				db := p.pool(t)
				l, err := p.open(t.Context(), db, sqlledger.WithCache(0))
				require.NoError(t, err)
				require.NoError(t, l.Record(t.Context(), event("anna", "consent", consent()), event("anna", "withdrawal", withdrawal())))
				_, err = db.Exec(change)
				require.NoError(t, err)
				_, err = l.StateAt(t.Context(), "anna", time.Now(), time.Time{})
				require.ErrorIs(t, err, basis.ErrUnavailable)
				assert.NotContains(t, err.Error(), canary)
			})
		})
	}
}

func TestFullDiskLeavesNothingHalfWritten(t *testing.T) {
	p := newSQLite(t)
	db := p.pool(t)
	db.SetMaxOpenConns(1)
	l, err := p.open(t.Context(), db)
	require.NoError(t, err)
	var pages int
	require.NoError(t, db.QueryRow("PRAGMA page_count").Scan(&pages))
	refused := 0
	for extra := range 12 {
		_, err := db.Exec("PRAGMA max_page_count = " + number("", pages+extra))
		require.NoError(t, err)
		var batch []basis.Event
		for i := range 100 {
			batch = append(batch, event(canary, number(number("e", extra)+"-", i), basis.HoldPlaced{Reason: strings.Repeat("x", 200)}))
		}
		before := len(history(t, l, canary))
		if err := l.Record(t.Context(), batch...); err != nil {
			harmless(t, err)
			assert.Contains(t, err.Error(), "SQLITE 13")
			assert.Len(t, history(t, l, canary), before, "a refused batch left something behind")
			refused++
		} else {
			assert.Len(t, history(t, l, canary), before+len(batch))
		}
		s, err := l.StateAt(t.Context(), canary, time.Now(), time.Time{})
		require.NoError(t, err, "reading goes on")
		assert.Equal(t, uint64(len(history(t, l, canary))), s.Version)
	}
	assert.NotZero(t, refused, "the disk must become full")
	_, err = db.Exec("PRAGMA max_page_count = 100000")
	require.NoError(t, err)
	require.NoError(t, l.Record(t.Context(), event(canary, "", called())), "with space there is recording again")
}

func TestStatementTimeOutIsUnavailable(t *testing.T) {
	p := newPostgres(t)
	holder := p.pool(t)
	l := p.ledger(t)
	require.NoError(t, l.Record(t.Context(), event(canary, "a", consent())))
	tx, err := holder.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("SELECT 1 FROM basis_heads WHERE data_subject = $1 FOR UPDATE", canary)
	require.NoError(t, err)

	p.dsn += "&statement_timeout=300"
	impatient := p.ledger(t)
	err = impatient.Record(t.Context(), event(canary, "b", withdrawal()))
	harmless(t, err)
	assert.Contains(t, err.Error(), "57014")

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = l.Record(ctx, event(canary, "b", withdrawal()))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, basis.ErrUnavailable)

	require.NoError(t, tx.Rollback())
	assert.True(t, standing(t, impatient, canary))
	require.NoError(t, impatient.Record(t.Context(), event(canary, "b", withdrawal())))
	assert.False(t, standing(t, l, canary))
}

func TestConnectionsKilledInMidCallLoseNothingAcknowledged(t *testing.T) {
	p := newPostgres(t)
	l, killer := p.ledger(t), p.pool(t)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			_, err := killer.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE '%basis_%' AND query NOT LIKE '%pg_stat_activity%' AND backend_type = 'client backend' AND pid IN (SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.oid = to_regclass('basis_heads'))")
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			time.Sleep(time.Duration(3+rand.IntN(40)) * time.Millisecond) // some calls get through, however slow the machine is
		}
	})
	acknowledged := make(map[string]bool)
	failed := 0
	for i, least := 0, nightly(150, 5_000); i < least || i < 20_000 && failed == 0; i++ {
		id := number("e", i)
		err := l.Record(t.Context(), event("anna", id, called()), event("bert", id+"b", called()))
		for tries := 0; err != nil && tries < 500; tries++ {
			harmless(t, err)
			failed++
			err = l.Record(t.Context(), event("anna", id, called()), event("bert", id+"b", called())) // the same ids again
		}
		require.NoError(t, err)
		acknowledged[id] = true
	}
	cancel()
	done.Wait()
	assert.NotZero(t, failed, "connections must have been killed")
	events := history(t, l, "anna")
	assert.Len(t, events, len(acknowledged), "none lost, none twice")
	assert.Len(t, history(t, l, "bert"), len(acknowledged))
	for _, e := range events {
		assert.True(t, acknowledged[e.ID])
	}
}

func TestOpeningWhatIsNoDatabaseIsAnError(t *testing.T) {
	p := place{"sqlite", "sqlite", "/nonexistent/" + canary + "/x.db"}
	db, err := sql.Open(p.driver, p.dsn)
	require.NoError(t, err)
	defer db.Close()
	_, err = p.open(t.Context(), db)
	harmless(t, err)
}
