package filetrail

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"

	"github.com/purposebound/purposebound/audit"
)

// Lines yields the lines of the trail in dir in order, each without its newline and valid until the next, for auditors:
// it takes no lock, changes nothing and looks at nothing. A last line that is not whole, as while somebody writes, is left
// out. An error ends it.
func Lines(ctx context.Context, dir string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		root, err := openExisting(dir)
		if err != nil {
			yield(nil, err)
			return
		}
		defer root.Close()
		l, err := look(root)
		if err != nil {
			yield(nil, err)
			return
		}
		all := &concat{disk: root, names: l.segments}
		defer all.close()
		for r, n := bufio.NewReaderSize(all, 1<<16), 0; ; n++ {
			if n&1023 == 0 && ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			line, err := r.ReadSlice('\n')
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(nil, err)
				return
			}
			if !yield(line[:len(line)-1], nil) {
				return
			}
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
