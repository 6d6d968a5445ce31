package live

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// node is a file or a folder, its own DirEntry and FileInfo.
type node struct {
	name    string // the last word of the path
	dir     bool
	data    []byte
	entries []*node
}

var (
	_ fs.ReadFileFS = (*Files)(nil)
	_ fs.ReadDirFS  = (*Files)(nil)
	_ fs.StatFS     = (*Files)(nil)
	_ fs.DirEntry   = (*node)(nil)
	_ fs.FileInfo   = (*node)(nil)
)

// add puts a file into the tree, and the folders that lead to it.
func (f *Files) add(name string, data []byte) error {
	n := &node{name: path.Base(name), data: data}
	for at := name; ; {
		if f.nodes[at] != nil { // names come in order: a file before what would be inside it
			return &Error{Reason: ReasonFiles, Place: name, Err: errors.New("the name is both a file's and a folder's")}
		}
		f.nodes[at] = n
		at = path.Dir(at)
		parent := f.nodes[at]
		if parent != nil {
			if !parent.dir {
				return &Error{Reason: ReasonFiles, Place: name, Err: errors.New("the folder is a file as well")}
			}
			parent.entries = append(parent.entries, n)
			return nil
		}
		n = &node{name: path.Base(at), dir: true, entries: []*node{n}}
	}
}

func (f *Files) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if f == nil || f.nodes[name] == nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return f.nodes[name], nil
}

// Open implements [fs.FS].
func (f *Files) Open(name string) (fs.File, error) {
	n, err := f.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.dir {
		return &openDir{n: n, path: name}, nil
	}
	return &openFile{bytes.NewReader(n.data), n}, nil
}

// ReadFile implements [fs.ReadFileFS].
func (f *Files) ReadFile(name string) ([]byte, error) {
	n, err := f.find("read", name)
	if err != nil {
		return nil, err
	}
	if n.dir {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	return slices.Clone(n.data), nil
}

// ReadDir implements [fs.ReadDirFS].
func (f *Files) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := f.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.dir {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	return n.list(), nil
}

// Stat implements [fs.StatFS].
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	n, err := f.find("stat", name)
	if err != nil {
		return nil, err // a nil *node is no nil FileInfo
	}
	return n, nil
}

func (n *node) list() []fs.DirEntry {
	list := make([]fs.DirEntry, len(n.entries))
	for i, e := range n.entries {
		list[i] = e
	}
	return list
}

func (n *node) Name() string               { return n.name }
func (n *node) Size() int64                { return int64(len(n.data)) }
func (n *node) ModTime() time.Time         { return time.Time{} }
func (n *node) IsDir() bool                { return n.dir }
func (n *node) Sys() any                   { return nil }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }
func (n *node) Type() fs.FileMode          { return n.Mode().Type() }

func (n *node) Mode() fs.FileMode {
	if n.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type openFile struct {
	*bytes.Reader
	n *node
}

func (o *openFile) Stat() (fs.FileInfo, error) { return o.n, nil }
func (o *openFile) Close() error               { return nil }

type openDir struct {
	n    *node
	path string
	at   int
}

func (o *openDir) Stat() (fs.FileInfo, error) { return o.n, nil }
func (o *openDir) Close() error               { return nil }

func (o *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: o.path, Err: fs.ErrInvalid}
}

// ReadDir implements [fs.ReadDirFile].
func (o *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := o.n.list()[o.at:]
	if n > 0 {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		rest = rest[:min(n, len(rest))]
	}
	o.at += len(rest)
	return rest, nil
}
