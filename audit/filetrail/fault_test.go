package filetrail

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// Every operation of an Append fails once, at every occurrence. Nothing is acknowledged from there on, all that was
// acknowledged before is on disk, and the directory opens again.
func TestAFailedOperationPoisonsForGood(t *testing.T) {
	for _, kind := range []string{"write", "sync", "stat", "lstat", "open", "dirsync", "allocate", "truncate"} {
		t.Run(kind, func(t *testing.T) {
			fired := 0
			for at := 1; ; at++ {
				f := &faulty{kind: "none"}
				dir := newDir(t)
				opts := f.options()
				opts.SegmentSize = 3000 // two or three samples
				trail := open(t, dir, opts)
				f.set(kind, at)
				acknowledged := 0
				for i := range 9 {
					err := trail.Append(t.Context(), samples(i, 1))
					assert.Equal(t, f.fired(), err != nil)
					if err == nil {
						acknowledged++
						continue
					}
					assert.ErrorIs(t, err, audit.ErrPoisoned)
					assert.ErrorIs(t, err, errInjected)
				}
				head, err := trail.Head(t.Context())
				require.NoError(t, err)
				assert.EqualValues(t, 1+acknowledged, head.Seq)
				if !f.fired() {
					f.set("none", 0)
					require.NoError(t, trail.Close())
					assert.Equal(t, 9, acknowledged)
					assert.Positive(t, fired)
					return
				}
				fired++
				assert.ErrorIs(t, trail.Append(t.Context(), nil), audit.ErrPoisoned)
				assert.ErrorIs(t, trail.Close(), audit.ErrPoisoned)
				assert.ErrorIs(t, trail.Close(), audit.ErrPoisoned)

				again := open(t, dir, Options{Clock: frozen})
				reads := 0
				for _, e := range events(t, again) {
					if e.Name == audit.AccessRead {
						assert.Equal(t, decisionID(reads), e.DecisionID)
						reads++
					}
				}
				assert.GreaterOrEqual(t, reads, acknowledged)
				assert.LessOrEqual(t, reads, acknowledged+1, "only the one that failed may be there too")
				require.NoError(t, again.Append(t.Context(), samples(0, 1)))
				require.NoError(t, again.Close())
				assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)
			}
		})
	}
}

// The order of operations is what makes things durable when the power fails.
func TestWhatIsDurableBeforeWhat(t *testing.T) {
	line := []string{"allocate", "write", "sync", "stat", "lstat"}
	closing := []string{"stat", "truncate"} // to the size that it has: only what was set aside is given back
	f := &faulty{kind: "none"}
	opts := f.options()
	opts.SegmentSize = 1
	trail := open(t, newDir(t), opts)
	assert.Equal(t, append([]string{"dirsync", "open", "dirsync"}, line...), f.trace, "a new directory")
	f.set("none", 0)
	require.NoError(t, trail.Append(t.Context(), samples(0, 3)))
	assert.Equal(t, slices.Concat([]string{"open", "dirsync", "allocate"}, closing, line[1:]), f.trace,
		"a new file is in its directory, and has room, before the last one is closed and its lines are written")
	require.NoError(t, trail.Close())

	s := snap(t, written(t, 1, Options{Stream: "a"}))
	f = &faulty{kind: "none"}
	require.NoError(t, open(t, s.write(t), f.options()).Close())
	assert.Equal(t, slices.Concat([]string{"open", "stat", "lstat", "sync", "dirsync", "open"}, line, closing), f.trace,
		"what the last writer did not sync is synced before anything follows it")

	s[segmentName(1)] = s[segmentName(1)][:len(s[segmentName(1)])-1]
	f = &faulty{kind: "none"}
	require.NoError(t, open(t, s.write(t), f.options()).Close())
	assert.Equal(t, slices.Concat([]string{"open", "stat", "open", "write", "sync", "dirsync", "truncate", "sync", "dirsync", "open"}, line, closing),
		f.trace, "what is cut off is safe elsewhere before")
}

func TestAFullDiskFailsClosedAndOpensAgainWithSpace(t *testing.T) {
	f := &faulty{kind: "none", err: syscall.ENOSPC}
	dir := newDir(t)
	trail := open(t, dir, f.options())
	require.NoError(t, trail.Append(t.Context(), samples(0, 1)))
	f.set("write", 1)
	err := trail.Append(t.Context(), samples(1, 5))
	assert.ErrorIs(t, err, audit.ErrPoisoned)
	assert.ErrorIs(t, err, syscall.ENOSPC)
	assert.ErrorIs(t, trail.Append(t.Context(), samples(6, 1)), audit.ErrPoisoned, "although there is space now")
	assert.ErrorIs(t, trail.Close(), audit.ErrPoisoned)

	again := open(t, dir, Options{})
	got := events(t, again)
	assert.Equal(t, decisionID(0), got[1].DecisionID)
	assert.Equal(t, audit.TrailRecovered, got[len(got)-2].Name)
	assert.NoError(t, again.Append(t.Context(), samples(7, 1)))
}

// Everybody who waits when the disk fails is told, and nobody is left behind.
func TestAllWhoWaitAreToldOfThePoison(t *testing.T) {
	f := &faulty{kind: "none"}
	trail := open(t, newDir(t), f.options())
	release := f.stall(t)
	f.set("sync", 1)
	var wg sync.WaitGroup
	wg.Go(func() { assert.ErrorIs(t, trail.Append(context.Background(), samples(0, 1)), audit.ErrPoisoned) })
	<-f.hung
	for i := range 50 {
		wg.Go(func() { assert.ErrorIs(t, trail.Append(context.Background(), samples(i, 1)), audit.ErrPoisoned) })
	}
	waitFor(t, trail, 50)
	release()
	wg.Wait()
	assert.Len(t, events(t, trail), 1)
}

func TestAClockThatPanicsPoisons(t *testing.T) {
	calm := true
	opts := Options{Clock: func() time.Time {
		if !calm {
			panic("canary")
		}
		return noon
	}}
	trail := open(t, newDir(t), opts)
	calm = false
	err := trail.Append(t.Context(), samples(0, 1))
	assert.ErrorIs(t, err, audit.ErrPoisoned)
	assert.NotContains(t, err.Error(), "canary")
	assert.ErrorIs(t, trail.Append(t.Context(), samples(0, 1)), audit.ErrPoisoned)
}

// Writing and syncing a file without a name succeed. The trail notices and acknowledges nothing.
func TestAFileThatChangesUnderTheWriterHaltsIt(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"deleted": os.Remove,
		"renamed": func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.WriteFile(path, b, 0o600)
		},
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"cut":     func(path string) error { return os.Truncate(path, 10) },
		"longer": func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("x")
			return err
		},
		"linked": func(path string) error {
			if err := os.Rename(path, path+".old"); err != nil {
				return err
			}
			return os.Symlink(path+".old", path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newDir(t)
			trail := open(t, dir, Options{})
			require.NoError(t, trail.Append(t.Context(), samples(0, 1)))
			require.NoError(t, harm(filepath.Join(dir, segmentName(1))))
			assert.ErrorIs(t, trail.Append(t.Context(), samples(1, 1)), audit.ErrPoisoned)
			assert.ErrorIs(t, trail.Append(t.Context(), samples(2, 1)), audit.ErrPoisoned)
			head, err := trail.Head(t.Context())
			require.NoError(t, err)
			assert.EqualValues(t, 2, head.Seq)
		})
	}
}

// What fails while opening leaves no lock, no goroutine and no loss behind, also in the middle of a recovery.
func TestOpenThatFailsCanBeTriedAgain(t *testing.T) {
	torn := snap(t, written(t, 3, Options{Stream: "a"}))
	torn[segmentName(1)] = torn[segmentName(1)][:len(torn[segmentName(1)])-7]
	for name, start := range map[string]snapshot{"new": {}, "torn": torn} {
		t.Run(name, func(t *testing.T) {
			for at := 1; ; at++ {
				dir := start.write(t)
				f := &faulty{failAt: at}
				trail, err := Open(dir, f.options())
				if !f.fired() {
					require.NoError(t, err)
					f.set("none", 0)
					require.NoError(t, trail.Close())
					assert.Greater(t, at, 5)
					return
				}
				require.ErrorIs(t, err, errInjected)
				require.Nil(t, trail)

				again := open(t, dir, Options{Stream: "a"})
				var got []audit.Name
				for _, e := range events(t, again) {
					got = append(got, e.Name)
				}
				require.NoError(t, again.Close())
				assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)
				if name == "new" {
					continue
				}
				assert.Equal(t, []audit.Name{audit.TrailOpened, audit.AccessRead, audit.AccessRead}, got[:3])
				assert.Contains(t, got[3:], audit.TrailRecovered, "operation %d", at)
				s := snap(t, dir)
				kept := false
				for _, n := range s.names(tornSuffix) {
					kept = kept || string(s[n]) == string(torn[segmentName(1)][lineStart(torn[segmentName(1)], 3):])
				}
				assert.True(t, kept, "operation %d: the torn line is kept", at)
			}
		})
	}
}
