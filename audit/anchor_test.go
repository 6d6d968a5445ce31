package audit_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// headOf is the tree over lines, by another library.
func headOf(lines [][]byte) audit.TreeHead {
	return audit.TreeHead{Size: uint64(len(lines)), Root: rootOf(lines)}
}

func check(t testing.TB, c audit.Check, b []byte) audit.Report {
	rep, err := c.Verify(context.Background(), bytes.NewReader(b))
	require.NoError(t, err)
	return rep
}

func TestOnlyAnAnchorMakesAStreamPass(t *testing.T) {
	l := stream(t, "a", 6)
	other := stream(t, "a", 6)
	edited := slices.Clone(l)
	edited[5] = bytes.Replace(l[5], []byte("billing"), []byte("selling"), 1)
	at := func(sizes ...int) (heads []audit.TreeHead) {
		for _, n := range sizes {
			heads = append(heads, headOf(l[:n]))
		}
		return heads
	}
	for _, c := range []struct {
		name        string
		file        []byte
		check       audit.Check
		verdict     audit.Verdict
		proved, bad uint64
	}{
		{"anchored", file(l), audit.Check{Anchors: at(6)}, audit.Pass, 6, 0},
		{"anchored often, in any order", file(l), audit.Check{Anchors: at(5, 1, 6, 3)}, audit.Pass, 6, 0},
		{"anchored a while ago", file(l), audit.Check{Anchors: at(4)}, audit.Pass, 4, 0},
		{"anchored twice", file(l), audit.Check{Anchors: at(4, 4)}, audit.Pass, 4, 0},
		{"no anchor", file(l), audit.Check{}, audit.Consistent, 0, 0},
		{"only the empty tree anchored", file(l), audit.Check{Anchors: at(0)}, audit.Consistent, 0, 0},
		{"end cut off", file(l[:5]), audit.Check{Anchors: at(6)}, audit.Truncated, 0, 6},
		{"end cut off behind one anchor", file(l[:5]), audit.Check{Anchors: at(2, 6)}, audit.Truncated, 2, 6},
		{"all cut off", nil, audit.Check{Anchors: at(6)}, audit.Truncated, 0, 1},
		{"cut in an anchored line", file(l)[:len(file(l))-1], audit.Check{Anchors: at(6)}, audit.Truncated, 0, 6},
		{"cut behind the anchor", file(l)[:len(file(l))-1], audit.Check{Anchors: at(5)}, audit.Torn, 5, 6},
		{"last line edited", file(edited), audit.Check{Anchors: at(3, 6)}, audit.Forked, 3, 4},
		{"rewritten", file(other), audit.Check{Anchors: at(6)}, audit.Forked, 0, 1},
		{"rewritten and longer", file(stream(t, "a", 9)), audit.Check{Anchors: at(6)}, audit.Forked, 0, 1},
		{"two anchors that differ", file(l), audit.Check{Anchors: []audit.TreeHead{headOf(l), headOf(other)}}, audit.Forked, 6, 7},
		{"wrong empty tree", file(l), audit.Check{Anchors: []audit.TreeHead{{}}}, audit.Forked, 0, 1},
		{"nobody signed", file(l), audit.Check{Unsigned: 1}, audit.Unsigned, 0, 0},
		{"nobody signed one of two", file(l), audit.Check{Anchors: at(6), Unsigned: 1}, audit.Unsigned, 6, 0},
		{"nobody signed, and cut", file(l[:5]), audit.Check{Anchors: at(6), Unsigned: 1}, audit.Truncated, 0, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep := check(t, c.check, c.file)
			assert.Equal(t, c.verdict, rep.Verdict)
			assert.Equal(t, c.proved, rep.Proved)
			assert.Equal(t, c.bad, rep.BadSeq)
			assert.Equal(t, c.verdict == audit.Pass, c.verdict.ExitCode() == 0)
		})
	}
}

func TestEachVerdictHasItsExitCode(t *testing.T) {
	seen := map[int]bool{}
	for _, v := range []audit.Verdict{audit.Pass, audit.Consistent, audit.Pruned, audit.Torn, audit.Truncated, audit.Gap,
		audit.Forked, audit.Edited, audit.Unsigned, "", "another"} {
		code := v.ExitCode()
		assert.Equal(t, v == audit.Pass, code == 0)
		assert.Equal(t, v == "" || v == "another", code == 1)
		assert.True(t, !seen[code] || code == 1)
		seen[code] = true
	}
}

// pruned is a stream whose first five of nine lines were pruned: what is left, the manifest, and the tree of all.
func pruned(t testing.TB, say uint64) (left [][]byte, m audit.Manifest, all audit.TreeHead) {
	chain := audit.NewChain(audit.Head{Stream: "a"}, frozen)
	var lines [][]byte
	for i := range 9 {
		e := read()
		if i == 6 {
			e = audit.Event{Name: audit.TrailPruned, N: say}
		}
		d, err := audit.NewDraft(&e)
		require.NoError(t, err)
		line, err := chain.AppendLine(nil, &d)
		require.NoError(t, err)
		lines = append(lines, line)
		if i < 5 {
			m.Head = chain.Head()
			m.Tree.Append(m.Head.Hash)
		}
	}
	return lines[5:], m, headOf(lines)
}

func TestPrunedStreamsVerifyBehindTheirManifest(t *testing.T) {
	left, m, all := pruned(t, 5)
	rep := check(t, audit.Check{Pruned: m, Anchors: []audit.TreeHead{all}}, file(left))
	assert.Equal(t, audit.Pass, rep.Verdict)
	assert.EqualValues(t, 9, rep.Proved)
	assert.EqualValues(t, 5, rep.Pruned)
	assert.EqualValues(t, 4, rep.Count)
	assert.Equal(t, all.Root, rep.Root)

	early := audit.TreeHead{Size: 3, Root: audit.Hash{9}}
	rep = check(t, audit.Check{Pruned: m, Anchors: []audit.TreeHead{early, all}}, file(left))
	assert.Equal(t, audit.Pass, rep.Verdict, "what was anchored before the last pruned event cannot be compared")
	rep = check(t, audit.Check{Pruned: m, Anchors: []audit.TreeHead{m.Tree.Head()}}, file(left))
	assert.Equal(t, audit.Pass, rep.Verdict)
	assert.EqualValues(t, 5, rep.Proved)

	for name, c := range map[string]struct {
		check   audit.Check
		lines   [][]byte
		verdict audit.Verdict
	}{
		"no anchor":               {audit.Check{Pruned: m}, left, audit.Pruned},
		"anchor of pruned events": {audit.Check{Pruned: m, Anchors: []audit.TreeHead{early}}, left, audit.Pruned},
		"no manifest":             {audit.Check{Anchors: []audit.TreeHead{all}}, left, audit.Gap},
		"more is missing":         {audit.Check{Pruned: m, Anchors: []audit.TreeHead{all}}, left[1:], audit.Gap},
		"cut":                     {audit.Check{Pruned: m, Anchors: []audit.TreeHead{all}}, left[:3], audit.Truncated},
		"all gone":                {audit.Check{Pruned: m, Anchors: []audit.TreeHead{all}}, nil, audit.Truncated},
	} {
		assert.Equal(t, c.verdict, check(t, c.check, file(c.lines)).Verdict, name)
	}

	forged := m
	forged.Tree, _ = audit.NewTree(5, []audit.Hash{{1}, {2}})
	rep = check(t, audit.Check{Pruned: forged, Anchors: []audit.TreeHead{all}}, file(left))
	assert.Equal(t, audit.Forked, rep.Verdict)
	assert.EqualValues(t, 6, rep.BadSeq)

	// Somebody pruned, and left a good manifest, but the trail does not say that this much was pruned.
	left, m, all = pruned(t, 4)
	rep = check(t, audit.Check{Pruned: m, Anchors: []audit.TreeHead{all}}, file(left))
	assert.Equal(t, audit.Pruned, rep.Verdict)
	assert.Error(t, rep.Err)
}

func TestManifestsReadBackAndNothingElseDoes(t *testing.T) {
	_, m, _ := pruned(t, 5)
	text, err := m.MarshalText()
	require.NoError(t, err)
	var back audit.Manifest
	require.NoError(t, back.UnmarshalText(text))
	assert.True(t, m == back)
	for n := range text {
		require.Error(t, back.UnmarshalText(text[:n]), "cut at %d", n)
		for bit := range 8 {
			bad := bytes.Clone(text)
			bad[n] ^= 1 << bit
			require.Error(t, back.UnmarshalText(bad), "byte %d bit %d", n, bit)
		}
	}
	require.Error(t, back.UnmarshalText(append(text, '\n')))
	assert.True(t, m == back, "an error changes nothing")

	m.Head.Seq++
	_, err = m.MarshalText()
	assert.Error(t, err)
	_, err = audit.Manifest{}.MarshalText()
	assert.Error(t, err)
}

func FuzzManifest(f *testing.F) {
	_, m, _ := pruned(f, 5)
	text, err := m.MarshalText()
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte("purposebound pruned v1\nstream a\nseq 0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m audit.Manifest
		if m.UnmarshalText(b) != nil {
			return
		}
		back, err := m.MarshalText()
		require.NoError(t, err)
		require.Equal(t, string(b), string(back))
	})
}

func TestProgressIsToldAndMayEndTheCheck(t *testing.T) {
	var lines bytes.Buffer
	traffic(t, 140_000, func(line []byte) { lines.Write(line) })
	var told []uint64
	c := audit.Check{Progress: func(r audit.Report) error {
		assert.Empty(t, r.Verdict)
		told = append(told, r.Count)
		return nil
	}}
	rep := check(t, c, lines.Bytes())
	assert.EqualValues(t, 140_000, rep.Count)
	assert.Equal(t, []uint64{65536, 131072}, told)

	enough := errors.New("enough")
	c.Progress = func(audit.Report) error { return enough }
	rep, err := c.Verify(t.Context(), bytes.NewReader(lines.Bytes()))
	assert.ErrorIs(t, err, enough)
	assert.Empty(t, rep.Verdict)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Verify(ctx, bytes.NewReader(lines.Bytes()))
	assert.ErrorIs(t, err, context.Canceled)
}
