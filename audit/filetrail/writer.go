package filetrail

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/purposebound/purposebound/audit"
)

// writer puts batches on disk. It belongs to one goroutine, and is of no use after its first error.
type writer struct {
	disk    disk
	limit   int64 // bytes of a segment
	reserve int64 // bytes that are set aside for when the disk is full
	chain   *audit.Chain

	file      file
	name      string
	size      int64
	allocated int64        // space is set aside up to here
	blind     bool         // the file system sets nothing aside
	full      bool         // the disk was, at the last attempt
	halted    bool         // the trail says so
	free      uint64       // bytes on the disk, when last looked
	wrote     mark         // start of the last batch, if anything of it was written
	leaves    []audit.Hash // of the last batch
	buf       []byte
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
	old := w.release()
	w.file, w.name, w.size, w.allocated = f, name, size, 0
	return old
}

// release closes the segment, and gives back what was set aside for it.
func (w *writer) release() error {
	if w.file == nil {
		return nil
	}
	var err error
	if w.allocated > w.size {
		var info fs.FileInfo
		if info, err = w.file.Stat(); err == nil && info.Size() == w.size { // nothing that is there gets cut off
			err = w.file.Truncate(w.size)
		}
	}
	return errors.Join(err, w.file.Close())
}

// rotate begins a segment for n bytes if the present one has no room for them. Without space on the disk the present one
// grows, for what is set aside is there.
func (w *writer) rotate(n int) error {
	if w.size == 0 || w.size+int64(n) <= w.limit || w.full {
		return nil
	}
	next := *w
	next.file, next.size, next.allocated = nil, 0, 0
	first := w.chain.Head().Seq + 1
	err := next.create(first)
	if err == nil {
		if err = next.room(n, releases); err == nil {
			err = w.release()
			*w = next
			return err
		}
		err = errors.Join(err, next.file.Close())
	}
	if !noSpace(err) {
		return err
	}
	if err := w.disk.Remove(segmentName(first)); err != nil && !errors.Is(err, fs.ErrNotExist) { // it has no line yet
		return err
	}
	return w.disk.Sync()
}

// commit makes the batch durable, in order, but for the requests that it refuses for want of space.
func (w *writer) commit(batch []*request) error {
	bytes := 0
	for _, r := range batch {
		bytes += r.bytes
	}
	w.wrote, w.leaves = mark{}, w.leaves[:0]
	if err := w.rotate(bytes); err != nil {
		return err
	}
	batch, err := w.admit(batch)
	if err != nil || len(batch) == 0 {
		return err
	}
	w.buf, w.wrote = w.buf[:0], mark{w.chain.Head().Seq + 1, w.size}
	for _, r := range batch {
		for i := range r.drafts {
			if w.buf, err = w.chain.AppendLine(w.buf, &r.drafts[i]); err != nil {
				return err
			}
			w.buf = append(w.buf, '\n')
			w.leaves = append(w.leaves, w.chain.Head().Hash)
		}
	}
	n, err := w.file.Write(w.buf)
	if err == nil && n != len(w.buf) {
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
