package checkpoint

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// ErrAnchor means that what an anchor had is there no more, or is not what it wrote.
var ErrAnchor = errors.New("checkpoint: the anchor was changed")

var errReadOnly = errors.New("checkpoint: the anchor was opened for reading")

// FileAnchor keeps checkpoints in a file to which it only appends: each as a JSON string in a line. The file belongs to
// another owner, who lets this process append and not more (on Linux, chattr +a); it may be kept by several processes, for
// several streams.
type FileAnchor struct {
	path     string
	readOnly bool

	mu     sync.Mutex
	latest map[string][]byte // by origin, of the file up to read
	read   int64
	seen   os.FileInfo
	broken error // for good
}

var _ Anchor = (*FileAnchor)(nil)

// NewFileAnchor keeps checkpoints in the file at path, which it makes, with mode 0600, if there is none.
func NewFileAnchor(path string) (*FileAnchor, error) {
	a := &FileAnchor{path: filepath.Clean(path), latest: map[string][]byte{}}
	f, err := os.OpenFile(a.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Close(), syncDir(filepath.Dir(a.path))); err != nil {
		return nil, err
	}
	return a, a.check()
}

// OpenFileAnchor opens the file at path, which must be there, for those who verify: it needs no more than leave to read,
// and keeps nothing.
func OpenFileAnchor(path string) (*FileAnchor, error) {
	a := &FileAnchor{path: filepath.Clean(path), readOnly: true, latest: map[string][]byte{}}
	return a, a.check()
}

// check reads the file for the first time.
func (a *FileAnchor) check() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.catchUp()
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// tornMark ends what a writer left that was killed in the middle of a line.
const tornMark = " torn\n"

// Keep implements [Anchor].
func (a *FileAnchor) Keep(ctx context.Context, signed []byte) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if a.readOnly {
		return errReadOnly
	}
	c, err := Unverified(signed)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f, err := os.OpenFile(a.path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := lockFile(f); err != nil {
		return err
	}
	torn, err := a.catchUp()
	if err != nil {
		return err
	}
	_, isNew, err := Admit(a.latest[c.Origin], signed)
	if err != nil {
		return err
	}
	if isNew {
		out, err := json.Marshal(string(signed))
		if err != nil {
			return err
		}
		out = append(out, '\n')
		if torn {
			out = append([]byte(tornMark), out...)
		}
		if _, err := f.Write(out); err != nil {
			return err
		}
	}
	return f.Sync() // also where somebody else wrote it
}

// Latest implements [Anchor].
func (a *FileAnchor) Latest(ctx context.Context, origin string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.catchUp(); err != nil {
		return nil, err
	}
	if signed := a.latest[origin]; signed != nil {
		return bytes.Clone(signed), nil
	}
	return nil, ErrNone
}

// catchUp reads what is new in the file, and reports whether it ends in the middle of a line.
func (a *FileAnchor) catchUp() (torn bool, err error) {
	if a.broken != nil {
		return false, a.broken
	}
	f, err := os.Open(a.path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if a.seen != nil && (!os.SameFile(a.seen, info) || info.Size() < a.read) {
		a.broken = fmt.Errorf("%w: it was replaced or cut", ErrAnchor)
		return false, a.broken
	}
	a.seen = info
	if info.Size() == a.read {
		return false, nil
	}
	if _, err := f.Seek(a.read, io.SeekStart); err != nil {
		return false, err
	}
	r := newRecords(f)
	for {
		signed, err := r.next()
		if errors.Is(err, io.EOF) {
			a.read += r.taken
			return r.torn, nil
		}
		if err != nil {
			return false, err
		}
		c, err := Unverified(signed)
		if err != nil {
			return false, fmt.Errorf("%w: it holds what is no checkpoint", ErrAnchor)
		}
		if was, err := Unverified(a.latest[c.Origin]); err != nil || c.Size > was.Size {
			a.latest[c.Origin] = signed
		}
	}
}

// List implements [Anchor].
func (a *FileAnchor) List(ctx context.Context, origin string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := os.Open(a.path)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		for r := newRecords(f); ; {
			signed, err := r.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if strings.HasPrefix(string(signed), origin+"\n") && !yield(signed, nil) {
				return
			}
		}
	}
}

// records reads a file of checkpoints.
type records struct {
	lines *bufio.Reader
	taken int64 // bytes up to the end of the last whole line
	torn  bool  // there is more behind it
}

func newRecords(r io.Reader) *records { return &records{lines: bufio.NewReaderSize(r, 2*maxNote)} }

// next returns what a line holds. It passes over lines that a writer did not live to end, as the next one marked them.
// What it returns need not be a checkpoint.
func (r *records) next() ([]byte, error) {
	for {
		line, err := r.lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			r.torn = len(line) > 0
			return nil, err
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		var text string
		switch {
		case err == nil && bytes.HasSuffix(line, []byte(tornMark)):
		case err != nil || json.Unmarshal(line, &text) != nil:
			return nil, fmt.Errorf("%w: it holds what is no checkpoint", ErrAnchor)
		default:
			r.taken += int64(len(line))
			return []byte(text), nil
		}
		r.taken += int64(len(line))
	}
}
