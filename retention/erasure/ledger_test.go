package erasure_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention"
	"github.com/purposebound/purposebound/retention/erasure"
)

// A backup from before the relation ended says that the customers are needed: the ledger knows better.
func TestARestoredBackupIsSweptAgain(t *testing.T) {
	w := newWorld(t)
	w.due(20)
	_, err := w.execute()
	require.NoError(t, err)
	require.Empty(t, w.store.rows)

	for i := range 20 {
		w.store.add(fmt.Sprintf("due-%03d", i), "contract", "") // not ended yet
	}
	w.store.add("other", "contract", "")
	w.store.set("due-001", holdFrom, day("2020-02-01"))
	w.store.set("due-002", restrictedFrom, day("2020-02-01"))
	w.store.set("due-003", endedAt, retention.InstantValue(now.Add(time.Hour))) // something happened after the erasure
	w.store.set("due-004", endedAt, retention.TextValue("?"))
	w.clock = now.AddDate(0, 0, 1)

	report, err := w.execute()
	require.NoError(t, err)
	assert.Zero(t, report.Done.Rows(), "the plan alone would keep them all")

	report, err = w.executor().Sweep(t.Context(), w.store.all())
	require.NoError(t, err)
	assert.EqualValues(t, 16, report.Done.Rows())
	for _, key := range []string{"other", "due-001", "due-002", "due-003", "due-004"} {
		assert.True(t, w.store.has(key), key)
	}
	assert.Len(t, w.store.rows, 5)
	assert.EqualValues(t, 4, report.Kept.Rows())
	events := w.events()
	assert.Equal(t, string(erasure.Swept), events[len(events)-1].Reason)
	assert.EqualValues(t, 36, recorded(events))

	again, err := w.executor().Sweep(t.Context(), w.store.all())
	require.NoError(t, err)
	assert.Zero(t, again.Done.Rows())

	_, err = w.ledger.Prune(t.Context(), w.clock.Add(time.Hour))
	require.NoError(t, err)
	assert.Zero(t, w.ledger.Len())
	w.store.add("due-007", "contract", "")
	again, err = w.executor().Sweep(t.Context(), w.store.all())
	require.NoError(t, err)
	assert.Zero(t, again.Planned.Rows(), "the control: without its entry the row is left alone")
}

func ledgerFile(t *testing.T) string { return filepath.Join(t.TempDir(), "ledger") }

func TestLedgerHoldsNoKey(t *testing.T) {
	path := ledgerFile(t)
	l, err := erasure.OpenLedger(path, "contracts", secret)
	require.NoError(t, err)
	require.NoError(t, l.Add(t.Context(), now, "0101901234", "due-001"))
	require.NoError(t, l.Add(t.Context(), now))
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Len(t, text, 3*32)
	assert.NotContains(t, string(text), "0101901234")
	assert.NotContains(t, fmt.Sprintf("%+v %#v", l, l), string(secret))

	other := ledgerFile(t)
	l, err = erasure.OpenLedger(other, "invoices", secret)
	require.NoError(t, err)
	require.NoError(t, l.Add(t.Context(), now, "0101901234"))
	require.NoError(t, l.Close())
	text2, err := os.ReadFile(other)
	require.NoError(t, err)
	assert.False(t, bytes.Equal(text[32:48], text2[32:48]), "one key has unrelated entries in two tables")

	_, err = erasure.OpenLedger(path, "contracts", bytes.Repeat([]byte("x"), 32))
	assert.ErrorIs(t, err, erasure.ErrSecret)
	_, err = erasure.OpenLedger(path, "invoices", secret)
	assert.ErrorIs(t, err, erasure.ErrSecret)
	_, err = erasure.OpenLedger(path, "contracts", secret[:31])
	assert.Error(t, err)
}

func TestLedgerOpensAfterAnyCutAndRefusesDamage(t *testing.T) {
	path := ledgerFile(t)
	l, err := erasure.OpenLedger(path, "contracts", secret)
	require.NoError(t, err)
	_, err = erasure.OpenLedger(path, "contracts", secret)
	require.ErrorIs(t, err, erasure.ErrLocked)
	require.NoError(t, l.Add(t.Context(), now, "a", "b", "c"))
	require.NoError(t, l.Close())
	assert.ErrorIs(t, l.Add(t.Context(), now, "d"), erasure.ErrClosed)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := range len(whole) + 1 {
		cut := ledgerFile(t)
		require.NoError(t, os.WriteFile(cut, whole[:n], 0o600))
		l, err := erasure.OpenLedger(cut, "contracts", secret)
		require.NoError(t, err, n)
		assert.Equal(t, max(n/32-1, 0), l.Len(), n)
		info, err := os.Stat(cut)
		require.NoError(t, err)
		assert.EqualValues(t, max(n-n%32, 32), info.Size())
		require.NoError(t, l.Add(t.Context(), now, "d"))
		left, err := l.Prune(t.Context(), now)
		require.NoError(t, err)
		assert.Equal(t, max(n/32-1, 0)+1, left)
		require.NoError(t, l.Close())
	}
	for range 40 {
		bent := ledgerFile(t)
		text := bytes.Clone(whole)
		text[rand.IntN(len(text))] ^= byte(1 + rand.IntN(255))
		require.NoError(t, os.WriteFile(bent, text, 0o600))
		l, err := erasure.OpenLedger(bent, "contracts", secret)
		if err == nil {
			_, err = l.Prune(t.Context(), now)
			require.NoError(t, l.Close())
		}
		assert.Error(t, err)
	}
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = erasure.OpenLedger(path, "contracts", secret)
	assert.ErrorContains(t, err, "0600")
}

func TestPruneKeepsWhatIsYoungerAndOnce(t *testing.T) {
	path := ledgerFile(t)
	l, err := erasure.OpenLedger(path, "contracts", secret)
	require.NoError(t, err)
	old, young := now.AddDate(-2, 0, 0), now.AddDate(0, -1, 0)
	require.NoError(t, l.Add(t.Context(), old, "a", "b"))
	require.NoError(t, l.Add(t.Context(), young, "b", "c", "c"))
	left, err := l.Prune(t.Context(), now.AddDate(-1, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, 2, left)
	require.NoError(t, l.Add(t.Context(), now, "d"))
	require.NoError(t, l.Close())
	l, err = erasure.OpenLedger(path, "contracts", secret)
	require.NoError(t, err)
	assert.Equal(t, 3, l.Len())
	require.NoError(t, os.Remove(path))
	assert.ErrorIs(t, l.Add(t.Context(), now, "e"), erasure.ErrRecord, "a file without a name keeps nothing")
	require.NoError(t, l.Close())
}
