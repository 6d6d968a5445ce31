package checkpoint

import (
	"errors"
	"math/bits"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/purposebound/purposebound/audit"
)

// Tree is the tree over the lines of one stream with all hashes that proofs need. It is safe for concurrent use.
type Tree struct {
	mu    sync.Mutex
	store Store
	so    audit.Tree
}

// NewTree empties the store and begins a tree in it, behind what was pruned from the stream: nothing, as a rule.
func NewTree(store Store, pruned audit.Tree) (*Tree, error) {
	if err := store.Reset(); err != nil {
		return nil, err
	}
	at := frontierAt(pruned.Size())
	for i, h := range pruned.Frontier() {
		if err := store.WriteHashes(at[i], []tlog.Hash{tlog.Hash(h)}); err != nil {
			return nil, err
		}
	}
	return &Tree{store: store, so: pruned}, nil
}

// OpenTree goes on with the tree in the store, at a size and root that are known to be right.
func OpenTree(store Store, at audit.TreeHead) (*Tree, error) {
	hashes, err := read(store, frontierAt(at.Size))
	if err != nil {
		return nil, err
	}
	so, err := audit.NewTree(at.Size, hashes)
	if err != nil {
		return nil, err
	}
	if so.Root() != at.Root {
		return nil, ErrForked
	}
	return &Tree{store: store, so: so}, nil
}

// frontierAt returns the places of the full subtrees of a tree, the largest first.
func frontierAt(size uint64) (at []int64) {
	before := uint64(0)
	for rest := size; rest > 0; {
		level := bits.Len64(rest) - 1
		at = append(at, tlog.StoredHashIndex(level, int64(before>>level)))
		before += 1 << level
		rest -= 1 << level
	}
	return at
}

// read returns ErrPruned for a hash that is not there.
func read(store Store, at []int64) ([]audit.Hash, error) {
	got, err := hashes{store}.ReadHashes(at)
	if err != nil {
		return nil, err
	}
	out := make([]audit.Hash, len(got))
	for i, h := range got {
		out[i] = audit.Hash(h)
	}
	return out, nil
}

// hashes is a store in which missing hashes are errors.
type hashes struct{ Store }

func (s hashes) ReadHashes(at []int64) ([]tlog.Hash, error) {
	got, err := s.Store.ReadHashes(at)
	if err != nil {
		return nil, err
	}
	if len(got) != len(at) {
		return nil, errors.New("checkpoint: the store gave another number of hashes")
	}
	for _, h := range got {
		if h == (tlog.Hash{}) {
			return nil, ErrPruned
		}
	}
	return got, nil
}

// Size returns the number of leaves.
func (t *Tree) Size() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.so.Size()
}

// Append adds the hashes of the next lines. An error leaves the tree as it was.
func (t *Tree) Append(leaves ...audit.Hash) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.so.Size()+uint64(len(leaves)) > maxSize {
		return errors.New("checkpoint: the tree is full")
	}
	size, full := t.so.Size(), t.so.Frontier()
	out := make([]tlog.Hash, 0, 2*len(leaves)+64)
	for _, leaf := range leaves {
		h := tlog.Hash(leaf)
		out = append(out, h)
		for n := size; n&1 == 1; n >>= 1 {
			h = tlog.NodeHash(tlog.Hash(full[len(full)-1]), h)
			full = full[:len(full)-1]
			out = append(out, h)
		}
		full = append(full, audit.Hash(h))
		size++
	}
	so, err := audit.NewTree(size, full)
	if err != nil {
		return err
	}
	if err := t.store.WriteHashes(tlog.StoredHashIndex(0, int64(t.so.Size())), out); err != nil {
		return err
	}
	t.so = so
	return nil
}

// Head returns the root of the tree as it was with this many leaves.
func (t *Tree) Head(size uint64) (audit.TreeHead, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.head(size)
}

func (t *Tree) head(size uint64) (audit.TreeHead, error) {
	switch {
	case size > t.so.Size():
		return audit.TreeHead{}, ErrNone
	case size == t.so.Size():
		return t.so.Head(), nil
	}
	hashes, err := read(t.store, frontierAt(size))
	if err != nil {
		return audit.TreeHead{}, err
	}
	so, err := audit.NewTree(size, hashes)
	return so.Head(), err
}

// leaf returns the hash of a line.
func (t *Tree) leaf(index uint64) (audit.Hash, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	got, err := read(t.store, []int64{tlog.StoredHashIndex(0, int64(index))})
	if err != nil {
		return audit.Hash{}, err
	}
	return got[0], nil
}

// Prove proves that a leaf is in the tree of this size. The proof was checked.
func (t *Tree) Prove(index, size uint64) (Inclusion, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if index >= size || size > t.so.Size() {
		return Inclusion{}, ErrNone
	}
	proof, err := tlog.ProveRecord(int64(size), int64(index), hashes{t.store})
	if err != nil {
		return Inclusion{}, err
	}
	leaf, err := read(t.store, []int64{tlog.StoredHashIndex(0, int64(index))})
	if err != nil {
		return Inclusion{}, err
	}
	head, err := t.head(size)
	if err != nil {
		return Inclusion{}, err
	}
	p := Inclusion{index, size, auditHashes(proof)}
	return p, p.Check(head.Root, leaf[0])
}

// ProveConsistency proves that the tree of one size begins with that of another. The proof was checked.
func (t *Tree) ProveConsistency(oldSize, newSize uint64) (Consistency, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if oldSize > newSize || newSize > t.so.Size() {
		return Consistency{}, ErrNone
	}
	p := Consistency{Old: oldSize, New: newSize}
	if oldSize > 0 {
		proof, err := tlog.ProveTree(int64(newSize), int64(oldSize), hashes{t.store})
		if err != nil {
			return Consistency{}, err
		}
		p.Hashes = auditHashes(proof)
	}
	was, err := t.head(oldSize)
	if err != nil {
		return Consistency{}, err
	}
	now, err := t.head(newSize)
	if err != nil {
		return Consistency{}, err
	}
	return p, p.Check(was.Root, now.Root)
}

func auditHashes(hs []tlog.Hash) []audit.Hash {
	out := make([]audit.Hash, len(hs))
	for i, h := range hs {
		out[i] = audit.Hash(h)
	}
	return out
}
