package checkpoint_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
)

func leaf(n int) audit.Hash {
	return audit.HashLine(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// planted is a tree of n leaves, and the same by another library.
func planted(t testing.TB, store checkpoint.Store, n int) (*checkpoint.Tree, *testonly.Tree) {
	tree, err := checkpoint.NewTree(store, audit.Tree{})
	require.NoError(t, err)
	other := testonly.New(rfc6962.DefaultHasher)
	leaves := make([]audit.Hash, n)
	for i := range leaves {
		leaves[i] = leaf(i)
		other.Append(leaves[i][:])
	}
	for len(leaves) > 0 {
		k := min(len(leaves), 1+len(leaves)%7)
		require.NoError(t, tree.Append(leaves[:k]...))
		leaves = leaves[k:]
	}
	return tree, other
}

func bytesOf(hs []audit.Hash) (out [][]byte) {
	for _, h := range hs {
		out = append(out, bytes.Clone(h[:]))
	}
	return out
}

// included is the verdict of both libraries, which must be the same.
func included(t testing.TB, p checkpoint.Inclusion, root, leaf audit.Hash) bool {
	ours := p.Check(root, leaf)
	theirs := proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index, p.Size, leaf[:], bytesOf(p.Hashes), root[:])
	require.Equal(t, theirs == nil, ours == nil, "%v %v", ours, theirs)
	return ours == nil
}

func consistent(t testing.TB, p checkpoint.Consistency, was, now audit.Hash) bool {
	ours := p.Check(was, now)
	theirs := proof.VerifyConsistency(rfc6962.DefaultHasher, p.Old, p.New, bytesOf(p.Hashes), was[:], now[:])
	require.Equal(t, theirs == nil, ours == nil, "%d %d: %v %v", p.Old, p.New, ours, theirs)
	return ours == nil
}

// corrupt returns hashes with one changed, one missing, one doubled, one more, two swapped.
func corrupt(hs []audit.Hash, dice *rand.Rand) (out [][]audit.Hash) {
	out = append(out, append(slices.Clone(hs), audit.Hash{1}))
	if len(hs) == 0 {
		return out
	}
	i := dice.IntN(len(hs))
	flipped := slices.Clone(hs)
	flipped[i][dice.IntN(32)] ^= 1 << dice.IntN(8)
	out = append(out, flipped, slices.Delete(slices.Clone(hs), i, i+1), slices.Insert(slices.Clone(hs), i, hs[i]))
	if len(hs) > 1 {
		swapped := slices.Clone(hs)
		swapped[0], swapped[1] = swapped[1], swapped[0]
		out = append(out, swapped)
	}
	return out
}

// Every inclusion and every consistency proof of small trees, and some of larger ones, holds by two libraries; what is
// corrupted, or proves something else, holds by neither.
func TestEveryProofHoldsByAnotherLibraryToo(t *testing.T) {
	small, large := 300, 20_000
	if testing.Short() {
		small = 80
	}
	file, err := checkpoint.OpenFileStore(filepath.Join(t.TempDir(), "hashes"))
	require.NoError(t, err)
	defer file.Close()
	dice := rand.New(rand.NewPCG(3, 4))
	refused := 0
	test := func(tree *checkpoint.Tree, other *testonly.Tree, index, size int) {
		root := audit.Hash(other.HashAt(uint64(size)))
		in, err := tree.Prove(uint64(index), uint64(size))
		require.NoError(t, err)
		require.True(t, included(t, in, root, leaf(index)))
		con, err := tree.ProveConsistency(uint64(index), uint64(size))
		require.NoError(t, err)
		was := audit.Hash(other.HashAt(uint64(index)))
		require.True(t, consistent(t, con, was, root))
		if dice.IntN(8) != 0 {
			return
		}
		for _, hs := range corrupt(in.Hashes, dice) {
			require.False(t, included(t, checkpoint.Inclusion{Index: in.Index, Size: in.Size, Hashes: hs}, root, leaf(index)))
			refused++
		}
		require.False(t, included(t, in, root, leaf(index+1)))
		require.False(t, included(t, in, audit.Hash{1}, leaf(index)))
		require.False(t, included(t, checkpoint.Inclusion{Index: in.Size, Size: in.Size, Hashes: in.Hashes}, root, leaf(index)))
		if index > 0 {
			for _, hs := range corrupt(con.Hashes, dice) {
				if index == size && slices.Equal(hs, con.Hashes) {
					continue
				}
				require.False(t, consistent(t, checkpoint.Consistency{Old: con.Old, New: con.New, Hashes: hs}, was, root))
				refused++
			}
			require.False(t, consistent(t, con, audit.Hash{1}, root))
			require.False(t, consistent(t, con, was, audit.Hash{1}))
		}
	}
	tree, other := planted(t, checkpoint.NewMemory(), small)
	for size := 1; size <= small; size++ {
		for index := range size {
			test(tree, other, index, size)
		}
		con, err := tree.ProveConsistency(uint64(size), uint64(size))
		require.NoError(t, err)
		require.Empty(t, con.Hashes)
	}
	tree, other = planted(t, file, large)
	for range 300 {
		size := 1 + dice.IntN(large)
		test(tree, other, dice.IntN(size), size)
	}
	assert.Greater(t, refused, 1000)
}

func TestProofsOfNothingAreRefused(t *testing.T) {
	tree, _ := planted(t, checkpoint.NewMemory(), 5)
	for _, at := range [][2]uint64{{5, 5}, {0, 0}, {0, 6}, {1 << 63, 5}} {
		_, err := tree.Prove(at[0], at[1])
		assert.ErrorIs(t, err, checkpoint.ErrNone, "%v", at)
	}
	for _, at := range [][2]uint64{{4, 3}, {0, 6}, {1 << 63, 1 << 63}} {
		_, err := tree.ProveConsistency(at[0], at[1])
		assert.ErrorIs(t, err, checkpoint.ErrNone, "%v", at)
	}
	empty := new(audit.Tree).Root()
	assert.Error(t, checkpoint.Consistency{New: 3}.Check(audit.Hash{1}, audit.Hash{2}), "the empty tree has one root")
	assert.NoError(t, checkpoint.Consistency{New: 3}.Check(empty, audit.Hash{2}))
	assert.Error(t, checkpoint.Consistency{}.Check(empty, audit.Hash{2}))
	assert.Error(t, checkpoint.Consistency{New: 3, Hashes: []audit.Hash{{}}}.Check(empty, audit.Hash{2}))
}

// A tree that begins behind pruned leaves proves everything that is left, and nothing of what is gone.
func TestPrunedTreesProveWhatIsLeft(t *testing.T) {
	const n = 70
	whole, other := planted(t, checkpoint.NewMemory(), n)
	for from := range n {
		var gone audit.Tree
		for i := range from {
			gone.Append(leaf(i))
		}
		tree, err := checkpoint.NewTree(checkpoint.NewMemory(), gone)
		require.NoError(t, err)
		for i := from; i < n; i++ {
			require.NoError(t, tree.Append(leaf(i)))
		}
		for size := max(from, 1); size <= n; size += 3 {
			root := audit.Hash(other.HashAt(uint64(size)))
			head, err := tree.Head(uint64(size))
			require.NoError(t, err)
			require.Equal(t, root, head.Root)
			con, err := tree.ProveConsistency(uint64(max(from, 1)), uint64(size))
			require.NoError(t, err)
			require.True(t, consistent(t, con, audit.Hash(other.HashAt(uint64(max(from, 1)))), root))
			for i := range size {
				p, err := tree.Prove(uint64(i), uint64(size))
				if i < from && err != nil {
					require.ErrorIs(t, err, checkpoint.ErrPruned)
					continue
				}
				require.NoError(t, err)
				want, err := whole.Prove(uint64(i), uint64(size))
				require.NoError(t, err)
				require.Equal(t, want, p)
			}
		}
	}
}

func TestAStoreOpensAtWhatItHoldsAlone(t *testing.T) {
	store := checkpoint.NewMemory()
	_, other := planted(t, store, 41)
	for _, n := range []uint64{1, 17, 40, 41} {
		tree, err := checkpoint.OpenTree(store, audit.TreeHead{Size: n, Root: audit.Hash(other.HashAt(n))})
		require.NoError(t, err)
		require.Equal(t, n, tree.Size())
		_, err = checkpoint.OpenTree(store, audit.TreeHead{Size: n, Root: audit.Hash{1}})
		assert.ErrorIs(t, err, checkpoint.ErrForked)
	}
	_, err := checkpoint.OpenTree(store, audit.TreeHead{Size: 64, Root: audit.Hash{1}})
	assert.Error(t, err)
}

func TestStoresThatLostAHashProveNothingFalse(t *testing.T) {
	const n = 40
	for at := range tlog.StoredHashCount(n) {
		store := checkpoint.NewMemory()
		tree, other := planted(t, store, n)
		got, err := store.ReadHashes([]int64{at})
		require.NoError(t, err)
		got[0][5] ^= 1
		require.NoError(t, store.WriteHashes(at, got))
		failed := 0
		for i := range n {
			p, err := tree.Prove(uint64(i), n)
			if err != nil {
				failed++
				continue
			}
			require.True(t, included(t, p, audit.Hash(other.Hash()), leaf(i)))
		}
		_, err = checkpoint.OpenTree(store, audit.TreeHead{Size: n, Root: audit.Hash(other.Hash())})
		assert.True(t, failed > 0 || err != nil, "hash %d", at)
	}
}

func TestTextProofsTellAThirdParty(t *testing.T) {
	w := newWorld(t)
	fill(t, w.trail, 10)
	k := w.keeper()
	w.tick(k)
	old, err := k.Latest()
	require.NoError(t, err)
	fill(t, w.trail, 1500)
	w.tick(k)
	events := w.trail.Events()
	line := func(seq int) []byte {
		l, err := audit.AppendLine(nil, &events[seq-1])
		require.NoError(t, err)
		return l
	}
	text, err := k.Prove(7)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), "c2sp.org/tlog-proof@v1\nindex 6\n"))
	c, err := checkpoint.CheckLine(text, line(7), origin, w.verifier)
	require.NoError(t, err)
	assert.EqualValues(t, 1510, c.Size)

	_, err = checkpoint.CheckLine(text, line(8), origin, w.verifier)
	assert.ErrorIs(t, err, checkpoint.ErrProof)
	_, err = checkpoint.CheckLine(text, bytes.Replace(line(7), []byte("role.unknown"), []byte("role.missing"), 1), origin, w.verifier)
	assert.ErrorIs(t, err, checkpoint.ErrProof)
	_, err = checkpoint.CheckLine(text, []byte("{}"), origin, w.verifier)
	assert.ErrorIs(t, err, audit.ErrInvalid)
	_, err = checkpoint.CheckLine(text, line(7), origin+"2", w.verifier)
	assert.Error(t, err)
	_, stranger := keys(t, origin)
	_, err = checkpoint.CheckLine(text, line(7), origin, note.VerifierList(stranger))
	assert.ErrorIs(t, err, checkpoint.ErrUnsigned)

	growth, err := k.ProveConsistency(10)
	require.NoError(t, err)
	c, err = checkpoint.CheckConsistency(growth, old, origin, w.verifier)
	require.NoError(t, err)
	assert.EqualValues(t, 1510, c.Size)
	other := w.sign(checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: 10, Root: audit.Hash{1}}})
	_, err = checkpoint.CheckConsistency(growth, other, origin, w.verifier)
	assert.ErrorIs(t, err, checkpoint.ErrProof)
	other = w.sign(checkpoint.Checkpoint{Origin: origin, TreeHead: audit.TreeHead{Size: 9}})
	_, err = checkpoint.CheckConsistency(growth, other, origin, w.verifier)
	assert.ErrorIs(t, err, checkpoint.ErrProof)

	for i, whole := range [][]byte{text, growth} {
		check := func(b []byte) error {
			if i == 0 {
				_, err := checkpoint.CheckLine(b, line(7), origin, w.verifier)
				return err
			}
			_, err := checkpoint.CheckConsistency(b, old, origin, w.verifier)
			return err
		}
		for at := range whole {
			bad := bytes.Clone(whole)
			bad[at] ^= 1 << (at % 8)
			require.True(t, check(bad) != nil || at == len(whole)-slack, "byte %d", at)
			require.Error(t, check(whole[:at]), "cut at %d", at)
		}
	}
	for _, seq := range []uint64{0, 1511, 1 << 63} {
		_, err = k.Prove(seq)
		assert.ErrorIs(t, err, checkpoint.ErrNone)
	}
	_, err = k.ProveConsistency(1511)
	assert.ErrorIs(t, err, checkpoint.ErrNone)
}

func FuzzProofs(f *testing.F) {
	w := newWorld(f)
	fill(f, w.trail, 10)
	k := w.keeper()
	w.tick(k)
	text, err := k.Prove(7)
	require.NoError(f, err)
	growth, err := k.ProveConsistency(5)
	require.NoError(f, err)
	signed, err := k.Latest()
	require.NoError(f, err)
	e := w.trail.Events()[6]
	line, err := audit.AppendLine(nil, &e)
	require.NoError(f, err)
	f.Add(text)
	f.Add(growth)
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := checkpoint.CheckLine(b, line, origin, w.verifier); err == nil {
			require.EqualValues(t, 10, c.Size, "nothing else was signed")
		}
		_, _ = checkpoint.CheckConsistency(b, signed, origin, w.verifier)
	})
}
