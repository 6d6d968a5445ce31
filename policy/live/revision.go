package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Mark is the highest revision that was in force, and what it stood for. The zero Mark means none.
type Mark struct {
	Revision uint64
	Digest   string // of the files
}

func (m Mark) valid() bool { return m == Mark{} || m.Revision > 0 && validDigest(m.Digest) }

// RevisionStore keeps a Mark across restarts. It belongs to one policy.
type RevisionStore interface {
	// Load returns the last Mark that was saved, the zero Mark if none ever was. A mark that was lost or
	// damaged is an error.
	Load(ctx context.Context) (Mark, error)
	// Save returns nil when the mark is durable. A mark lower than the one that is kept is an error.
	Save(ctx context.Context, m Mark) error
}

// RevisionFile keeps the mark in a file, in a directory that exists. The file is replaced as a whole, durably, and
// belongs to one process. Whoever can remove it can have an old policy accepted at the next start.
func RevisionFile(path string) RevisionStore { return revisionFile(path) }

type revisionFile string

var errMark = errors.New("live: this is no mark")

const maxMark = 256 // bytes

func (r revisionFile) Load(context.Context) (Mark, error) {
	f, err := os.Open(string(r))
	if errors.Is(err, fs.ErrNotExist) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxMark))
	if err != nil {
		return Mark{}, err
	}
	return parseMark(text)
}

// parseMark reads what format writes and nothing else.
func parseMark(text []byte) (Mark, error) {
	var m Mark
	if _, err := fmt.Sscanf(string(text), "revision %d %s\n", &m.Revision, &m.Digest); err != nil || m.Revision == 0 || !m.valid() || !bytes.Equal(text, m.format()) {
		return Mark{}, errMark
	}
	return m, nil
}

func (m Mark) format() []byte { return fmt.Appendf(nil, "revision %d %s\n", m.Revision, m.Digest) }

func (r revisionFile) Save(ctx context.Context, m Mark) (err error) {
	if m.Revision == 0 || !m.valid() {
		return errMark
	}
	kept, err := r.Load(ctx)
	if err != nil {
		return err
	}
	if kept.Revision > m.Revision {
		return errors.New("live: a higher revision is kept")
	}
	dir := filepath.Dir(string(r))
	tmp, err := os.CreateTemp(dir, filepath.Base(string(r))+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(m.format())
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // it was left behind: a later mark may be there by now
	}
	if err := os.Rename(tmp.Name(), string(r)); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
