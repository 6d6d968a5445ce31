package main

import (
	"errors"
	"os"
	"path/filepath"
)

// replace puts a new text in the place of a file's, whole or not at all. A link stays a link; the mode stays.
func replace(file string, text []byte) error {
	file, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return write(file, text, info.Mode().Perm())
}

// write makes a file whole or not at all.
func write(file string, text []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".purposebound-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
