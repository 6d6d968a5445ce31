package policy_test

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/basis/sqlledger"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/purpose/sealed"
)

// sqlPlaces are databases that a guard's ledger can live in; each gives a new pool at every call.
var sqlPlaces = map[string]func(t *testing.T) func() (*sql.DB, bool){
	"sqlite": func(t *testing.T) func() (*sql.DB, bool) {
		file := filepath.Join(t.TempDir(), "ledger.db")
		return func() (*sql.DB, bool) { return pool(t, "sqlite", file), false }
	},
	"postgres": func(t *testing.T) func() (*sql.DB, bool) {
		server := os.Getenv("PURPOSEBOUND_POSTGRES")
		if server == "" {
			server = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
		}
		db := pool(t, "pgx", server)
		if err := db.Ping(); err != nil {
			require.Empty(t, os.Getenv("PURPOSEBOUND_REQUIRE_SERVERS"), "no PostgreSQL server answers")
			t.Skip("no PostgreSQL server answers at PURPOSEBOUND_POSTGRES or 127.0.0.1:5432")
		}
		schema := "policy_" + strings.ToLower(rand.Text())
		_, err := db.Exec("CREATE SCHEMA " + schema)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := db.Exec("DROP SCHEMA " + schema + " CASCADE")
			assert.NoError(t, err)
		})
		u, err := url.Parse(server)
		require.NoError(t, err)
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		return func() (*sql.DB, bool) { return pool(t, "pgx", u.String()), true }
	},
}

func pool(t *testing.T, driver, dsn string) *sql.DB {
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func openLedger(t *testing.T, open func() (*sql.DB, bool), reg *purpose.Register) *sqlledger.Ledger {
	t.Helper()
	db, isPostgres := open()
	var l *sqlledger.Ledger
	var err error
	if isPostgres {
		l, err = sqlledger.OpenPostgres(ctx, db, reg.Vocabulary())
	} else {
		l, err = sqlledger.OpenSQLite(ctx, db, reg.Vocabulary())
	}
	require.NoError(t, err)
	return l
}

func onEachDatabase(t *testing.T, test func(t *testing.T, open func() (*sql.DB, bool), reg *purpose.Register)) {
	for name, place := range sqlPlaces {
		t.Run(name, func(t *testing.T) {
			reg, err := purpose.Compile(testSpec())
			require.NoError(t, err)
			test(t, place(t), reg)
		})
	}
}

// Two programs share a ledger, each through a pool and a cache of its own.
func TestAWithdrawalElsewhereIsSeenByTheNextDecision(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, open func() (*sql.DB, bool), reg *purpose.Register) {
		here, there := openLedger(t, open, reg), openLedger(t, open, reg)
		guard, err := policy.NewGuard(reg, here, nowhere{}, permitAll{})
		require.NoError(t, err)
		stale, err := policy.NewGuard(reg, &staleLedger{Ledger: here, seen: map[string]*basis.State{}}, nowhere{}, permitAll{})
		require.NoError(t, err)
		type view struct{ Email string }
		req := policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"r"}}, Purpose: "newsletter"}
		noticed := 0
		for i := range 40 {
			who := fmt.Sprintf("p%d", i)
			rec := &lessee{ID: who, Email: sealed.Of("e")}
			require.NoError(t, there.Record(ctx, basis.Event{DataSubject: who, Body: basis.Occurred{Event: "signed"}},
				basis.Event{DataSubject: who, Body: basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()}}))
			_, err := policy.Read[view](ctx, guard, req, rec)
			require.NoError(t, err)
			_, err = policy.Read[view](ctx, stale, req, rec)
			require.NoError(t, err)
			require.NoError(t, there.Record(ctx, basis.Event{DataSubject: who, Body: basis.ConsentWithdrawn{Scope: "newsletter"}}))
			_, err = policy.Read[view](ctx, guard, req, rec)
			require.ErrorIs(t, err, policy.ErrDenied)
			if _, err = policy.Read[view](ctx, stale, req, rec); err == nil {
				noticed++
			}
		}
		require.Equal(t, 40, noticed, "the control: a cache that does not ask the database is seen")
	})
}

func TestADecisionAboutThePastReplaysBitForBit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, open func() (*sql.DB, bool), reg *purpose.Register) {
		ledger := openLedger(t, open, reg)
		guard, err := policy.NewGuard(reg, ledger, nowhere{}, permitAll{})
		require.NoError(t, err)
		record := func(validAt time.Time, body basis.Body) {
			require.NoError(t, ledger.Record(ctx, basis.Event{DataSubject: ada, ValidAt: validAt, Body: body}))
		}
		explain := func(at, known time.Time) string {
			req := policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"r"}}, Purpose: "newsletter", Action: purpose.Use, At: at, KnownAt: known}
			e, err := policy.Explain(ctx, guard, req, adaRecord(), "Email")
			require.NoError(t, err)
			text, err := json.Marshal(e)
			require.NoError(t, err)
			return string(text)
		}
		today := time.Now()
		day := func(n int) time.Time {
			return today.Add(time.Duration(n-100) * 24 * time.Hour).Truncate(time.Microsecond)
		}
		record(day(1), basis.Occurred{Event: "signed"})
		record(day(10), basis.ConsentGiven{Scope: "newsletter", Quality: basis.GoodConsent()})
		asked := time.Now()
		before := explain(day(20), asked)
		require.Contains(t, before, `"outcome":"permitted"`)

		record(day(15), basis.ConsentWithdrawn{Scope: "newsletter"}) // told late, true since the fifteenth day
		record(day(30), basis.RestrictionImposed{Reason: "unlawful"})
		require.Equal(t, before, explain(day(20), asked), "as it was known then")
		require.Contains(t, explain(day(20), time.Now()), `"basis.consent-withdrawn"`, "with what is known today")
		require.Contains(t, explain(day(12), time.Now()), `"outcome":"permitted"`, "a withdrawal does not reach back (Art. 7(3))")
	})
}

func TestALedgerThatIsGoneDeniesWithItsCode(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, open func() (*sql.DB, bool), reg *purpose.Register) {
		ledger := openLedger(t, open, reg)
		require.NoError(t, ledger.Record(ctx, basis.Event{DataSubject: ada, Body: basis.Occurred{Event: "signed"}}))
		guard, err := policy.NewGuard(reg, ledger, nowhere{}, permitAll{})
		require.NoError(t, err)
		req := policy.Request{Principal: policy.Principal{ID: "u", Roles: []string{"r"}}, Purpose: "invoicing"}
		_, err = policy.Read[debitView](ctx, guard, req, adaRecord())
		require.NoError(t, err, "the control")
		require.NoError(t, ledger.Close())
		v, err := policy.Read[debitView](ctx, guard, req, adaRecord())
		require.Zero(t, v)
		require.Equal(t, []policy.Code{"state.unavailable"}, codesOf(t, err))
		require.NotContains(t, err.Error(), ada)
	})
}
