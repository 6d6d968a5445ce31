package audit

import (
	"crypto/sha256"
	"errors"
	"math/bits"
)

// Tree is the RFC 6962 tree over the hashes of a stream's lines, of which it keeps what it takes to go on and to tell
// the root: the roots of its full subtrees. The zero value is the empty tree. A copy is a tree of its own; trees of the same
// lines are equal.
type Tree struct {
	size uint64
	full [64]Hash // by level; zero unless bit l of size is set
}

// TreeHead names a tree: all events up to seq Size.
type TreeHead struct {
	Size uint64
	Root Hash
}

// NewTree continues a tree of this size whose full subtrees have these roots, the largest first.
func NewTree(size uint64, frontier []Hash) (Tree, error) {
	if bits.OnesCount64(size) != len(frontier) {
		return Tree{}, errors.New("audit: a frontier of another size")
	}
	t := Tree{size: size}
	for level := 63; level >= 0; level-- {
		if size>>level&1 == 1 {
			t.full[level], frontier = frontier[0], frontier[1:]
		}
	}
	return t, nil
}

// Append adds the hash of the next line.
func (t *Tree) Append(leaf Hash) {
	level := 0
	for ; t.size>>level&1 == 1; level++ {
		leaf = nodeHash(&t.full[level], &leaf)
		t.full[level] = Hash{}
	}
	t.full[level] = leaf
	t.size++
}

// Size returns the number of lines.
func (t *Tree) Size() uint64 { return t.size }

// Root returns the root, which for the empty tree is the hash of nothing.
func (t *Tree) Root() Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(t.size)
	root := t.full[level]
	for level++; level < 64; level++ {
		if t.size>>level&1 == 1 {
			root = nodeHash(&t.full[level], &root)
		}
	}
	return root
}

// Head returns the size and the root.
func (t *Tree) Head() TreeHead { return TreeHead{t.size, t.Root()} }

// Frontier returns the roots of the full subtrees, the largest first.
func (t *Tree) Frontier() []Hash {
	var out []Hash
	for level := 63; level >= 0; level-- {
		if t.size>>level&1 == 1 {
			out = append(out, t.full[level])
		}
	}
	return out
}

func nodeHash(left, right *Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}
