package table

import (
	"errors"
	"io"
	"io/fs"
	"path"

	"github.com/purposebound/purposebound/purpose"
)

// Read reads the tables of a file system, in the order of their names: the files that match pattern, as fs.Glob has it, or
// with an empty pattern all that end in .yaml or .yml. Names that begin with a dot are left out. That there is none is a
// problem. The error is of type Problems.
func Read(files fs.FS, pattern string) ([]*Table, error) {
	var problems Problems
	fail := func(file, message string) {
		problems.add(purpose.Problem{Code: "file.read", Message: message, File: file})
	}
	names, ok := find(files, pattern)
	switch {
	case !ok:
		fail("", "the files cannot be listed")
	case len(names) == 0:
		fail("", "there are no tables")
	case len(names) > MaxFiles:
		fail("", "there are too many files")
		names = nil
	}
	var tables []*Table
	for _, name := range names {
		text, err := readOne(files, name)
		if err != nil {
			fail(name, "cannot be read")
			continue
		}
		t, err := Parse(name, text)
		var ps Problems
		if errors.As(err, &ps) {
			for _, p := range ps {
				problems.add(p)
			}
		}
		tables = append(tables, t)
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	return tables, nil
}

// find lists the files that Read reads.
func find(files fs.FS, pattern string) (names []string, ok bool) {
	if files == nil {
		return nil, false
	}
	if pattern != "" {
		matches, err := fs.Glob(files, pattern)
		for _, m := range matches {
			if path.Base(m)[0] != '.' {
				names = append(names, m)
			}
		}
		return names, err == nil
	}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case len(base) > 1 && base[0] == '.':
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && (path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"):
			names = append(names, name)
		}
		return nil
	})
	return names, err == nil
}

func readOne(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	return io.ReadAll(io.LimitReader(f, MaxSize+1))
}

// Parse reads the form of a table: what it says is checked against a register by Check and Run. File stands in the position
// of every problem. The error is of type Problems.
func Parse(file string, text []byte) (*Table, error) {
	d := newDecoder(file)
	t := &Table{origin: d.origin}
	if d.into(text, t) && len(d.problems) == 0 {
		d.problems = t.form()
	}
	if err := d.problems.err(); err != nil {
		return nil, err
	}
	return t, nil
}
