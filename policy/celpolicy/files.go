package celpolicy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/purposebound/purposebound/purpose"
)

// readAll reads the rule files of a file system, MaxBytes together at most.
func readAll(files fs.FS, problems *Problems) (rules []Rule) {
	fail := func(file, code, message string) {
		problems.add(purpose.Problem{Code: code, Message: message, File: file})
	}
	if files == nil {
		fail("", "file.read", "there are no files")
		return nil
	}
	left, found := int64(MaxBytes), false
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			fail(name, "file.read", "cannot be read")
			return nil
		case len(base) > 1 && base[0] == '.':
			if d.IsDir() {
				return fs.SkipDir // where mounts keep their generations
			}
			return nil
		case d.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml":
			return nil
		}
		found = true
		text, err := readOne(files, name, left)
		if err != nil {
			fail(name, "file.read", err.Error())
			return nil
		}
		left -= int64(len(text))
		rules = append(rules, readFile(name, text, problems)...)
		return nil
	})
	if err != nil || !found {
		fail("", "file.read", "there are no rule files")
	}
	return rules
}

func readOne(files fs.FS, name string, limit int64) ([]byte, error) {
	errRead := errors.New("cannot be read")
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, errRead
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, errRead
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, errRead
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("the files of a policy are more than %d bytes together", MaxBytes)
	}
	return text, nil
}
