package filetrail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/purposebound/purposebound/audit"
)

// Lines yields the lines of the trail in dir in order, each without its newline and valid until the next, for auditors:
// it takes no lock, changes nothing and looks at nothing. A last line that is not whole, as while somebody writes, is left
// out. An error ends it.
func Lines(ctx context.Context, dir string) iter.Seq2[[]byte, error] {
	return NewTail(dir).Lines(ctx)
}

// Tail is how far somebody has read the trail in a directory. It is not safe for concurrent use.
type Tail struct {
	dir    string
	name   string // of the segment that was read last; "" before the first
	offset int64  // in it, of the first line that was not read
}

// NewTail stands before the first line of the trail in dir.
func NewTail(dir string) *Tail { return &Tail{dir: dir} }

// Lines yields, as the function [Lines], those that no earlier call has yielded; it does not read the others again. What
// was pruned unread is passed over, as a [audit.Follower] notices. An error ends it, and the next call goes on where it was.
func (t *Tail) Lines(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if err := t.read(ctx, func(line []byte) bool { return yield(line, nil) }); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

func (t *Tail) read(ctx context.Context, yield func([]byte) bool) (err error) {
	root, err := openExisting(t.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	l, err := look(root)
	if err != nil {
		return err
	}
	i, here := slices.BinarySearch(l.segments, t.name)
	if t.name != "" && !here && i == len(l.segments) { // pruning leaves the last one
		return fmt.Errorf("%w: %s is missing", ErrDamaged, t.name)
	}
	for ; i < len(l.segments); i++ {
		if name := l.segments[i]; name != t.name {
			t.name, t.offset = name, 0
		}
		if err := t.segment(ctx, root, i == len(l.segments)-1, yield); err != nil {
			return err
		}
	}
	return nil
}

// segment reads the rest of a segment. Only the last may end in the middle of a line.
func (t *Tail) segment(ctx context.Context, d disk, last bool, yield func([]byte) bool) (err error) {
	f, err := d.OpenFile(t.name, forReading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < t.offset {
		return fmt.Errorf("%w: %s was cut", ErrDamaged, t.name)
	}
	if _, err := f.Seek(t.offset, io.SeekStart); err != nil {
		return err
	}
	for r, n := bufio.NewReaderSize(f, 1<<16), 0; ; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF) && (last || len(line) == 0):
			return nil
		case err != nil:
			return fmt.Errorf("%w: %s: %w", ErrDamaged, t.name, err)
		}
		t.offset += int64(len(line))
		if !yield(line[:len(line)-1]) {
			return errStop
		}
	}
}

// Pruned is what stands for the events that the trail in dir has no more.
func Pruned(dir string) (audit.Manifest, error) {
	root, err := openExisting(dir)
	if err != nil {
		return audit.Manifest{}, err
	}
	l, err := look(root)
	return l.pruned, errors.Join(err, root.Close())
}
