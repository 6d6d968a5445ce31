package filetrail

import (
	"cmp"
	"slices"
)

// mark says where in its file an event begins, so that who follows the trail need not read a file from its start.
type mark struct {
	seq    uint64
	offset int64
}

const (
	markEvery = 64 << 10 // bytes
	markFiles = 16
)

// marks are those of the last files that this process wrote.
type marks struct {
	names []string
	of    map[string][]mark
}

// put adds a mark to a file, unless it is none or close to the one before.
func (m *marks) put(name string, at mark) {
	if at.seq == 0 {
		return
	}
	if m.of == nil {
		m.of = map[string][]mark{}
	}
	list, known := m.of[name]
	if n := len(list); n > 0 && at.offset-list[n-1].offset < markEvery {
		return
	}
	if !known {
		if m.names = append(m.names, name); len(m.names) > markFiles {
			delete(m.of, m.names[0])
			m.names = m.names[1:]
		}
	}
	m.of[name] = append(list, at)
}

// before returns the last mark at or before seq, or the start of the file.
func (m *marks) before(name string, seq uint64) mark {
	list := m.of[name]
	i, exact := slices.BinarySearchFunc(list, seq, func(k mark, seq uint64) int { return cmp.Compare(k.seq, seq) })
	if exact {
		return list[i]
	}
	if i > 0 {
		return list[i-1]
	}
	first, _ := parseSegment(name)
	return mark{seq: first}
}
