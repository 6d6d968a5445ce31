package acceptance

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"
)

// overlay is a file system with the content of some files replaced.
type overlay struct {
	fs.FS
	content map[string][]byte
}

// Open implements [fs.FS].
func (o overlay) Open(name string) (fs.File, error) {
	text, ok := o.content[name]
	if !ok {
		return o.FS.Open(name)
	}
	info, err := fs.Stat(o.FS, name)
	if err != nil {
		return nil, err // what is replaced must be there
	}
	return &replaced{Reader: bytes.NewReader(text), info: sized{info, int64(len(text))}}, nil
}

type replaced struct {
	*bytes.Reader
	info fs.FileInfo
}

func (r *replaced) Stat() (fs.FileInfo, error) { return r.info, nil }
func (r *replaced) Close() error               { return nil }

type sized struct {
	fs.FileInfo
	size int64
}

func (s sized) Size() int64        { return s.size }
func (s sized) ModTime() time.Time { return time.Time{} }

var _ io.Reader = (*replaced)(nil)

// keysOf are the keys of a map in order.
func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
