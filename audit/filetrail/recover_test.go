package filetrail

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// lineStart returns the offset of line n, counting from 0.
func lineStart(b []byte, n int) (at int) {
	for range n {
		at += bytes.IndexByte(b[at:], '\n') + 1
	}
	return at
}

// A trail cut at any byte opens. All complete lines stay, the rest of a line is kept beside and reported. A cut at a
// line boundary is not noticed: only a checkpoint that is kept elsewhere shows it.
func TestATrailCutAtAnyByteIsRecovered(t *testing.T) {
	whole := snap(t, writtenWith(t, 5, Options{Stream: "a", Clock: frozen, SegmentSize: 1100}, small))
	segs := whole.names(segmentSuffix)
	require.Greater(t, len(segs), 1)
	last := segs[len(segs)-1]
	before := 0
	for _, n := range segs[:len(segs)-1] {
		before += bytes.Count(whole[n], []byte("\n"))
	}
	full := whole[last]
	unnoticed := 0
	for cut := range full {
		s := whole.clone()
		s[last] = full[:cut]
		dir := s.write(t)
		trail, err := Open(dir, quick(Options{Clock: frozen}))
		require.NoError(t, err, "cut at %d", cut)
		got := events(t, trail)
		require.NoError(t, trail.Close())

		lines := bytes.Count(full[:cut], []byte("\n"))
		keep := lineStart(full, lines)
		after := snap(t, dir)
		require.True(t, bytes.HasPrefix(after[last], full[:keep]), "cut at %d: a complete line was lost", cut)
		got = got[before+lines:]
		if keep == cut {
			unnoticed++
			require.Len(t, got, 1, "cut at %d", cut)
		} else {
			require.Len(t, got, 2, "cut at %d", cut)
			assert.Equal(t, audit.TrailRecovered, got[0].Name)
			assert.EqualValues(t, cut-keep, got[0].N)
			assert.Equal(t, full[keep:cut], after[tornName(last, int64(keep), 0)])
		}
		assert.Equal(t, audit.TrailOpened, got[len(got)-1].Name)
		assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)
	}
	assert.Equal(t, bytes.Count(full, []byte("\n")), unnoticed)
	assert.Positive(t, unnoticed)
}

// Every bit of three segments is flipped. Verify finds all flips but those that leave an event in the very last line.
// Open does not start on any that it looks at: the last two segments, and where the first one joins them.
func TestEveryFlippedBitIsFound(t *testing.T) {
	whole := snap(t, writtenWith(t, 2, Options{Stream: "a", Clock: frozen, SegmentSize: 1}, small))
	segs := whole.names(segmentSuffix)
	require.Len(t, segs, 3)
	var unseen, refused, recovered int
	for i, name := range segs {
		b := whole[name]
		for at := range b {
			for bit := range 8 {
				s := snapshot{}
				for _, n := range segs {
					s[n] = whole[n]
				}
				s[name] = bytes.Clone(b)
				s[name][at] ^= 1 << bit
				rep, err := audit.Verify(bytes.NewReader(bytes.Join([][]byte{s[segs[0]], s[segs[1]], s[segs[2]]}, nil)))
				require.NoError(t, err)
				if rep.Verdict == audit.Consistent {
					_, err := audit.ParseLine(s[name][:len(b)-1])
					require.NoError(t, err)
					require.Equal(t, 2, i, "%s, byte %d, bit %d", name, at, bit)
					unseen++
				}
				if bit != at%8 {
					continue // one bit of each byte goes to disk as well
				}
				dir := s.write(t)
				trail, err := Open(dir, quick(Options{Clock: frozen}))
				switch {
				case rep.Verdict == audit.Consistent:
					require.NoError(t, err)
				case i == 2 && at == len(b)-1:
					require.NoError(t, err, "no end of line: torn")
					recovered++
				default:
					require.ErrorIs(t, err, ErrDamaged, "%s, byte %d, bit %d", name, at, bit)
					assert.Nil(t, trail)
					assert.Equal(t, s[name], snap(t, dir)[name], "a refusal changes nothing")
					refused++
				}
				if trail != nil {
					require.NoError(t, trail.Close())
				}
			}
		}
	}
	assert.Positive(t, unseen, "a chain does not cover its last line")
	assert.Equal(t, 1, recovered)
	assert.Greater(t, refused, 600)
}

func TestDamagedDirectoriesDoNotOpen(t *testing.T) {
	whole := snap(t, written(t, 5, Options{Stream: "a", Clock: frozen, SegmentSize: 1}))
	other := snap(t, written(t, 5, Options{Stream: "a", Clock: frozen, SegmentSize: 1}))
	foreign := snap(t, written(t, 5, Options{Stream: "b", Clock: frozen, SegmentSize: 1}))
	seg := segmentName
	for name, harm := range map[string]func(s snapshot){
		"first file missing":       func(s snapshot) { delete(s, seg(1)) },
		"middle file missing":      func(s snapshot) { delete(s, seg(3)) },
		"last but one missing":     func(s snapshot) { delete(s, seg(5)) },
		"first file empty":         func(s snapshot) { s[seg(1)] = nil },
		"middle file empty":        func(s snapshot) { s[seg(3)] = nil },
		"last but one empty":       func(s snapshot) { s[seg(5)] = nil },
		"middle file torn":         func(s snapshot) { s[seg(3)] = s[seg(3)][:100] },
		"middle file without end":  func(s snapshot) { s[seg(3)] = bytes.TrimSuffix(s[seg(3)], []byte("\n")) },
		"last but one torn":        func(s snapshot) { s[seg(5)] = s[seg(5)][:100] },
		"middle file of another":   func(s snapshot) { s[seg(3)] = other[seg(3)] },
		"last file of another":     func(s snapshot) { s[seg(6)] = other[seg(6)] },
		"middle of other stream":   func(s snapshot) { s[seg(3)] = foreign[seg(3)] },
		"last of other stream":     func(s snapshot) { s[seg(6)] = foreign[seg(6)] },
		"wrong name":               func(s snapshot) { s[seg(7)] = s[seg(6)]; delete(s, seg(6)) },
		"twice":                    func(s snapshot) { s[seg(7)] = s[seg(6)] },
		"unlike a name":            func(s snapshot) { s["6.jsonl"] = s[seg(6)] },
		"seq 0":                    func(s snapshot) { s[seg(0)] = nil },
		"empty file in the future": func(s snapshot) { s[seg(8)] = nil },
		"garbage line at the end":  func(s snapshot) { s[seg(6)] = append(s[seg(6)], "garbage\n"...) },
		"garbage at the start":     func(s snapshot) { s[seg(6)] = append([]byte("garbage\n"), s[seg(6)]...) },
		"long line at the end":     func(s snapshot) { s[seg(6)] = append(s[seg(6)], append(make([]byte, 9000), '\n')...) },
		"zeros in old file":        func(s snapshot) { s[seg(2)] = append(s[seg(2)], make([]byte, 9000)...) },
	} {
		t.Run(name, func(t *testing.T) {
			s := whole.clone()
			harm(s)
			dir := s.write(t)
			trail, err := Open(dir, Options{})
			assert.Nil(t, trail)
			assert.ErrorIs(t, err, ErrDamaged)
			after := snap(t, dir)
			delete(after, lockName)
			delete(s, lockName)
			for n := range s {
				assert.True(t, bytes.Equal(s[n], after[n]), "a refusal changes nothing")
			}
			assert.Len(t, after, len(s))
		})
	}
}

// Of an old file Open reads the first and the last line alone.
func TestOldFilesMustEndInALineAndJoin(t *testing.T) {
	whole := snap(t, writtenWith(t, 14, Options{Stream: "a", Clock: frozen, SegmentSize: 1400}, small))
	other := snap(t, writtenWith(t, 14, Options{Stream: "a", Clock: frozen, SegmentSize: 1400}, small))
	segs := whole.names(segmentSuffix)
	require.Equal(t, segs, other.names(segmentSuffix))
	require.Greater(t, len(segs), 3)
	old := whole[segs[1]]
	require.Greater(t, bytes.Count(old, []byte("\n")), 2)
	for name, bad := range map[string][]byte{
		"no end":               old[:len(old)-1],
		"cut in a line":        old[:len(old)-100],
		"cut at a line":        old[:lineStart(old, 2)],
		"another's end":        append(bytes.Clone(old[:lineStart(old, 2)]), other[segs[1]][lineStart(other[segs[1]], 2):]...),
		"garbage at end":       append(bytes.Clone(old), "garbage\n"...),
		"first line edited":    bytes.Replace(old, []byte("billing"), []byte("Billing"), 1),
		"first line gone":      old[lineStart(old, 1):],
		"first line of others": append(bytes.Clone(other[segs[1]][:lineStart(other[segs[1]], 1)]), old[lineStart(old, 1):]...),
	} {
		s := whole.clone()
		s[segs[1]] = bad
		dir := s.write(t)
		_, err := Open(dir, Options{})
		assert.ErrorIs(t, err, ErrDamaged, name)
		assert.NotEqual(t, audit.Consistent, verified(t, dir).Verdict, name)
	}

	s := whole.clone()
	s[segs[1]] = bytes.Replace(old, []byte("billing"), []byte("selling"), 1)
	dir := s.write(t)
	assert.NoError(t, open(t, dir, Options{}).Close(), "an edit in an old file is for Verify to find")
	assert.Equal(t, audit.Edited, verified(t, dir).Verdict)
}

func TestFilesThatAreNoSegmentsAreLeftAlone(t *testing.T) {
	s := snap(t, written(t, 2, Options{}))
	s["notes.txt"] = []byte("canary")
	trail := open(t, s.write(t), Options{})
	assert.Len(t, events(t, trail), 4)
}

func TestAWriterKilledBeforeItsFirstLineGoesOn(t *testing.T) {
	whole := snap(t, written(t, 2, Options{Stream: "a", SegmentSize: 1}))
	whole[segmentName(4)] = nil // a new file, and then nothing
	dir := whole.write(t)
	trail := open(t, dir, Options{})
	assert.Len(t, events(t, trail), 4)
	require.NoError(t, trail.Close())
	assert.Equal(t, audit.Consistent, verified(t, dir).Verdict)

	trail = open(t, snapshot{segmentName(1): nil}.write(t), Options{})
	assert.Len(t, events(t, trail), 1)
}

// Torn at the same place again and again: nothing that was cut off is overwritten.
func TestEachTornLineIsKept(t *testing.T) {
	dir := written(t, 2, Options{Stream: "a", Clock: frozen})
	path := filepath.Join(dir, segmentName(1))
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, os.WriteFile(path, fmt.Appendf(bytes.Clone(good), "torn %d", i), 0o600))
		trail := open(t, dir, Options{Clock: frozen})
		got := events(t, trail)
		assert.EqualValues(t, len("torn 0"), got[3].N)
		require.NoError(t, trail.Close())
	}
	s := snap(t, dir)
	for i := range 3 {
		assert.Equal(t, fmt.Sprint("torn ", i), string(s[tornName(segmentName(1), int64(len(good)), i)]))
	}
}

// Killed between cutting a line off and saying so, a trail still says so the next time, and only once.
func TestARecoveryThatWasNotReportedIsReportedLater(t *testing.T) {
	s := snap(t, written(t, 2, Options{Stream: "a", Clock: frozen}))
	s[tornName(segmentName(1), int64(len(s[segmentName(1)])), 0)] = []byte("torn")
	dir := s.write(t)
	trail := open(t, dir, Options{})
	got := events(t, trail)
	require.Len(t, got, 5)
	assert.Equal(t, audit.TrailRecovered, got[3].Name)
	assert.EqualValues(t, 4, got[3].N)
	require.NoError(t, trail.Close())
	assert.Len(t, events(t, open(t, dir, Options{})), 6)
}

func TestReadStopsAtDamage(t *testing.T) {
	dir := newDir(t)
	trail := open(t, dir, Options{SegmentSize: 1})
	for i := range 5 {
		require.NoError(t, trail.Append(t.Context(), samples(i, 1)))
	}
	path := filepath.Join(dir, segmentName(3))
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	read := func(from uint64) (n int, err error) {
		for _, err = range trail.Read(t.Context(), from) {
			if err == nil {
				n++
			}
		}
		return n, err
	}
	for name, bad := range map[string][]byte{
		"edited":  bytes.Replace(good, []byte("billing"), []byte("selling"), 1),
		"garbage": []byte("garbage\n"),
		"torn":    good[:100],
		"empty":   {},
	} {
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		n, err := read(1)
		assert.ErrorIs(t, err, ErrDamaged, name)
		assert.LessOrEqual(t, n, 3)
		n, err = read(4)
		assert.NoError(t, err)
		assert.Equal(t, 3, n)
	}
	require.NoError(t, os.Remove(path))
	_, err = read(1)
	assert.ErrorIs(t, err, ErrDamaged)
	require.NoError(t, os.WriteFile(path, good, 0o600))
	n, err := read(1)
	assert.NoError(t, err)
	assert.Equal(t, 6, n)
}

func TestVerifyOfNoTrail(t *testing.T) {
	_, err := Verify(newDir(t))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// No input makes a trail open that does not verify afterwards, or lose a line that did.
func FuzzOpen(f *testing.F) {
	whole := snap(f, writtenWith(f, 2, Options{Stream: "a", Clock: frozen}, small))[segmentName(1)]
	f.Add(whole)
	f.Add(whole[:len(whole)-5])
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		before, err := audit.Verify(bytes.NewReader(b))
		require.NoError(t, err)
		dir := snapshot{segmentName(1): b}.write(t)
		trail, err := Open(dir, quick(Options{Clock: frozen}))
		opens := before.Verdict == audit.Consistent || before.Verdict == audit.Torn
		require.Equal(t, opens, err == nil)
		if err != nil {
			return
		}
		require.NoError(t, trail.Close())
		after := verified(t, dir)
		require.Equal(t, audit.Consistent, after.Verdict)
		require.Greater(t, after.Count, before.Count)
		require.True(t, bytes.HasPrefix(snap(t, dir)[segmentName(1)], b[:before.Offset]))
	})
}
