package regopolicy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

// source is a file of a policy.
type source struct {
	name string
	text []byte
}

// sources are the files of a policy, each kind in the order of their names.
type sources struct {
	modules, tests, documents []source
}

// readAll reads the modules and base documents of a file system, MaxBytes together at most.
func readAll(files fs.FS, problems *Problems) (all sources) {
	if files == nil {
		problems.file("", "file.read", "there are no files")
		return all
	}
	left, count := int64(MaxBytes), 0
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			problems.file(name, "file.read", "cannot be read")
			return nil
		case len(base) > 1 && base[0] == '.':
			if d.IsDir() {
				return fs.SkipDir // where mounts keep their generations
			}
			return nil
		case d.IsDir():
			return nil
		}
		list := all.listFor(base)
		if list == nil {
			return nil
		}
		if count++; count > MaxFiles {
			problems.file(name, "list.size", "a policy has at most %d files", MaxFiles)
			return fs.SkipAll
		}
		text, err := readOne(files, name, left)
		if err != nil {
			problems.file(name, "file.read", "%s", err)
			return nil
		}
		left -= int64(len(text))
		if !utf8.Valid(text) {
			problems.file(name, "file.read", "is not UTF-8")
			return nil
		}
		*list = append(*list, source{name, text})
		return nil
	})
	if err != nil {
		problems.file("", "file.read", "the files cannot be listed")
	}
	if len(all.modules) == 0 && len(*problems) == 0 {
		problems.file("", "file.read", "there are no modules: files whose names end in .rego")
	}
	return all
}

// listFor says what a file is by its name; nil where it is none of a policy's.
func (s *sources) listFor(base string) *[]source {
	switch {
	case strings.HasSuffix(base, "_test.rego"):
		return &s.tests
	case path.Ext(base) == ".rego":
		return &s.modules
	case base == "data.json" || base == "data.yaml" || base == "data.yml":
		return &s.documents
	}
	return nil
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
