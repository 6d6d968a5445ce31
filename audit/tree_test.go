package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/purposebound/purposebound/audit"
)

// rootOf computes the root of the tree over lines with another library.
func rootOf(lines [][]byte) audit.Hash {
	tree := testonly.New(rfc6962.DefaultHasher)
	tree.AppendData(lines...)
	return audit.Hash(tree.Hash())
}

func TestLinesAreHashedAsLeavesOfRFC6962(t *testing.T) {
	for _, line := range stream(t, "a", 3) {
		assert.Equal(t, audit.Hash(tlog.RecordHash(line)), audit.HashLine(line))
		assert.Equal(t, audit.Hash(rfc6962.DefaultHasher.HashLeaf(line)), audit.HashLine(line))
	}
}

func TestTheTreeIsThatOfTwoOtherLibraries(t *testing.T) {
	other := testonly.New(rfc6962.DefaultHasher)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	var tree audit.Tree
	for n := range 600 {
		root, err := tlog.TreeHash(int64(n), reader)
		require.NoError(t, err)
		require.Equal(t, audit.Hash(root), tree.Root(), "%d leaves", n)
		require.Equal(t, audit.Hash(other.Hash()), tree.Root(), "%d leaves", n)
		require.Equal(t, audit.TreeHead{Size: uint64(n), Root: tree.Root()}, tree.Head())

		again, err := audit.NewTree(tree.Size(), tree.Frontier())
		require.NoError(t, err)
		require.Equal(t, tree.Root(), again.Root())
		_, err = audit.NewTree(tree.Size()+1, append(tree.Frontier(), audit.Hash{}, audit.Hash{}))
		require.Error(t, err)

		leaf := audit.HashLine([]byte{byte(n), byte(n >> 8)})
		before := tree
		tree.Append(leaf)
		require.NotEqual(t, before.Root(), tree.Root())
		require.EqualValues(t, n, before.Size(), "a copy is a tree of its own")
		again.Append(leaf)
		require.Equal(t, tree.Root(), again.Root())
		other.Append(leaf[:])
		more, err := tlog.StoredHashesForRecordHash(int64(n), tlog.Hash(leaf), reader)
		require.NoError(t, err)
		stored = append(stored, more...)
	}
}
