package mirror_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/audit/mirror"
)

func TestEverythingArrivesInOrderWhileTheTrailGrows(t *testing.T) {
	trail, sink := heartbeats(t, 10), &receiver{}
	ctx, cancel := context.WithCancel(t.Context())
	n := &naps{}
	n.end = func(count int) {
		if count > 5 {
			cancel()
			return
		}
		beat(t, trail, 7)
	}
	m := newMirror(t, trail, sink, &mirror.MemoryCursor{}, mirror.Options{Batch: 4, Sleep: n.sleep})
	require.NoError(t, m.Run(ctx))
	assert.Equal(t, upTo(45), sink.deduped())
	assert.Len(t, sink.got, 45, "none twice without a fault")
	h := m.Health()
	assert.Equal(t, [3]uint64{45, 45, 0}, [3]uint64{h.Sent, h.Head, h.Lag})
	assert.Empty(t, h.Last)
}

// TestFaultsAndCrashesGiveDuplicatesAndNeverGaps: whatever fails, hangs or is killed when, the receiver has every event
// once it is told twins apart, in order of their first arrival.
func TestFaultsAndCrashesGiveDuplicatesAndNeverGaps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(1, 40).Draw(rt, "events")
		trail := heartbeats(t, count)
		cursor := &shakyCursor{}
		sink := &receiver{}
		sink.do = func(_ context.Context, _ int, events []audit.Event) error {
			switch rapid.IntRange(0, 5).Draw(rt, "fault") {
			case 0:
				return errSink
			case 1: // some arrive, then it fails
				sink.take(events[:rapid.IntRange(0, len(events)).Draw(rt, "arrived")])
				return errSink
			case 2: // all arrive, and the answer is lost
				sink.take(events)
				panic("sink")
			}
			return nil
		}
		var m *mirror.Mirror
		for tries := 0; m == nil || m.Health().Sent < uint64(count); tries++ {
			require.Less(t, tries, 5000)
			if m == nil || rapid.IntRange(0, 3).Draw(rt, "crash") == 0 {
				m = newMirror(t, trail, sink, cursor, mirror.Options{Batch: rapid.IntRange(1, 7).Draw(rt, "batch")})
			}
			cursor.fail = rapid.IntRange(0, 3).Draw(rt, "cursor") == 0
			_, _ = m.Tick(t.Context())
		}
		assert.Equal(rt, upTo(count), sink.deduped())
	})
}

// shakyCursor fails to save when told so.
type shakyCursor struct {
	mirror.MemoryCursor
	fail bool
}

func (c *shakyCursor) Save(ctx context.Context, at audit.Head) error {
	if c.fail {
		return errors.New("cursor")
	}
	return c.MemoryCursor.Save(ctx, at)
}

// TestSavingTheCursorFirstLeavesGaps is the control of the test above: the wrong order loses events, and the test sees it.
func TestSavingTheCursorFirstLeavesGaps(t *testing.T) {
	trail, sink, cursor := heartbeats(t, 9), &receiver{}, &mirror.MemoryCursor{}
	hasty := mirror.SinkFunc(func(ctx context.Context, events []audit.Event) error {
		last := events[len(events)-1]
		line, err := audit.AppendLine(nil, &last)
		require.NoError(t, err)
		require.NoError(t, cursor.Save(ctx, audit.Head{Stream: last.Stream, Seq: last.Seq, Hash: audit.HashLine(line)}))
		if last.Seq == 6 {
			return errSink // and the process is killed
		}
		return sink.Send(ctx, events)
	})
	for range 4 {
		m := newMirror(t, trail, hasty, cursor, mirror.Options{Batch: 3})
		_, _ = m.Tick(t.Context())
	}
	assert.Equal(t, []uint64{1, 2, 3, 7, 8, 9}, sink.deduped())
}

func TestACrashBetweenSendAndCursorSendsAgain(t *testing.T) {
	trail, sink := heartbeats(t, 3), &receiver{}
	path := filepath.Join(t.TempDir(), "cursor")
	dead := &shakyCursor{fail: true}
	m := newMirror(t, trail, sink, dead, mirror.Options{})
	n, err := m.Tick(t.Context())
	assert.Equal(t, 3, n)
	assert.Equal(t, mirror.CursorFailed, mirror.CodeOf(err))
	for range 2 {
		m = newMirror(t, trail, sink, mirror.NewFileCursor(path), mirror.Options{})
		_, err = m.Tick(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, upTo(3), sink.deduped())
	assert.Len(t, sink.got, 6, "once more after the crash, and not after a clean end")
}

func TestASinkThatHangsDelaysNobody(t *testing.T) {
	trail, release := heartbeats(t, 2), make(chan struct{})
	sink := &receiver{}
	sink.do = func(_ context.Context, nth int, _ []audit.Event) error {
		if nth == 0 {
			<-release // whatever the context says
		}
		return nil
	}
	m := newMirror(t, trail, sink, &mirror.MemoryCursor{}, mirror.Options{Timeout: 200 * time.Millisecond})
	for range 3 {
		_, err := m.Tick(t.Context())
		assert.NotEmpty(t, mirror.CodeOf(err))
		beat(t, trail, 1) // the primary goes on
	}
	sink.mu.Lock()
	assert.Equal(t, 1, sink.nth, "nothing is sent beside a call that hangs")
	sink.mu.Unlock()
	assert.Equal(t, 3, m.Health().Failures)
	close(release)
	require.Eventually(t, func() bool { _, err := m.Tick(t.Context()); return err == nil && m.Health().Sent == 5 }, 20*time.Second, time.Millisecond)
	assert.Equal(t, upTo(5), sink.deduped())
}

func TestCodes(t *testing.T) {
	for want, do := range map[mirror.Code]func(context.Context, int, []audit.Event) error{
		mirror.SinkFailed:   func(context.Context, int, []audit.Event) error { return errSink },
		mirror.SinkPanicked: func(context.Context, int, []audit.Event) error { panic("jane@example.com") },
		mirror.SinkTimeout:  func(ctx context.Context, _ int, _ []audit.Event) error { <-ctx.Done(); return ctx.Err() },
	} {
		now := time.Unix(1000, 0)
		m := newMirror(t, heartbeats(t, 4), &receiver{do: do}, &mirror.MemoryCursor{}, mirror.Options{
			Timeout: 20 * time.Millisecond, Clock: func() time.Time { return now },
		})
		_, err := m.Tick(t.Context())
		assert.Equal(t, want, mirror.CodeOf(err))
		assert.Equal(t, "mirror: "+string(want), err.Error())
		h := m.Health()
		assert.Equal(t, mirror.Health{Head: 4, Lag: 4, Failures: 1, Last: want, Now: want, Failing: now, Looked: now}, h)
	}
}

// TestBackOff: waits double up to the largest, lie between half and all of it, and begin anew after a success.
func TestBackOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := &naps{end: func(count int) {
		if count == 10 {
			cancel()
		}
	}}
	draws := []float64{0, 0.5, 1, -3, 7}
	trail, sink := heartbeats(t, 1), &receiver{}
	sink.do = func(_ context.Context, nth int, _ []audit.Event) error {
		if nth < 7 {
			return errSink
		}
		return nil
	}
	m := newMirror(t, trail, sink, &mirror.MemoryCursor{}, mirror.Options{
		MinWait: time.Second, MaxWait: 10 * time.Second, Poll: 3 * time.Second, Sleep: n.sleep,
		Rand: func() float64 { return draws[len(n.slept)%len(draws)] },
	})
	require.NoError(t, m.Run(ctx))
	s := time.Second
	assert.Equal(t, []time.Duration{s / 2, 3 * s / 2, 4 * s, 4 * s, 10 * s, 5 * s, 15 * s / 2, 3 * s, 3 * s, 3 * s}, n.slept)
	h := m.Health()
	assert.Equal(t, mirror.SinkFailed, h.Last)
	assert.Empty(t, h.Now)
	assert.Zero(t, h.Failures)
}

func TestAnotherHistoryStopsTheMirror(t *testing.T) {
	trail, cursor, sink := heartbeats(t, 5), &mirror.MemoryCursor{}, &receiver{}
	_, err := newMirror(t, trail, sink, cursor, mirror.Options{}).Tick(t.Context())
	require.NoError(t, err)
	for name, other := range map[string]mirror.Source{
		"shorter":   heartbeats(t, 4),
		"rewritten": heartbeats(t, 5),
		"longer":    heartbeats(t, 6),
		"renamed":   renamed{trail},
	} {
		m := newMirror(t, other, sink, cursor, mirror.Options{})
		require.ErrorIs(t, m.Run(t.Context()), mirror.ErrForked, name)
		assert.Equal(t, mirror.SourceForked, m.Health().Now, name)
	}
	assert.Len(t, sink.got, 5, "nothing of it was sent")
	beat(t, trail, 1)
	_, err = newMirror(t, trail, sink, cursor, mirror.Options{}).Tick(t.Context())
	require.NoError(t, err, "the control: the same trail goes on")
	assert.Equal(t, upTo(6), sink.deduped())
}

type renamed struct{ *audittest.Recorder }

func (r renamed) Head(ctx context.Context) (audit.Head, error) {
	h, err := r.Recorder.Head(ctx)
	h.Stream = "another"
	return h, err
}

func TestPrunedEventsAreAGapAndNotSkipped(t *testing.T) {
	trail, cursor := heartbeats(t, 3), &mirror.MemoryCursor{}
	_, err := newMirror(t, trail, &receiver{}, cursor, mirror.Options{}).Tick(t.Context())
	require.NoError(t, err)
	beat(t, trail, 2)
	m := newMirror(t, pruned{trail}, &receiver{}, cursor, mirror.Options{})
	require.ErrorIs(t, m.Run(t.Context()), mirror.ErrGap)
	assert.Equal(t, mirror.SourcePruned, m.Health().Now)
}

type pruned struct{ *audittest.Recorder }

func (pruned) Read(context.Context, uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) { yield(audit.Event{}, audit.ErrPruned) }
}

// TestTheTrailIsLetGoBeforeSending: a sink that takes its time holds nothing of the trail.
func TestTheTrailIsLetGoBeforeSending(t *testing.T) {
	trail, reading := heartbeats(t, 9), 0
	sink := &receiver{do: func(context.Context, int, []audit.Event) error { assert.Zero(t, reading); return nil }}
	m := newMirror(t, counted{trail, &reading}, sink, &mirror.MemoryCursor{}, mirror.Options{Batch: 2})
	for range 5 {
		_, err := m.Tick(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, upTo(9), sink.deduped())
}

type counted struct {
	*audittest.Recorder
	reading *int
}

func (c counted) Read(ctx context.Context, from uint64) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		*c.reading++
		defer func() { *c.reading-- }()
		c.Recorder.Read(ctx, from)(yield)
	}
}

func TestAFileTrailWithAFileCursor(t *testing.T) {
	dir := t.TempDir()
	trail, err := filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{Stream: "s-1"})
	require.NoError(t, err)
	defer func() { assert.NoError(t, trail.Close()) }()
	beat(t, trail, 20)
	sink := &receiver{}
	for range 8 {
		m := newMirror(t, trail, sink, mirror.NewFileCursor(filepath.Join(dir, "cursor")), mirror.Options{Batch: 3})
		_, err := m.Tick(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, upTo(21), sink.deduped(), "trail.opened among them")
	assert.True(t, slices.IsSortedFunc(sink.got, func(a, b audit.Event) int { return int(a.Seq) - int(b.Seq) }))
}

func TestMisuse(t *testing.T) {
	trail, sink, cursor := heartbeats(t, 1), &receiver{}, &mirror.MemoryCursor{}
	for _, f := range []func() (*mirror.Mirror, error){
		func() (*mirror.Mirror, error) { return mirror.New(nil, sink, cursor, mirror.Options{}) },
		func() (*mirror.Mirror, error) { return mirror.New(trail, nil, cursor, mirror.Options{}) },
		func() (*mirror.Mirror, error) { return mirror.New(trail, sink, nil, mirror.Options{}) },
		func() (*mirror.Mirror, error) { return mirror.New(trail, sink, cursor, mirror.Options{Batch: -1}) },
		func() (*mirror.Mirror, error) {
			return mirror.New(trail, sink, cursor, mirror.Options{MinWait: 2, MaxWait: 1})
		},
	} {
		_, err := f()
		require.Error(t, err)
	}
}
