package aliastable_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/audittest"
)

// Every statement fails in every way, once: an alias that was given is the one that everybody else gets.
func TestAFailureAtAnyStatementGivesNoAliasThatIsNotStored(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		fresh := p.table(t, keys(t), nil)
		for _, m := range []mode{before, after, cut, lost} {
			db, f := p.faultyPool(t)
			table, err := p.open(t.Context(), db, keys(t), audittest.NewRecorder(nil), aliastable.Options{})
			require.NoError(t, err)
			for at := 1; ; at++ {
				f.set(m, at, "")
				id := fmt.Sprint(m, at)
				got, err := table.Alias(t.Context(), audit.DataSubject, id)
				fired := f.fired()
				f.set("", 0, "")
				require.NoError(t, err, "what passes is tried again")
				require.Equal(t, got, alias(t, fresh, id), "%s at statement %d", m, at)
				if fired == 0 {
					assert.Greater(t, at, 4)
					break
				}
			}
		}
	})
}

// An erasure that fails at any statement can be repeated, and the event is there whenever a row is gone.
func TestAnErasureThatFailsAnywhereCanBeRepeated(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		source := keys(t)
		for at := 1; ; at++ {
			db, f := p.faultyPool(t)
			trail := audittest.NewRecorder(nil)
			table, err := p.open(t.Context(), db, source, trail, aliastable.Options{}.Waiting(func(time.Duration) {}))
			require.NoError(t, err)
			id := fmt.Sprint("n", at)
			old := alias(t, table, id)
			f.set(panics, 0, "")
			f.set(lost, at, "")
			f.happens = func(string) { f.ever = true }
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err = table.Erase(ctx, audit.DataSubject, id)
			cancel()
			fired := f.fired()
			f.set("", 0, "")
			left, failed := table.Aliases(t.Context(), audit.DataSubject, id)
			require.NoError(t, failed)
			if len(left) == 0 {
				require.NotEmpty(t, trail.Events())
				assert.Equal(t, []string{old}, trail.Events()[0].DataSubjectRefs)
			}
			if err != nil {
				assert.NotContains(t, err.Error(), "canary")
				_, err = table.Erase(t.Context(), audit.DataSubject, id)
				require.NoError(t, err)
			}
			left, err = table.Aliases(t.Context(), audit.DataSubject, id)
			require.NoError(t, err)
			assert.Empty(t, left)
			if fired == 0 {
				assert.Greater(t, at, 5)
				return
			}
		}
	})
}

func TestADatabaseThatIsGoneIsAnErrorThatTellsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		db := p.pool(t)
		table, err := p.open(t.Context(), db, keys(t), audittest.NewRecorder(nil), aliastable.Options{CacheSize: -1})
		require.NoError(t, err)
		alias(t, table, canary)
		require.NoError(t, db.Close())
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, one := table.Alias(ctx, audit.DataSubject, canary)
		_, list := table.Aliases(ctx, audit.DataSubject, canary)
		_, erase := table.Erase(ctx, audit.DataSubject, canary)
		for _, err := range []error{one, list, erase} {
			var own *aliastable.Error
			require.True(t, errors.As(err, &own) || errors.Is(err, context.DeadlineExceeded), "%v", err)
			assert.NotContains(t, err.Error(), "canary")
		}
	})
}

func TestTablesOfAnotherVersionOrAnUnsafeDatabaseAreRefused(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		open := func(o aliastable.Options) error {
			_, err := p.open(t.Context(), p.pool(t), keys(t), audittest.NewRecorder(nil), o)
			return err
		}
		require.Error(t, open(aliastable.Options{LeaveSchema: true}), "none yet")
		require.NoError(t, open(aliastable.Options{}))
		require.NoError(t, open(aliastable.Options{LeaveSchema: true}))
		_, err := p.pool(t).Exec("INSERT INTO audit_alias_migrations (version) VALUES (99)")
		require.NoError(t, err)
		require.ErrorIs(t, open(aliastable.Options{}), aliastable.ErrSchema)
	})
	p := newSQLite(t)
	p.dsn += "?_pragma=synchronous(1)"
	_, err := p.open(t.Context(), p.pool(t), keys(t), audittest.NewRecorder(nil), aliastable.Options{})
	require.ErrorIs(t, err, aliastable.ErrUnsafe)
}

func TestOpeningAtOnceMigratesOnceAndAllAgree(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		got := make([]string, 6)
		var wg sync.WaitGroup
		for i := range got {
			db, source := p.pool(t), keys(t)
			wg.Go(func() {
				table, err := p.open(context.Background(), db, source, audittest.NewRecorder(nil), aliastable.Options{})
				if assert.NoError(t, err) {
					got[i], err = table.Alias(context.Background(), audit.DataSubject, "anna")
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
		for _, a := range got {
			assert.Equal(t, got[0], a)
		}
		assert.NotEmpty(t, got[0])
	})
}
