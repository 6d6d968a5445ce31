package filetrail

import (
	"slices"

	"github.com/purposebound/purposebound/audit"
)

// leaves are the hashes of the last events, once somebody has asked for them.
type leaves struct {
	wanted bool
	last   uint64 // seq of the last one
	list   []audit.Hash
}

// maxLeaves is how many of them are kept at least, if there are so many: 1 MiB.
const maxLeaves = 1 << 15

// put adds the hashes of events that end with seq last.
func (l *leaves) put(more []audit.Hash, last uint64) {
	if !l.wanted {
		return
	}
	if len(l.list) > 2*maxLeaves {
		l.list = slices.Delete(l.list, 0, len(l.list)-maxLeaves)
	}
	l.list, l.last = append(l.list, more...), last
}

// Leaves implements [audit.LeafReader]. It remembers from the first call on, and 32,768 events at least.
func (t *Trail) Leaves(from uint64) []audit.Hash {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &t.leaves
	if !l.wanted {
		l.wanted, l.last = true, t.head.Seq
	}
	first := l.last + 1 - uint64(len(l.list))
	if from < first || from > l.last {
		return nil
	}
	return slices.Clone(l.list[from-first:])
}
