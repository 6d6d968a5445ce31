package sqlledger_test

import (
	"context"
	"io/fs"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/ledgertest"
	"github.com/purposebound/purposebound/basis/sqlledger"
)

func TestLedgerConforms(t *testing.T) {
	for name, c := range map[string]struct {
		kind    string
		options []sqlledger.Option
	}{
		"sqlite":                   {"sqlite", nil},
		"sqlite without cache":     {"sqlite", []sqlledger.Option{sqlledger.WithCache(0)}},
		"postgres":                 {"postgres", nil},
		"postgres, a cache of one": {"postgres", []sqlledger.Option{sqlledger.WithCache(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			ledgertest.TestLedger(t, func(vocab basis.Vocabulary, now func() time.Time) (ledgertest.Store, error) {
				p := kinds[c.kind](t)
				return p.open(t.Context(), p.pool(t), append(c.options, sqlledger.WithClock(now))...)
			})
		})
	}
}

func TestStatesAreThoseOfMemory(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		now := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
		clock := sqlledger.WithClock(func() time.Time { return now })
		stored, kept := p.ledger(t, clock), p.ledger(t, clock)
		memory := basis.NewMemory(ledgertest.Vocabulary(), basis.WithClock(func() time.Time { return now }))
		bodies := []basis.Body{consent(), called(), withdrawal(), basis.Occurred{Event: "signed", Reference: "c"},
			basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{"marketing"}}, basis.Occurred{Event: "ended", Reference: "c"}}
		for i := range 40 {
			now = now.Add(time.Hour)
			e := event("anna", number("e", i), bodies[i*i%len(bodies)])
			e.ValidAt = now.Add(-time.Duration(i*37%100) * time.Hour)
			require.NoError(t, memory.Record(t.Context(), e))
			require.NoError(t, stored.Record(t.Context(), e))
			for _, knownAt := range []time.Time{{}, now.Add(-9 * time.Hour)} {
				want, err := memory.StateAt(t.Context(), "anna", e.ValidAt, knownAt)
				require.NoError(t, err)
				for _, l := range []basis.Ledger{stored, kept} {
					got, err := l.StateAt(t.Context(), "anna", e.ValidAt, knownAt)
					require.NoError(t, err)
					require.Equal(t, want, got)
				}
			}
		}
	})
}

func TestSameStateIsReturnedWhileTheHistoryIsTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		l, other := p.ledger(t), p.ledger(t)
		require.NoError(t, l.Record(t.Context(), event("anna", "a", consent())))
		at := time.Now().Add(time.Hour)
		first, err := l.StateAt(t.Context(), "anna", at, time.Time{})
		require.NoError(t, err)
		again, err := l.StateAt(t.Context(), "anna", at.Add(time.Hour), time.Time{})
		require.NoError(t, err)
		assert.Same(t, first, again)
		require.NoError(t, other.Record(t.Context(), event("anna", "b", called())))
		changed, err := l.StateAt(t.Context(), "anna", at, time.Time{})
		require.NoError(t, err)
		assert.Equal(t, uint64(2), changed.Version)
	})
}

func TestHistoryIsReadPageByPage(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		l := p.ledger(t)
		const n = 1500
		var batch []basis.Event
		for i := range n {
			batch = append(batch, event("anna", number("e", i), called()))
		}
		require.NoError(t, l.Record(t.Context(), batch...))
		all := history(t, l, "anna")
		require.Len(t, all, n)
		for i, e := range all {
			require.Equal(t, number("e", i), e.ID)
		}
		var after time.Time
		var paged []basis.Event
		for {
			page, err := l.Page(t.Context(), "anna", after, 400)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
			after = page[len(page)-1].RecordedAt
		}
		assert.Equal(t, all, paged)
		none, err := l.Page(t.Context(), "anna", time.Time{}, -1)
		require.NoError(t, err)
		assert.Empty(t, none)
	})
}

func TestErasedPersonIsForgottenByOtherCaches(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		l, other := p.ledger(t), p.ledger(t)
		require.NoError(t, l.Record(t.Context(), event("anna", "a", consent())))
		require.True(t, standing(t, other, "anna"))
		n, err := l.Erase(t.Context(), "anna")
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		require.False(t, standing(t, other, "anna"))

		require.NoError(t, l.Record(t.Context(), event("anna", "1", consent())))
		require.True(t, standing(t, other, "anna"))
	})
}

func TestHistoryAfterAnErasureIsNotTakenForTheOneBefore(t *testing.T) {
	for name, after := range map[string][]basis.Event{
		"fewer events":   {event("anna", "3", called())},
		"as many events": {event("anna", "3", called()), event("anna", "4", called())},
		"more events":    {event("anna", "3", called()), event("anna", "4", called()), event("anna", "5", called())},
	} {
		for _, objects := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				onEach(t, func(t *testing.T, p place) {
					now := time.Now()
					l, other := p.ledger(t, sqlledger.WithClock(func() time.Time { return now })), p.ledger(t)
					before := []basis.Event{event("anna", "1", consent()), event("anna", "2", called())}
					if objects {
						before[1].Body = basis.ObjectionRaised{Ground: basis.Marketing}
					}
					require.NoError(t, l.Record(t.Context(), before...))
					require.True(t, standing(t, other, "anna"))
					_, err := l.Erase(t.Context(), "anna")
					require.NoError(t, err)
					now = now.Add(-time.Hour) // recorded times need not tell the two apart
					require.NoError(t, l.Record(t.Context(), after...))
					s, err := other.StateAt(t.Context(), "anna", now.Add(3*time.Hour), time.Time{})
					require.NoError(t, err)
					assert.Empty(t, s.Consents)
					assert.Equal(t, uint64(len(history(t, other, "anna"))), s.Version)
					assert.Len(t, s.Objections, map[bool]int{true: 1}[objects])
				})
			})
		}
	}
}

func TestSchemaFilesAreThoseOfCommonTools(t *testing.T) {
	for kind, files := range map[string]fs.FS{"sqlite": sqlledger.SQLiteMigrations(), "postgres": sqlledger.PostgresMigrations()} {
		entries, err := fs.ReadDir(files, ".")
		require.NoError(t, err)
		require.NotEmpty(t, entries)
		for i, e := range entries {
			assert.Regexp(t, regexp.MustCompile(`^\d{4}_[a-z_]+\.up\.sql$`), e.Name())
			assert.Contains(t, e.Name(), number("000", i+1), kind)
			text, err := fs.ReadFile(files, e.Name())
			require.NoError(t, err)
			assert.Regexp(t, `^-- \+goose Up\n`, string(text))
			assert.Regexp(t, `INSERT INTO basis_migrations \(version\) VALUES \(`+number("", i+1)+`\);\n$`, string(text))
		}
	}
}

func TestSchemaRunByAToolIsAccepted(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		_, err := p.open(t.Context(), db, sqlledger.WithoutMigration())
		require.ErrorIs(t, err, sqlledger.ErrSchema, "nothing is there yet")
		files := sqlledger.SQLiteMigrations()
		if p.kind == "postgres" {
			files = sqlledger.PostgresMigrations()
		}
		text, err := fs.ReadFile(files, "0001_ledger.up.sql")
		require.NoError(t, err)
		_, err = db.Exec(string(text))
		require.NoError(t, err)
		l, err := p.open(t.Context(), db, sqlledger.WithoutMigration())
		require.NoError(t, err)
		require.NoError(t, l.Record(t.Context(), event("anna", "a", consent())))

		_, err = db.Exec("INSERT INTO basis_migrations (version) VALUES (99)")
		require.NoError(t, err)
		_, err = p.open(t.Context(), db)
		require.ErrorIs(t, err, sqlledger.ErrSchema, "a newer schema is not for this package")
	})
}

func TestSQLiteIsWrittenAheadAndSynchronously(t *testing.T) {
	p := newSQLite(t)
	db := p.pool(t)
	db.SetMaxOpenConns(1) // the connection that recorded is the one that is asked
	l, err := p.open(t.Context(), db)
	require.NoError(t, err)
	_, err = db.Exec("PRAGMA synchronous = OFF")
	require.NoError(t, err)
	require.NoError(t, l.Record(t.Context(), event("anna", "a", consent())))
	var mode, synchronous string
	require.NoError(t, db.QueryRow("PRAGMA journal_mode").Scan(&mode))
	require.NoError(t, db.QueryRow("PRAGMA synchronous").Scan(&synchronous))
	assert.Equal(t, "wal", mode)
	assert.Equal(t, "2", synchronous)

	memory := place{"sqlite", "sqlite", ":memory:"}
	_, err = memory.open(context.Background(), memory.pool(t))
	require.ErrorIs(t, err, basis.ErrUnavailable, "no write-ahead log, no ledger")
}

func TestPostgresCommitsDurablyWhereTheDefaultIsLaxer(t *testing.T) {
	p := newPostgres(t)
	p.dsn += "&synchronous_commit=off"
	db := p.pool(t)
	l, err := p.open(t.Context(), db)
	require.NoError(t, err)
	_, err = db.Exec(`CREATE TABLE seen (setting text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
CREATE TRIGGER note BEFORE INSERT ON basis_events FOR EACH ROW EXECUTE FUNCTION note()`)
	require.NoError(t, err)
	var setting string
	require.NoError(t, db.QueryRow("SHOW synchronous_commit").Scan(&setting))
	require.Equal(t, "off", setting, "or the test shows nothing")
	require.NoError(t, l.Record(t.Context(), event("anna", "a", consent())))
	require.NoError(t, db.QueryRow("SELECT setting FROM seen").Scan(&setting))
	assert.Equal(t, "on", setting)
}
