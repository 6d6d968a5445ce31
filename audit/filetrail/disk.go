package filetrail

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk is everything that a trail does with its directory. Tests put faults in its place.
type disk interface {
	// OpenFile opens a file of the directory, with mode 0600 if it makes one.
	OpenFile(name string, flag int) (file, error)
	Stat(name string) (fs.FileInfo, error)
	List() ([]string, error)
	Remove(name string) error
	Free() uint64             // bytes; 0 if not known
	Lock() (io.Closer, error) // fails with ErrLocked if somebody has it
	Sync() error              // of the directory itself
	Close() error
}

// file is an *os.File that can be given space ahead.
type file interface {
	io.Reader
	io.Writer
	io.Seeker
	Sync() error
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	// Allocate sets space aside without changing the file's size: writing there cannot fail for want of it. It fails
	// with errors.ErrUnsupported where the file system does not do that.
	Allocate(from, to int64) error
	Close() error
}

type osFile struct{ *os.File }

const (
	forReading   = os.O_RDONLY
	forAppending = os.O_RDWR | os.O_APPEND
	forCreating  = os.O_RDWR | os.O_APPEND | os.O_CREATE | os.O_EXCL
)

// osDisk keeps to one directory, whatever links lead out of it and whatever happens to its path.
type osDisk struct{ root *os.Root }

// openDisk makes the directory if there is none.
func openDisk(dir string) (disk, error) {
	switch err := os.Mkdir(dir, 0o700); {
	case err == nil:
		if err := syncPath(filepath.Dir(filepath.Clean(dir))); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, err
	}
	return openExisting(dir)
}

func openExisting(dir string) (disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = errors.New("filetrail: the directory is open to group or others; its mode must be 0700")
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return osDisk{root}, nil
}

func syncPath(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (d osDisk) OpenFile(name string, flag int) (file, error) {
	f, err := d.root.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err // a nil *os.File is no nil file
	}
	return osFile{f}, nil
}

func (d osDisk) Remove(name string) error { return d.root.Remove(name) }

func (d osDisk) Stat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }

func (d osDisk) List() ([]string, error) {
	dir, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	names, err := dir.Readdirnames(-1)
	return names, errors.Join(err, dir.Close())
}

func (d osDisk) Lock() (io.Closer, error) {
	f, err := d.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (d osDisk) Sync() error {
	dir, err := d.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (d osDisk) Close() error { return d.root.Close() }
