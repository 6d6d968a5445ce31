package checkpoint_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

func verdict(t testing.TB, w *world, lines []byte, collect func() (checkpoint.Evidence, error)) audit.Report {
	ev, err := collect()
	require.NoError(t, err)
	rep, err := ev.Check().Verify(context.Background(), bytes.NewReader(lines))
	require.NoError(t, err)
	return rep
}

func TestWhatAnchorsHaveDecidesWhetherATrailPasses(t *testing.T) {
	w := newWorld(t)
	k := w.keeper()
	for range 3 {
		fill(t, w.trail, 1000)
		w.tick(k)
	}
	fill(t, w.trail, 10)
	lines := w.trail.Bytes()
	latest := func() (checkpoint.Evidence, error) {
		return checkpoint.Collect(t.Context(), origin, w.verifier, newShelf(), w.anchor)
	}
	all := func() (checkpoint.Evidence, error) {
		return checkpoint.CollectAll(t.Context(), origin, w.verifier, newShelf(), w.anchor)
	}
	none := func() (checkpoint.Evidence, error) {
		return checkpoint.Collect(t.Context(), origin, w.verifier, newShelf())
	}
	rep := verdict(t, w, lines, latest)
	assert.Equal(t, audit.Pass, rep.Verdict)
	assert.EqualValues(t, 3000, rep.Proved)
	assert.EqualValues(t, 3010, rep.Count)
	assert.Equal(t, audit.Pass, verdict(t, w, lines, all).Verdict)
	assert.Equal(t, audit.Consistent, verdict(t, w, lines, none).Verdict)

	line := bytes.IndexByte(lines, '\n') + 1
	cut := lines[:len(lines)-20*line]
	assert.Equal(t, audit.Truncated, verdict(t, w, cut, latest).Verdict)
	edited := bytes.Replace(lines, []byte("role.unknown"), []byte("role.missing"), 1)
	assert.Equal(t, audit.Edited, verdict(t, w, edited, latest).Verdict)

	// More checkpoints narrow down where a fault lies.
	w.put(audit.TreeHead{Size: 3005, Root: audit.Hash{1}})
	rep = verdict(t, w, lines, latest)
	assert.Equal(t, audit.Forked, rep.Verdict)
	assert.EqualValues(t, 1, rep.BadSeq)
	rep = verdict(t, w, lines, all)
	assert.Equal(t, audit.Forked, rep.Verdict)
	assert.EqualValues(t, 3001, rep.BadSeq)
}

func TestCheckpointsThatNobodyKnownSignedAreNoEvidence(t *testing.T) {
	w := newWorld(t)
	fill(t, w.trail, 5)
	stranger, _ := keys(t, origin)
	foreign, err := checkpoint.Checkpoint{Origin: origin, TreeHead: headOf(t, w.trail)}.Sign(stranger)
	require.NoError(t, err)
	require.NoError(t, w.anchor.put(t.Context(), foreign))
	ev, err := checkpoint.Collect(t.Context(), origin, w.verifier, w.anchor)
	require.NoError(t, err)
	assert.Equal(t, checkpoint.Evidence{Unsigned: 1}, ev)
	rep := verdict(t, w, w.trail.Bytes(), func() (checkpoint.Evidence, error) { return ev, nil })
	assert.Equal(t, audit.Unsigned, rep.Verdict)
}

func TestAnAnchorThatDoesNotAnswerIsAnErrorAndNoVerdict(t *testing.T) {
	w := newWorld(t)
	w.anchor.behave(nil, func(context.Context) ([]byte, error) { return nil, errors.New("broken") })
	_, err := checkpoint.Collect(t.Context(), origin, w.verifier, w.anchor)
	assert.Error(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	w.put(audit.TreeHead{Size: 1})
	cancel()
	_, err = checkpoint.CollectAll(ctx, origin, w.verifier, w.anchor)
	assert.Error(t, err)
}

// What a process wrote goes into its checkpoints, not what somebody made of the files before the keeper came to look.
func TestFilesChangedBeforeACheckpointDoNotPass(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "trail")
	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "leasing-1", Clock: w.clock.Now})
	require.NoError(t, err)
	k, err := checkpoint.New(t.Context(), trail, w.opts)
	require.NoError(t, err)
	w.tick(k)
	fill(t, trail, 3)
	segment := filepath.Join(dir, trail.Health().Segment)
	b, err := os.ReadFile(segment)
	require.NoError(t, err)
	at := bytes.LastIndex(b, []byte("role.unknown"))
	copy(b[at:], "role.missing")
	f, err := os.OpenFile(segment, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt(b, 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	w.clock.add(time.Minute)
	w.tick(k)
	ev, err := checkpoint.Collect(t.Context(), k.Origin(), w.verifier, w.anchor)
	require.NoError(t, err)
	rep, err := filetrail.VerifyWith(t.Context(), dir, ev.Check())
	require.NoError(t, err)
	assert.Equal(t, audit.Forked, rep.Verdict)
	assert.Equal(t, audit.Consistent, func() audit.Verdict { rep, _ := filetrail.Verify(dir); return rep.Verdict }())
	require.NoError(t, trail.Close())
}

// A trail in files, its keeper and a file anchor, over months: restarts, pruning, and a check at the end of each.
func TestFilesKeptAndPrunedStillPassAndProve(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "trail")
	anchor, err := checkpoint.NewFileAnchor(filepath.Join(t.TempDir(), "anchor"))
	require.NoError(t, err)
	w.opts.Anchors = map[string]checkpoint.Anchor{"file": anchor}
	path := filepath.Join(t.TempDir(), "hashes")
	const stream = operator + "/leasing-1"
	pruned := uint64(0)
	for month := range 8 {
		trail, err := filetrail.Open(dir, filetrail.Options{Stream: "leasing-1", Clock: w.clock.Now, SegmentSize: 4000, KeepMonths: 3})
		require.NoError(t, err)
		store, err := checkpoint.OpenFileStore(path)
		require.NoError(t, err)
		w.opts.Store = store
		k, err := checkpoint.New(t.Context(), trail, w.opts)
		require.NoError(t, err, "month %d", month)
		for range 25 {
			fill(t, k.Trail(), 1)
		}
		w.tick(k)
		n, err := trail.Prune(t.Context(), time.Time{})
		require.NoError(t, err)
		pruned += n
		w.clock.add(31 * 24 * time.Hour)
		w.tick(k)
		require.True(t, k.Health().OK())

		ev, err := checkpoint.CollectAll(t.Context(), stream, w.verifier, anchor)
		require.NoError(t, err)
		rep, err := filetrail.VerifyWith(t.Context(), dir, ev.Check())
		require.NoError(t, err)
		require.Equal(t, audit.Pass, rep.Verdict, "month %d", month)
		require.Equal(t, pruned, rep.Pruned)
		require.Equal(t, rep.Head.Seq, rep.Proved)

		lines := 0
		for line, err := range trail.Lines(t.Context(), 0) {
			require.NoError(t, err)
			e, err := audit.ParseLine(line)
			require.NoError(t, err)
			proof, err := k.Prove(e.Seq)
			require.NoError(t, err)
			_, err = checkpoint.CheckLine(proof, line, stream, w.verifier)
			require.NoError(t, err)
			lines++
		}
		require.EqualValues(t, rep.Count, lines)
		require.NoError(t, trail.Close())
		require.NoError(t, store.Close())
		if month%3 == 2 {
			require.NoError(t, os.Remove(path)) // the hashes are made anew from what is left
		}
	}
	assert.Positive(t, pruned)
}
