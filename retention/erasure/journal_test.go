package erasure_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/retention/erasure"
	"github.com/purposebound/purposebound/retention/erasure/erasuretest"
)

func TestFileJournalKeepsTheContract(t *testing.T) {
	erasuretest.TestJournal(t, func(t *testing.T) func() (erasure.Journal, error) {
		path := filepath.Join(t.TempDir(), "journal")
		n := 0
		var last *erasure.FileJournal
		t.Cleanup(func() { require.NoError(t, last.Close()) })
		return func() (erasure.Journal, error) { // a crash leaves what is on disk, and the lock goes with the process
			if last != nil {
				text, err := os.ReadFile(path)
				if err != nil {
					return nil, err
				}
				if err := last.Close(); err != nil {
					return nil, err
				}
				n++
				path = filepath.Join(filepath.Dir(path), fmt.Sprint("journal", n))
				if err := os.WriteFile(path, text, 0o600); err != nil {
					return nil, err
				}
			}
			j, err := erasure.OpenJournal(path)
			last = j
			return j, err
		}
	})
}

func openJournal(t testing.TB, text []byte) (string, *erasure.FileJournal, error) {
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	j, err := erasure.OpenJournal(path)
	return path, j, err
}

func journalText(t testing.TB) []byte {
	path, j, err := openJournal(t, nil)
	require.NoError(t, err)
	for n := range 4 {
		require.NoError(t, j.Begin(t.Context(), erasuretest.Intent(n)))
	}
	require.NoError(t, j.Done(t.Context(), erasuretest.Intent(1).Batch))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	return text
}

func TestJournalOpensAfterAnyCutAndRefusesDamage(t *testing.T) {
	whole := journalText(t)
	for n := 0; n <= len(whole); n += 7 {
		path, j, err := openJournal(t, whole[:n])
		require.NoError(t, err, n)
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.EqualValues(t, bytes.LastIndexByte(whole[:n], '\n')+1, info.Size(), "what was cut short is gone, with its keys")
		lines := bytes.Count(whole[:n], []byte{'\n'})
		want := lines
		if lines == 5 {
			want = 3
		}
		open, err := j.Open(t.Context())
		require.NoError(t, err)
		assert.Len(t, open, want, "of %d lines", lines)
		require.NoError(t, j.Begin(t.Context(), erasuretest.Intent(9)))
		require.NoError(t, j.Close())
	}
	for n := 0; n < len(whole)-1; n += 5 {
		bent := bytes.Clone(whole)
		if bent[n] ^= 0x10; bent[n] == '\n' || whole[n] == '\n' {
			continue
		}
		_, _, err := openJournal(t, bent)
		require.ErrorIs(t, err, erasure.ErrDamaged)
		assert.NotContains(t, err.Error(), "key-")
	}
}

func TestJournalForgetsKeysOfClosedOrders(t *testing.T) {
	path, j, err := openJournal(t, nil)
	require.NoError(t, err)
	i := erasuretest.Intent(1)
	i.Keys = []string{strings.Repeat("secret-key ", 150_000)}
	require.NoError(t, j.Begin(t.Context(), i))
	require.NoError(t, j.Done(t.Context(), i.Batch))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Zero(t, info.Size(), "it had grown beyond a megabyte")

	require.NoError(t, j.Begin(t.Context(), erasuretest.Intent(2)))
	_, err = erasure.OpenJournal(path)
	require.ErrorIs(t, err, erasure.ErrLocked)
	require.NoError(t, j.Done(t.Context(), erasuretest.Intent(2).Batch))
	require.NoError(t, j.Close())
	assert.ErrorIs(t, j.Begin(t.Context(), i), erasure.ErrClosed)
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.Zero(t, info.Size())
}

func TestAJournalThatLostItsFileErasesNothing(t *testing.T) {
	path, j, err := openJournal(t, nil)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	assert.ErrorIs(t, j.Begin(t.Context(), erasuretest.Intent(1)), erasure.ErrRecord)
	_, err = j.Open(context.Background())
	assert.ErrorIs(t, err, erasure.ErrRecord)
	assert.Error(t, j.Close())
}
