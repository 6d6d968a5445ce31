package filetrail

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// month is a clock that can be turned.
type month struct {
	mu  sync.Mutex
	now time.Time
}

func (m *month) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *month) turn(months int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.AddDate(0, months, 0)
}

// yearly opens a trail that has one event, and one file, for each of n months.
func yearly(t testing.TB, dir string, n int, opts Options) (*Trail, *month) {
	clock := &month{now: noon}
	opts.Clock, opts.Stream, opts.SegmentSize = clock.Now, "a", 1
	trail := open(t, dir, opts)
	for i := range n {
		clock.turn(1)
		require.NoError(t, trail.Append(t.Context(), []audit.Event{small(i)}))
	}
	return trail, clock
}

// root is the tree over all events so far.
func headOf(t testing.TB, trail *Trail, before audit.Tree) audit.TreeHead {
	for line, err := range trail.Lines(t.Context(), 0) {
		require.NoError(t, err)
		before.Append(audit.HashLine(line))
	}
	return before.Head()
}

func prune(t testing.TB, trail *Trail) uint64 {
	t.Helper()
	n, err := trail.Prune(t.Context(), time.Time{})
	require.NoError(t, err)
	return n
}

func TestWholeFilesArePrunedAfterTheirTimeAndTheRestStillPasses(t *testing.T) {
	dir := newDir(t)
	trail, clock := yearly(t, dir, 20, Options{})
	whole := headOf(t, trail, audit.Tree{}) // of 21 events
	// Events 1 to 9 are 12 months old or more: the one of the month 8 to the day.
	assert.EqualValues(t, 8, prune(t, trail))
	m, err := trail.Pruned()
	require.NoError(t, err)
	assert.EqualValues(t, 8, m.Head.Seq)
	assert.Equal(t, uint64(8), trail.Health().Pruned)
	all := headOf(t, trail, m.Tree)
	assert.EqualValues(t, 22, all.Size)

	got := map[uint64]audit.Event{}
	for e, err := range trail.Read(t.Context(), 0) {
		require.NoError(t, err)
		got[e.Seq] = e
	}
	assert.Len(t, got, 14)
	assert.Equal(t, audit.TrailPruned, got[22].Name)
	assert.EqualValues(t, 8, got[22].N)
	for _, from := range []uint64{1, 8} {
		for _, err := range trail.Read(t.Context(), from) {
			assert.ErrorIs(t, err, audit.ErrPruned)
		}
		for _, err := range trail.Lines(t.Context(), from) {
			assert.ErrorIs(t, err, audit.ErrPruned)
		}
	}
	n := 0
	for _, err := range trail.Read(t.Context(), 9) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 14, n)

	for _, anchor := range []audit.TreeHead{whole, all} {
		rep, err := VerifyWith(t.Context(), dir, audit.Check{Anchors: []audit.TreeHead{anchor}})
		require.NoError(t, err)
		assert.Equal(t, audit.Pass, rep.Verdict)
		assert.EqualValues(t, 8, rep.Pruned)
		assert.Equal(t, all.Root, rep.Root)
	}
	assert.Equal(t, audit.Pruned, verified(t, dir).Verdict)
	s := snap(t, dir)
	assert.Len(t, s.names(segmentSuffix), 14)
	assert.Equal(t, []string{manifestName(9)}, s.names(prunedSuffix))

	assert.Zero(t, prune(t, trail), "nothing more is due")
	clock.turn(3)
	assert.EqualValues(t, 3, prune(t, trail))
	assert.Equal(t, []string{manifestName(12)}, snap(t, dir).names(prunedSuffix))
	require.NoError(t, trail.Close())

	trail = open(t, dir, Options{Clock: clock.Now})
	require.NoError(t, trail.Append(t.Context(), []audit.Event{small(1)}))
	assert.EqualValues(t, 11, trail.Health().Pruned)
	m, err = trail.Pruned()
	require.NoError(t, err)
	rep, err := VerifyWith(t.Context(), dir, audit.Check{Anchors: []audit.TreeHead{headOf(t, trail, m.Tree)}})
	require.NoError(t, err)
	assert.Equal(t, audit.Pass, rep.Verdict, "after a restart, and with what came since")
}

func TestPruneKeepsWhatItMust(t *testing.T) {
	dir := newDir(t)
	trail, clock := yearly(t, dir, 5, Options{KeepMonths: 2})
	_, err := trail.Prune(t.Context(), clock.Now().AddDate(0, -1, 0))
	assert.Error(t, err, "sooner than the trail's own retention")
	n, err := trail.Prune(t.Context(), noon.Add(time.Second))
	require.NoError(t, err)
	assert.EqualValues(t, 1, n, "later is allowed")

	clock.turn(1000)
	assert.EqualValues(t, 5, prune(t, trail), "the file that is written to stays, with the event of the last pruning")
	assert.Len(t, events(t, trail), 2)
	require.NoError(t, trail.Close())
	_, err = trail.Prune(t.Context(), time.Time{})
	assert.Error(t, err)

	dir = newDir(t)
	trail, clock = yearly(t, dir, 3, Options{KeepMonths: 2})
	clock.turn(120)
	require.NoError(t, trail.Append(t.Context(), []audit.Event{small(1)})) // ten years ahead
	clock.turn(-120)
	require.NoError(t, trail.Append(t.Context(), []audit.Event{small(1)}))
	clock.turn(60)
	require.NoError(t, trail.Append(t.Context(), []audit.Event{small(1)}))
	assert.EqualValues(t, 4, prune(t, trail), "what a clock put years ahead is not old")
}

// An event that is missing, changed or cut among those to be pruned stops the pruning: nothing that is evidence goes.
func TestDamageIsNotPruned(t *testing.T) {
	for name, harm := range map[string]func(b []byte) []byte{
		"edited":  func(b []byte) []byte { return bytes.Replace(b, []byte("billing"), []byte("selling"), 1) },
		"garbage": func([]byte) []byte { return []byte("garbage\n") },
		"torn":    func(b []byte) []byte { return b[:50] },
		"empty":   func([]byte) []byte { return nil },
	} {
		dir := newDir(t)
		trail, _ := yearly(t, dir, 20, Options{})
		s := snap(t, dir)
		s[segmentName(4)] = harm(s[segmentName(4)])
		writeOver(t, dir, segmentName(4), s[segmentName(4)])
		_, err := trail.Prune(t.Context(), time.Time{})
		require.Error(t, err, name)
		after := snap(t, dir)
		assert.Len(t, after.names(segmentSuffix), len(s.names(segmentSuffix)), name)
	}
}

// Pruning fails at every operation and at every occurrence of it. What is left opens, verifies, and is pruned in the end.
func TestPruneThatFailsOrIsKilledHalfWayIsFinished(t *testing.T) {
	for _, kind := range []string{"write", "sync", "open", "dirsync", "remove", "allocate", ""} {
		fired := 0
		for at := 1; ; at++ {
			dir := newDir(t)
			f := &faulty{kind: "none"}
			trail, clock := yearly(t, dir, 15, Options{disk: func(d disk) disk { f.disk = unsynced{d}; return f }})
			anchor := headOf(t, trail, audit.Tree{})
			f.set(kind, at)
			_, err := trail.Prune(t.Context(), time.Time{})
			fault := f.fired()
			f.set("none", 0)
			_ = trail.Close()
			if !fault {
				require.NoError(t, err, kind)
				break
			}
			fired++
			require.Error(t, err, "%s %d", kind, at)
			rep, err := VerifyWith(t.Context(), dir, audit.Check{Anchors: []audit.TreeHead{anchor}})
			require.NoError(t, err)
			require.Contains(t, []audit.Verdict{audit.Pass, audit.Torn}, rep.Verdict, "%s %d", kind, at)

			trail = open(t, dir, quick(Options{Clock: clock.Now, SegmentSize: 1}))
			prune(t, trail)
			m, err := trail.Pruned()
			require.NoError(t, err)
			require.EqualValues(t, 3, m.Head.Seq, "%s %d", kind, at)
			require.NoError(t, trail.Close())
			rep, err = VerifyWith(t.Context(), dir, audit.Check{Anchors: []audit.TreeHead{anchor}})
			require.NoError(t, err)
			require.Equal(t, audit.Pass, rep.Verdict, "%s %d", kind, at)
			s := snap(t, dir)
			require.Equal(t, []string{manifestName(4)}, s.names(prunedSuffix))
			require.Equal(t, segmentName(4), s.names(segmentSuffix)[0])
		}
		assert.Positive(t, fired, kind)
	}
}

// A manifest that was cut or changed stands for nothing, and what it stood for is missed.
func TestManifestsThatAreNotWholeStandForNothing(t *testing.T) {
	dir := newDir(t)
	trail, clock := yearly(t, dir, 15, quick(Options{}))
	before := snap(t, dir)
	anchor := headOf(t, trail, audit.Tree{})
	prune(t, trail)
	require.NoError(t, trail.Close())
	after := snap(t, dir)
	name := manifestName(4)
	text := after[name]
	require.NotEmpty(t, text)
	for at := 0; at < len(text); at += 9 {
		s := after.clone()
		s[name] = text[:at]
		if at%2 == 1 {
			s[name] = bytes.Clone(text)
			s[name][at] ^= 1
		}
		gone := s.write(t)
		rep, err := VerifyWith(t.Context(), gone, audit.Check{Anchors: []audit.TreeHead{anchor}})
		require.NoError(t, err)
		require.Equal(t, audit.Gap, rep.Verdict, "byte %d", at)
		_, err = Open(gone, quick(Options{}))
		require.ErrorIs(t, err, ErrDamaged)
		require.Equal(t, s[name], snap(t, gone)[name], "a refusal changes nothing")
	}

	// Killed while the manifest was being written: all events are still there.
	s := snap(t, dir)
	for n, b := range before {
		s[n] = b
	}
	s[name] = text[:len(text)/2]
	half := s.write(t)
	rep, err := VerifyWith(t.Context(), half, audit.Check{Anchors: []audit.TreeHead{anchor}})
	require.NoError(t, err)
	require.Equal(t, audit.Pass, rep.Verdict)
	require.Zero(t, rep.Pruned)
	again := open(t, half, Options{Clock: clock.Now})
	require.Len(t, events(t, again), 18)
	require.Empty(t, snap(t, half).names(prunedSuffix))
}

func TestFilesThatSomebodyElseRemovedAreNoPruning(t *testing.T) {
	dir := newDir(t)
	trail, _ := yearly(t, dir, 20, Options{})
	anchor := headOf(t, trail, audit.Tree{})
	prune(t, trail)
	require.NoError(t, trail.Close())
	s := snap(t, dir)
	delete(s, segmentName(9))
	rep, err := VerifyWith(t.Context(), s.write(t), audit.Check{Anchors: []audit.TreeHead{anchor}})
	require.NoError(t, err)
	assert.Equal(t, audit.Gap, rep.Verdict)

	// With a manifest for one file more, which is good but of which the trail does not tell.
	s = snap(t, dir)
	var m audit.Manifest
	require.NoError(t, m.UnmarshalText(s[manifestName(9)]))
	line := bytes.TrimSuffix(s[segmentName(9)], []byte("\n"))
	m.Head = audit.Head{Stream: "a", Seq: 9, Hash: audit.HashLine(line)}
	m.Tree.Append(m.Head.Hash)
	text, err := m.MarshalText()
	require.NoError(t, err)
	delete(s, segmentName(9))
	delete(s, manifestName(9))
	s[manifestName(10)] = text
	rep, err = VerifyWith(t.Context(), s.write(t), audit.Check{Anchors: []audit.TreeHead{anchor}})
	require.NoError(t, err)
	assert.Equal(t, audit.Pruned, rep.Verdict)
	assert.Error(t, rep.Err)
	assert.EqualValues(t, anchor.Size, rep.Proved)
}

func TestReadingAppendingAndPruningGoTogether(t *testing.T) {
	dir := newDir(t)
	trail, clock := yearly(t, dir, 30, Options{})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				last := uint64(0)
				for e, err := range trail.Read(ctx, 0) {
					if err != nil {
						assert.True(t, ctx.Err() != nil || fmt.Sprint(err) == fmt.Sprint(audit.ErrPruned), "%v", err)
						break
					}
					assert.True(t, last == 0 || e.Seq == last+1)
					last = e.Seq
				}
			}
		})
	}
	for i := range 12 {
		require.NoError(t, trail.Append(t.Context(), []audit.Event{small(i)}))
		clock.turn(1)
		prune(t, trail)
	}
	stop()
	wg.Wait()
	require.NoError(t, trail.Close())
	assert.Equal(t, audit.Pruned, verified(t, dir).Verdict)
}
