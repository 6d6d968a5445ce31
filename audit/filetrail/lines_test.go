package filetrail

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// rest is what a tail yields, with its newlines.
func rest(t testing.TB, tail *Tail) string {
	var b bytes.Buffer
	for line, err := range tail.Lines(t.Context()) {
		require.NoError(t, err)
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

func allLines(t testing.TB, dir string) (all string) {
	s := snap(t, dir)
	for _, n := range s.names(segmentSuffix) {
		all += string(s[n])
	}
	return all
}

// Whatever is spoiled behind a tail, it does not see: it reads no line twice.
func TestATailYieldsEachLineOnceWhileTheTrailGrows(t *testing.T) {
	dir := newDir(t)
	trail := open(t, dir, Options{SegmentSize: 2000})
	tail, got, spoilt := NewTail(dir), "", ""
	for i := range 12 {
		got += rest(t, tail)
		require.Equal(t, allLines(t, dir), spoilt+got[len(spoilt):])
		if i == 8 {
			first := snap(t, dir).names(segmentSuffix)[0]
			spoilt = string(bytes.Repeat([]byte("x"), len(snap(t, dir)[first])))
			writeOver(t, dir, first, []byte(spoilt))
		}
		require.NoError(t, trail.Append(t.Context(), []audit.Event{small(i)}))
	}
	require.NotEmpty(t, spoilt)
	require.NoError(t, trail.Close())
	got += rest(t, tail)
	assert.Equal(t, allLines(t, dir)[len(spoilt):], got[len(spoilt):])
	assert.Empty(t, rest(t, tail))
}

func TestATailGoesOnWhereItsReaderHadEnough(t *testing.T) {
	dir := written(t, 5, Options{SegmentSize: 2500})
	tail := NewTail(dir)
	var got []byte
	for range 6 {
		for line, err := range tail.Lines(t.Context()) {
			require.NoError(t, err)
			got = append(append(got, line...), '\n')
			break
		}
	}
	assert.Equal(t, allLines(t, dir), string(got))
	assert.Empty(t, rest(t, tail))
	ended, end := context.WithCancel(t.Context())
	end()
	for _, err := range NewTail(dir).Lines(ended) {
		assert.ErrorIs(t, err, context.Canceled)
	}
}

// A tail that looks while a line is being written, at any byte of it, yields the line when it is whole.
func TestATailTakesWholeLinesOnly(t *testing.T) {
	dir := writtenWith(t, 3, Options{}, small)
	name := snap(t, dir).names(segmentSuffix)[0]
	whole := snap(t, dir)[name]
	for cut := range whole {
		writeOver(t, dir, name, whole[:cut])
		tail := NewTail(dir)
		got := rest(t, tail)
		require.Equal(t, string(whole[:bytes.LastIndexByte(whole[:cut], '\n')+1]), got)
		writeOver(t, dir, name, whole)
		require.Equal(t, string(whole), got+rest(t, tail))
	}
}

func TestATailNoticesWhatWasTakenFromIt(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir string, names []string, s snapshot){
		"the last file is cut": func(t *testing.T, dir string, names []string, s snapshot) {
			last := names[len(names)-1]
			writeOver(t, dir, last, s[last][:10])
		},
		"the last file is gone": func(t *testing.T, dir string, names []string, _ snapshot) {
			require.NoError(t, os.Remove(filepath.Join(dir, names[len(names)-1])))
		},
		"all files are gone": func(t *testing.T, dir string, names []string, _ snapshot) {
			for _, n := range names {
				require.NoError(t, os.Remove(filepath.Join(dir, n)))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t, 5, Options{SegmentSize: 2500})
			s := snap(t, dir)
			require.Greater(t, len(s.names(segmentSuffix)), 2)
			tail := NewTail(dir)
			require.NotEmpty(t, rest(t, tail))
			harm(t, dir, s.names(segmentSuffix), s)
			var got error
			for _, err := range tail.Lines(t.Context()) {
				got = err
			}
			assert.ErrorIs(t, got, ErrDamaged)
		})
	}
	t.Run("a file in the middle ends in the middle of a line", func(t *testing.T) {
		dir := written(t, 5, Options{SegmentSize: 2500})
		s := snap(t, dir)
		first := s.names(segmentSuffix)[0]
		writeOver(t, dir, first, s[first][:len(s[first])-3])
		var got error
		for _, err := range Lines(t.Context(), dir) {
			got = err
		}
		assert.ErrorIs(t, got, ErrDamaged)
	})
}

// What was pruned before it was read is missing to who follows the chain; what was read before it was pruned is not.
func TestATailPassesOverWhatWasPruned(t *testing.T) {
	clock := frozen
	dir := newDir(t)
	trail := open(t, dir, Options{SegmentSize: 2000, Clock: func() time.Time { return clock() }})
	for i := range 9 {
		require.NoError(t, trail.Append(t.Context(), []audit.Event{small(i)}))
	}
	read, unread := NewTail(dir), NewTail(dir)
	chain := audit.Follow(audit.Head{})
	follow := func(tail *Tail, chain *audit.Follower) error {
		for line, err := range tail.Lines(t.Context()) {
			require.NoError(t, err)
			if err := chain.Next(line); err != nil {
				return err
			}
		}
		return nil
	}
	require.NoError(t, follow(read, chain))
	clock = func() time.Time { return noon.AddDate(2, 0, 0) }
	require.NoError(t, trail.Append(t.Context(), []audit.Event{small(9)}))
	require.Positive(t, prune(t, trail))
	assert.NoError(t, follow(read, chain))
	head, err := trail.Head(t.Context())
	require.NoError(t, err)
	assert.Equal(t, head, chain.Head())
	assert.Error(t, follow(unread, audit.Follow(audit.Head{})))
}
