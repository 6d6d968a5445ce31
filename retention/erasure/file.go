package erasure

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// openLocked opens a file for this process alone, and makes it if there is none.
func openLocked(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("erasure: not a regular file")
	case info.Mode().Perm()&0o077 != 0:
		err = errors.New("erasure: the file is open to group or others; its mode must be 0600")
	default:
		err = lock(f)
	}
	if err == nil {
		err = sameFile(f, path) // else it was replaced before it was locked
	}
	if err == nil {
		err = syncDir(path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sameFile checks that what is open is what a reader will find by its name.
func sameFile(f *os.File, path string) error {
	open, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !os.SameFile(open, named):
		return fmt.Errorf("%w: it was replaced or deleted", ErrDamaged)
	}
	return err
}

func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
