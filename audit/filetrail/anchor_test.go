package filetrail

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// three is a trail of three segments, and the trees that it had.
func three(t testing.TB) (s snapshot, segs []string, lines [][]byte, heads []audit.TreeHead) {
	s = snap(t, writtenWith(t, 2, Options{Stream: "a", Clock: frozen, SegmentSize: 1}, small))
	segs = s.names(segmentSuffix)
	require.Len(t, segs, 3)
	var tree audit.Tree
	for _, n := range segs {
		line := bytes.TrimSuffix(s[n], []byte("\n"))
		lines = append(lines, line)
		tree.Append(audit.HashLine(line))
		heads = append(heads, tree.Head())
	}
	return s, segs, lines, heads
}

// Three segments are cut at every byte of each, with what follows gone or still there, and every bit is flipped. With a
// checkpoint of the whole kept elsewhere, every case is named; without one, none passes.
func TestEveryCutAndEveryFlipIsNamedWithAnAnchorAndNeverPassesWithout(t *testing.T) {
	whole, segs, _, heads := three(t)
	anchored := audit.Check{Anchors: heads[2:]}
	named := map[audit.Verdict]int{}
	clean, cases := 0, 0
	judge := func(files map[string][]byte) {
		t.Helper()
		cases++
		var all []byte
		for _, n := range segs {
			all = append(all, files[n]...)
		}
		alone, err := audit.Verify(bytes.NewReader(all))
		require.NoError(t, err)
		require.NotEqual(t, audit.Pass, alone.Verdict)
		if alone.Verdict == audit.Consistent {
			clean++
		}
		rep, err := anchored.Verify(context.Background(), bytes.NewReader(all))
		require.NoError(t, err)
		require.NotContains(t, []audit.Verdict{audit.Pass, audit.Consistent, ""}, rep.Verdict)
		require.NotZero(t, rep.BadSeq)
		named[rep.Verdict]++
	}
	for i, n := range segs {
		for at := range whole[n] {
			// The rest of the file is gone, with or without the files behind it.
			cut := map[string][]byte{segs[0]: whole[segs[0]], segs[1]: whole[segs[1]], segs[2]: whole[segs[2]]}
			cut[n] = whole[n][:at]
			judge(cut)
			for _, behind := range segs[i+1:] {
				delete(cut, behind)
			}
			if i < 2 {
				judge(cut)
			}
			for bit := range 8 {
				flipped := map[string][]byte{segs[0]: whole[segs[0]], segs[1]: whole[segs[1]], segs[2]: whole[segs[2]]}
				flipped[n] = bytes.Clone(whole[n])
				flipped[n][at] ^= 1 << bit
				judge(flipped)
			}
		}
	}
	t.Logf("%d cases, %d of which look clean without an anchor: %v", cases, clean, named)
	for _, v := range []audit.Verdict{audit.Truncated, audit.Edited, audit.Forked, audit.Gap} {
		assert.Positive(t, named[v], v)
	}
	assert.Greater(t, clean, 3, "the control: without an anchor some of them look clean")

	rep, err := VerifyWith(t.Context(), whole.write(t), anchored)
	require.NoError(t, err)
	assert.Equal(t, audit.Pass, rep.Verdict, "the control: what nobody touched passes")
}

// What comes behind the last anchor is not proved, and the report says how far it goes.
func TestAnAnchorProvesUpToWhereItWasMade(t *testing.T) {
	whole, segs, _, heads := three(t)
	for at, head := range heads {
		rep, err := VerifyWith(t.Context(), whole.write(t), audit.Check{Anchors: []audit.TreeHead{head}})
		require.NoError(t, err)
		assert.Equal(t, audit.Pass, rep.Verdict)
		assert.EqualValues(t, at+1, rep.Proved)
		assert.EqualValues(t, 3, rep.Count)
		assert.Equal(t, heads[2].Root, rep.Root)

		less := whole.clone()
		for _, n := range segs[at+1:] {
			delete(less, n)
		}
		rep, err = VerifyWith(t.Context(), less.write(t), audit.Check{Anchors: []audit.TreeHead{head}})
		require.NoError(t, err)
		assert.Equal(t, audit.Pass, rep.Verdict, "what came behind the anchor can go unnoticed")
		delete(less, segs[at])
		rep, err = VerifyWith(t.Context(), less.write(t), audit.Check{Anchors: []audit.TreeHead{head}})
		require.NoError(t, err)
		assert.Equal(t, audit.Truncated, rep.Verdict)
	}
}

// The attacks of whoever owns the files, but not what was anchored.
func TestAttacksOnTheWholeTrailAreNamed(t *testing.T) {
	whole, segs, _, heads := three(t)
	other, otherSegs, _, _ := three(t)
	older := whole.clone()
	delete(older, segs[2])
	grown := func(s snapshot) snapshot {
		dir := s.write(t)
		trail := open(t, dir, Options{Clock: frozen})
		for i := range 4 {
			require.NoError(t, trail.Append(t.Context(), []audit.Event{small(90 + i)}))
		}
		require.NoError(t, trail.Close())
		return snap(t, dir)
	}
	last := whole.clone()
	last[segs[2]] = bytes.Replace(last[segs[2]], []byte("billing"), []byte("selling"), 1)
	require.Equal(t, segs, otherSegs)
	for name, c := range map[string]struct {
		s          snapshot
		with, bare audit.Verdict
	}{
		"the last record edited":            {last, audit.Forked, audit.Consistent},
		"everything rewritten":              {other, audit.Forked, audit.Consistent},
		"an old copy put back":              {older, audit.Truncated, audit.Consistent},
		"an old copy put back and grown":    {grown(older), audit.Forked, audit.Consistent},
		"everything removed":                {snapshot{}, audit.Truncated, audit.Consistent},
		"everything rewritten, and a start": {grown(other), audit.Forked, audit.Consistent},
	} {
		dir := c.s.write(t)
		rep, err := VerifyWith(t.Context(), dir, audit.Check{Anchors: heads[2:]})
		require.NoError(t, err)
		assert.Equal(t, c.with, rep.Verdict, name)
		assert.Equal(t, c.bare, verified(t, dir).Verdict, name)
	}
}

func TestLinesAreThoseOfTheFiles(t *testing.T) {
	dir := newDir(t)
	trail := open(t, dir, Options{SegmentSize: 2000})
	for i := range 9 {
		require.NoError(t, trail.Append(t.Context(), []audit.Event{small(i)}))
	}
	var got [][]byte
	for line, err := range trail.Lines(t.Context(), 0) {
		require.NoError(t, err)
		got = append(got, slices.Concat(line, []byte("\n")))
	}
	s := snap(t, dir)
	var want []byte
	for _, n := range s.names(segmentSuffix) {
		want = append(want, s[n]...)
	}
	assert.Equal(t, string(want), string(bytes.Join(got, nil)))

	n := 0
	for line, err := range trail.Lines(t.Context(), 4) {
		require.NoError(t, err)
		e, err := audit.ParseLine(line)
		require.NoError(t, err)
		assert.EqualValues(t, 4+n, e.Seq)
		if n++; n == 3 {
			break
		}
	}
	assert.Equal(t, 3, n)
	require.NoError(t, trail.Close())
	for _, err := range trail.Lines(t.Context(), 1) {
		assert.ErrorIs(t, err, audit.ErrClosed)
	}
}

func TestLeavesAreTheHashesOfTheLastLines(t *testing.T) {
	trail := open(t, newDir(t), quick(Options{Clock: frozen}))
	require.NoError(t, trail.Append(t.Context(), samples(0, 3)))
	assert.Empty(t, trail.Leaves(1), "nobody had asked")
	for i := range 30 {
		require.NoError(t, trail.Append(t.Context(), samples(i, 4000)))
	}
	head, err := trail.Head(t.Context())
	require.NoError(t, err)
	var want []audit.Hash
	for line, err := range trail.Lines(t.Context(), 0) {
		require.NoError(t, err)
		want = append(want, audit.HashLine(line))
	}
	for _, from := range []uint64{head.Seq, head.Seq - 5, head.Seq - maxLeaves + 1} {
		got := trail.Leaves(from)
		require.Equal(t, want[from-1:], got, "from %d", from)
	}
	assert.Empty(t, trail.Leaves(1), "it forgets")
	assert.Empty(t, trail.Leaves(head.Seq+1))
	assert.Less(t, cap(trail.leaves.list), 8*maxLeaves)
}
