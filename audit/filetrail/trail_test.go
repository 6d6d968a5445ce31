package filetrail

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
)

func TestFilesAreATrail(t *testing.T) {
	for name, opts := range map[string]Options{
		"one file":        {},
		"a file a batch":  {SegmentSize: 1},
		"frozen clock":    {Clock: frozen, Stream: "leasing-1"},
		"smallest queue":  {QueueEvents: 20},
		"files of 10 KiB": {SegmentSize: 10 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			audittest.TestTrail(t, func(t *testing.T) audit.Trail { return open(t, newDir(t), opts) })
		})
	}
}

func TestReopenedFilesAreATrail(t *testing.T) {
	audittest.TestTrail(t, func(t *testing.T) audit.Trail { return open(t, written(t, 3, Options{}), Options{}) })
}

func TestOpeningIsRecordedAndTheStreamGoesOn(t *testing.T) {
	dir := newDir(t)
	for i := range 3 {
		trail := open(t, dir, Options{Clock: frozen})
		require.NoError(t, trail.Append(t.Context(), samples(i, 2)))
		require.NoError(t, trail.Close())
	}
	trail := open(t, dir, Options{})
	var names []string
	all := events(t, trail)
	for i, e := range all {
		names = append(names, string(e.Name))
		assert.EqualValues(t, i+1, e.Seq)
		assert.Equal(t, all[0].Stream, e.Stream)
	}
	assert.Equal(t, strings.Fields(strings.Repeat("trail.opened access.read access.read ", 3)+"trail.opened"), names)
	assert.True(t, noon.Equal(all[4].Time))
	require.NoError(t, trail.Close())

	assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)
	assert.Equal(t, []string{segmentName(1)}, snap(t, dir).names(segmentSuffix))
	assert.Empty(t, snap(t, dir).names(tornSuffix))
}

func TestFilesAreThoseOfTheirOwnerAlone(t *testing.T) {
	dir := written(t, 3, Options{SegmentSize: 1})
	mode := func(name string) fs.FileMode {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		return info.Mode()
	}
	assert.Equal(t, fs.ModeDir|0o700, mode("."))
	names := snap(t, dir)
	assert.Len(t, names, 5)
	for name := range names {
		assert.Equal(t, fs.FileMode(0o600), mode(name), name)
	}
}

func TestSegmentsAreNamedByTheirFirstSeq(t *testing.T) {
	dir := written(t, 20, Options{SegmentSize: 4 << 10})
	s := snap(t, dir)
	segs := s.names(segmentSuffix)
	assert.Greater(t, len(segs), 3)
	for _, name := range segs {
		line, _, _ := bytes.Cut(s[name], []byte("\n"))
		e, err := audit.ParseLine(line)
		require.NoError(t, err)
		assert.Equal(t, segmentName(e.Seq), name)
		assert.LessOrEqual(t, len(s[name]), 4<<10)
	}
	rep := verified(t, dir)
	assert.Equal(t, audit.Consistent, rep.Verdict)
	assert.EqualValues(t, 21, rep.Count)
}

func TestOpenRefuses(t *testing.T) {
	good := written(t, 2, Options{Stream: "leasing-1"})
	refuse := func(dir string, opts Options) error {
		trail, err := Open(dir, opts)
		assert.Nil(t, trail)
		require.Error(t, err)
		return err
	}
	refuse(good, Options{Stream: "leasing-2"})
	refuse(newDir(t), Options{Stream: "Not A Stream"})
	refuse(newDir(t), Options{SegmentSize: -1})
	refuse(newDir(t), Options{QueueEvents: -1})
	refuse(newDir(t), Options{QueueBytes: -1})
	refuse(newDir(t), Options{Clock: func() time.Time { return time.Time{} }})
	refuse(newDir(t), Options{Clock: func() time.Time { panic("canary") }})
	assert.ErrorIs(t, refuse(filepath.Join(newDir(t), "deeper"), Options{}), fs.ErrNotExist)

	loose := newDir(t)
	require.NoError(t, os.Mkdir(loose, 0o750))
	assert.ErrorContains(t, refuse(loose, Options{}), "0700")

	plain := newDir(t)
	require.NoError(t, os.WriteFile(plain, nil, 0o600))
	refuse(plain, Options{})

	assert.NoError(t, open(t, good, Options{Stream: "leasing-1"}).Close())
}

func TestLinksDoNotLeadOut(t *testing.T) {
	elsewhere := written(t, 2, Options{})
	dir := newDir(t)
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, os.Symlink(filepath.Join(elsewhere, segmentName(1)), filepath.Join(dir, segmentName(1))))
	before := snap(t, elsewhere)
	_, err := Open(dir, Options{})
	assert.Error(t, err)
	_, err = Verify(dir)
	assert.Error(t, err)
	assert.Equal(t, before, snap(t, elsewhere))
}

func TestASecondWriterIsRefused(t *testing.T) {
	dir := newDir(t)
	first := open(t, dir, Options{})
	_, err := Open(dir, Options{})
	assert.ErrorIs(t, err, ErrLocked)
	assert.Contains(t, spawn(t, dir, childOpens).output(), ErrLocked.Error(), "also from another process")

	require.NoError(t, first.Append(t.Context(), samples(0, 1)))
	require.NoError(t, first.Close())
	assert.Contains(t, spawn(t, dir, childOpens).output(), "opened")
	second := open(t, dir, Options{})
	assert.Len(t, events(t, second), 4)
}

func TestTwoWritersInOneProcessLeaveNoGap(t *testing.T) {
	dir := newDir(t)
	trail := open(t, dir, Options{SegmentSize: 32 << 10})
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := range 200 {
				assert.NoError(t, trail.Append(context.Background(), samples(1000*w+i, 1+i%3)))
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			last := uint64(0)
			for e, err := range trail.Read(context.Background(), 1) {
				assert.NoError(t, err)
				assert.Equal(t, last+1, e.Seq)
				last = e.Seq
			}
		})
	}
	wg.Wait()
	head, err := trail.Head(t.Context())
	require.NoError(t, err)
	require.NoError(t, trail.Close())
	rep := verified(t, dir)
	assert.Equal(t, audit.Consistent, rep.Verdict)
	assert.Equal(t, head, rep.Head)
	assert.EqualValues(t, 1+2*399, rep.Count)
}

func TestCloseWritesWhatIsQueued(t *testing.T) {
	f := &faulty{kind: "none"}
	dir := newDir(t)
	trail := open(t, dir, f.options())
	release := f.stall(t)
	results := make(chan error, 3)
	for i := range 3 {
		go func() { results <- trail.Append(context.Background(), samples(i, 1)) }()
		if i == 0 {
			<-f.hung
		}
	}
	waitFor(t, trail, 2)
	closed := make(chan error, 1)
	go func() { closed <- trail.Close() }()
	release()
	for range 3 {
		assert.NoError(t, <-results)
	}
	assert.NoError(t, <-closed)
	assert.EqualValues(t, 4, verified(t, dir).Count)
	assert.ErrorIs(t, trail.Append(t.Context(), samples(0, 1)), audit.ErrClosed)
	assert.ErrorIs(t, trail.Append(t.Context(), nil), audit.ErrClosed)
	for _, err := range trail.Read(t.Context(), 1) {
		assert.ErrorIs(t, err, audit.ErrClosed)
	}
}

// waitFor waits until n requests are queued.
func waitFor(t testing.TB, trail *Trail, n int) {
	require.Eventually(t, func() bool {
		trail.mu.Lock()
		defer trail.mu.Unlock()
		return len(trail.queue) == n
	}, 10*time.Second, 100*time.Microsecond)
}

// A disk that hangs costs each caller its deadline, and the error says what it knows.
func TestAHangingDiskIsLeftAtTheDeadline(t *testing.T) {
	f := &faulty{kind: "none"}
	dir := newDir(t)
	opts := f.options()
	opts.QueueEvents = 2
	trail := open(t, dir, opts)
	release := f.stall(t)

	writing, endWriting := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { first <- trail.Append(writing, samples(1, 1)) }()
	<-f.hung
	brief := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	queued := make(chan error, 1)
	go func() { queued <- trail.Append(t.Context(), samples(2, 2)) }()
	waitFor(t, trail, 1)

	err := trail.Append(brief(), samples(4, 1))
	assert.ErrorIs(t, err, audit.ErrFull)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	waitFor(t, trail, 1)
	endWriting()
	err = <-first
	assert.ErrorIs(t, err, audit.ErrUnknown)
	assert.ErrorIs(t, err, context.Canceled)

	release()
	assert.NoError(t, <-queued)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, trail.Append(ctx, samples(5, 1)), context.Canceled)

	var got []string
	for _, e := range events(t, trail)[1:] {
		got = append(got, e.DecisionID)
	}
	assert.Equal(t, []string{decisionID(1), decisionID(2), decisionID(3)}, got, "the unknown one, the queued ones, and no other")
}

func TestGivingUpInTheQueueAppendsNothing(t *testing.T) {
	f := &faulty{kind: "none"}
	trail := open(t, newDir(t), f.options())
	release := f.stall(t)
	first := make(chan error, 1)
	go func() { first <- trail.Append(t.Context(), samples(1, 1)) }()
	<-f.hung
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	err := trail.Append(ctx, samples(2, 1))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotErrorIs(t, err, audit.ErrUnknown)
	assert.NotErrorIs(t, err, audit.ErrFull)
	release()
	require.NoError(t, <-first)
	assert.Len(t, events(t, trail), 2)
}

func TestAnAnswerThatCameWithTheDeadlineIsTheAnswer(t *testing.T) {
	trail := open(t, newDir(t), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	answered := &request{done: make(chan error, 1)}
	answered.done <- nil
	assert.NoError(t, trail.abandon(ctx, answered))
	assert.ErrorIs(t, trail.abandon(ctx, &request{}), audit.ErrUnknown)
}

func TestABatchThatCannotEverFitIsRefused(t *testing.T) {
	trail := open(t, newDir(t), Options{QueueEvents: 3, QueueBytes: 16 << 10})
	assert.NoError(t, trail.Append(t.Context(), samples(0, 3)))
	assert.ErrorIs(t, trail.Append(t.Context(), samples(0, 4)), audit.ErrFull)
	small := open(t, newDir(t), Options{QueueBytes: 2 << 10})
	assert.NoError(t, small.Append(t.Context(), samples(0, 1)))
	assert.ErrorIs(t, small.Append(t.Context(), samples(0, 2)), audit.ErrFull)
}

func TestClocksThatStepOrderNothing(t *testing.T) {
	n := 0
	steps := []time.Duration{0, -time.Hour, 24 * 3650 * time.Hour, 0, time.Microsecond}
	clock := func() time.Time { n++; return noon.Add(steps[n%len(steps)]) }
	dir := written(t, 10, Options{Clock: clock})
	trail := open(t, dir, Options{Clock: clock})
	require.NoError(t, trail.Append(t.Context(), samples(10, 10)))
	all := events(t, trail)
	backwards := 0
	for i, e := range all {
		assert.EqualValues(t, i+1, e.Seq)
		if i > 0 && e.Time.Before(all[i-1].Time) {
			backwards++
		}
	}
	assert.Positive(t, backwards)
	assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)
}

// counted counts the bytes that are read.
type counted struct {
	disk
	read atomic.Int64
}

func (c *counted) OpenFile(name string, flag int) (file, error) {
	f, err := c.disk.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	return &countedFile{f, c}, nil
}

type countedFile struct {
	file
	of *counted
}

func (f *countedFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	f.of.read.Add(int64(n))
	return n, err
}

// Who follows the trail reads what is new, not the whole file again.
func TestReadingTheEndDoesNotReadTheStart(t *testing.T) {
	c := &counted{}
	trail := open(t, newDir(t), Options{SegmentSize: 2 << 20, disk: func(d disk) disk { c.disk = d; return c }})
	for i := range 50 {
		require.NoError(t, trail.Append(t.Context(), samples(100*i, 100)))
	}
	head, err := trail.Head(t.Context())
	require.NoError(t, err)
	for _, from := range []uint64{head.Seq, head.Seq - 500, head.Seq / 2, 1} {
		c.read.Store(0)
		next := from
		for e, err := range trail.Read(t.Context(), from) {
			require.NoError(t, err)
			require.Equal(t, next, e.Seq)
			next++
		}
		assert.Equal(t, head.Seq+1, next)
		assert.Less(t, c.read.Load(), int64(head.Seq-from+1)*1100+300<<10, "from %d", from)
	}
}
