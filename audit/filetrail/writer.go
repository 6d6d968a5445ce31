package filetrail

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/purposebound/purposebound/audit"
)

// writer puts batches on disk. It belongs to one goroutine, and is of no use after its first error.
type writer struct {
	disk  disk
	limit int64 // bytes of a segment
	chain *audit.Chain

	file file
	name string
	size int64
	buf  []byte
}

// create begins a segment.
func (w *writer) create(first uint64) error {
	name := segmentName(first)
	f, err := w.disk.OpenFile(name, forCreating)
	if err != nil {
		return err
	}
	if err := w.disk.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return w.take(f, name, 0)
}

// reopen goes on with a segment.
func (w *writer) reopen(name string, size int64) error {
	f, err := w.disk.OpenFile(name, forAppending)
	if err != nil {
		return err
	}
	return w.take(f, name, size)
}

func (w *writer) take(f file, name string, size int64) error {
	old := w.file
	w.file, w.name, w.size = f, name, size
	if old == nil {
		return nil
	}
	return old.Close()
}

func (w *writer) close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}

// commit makes the batch durable, in order.
func (w *writer) commit(batch []*request) (err error) {
	first := w.chain.Head().Seq + 1
	w.buf = w.buf[:0]
	for _, r := range batch {
		for i := range r.drafts {
			if w.buf, err = w.chain.AppendLine(w.buf, &r.drafts[i]); err != nil {
				return err
			}
			w.buf = append(w.buf, '\n')
		}
	}
	if w.size > 0 && w.size+int64(len(w.buf)) > w.limit {
		if err := w.create(first); err != nil {
			return err
		}
	}
	n, err := w.file.Write(w.buf)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return err
	}
	w.size += int64(n)
	if err := w.file.Sync(); err != nil {
		return err
	}
	return w.still()
}

// still checks that what was synced is the file that a reader will find by its name: one that was deleted takes writes
// and syncs as well.
func (w *writer) still() error {
	open, err := w.file.Stat()
	if err != nil {
		return err
	}
	named, err := w.disk.Stat(w.name)
	if err != nil {
		return fmt.Errorf("filetrail: the segment has lost its name: %w", err)
	}
	switch {
	case !os.SameFile(open, named):
		return errors.New("filetrail: the segment was replaced")
	case open.Size() != w.size:
		return errors.New("filetrail: the segment was changed by somebody else")
	}
	return nil
}

// guard turns a panic, which only the caller's clock can raise, into an error that does not repeat what it says.
func guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("filetrail: panic while writing")
		}
	}()
	return f()
}
